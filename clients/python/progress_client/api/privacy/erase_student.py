from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.erasure_response import ErasureResponse
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    student_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/progress/students/{student_id}".format(
            student_id=quote(str(student_id), safe=""),
        ),
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
    student_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[ErasureResponse | Problem]:
    """Erase a student's data

     For services: what `eraseMyData` does. It works for every user id, known or not.

    Args:
        student_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErasureResponse | Problem]
    """

    kwargs = _get_kwargs(
        student_id=student_id,
    )

    response = client.request(**kwargs)

    return _build_response(client=client, response=response)


def sync(
    student_id: str,
    *,
    client: AuthenticatedClient,
) -> ErasureResponse | Problem | None:
    """Erase a student's data

     For services: what `eraseMyData` does. It works for every user id, known or not.

    Args:
        student_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErasureResponse | Problem
    """

    return sync_detailed(
        student_id=student_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    student_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[ErasureResponse | Problem]:
    """Erase a student's data

     For services: what `eraseMyData` does. It works for every user id, known or not.

    Args:
        student_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErasureResponse | Problem]
    """

    kwargs = _get_kwargs(
        student_id=student_id,
    )

    response = await client.async_request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    student_id: str,
    *,
    client: AuthenticatedClient,
) -> ErasureResponse | Problem | None:
    """Erase a student's data

     For services: what `eraseMyData` does. It works for every user id, known or not.

    Args:
        student_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErasureResponse | Problem
    """

    return (
        await asyncio_detailed(
            student_id=student_id,
            client=client,
        )
    ).parsed
