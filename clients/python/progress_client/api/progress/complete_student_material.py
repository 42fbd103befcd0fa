from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.completion_body import CompletionBody
from ...models.mark import Mark
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    student_id: str,
    material_id: str,
    *,
    body: CompletionBody | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/progress/students/{student_id}/material/{material_id}/complete".format(
            student_id=quote(str(student_id), safe=""),
            material_id=quote(str(material_id), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Mark | Problem | None:
    if response.status_code == 200:
        response_200 = Mark.from_dict(response.json())

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
) -> Response[Mark | Problem]:
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
    material_id: str,
    *,
    client: AuthenticatedClient,
    body: CompletionBody | Unset = UNSET,
) -> Response[Mark | Problem]:
    """Mark a student's material as done

     For services: mark a material of any type as done for a student. Requires no body.

    The earliest completion counts, so it is safe to repeat, in any order. Without `completed_at`,
    the material is completed now. Of a mark and an unmark, the later call counts, whatever
    `completed_at` is. The `sub` of the service is stored beside the completion.

    Args:
        student_id (str):
        material_id (str):
        body (CompletionBody | Unset): When the student completed the material.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Mark | Problem]
    """

    kwargs = _get_kwargs(
        student_id=student_id,
        material_id=material_id,
        body=body,
    )

    response = client.request(**kwargs)

    return _build_response(client=client, response=response)


def sync(
    student_id: str,
    material_id: str,
    *,
    client: AuthenticatedClient,
    body: CompletionBody | Unset = UNSET,
) -> Mark | Problem | None:
    """Mark a student's material as done

     For services: mark a material of any type as done for a student. Requires no body.

    The earliest completion counts, so it is safe to repeat, in any order. Without `completed_at`,
    the material is completed now. Of a mark and an unmark, the later call counts, whatever
    `completed_at` is. The `sub` of the service is stored beside the completion.

    Args:
        student_id (str):
        material_id (str):
        body (CompletionBody | Unset): When the student completed the material.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Mark | Problem
    """

    return sync_detailed(
        student_id=student_id,
        material_id=material_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    student_id: str,
    material_id: str,
    *,
    client: AuthenticatedClient,
    body: CompletionBody | Unset = UNSET,
) -> Response[Mark | Problem]:
    """Mark a student's material as done

     For services: mark a material of any type as done for a student. Requires no body.

    The earliest completion counts, so it is safe to repeat, in any order. Without `completed_at`,
    the material is completed now. Of a mark and an unmark, the later call counts, whatever
    `completed_at` is. The `sub` of the service is stored beside the completion.

    Args:
        student_id (str):
        material_id (str):
        body (CompletionBody | Unset): When the student completed the material.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Mark | Problem]
    """

    kwargs = _get_kwargs(
        student_id=student_id,
        material_id=material_id,
        body=body,
    )

    response = await client.async_request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    student_id: str,
    material_id: str,
    *,
    client: AuthenticatedClient,
    body: CompletionBody | Unset = UNSET,
) -> Mark | Problem | None:
    """Mark a student's material as done

     For services: mark a material of any type as done for a student. Requires no body.

    The earliest completion counts, so it is safe to repeat, in any order. Without `completed_at`,
    the material is completed now. Of a mark and an unmark, the later call counts, whatever
    `completed_at` is. The `sub` of the service is stored beside the completion.

    Args:
        student_id (str):
        material_id (str):
        body (CompletionBody | Unset): When the student completed the material.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Mark | Problem
    """

    return (
        await asyncio_detailed(
            student_id=student_id,
            material_id=material_id,
            client=client,
            body=body,
        )
    ).parsed
