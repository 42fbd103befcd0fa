from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.events_answer import EventsAnswer
from ...models.events_body import EventsBody
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    *,
    body: EventsBody,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/progress/events",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> EventsAnswer | Problem | None:
    if response.status_code == 200:
        response_200 = EventsAnswer.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

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
) -> Response[EventsAnswer | Problem]:
    with errors.unexpected_responses(response):
        parsed = _parse_response(client=client, response=response)
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=parsed,
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: EventsBody,
) -> Response[EventsAnswer | Problem]:
    """Hand in kept reports

     Merge up to 500 reports in one write, in any order and however often they are sent.

    For what was watched offline, and for the last moment of a page. One bad event blocks no other:
    each is `applied`, or `rejected` with a `code`, a `detail` and `retry`. Not under the limit of
    one update a second: events have an allowance of their own, and count one by one.

    Args:
        body (EventsBody): Kept reports. Each event is judged alone.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EventsAnswer | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.request(**kwargs)

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: EventsBody,
) -> EventsAnswer | Problem | None:
    """Hand in kept reports

     Merge up to 500 reports in one write, in any order and however often they are sent.

    For what was watched offline, and for the last moment of a page. One bad event blocks no other:
    each is `applied`, or `rejected` with a `code`, a `detail` and `retry`. Not under the limit of
    one update a second: events have an allowance of their own, and count one by one.

    Args:
        body (EventsBody): Kept reports. Each event is judged alone.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EventsAnswer | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: EventsBody,
) -> Response[EventsAnswer | Problem]:
    """Hand in kept reports

     Merge up to 500 reports in one write, in any order and however often they are sent.

    For what was watched offline, and for the last moment of a page. One bad event blocks no other:
    each is `applied`, or `rejected` with a `code`, a `detail` and `retry`. Not under the limit of
    one update a second: events have an allowance of their own, and count one by one.

    Args:
        body (EventsBody): Kept reports. Each event is judged alone.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EventsAnswer | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.async_request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: EventsBody,
) -> EventsAnswer | Problem | None:
    """Hand in kept reports

     Merge up to 500 reports in one write, in any order and however often they are sent.

    For what was watched offline, and for the last moment of a page. One bad event blocks no other:
    each is `applied`, or `rejected` with a `code`, a `detail` and `retry`. Not under the limit of
    one update a second: events have an allowance of their own, and count one by one.

    Args:
        body (EventsBody): Kept reports. Each event is judged alone.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EventsAnswer | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
