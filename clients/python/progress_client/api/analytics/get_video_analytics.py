from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.get_video_analytics_table import GetVideoAnalyticsTable
from ...models.problem import Problem
from ...models.video_analytics import VideoAnalytics
from ...types import UNSET, Response, Unset


def _get_kwargs(
    video_id: str,
    *,
    cohort: str | Unset = UNSET,
    table: GetVideoAnalyticsTable | Unset = GetVideoAnalyticsTable.CURVES,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["cohort"] = cohort

    json_table: str | Unset = UNSET
    if not isinstance(table, Unset):
        json_table = table.value

    params["table"] = json_table

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/progress/analytics/video/{video_id}".format(
            video_id=quote(str(video_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | VideoAnalytics | None:
    if response.status_code == 200:
        response_200 = VideoAnalytics.from_dict(response.json())

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
) -> Response[Problem | VideoAnalytics]:
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
    cohort: str | Unset = UNSET,
    table: GetVideoAnalyticsTable | Unset = GetVideoAnalyticsTable.CURVES,
) -> Response[Problem | VideoAnalytics]:
    """Get a video's analytics

     How everyone watches a video, for the teachers of its course and for services.

    With `Accept: text/csv` the response is one table.

    Args:
        video_id (str):
        cohort (str | Unset): Only learners who were enrolled in that ISO week; see `cohorts`.
        table (GetVideoAnalyticsTable | Unset): The table of a CSV response. Default:
            GetVideoAnalyticsTable.CURVES.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | VideoAnalytics]
    """

    kwargs = _get_kwargs(
        video_id=video_id,
        cohort=cohort,
        table=table,
    )

    response = client.request(**kwargs)

    return _build_response(client=client, response=response)


def sync(
    video_id: str,
    *,
    client: AuthenticatedClient,
    cohort: str | Unset = UNSET,
    table: GetVideoAnalyticsTable | Unset = GetVideoAnalyticsTable.CURVES,
) -> Problem | VideoAnalytics | None:
    """Get a video's analytics

     How everyone watches a video, for the teachers of its course and for services.

    With `Accept: text/csv` the response is one table.

    Args:
        video_id (str):
        cohort (str | Unset): Only learners who were enrolled in that ISO week; see `cohorts`.
        table (GetVideoAnalyticsTable | Unset): The table of a CSV response. Default:
            GetVideoAnalyticsTable.CURVES.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | VideoAnalytics
    """

    return sync_detailed(
        video_id=video_id,
        client=client,
        cohort=cohort,
        table=table,
    ).parsed


async def asyncio_detailed(
    video_id: str,
    *,
    client: AuthenticatedClient,
    cohort: str | Unset = UNSET,
    table: GetVideoAnalyticsTable | Unset = GetVideoAnalyticsTable.CURVES,
) -> Response[Problem | VideoAnalytics]:
    """Get a video's analytics

     How everyone watches a video, for the teachers of its course and for services.

    With `Accept: text/csv` the response is one table.

    Args:
        video_id (str):
        cohort (str | Unset): Only learners who were enrolled in that ISO week; see `cohorts`.
        table (GetVideoAnalyticsTable | Unset): The table of a CSV response. Default:
            GetVideoAnalyticsTable.CURVES.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | VideoAnalytics]
    """

    kwargs = _get_kwargs(
        video_id=video_id,
        cohort=cohort,
        table=table,
    )

    response = await client.async_request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    video_id: str,
    *,
    client: AuthenticatedClient,
    cohort: str | Unset = UNSET,
    table: GetVideoAnalyticsTable | Unset = GetVideoAnalyticsTable.CURVES,
) -> Problem | VideoAnalytics | None:
    """Get a video's analytics

     How everyone watches a video, for the teachers of its course and for services.

    With `Accept: text/csv` the response is one table.

    Args:
        video_id (str):
        cohort (str | Unset): Only learners who were enrolled in that ISO week; see `cohorts`.
        table (GetVideoAnalyticsTable | Unset): The table of a CSV response. Default:
            GetVideoAnalyticsTable.CURVES.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | VideoAnalytics
    """

    return (
        await asyncio_detailed(
            video_id=video_id,
            client=client,
            cohort=cohort,
            table=table,
        )
    ).parsed
