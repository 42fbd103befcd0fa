from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.erasure_response import ErasureResponse
from ...models.problem import Problem
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/progress/me",
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErasureResponse | Problem | None:
    if response.status_code == 200:
        response_200 = ErasureResponse.from_dict(response.json())

        return response_200

    if response.status_code == 202:
        response_202 = ErasureResponse.from_dict(response.json())

        return response_202

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
) -> Response[ErasureResponse | Problem]:
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
) -> Response[ErasureResponse | Problem]:
    """Erase my data

     Erase everything that is stored about the student.

    Returns 202 when the request is recorded durably. The steps then run by themselves, also after a
    crash. Repeat the call to follow them: it returns 200 once all are done. Until then, reports of
    the student are rejected with the code `erased`. Afterwards so are reports from before the
    erasure, and all of a student who is not enrolled again.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErasureResponse | Problem]
    """

    kwargs = _get_kwargs()

    response = client.request(**kwargs)

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
) -> ErasureResponse | Problem | None:
    """Erase my data

     Erase everything that is stored about the student.

    Returns 202 when the request is recorded durably. The steps then run by themselves, also after a
    crash. Repeat the call to follow them: it returns 200 once all are done. Until then, reports of
    the student are rejected with the code `erased`. Afterwards so are reports from before the
    erasure, and all of a student who is not enrolled again.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErasureResponse | Problem
    """

    return sync_detailed(
        client=client,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
) -> Response[ErasureResponse | Problem]:
    """Erase my data

     Erase everything that is stored about the student.

    Returns 202 when the request is recorded durably. The steps then run by themselves, also after a
    crash. Repeat the call to follow them: it returns 200 once all are done. Until then, reports of
    the student are rejected with the code `erased`. Afterwards so are reports from before the
    erasure, and all of a student who is not enrolled again.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErasureResponse | Problem]
    """

    kwargs = _get_kwargs()

    response = await client.async_request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
) -> ErasureResponse | Problem | None:
    """Erase my data

     Erase everything that is stored about the student.

    Returns 202 when the request is recorded durably. The steps then run by themselves, also after a
    crash. Repeat the call to follow them: it returns 200 once all are done. Until then, reports of
    the student are rejected with the code `erased`. Afterwards so are reports from before the
    erasure, and all of a student who is not enrolled again.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErasureResponse | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
        )
    ).parsed
