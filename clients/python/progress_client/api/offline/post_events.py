from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.events_body import EventsBody
from ...models.events_response import EventsResponse
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
) -> EventsResponse | Problem | None:
    if response.status_code == 200:
        response_200 = EventsResponse.from_dict(response.json())

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
) -> Response[EventsResponse | Problem]:
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
) -> Response[EventsResponse | Problem]:
    """Send offline reports

     Merge up to 500 reports in one write, in any order and with any repetition.

    For offline reports, and for the final report of a page. An invalid event does not affect the
    others: each is `applied`, or `rejected` with a `code`, a `detail` and `retry`. The limit of one
    update per second does not apply; events have a separate limit, and each event counts.

    Args:
        body (EventsBody): Offline reports. Each event is checked by itself.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EventsResponse | Problem]
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
) -> EventsResponse | Problem | None:
    """Send offline reports

     Merge up to 500 reports in one write, in any order and with any repetition.

    For offline reports, and for the final report of a page. An invalid event does not affect the
    others: each is `applied`, or `rejected` with a `code`, a `detail` and `retry`. The limit of one
    update per second does not apply; events have a separate limit, and each event counts.

    Args:
        body (EventsBody): Offline reports. Each event is checked by itself.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EventsResponse | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: EventsBody,
) -> Response[EventsResponse | Problem]:
    """Send offline reports

     Merge up to 500 reports in one write, in any order and with any repetition.

    For offline reports, and for the final report of a page. An invalid event does not affect the
    others: each is `applied`, or `rejected` with a `code`, a `detail` and `retry`. The limit of one
    update per second does not apply; events have a separate limit, and each event counts.

    Args:
        body (EventsBody): Offline reports. Each event is checked by itself.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EventsResponse | Problem]
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
) -> EventsResponse | Problem | None:
    """Send offline reports

     Merge up to 500 reports in one write, in any order and with any repetition.

    For offline reports, and for the final report of a page. An invalid event does not affect the
    others: each is `applied`, or `rejected` with a `code`, a `detail` and `retry`. The limit of one
    update per second does not apply; events have a separate limit, and each event counts.

    Args:
        body (EventsBody): Offline reports. Each event is checked by itself.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EventsResponse | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
