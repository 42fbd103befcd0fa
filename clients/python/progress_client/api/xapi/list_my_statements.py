from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.statements_response import StatementsResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    limit: int | Unset = 100,
    after: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["after"] = after

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/progress/me/xapi",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | StatementsResponse | None:
    if response.status_code == 200:
        response_200 = StatementsResponse.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

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
) -> Response[Problem | StatementsResponse]:
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
    limit: int | Unset = 100,
    after: str | Unset = UNSET,
) -> Response[Problem | StatementsResponse]:
    """Export my statements

     The student's completed videos and ended sessions as statements of the xAPI Video Profile.

    These are the statements that the service forwards to a learning record store, with the same
    ids; they are here without a store too. A page may have fewer statements than `limit`, or none,
    although more follow: read on until `next` is null.

    Args:
        limit (int | Unset):  Default: 100.
        after (str | Unset): The `next` of the previous page.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | StatementsResponse]
    """

    kwargs = _get_kwargs(
        limit=limit,
        after=after,
    )

    response = client.request(**kwargs)

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    after: str | Unset = UNSET,
) -> Problem | StatementsResponse | None:
    """Export my statements

     The student's completed videos and ended sessions as statements of the xAPI Video Profile.

    These are the statements that the service forwards to a learning record store, with the same
    ids; they are here without a store too. A page may have fewer statements than `limit`, or none,
    although more follow: read on until `next` is null.

    Args:
        limit (int | Unset):  Default: 100.
        after (str | Unset): The `next` of the previous page.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | StatementsResponse
    """

    return sync_detailed(
        client=client,
        limit=limit,
        after=after,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    after: str | Unset = UNSET,
) -> Response[Problem | StatementsResponse]:
    """Export my statements

     The student's completed videos and ended sessions as statements of the xAPI Video Profile.

    These are the statements that the service forwards to a learning record store, with the same
    ids; they are here without a store too. A page may have fewer statements than `limit`, or none,
    although more follow: read on until `next` is null.

    Args:
        limit (int | Unset):  Default: 100.
        after (str | Unset): The `next` of the previous page.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | StatementsResponse]
    """

    kwargs = _get_kwargs(
        limit=limit,
        after=after,
    )

    response = await client.async_request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    after: str | Unset = UNSET,
) -> Problem | StatementsResponse | None:
    """Export my statements

     The student's completed videos and ended sessions as statements of the xAPI Video Profile.

    These are the statements that the service forwards to a learning record store, with the same
    ids; they are here without a store too. A page may have fewer statements than `limit`, or none,
    although more follow: read on until `next` is null.

    Args:
        limit (int | Unset):  Default: 100.
        after (str | Unset): The `next` of the previous page.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | StatementsResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            limit=limit,
            after=after,
        )
    ).parsed
