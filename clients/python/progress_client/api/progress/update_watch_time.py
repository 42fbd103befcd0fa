from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.message import Message
from ...models.problem import Problem
from ...models.report_body import ReportBody
from ...types import Response


def _get_kwargs(
    video_id: str,
    *,
    body: ReportBody,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/progress/video/{video_id}/watch-time".format(
            video_id=quote(str(video_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Message | Problem | None:
    if response.status_code == 200:
        response_200 = Message.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Message | Problem]:
    with errors.unexpected_responses(response):
        parsed = _parse_response(client=client, response=response)
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=parsed,
    )


def sync_detailed(
    video_id: str,
    *,
    client: AuthenticatedClient,
    body: ReportBody,
) -> Response[Message | Problem]:
    """Report where a player is

     Merge one report into the student's record.

    The response is sent when the report is journaled on a majority. Reports may arrive late, twice
    or in any order: the report with the newest `observed_at` sets the position, played spans add
    up, and the video is completed from `complete_at_percent` on. One update per second and video.

    Args:
        video_id (str):
        body (ReportBody): A player's report. Values are absolute, so a repeat is harmless.

            Only the first two fields are required.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Message | Problem]
    """

    kwargs = _get_kwargs(
        video_id=video_id,
        body=body,
    )

    response = client.request(**kwargs)

    return _build_response(client=client, response=response)


def sync(
    video_id: str,
    *,
    client: AuthenticatedClient,
    body: ReportBody,
) -> Message | Problem | None:
    """Report where a player is

     Merge one report into the student's record.

    The response is sent when the report is journaled on a majority. Reports may arrive late, twice
    or in any order: the report with the newest `observed_at` sets the position, played spans add
    up, and the video is completed from `complete_at_percent` on. One update per second and video.

    Args:
        video_id (str):
        body (ReportBody): A player's report. Values are absolute, so a repeat is harmless.

            Only the first two fields are required.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Message | Problem
    """

    return sync_detailed(
        video_id=video_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    video_id: str,
    *,
    client: AuthenticatedClient,
    body: ReportBody,
) -> Response[Message | Problem]:
    """Report where a player is

     Merge one report into the student's record.

    The response is sent when the report is journaled on a majority. Reports may arrive late, twice
    or in any order: the report with the newest `observed_at` sets the position, played spans add
    up, and the video is completed from `complete_at_percent` on. One update per second and video.

    Args:
        video_id (str):
        body (ReportBody): A player's report. Values are absolute, so a repeat is harmless.

            Only the first two fields are required.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Message | Problem]
    """

    kwargs = _get_kwargs(
        video_id=video_id,
        body=body,
    )

    response = await client.async_request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    video_id: str,
    *,
    client: AuthenticatedClient,
    body: ReportBody,
) -> Message | Problem | None:
    """Report where a player is

     Merge one report into the student's record.

    The response is sent when the report is journaled on a majority. Reports may arrive late, twice
    or in any order: the report with the newest `observed_at` sets the position, played spans add
    up, and the video is completed from `complete_at_percent` on. One update per second and video.

    Args:
        video_id (str):
        body (ReportBody): A player's report. Values are absolute, so a repeat is harmless.

            Only the first two fields are required.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Message | Problem
    """

    return (
        await asyncio_detailed(
            video_id=video_id,
            client=client,
            body=body,
        )
    ).parsed
