from http import HTTPStatus
from io import BytesIO
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    *,
    body: File | File | Unset = UNSET,
    dry_run: bool | Unset = False,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    params["dry_run"] = dry_run

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/progress/import",
        "params": params,
    }

    if isinstance(body, File):
        _kwargs["content"] = body.payload.read()  # Whole: a retry sends it again.
        headers["Content-Type"] = body.mime_type or "application/x-ndjson"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> File | Problem | None:
    if response.status_code == 200:
        response_200 = File(payload=BytesIO(response.content))

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
) -> Response[File | Problem]:
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
    body: File | File | Unset = UNSET,
    dry_run: bool | Unset = False,
) -> Response[File | Problem]:
    """Import progress

     Merge what another system has recorded: up to 8 MiB of rows, as JSON lines or as CSV.

    The response has one line of JSON for each row, in order: an `ImportResult`. A bad row does not
    affect the others. Rows are merged by the rules for reports, so a repeat changes nothing, and no
    position moves back to an older one. If the database fails halfway, the rows that are not known
    to be stored are `rejected` with the code `unavailable`; send them again. A response with fewer
    lines than rows was cut off: send the request again.

    Args:
        dry_run (bool | Unset): Only return what the import would do. Default: False.
        body (File):
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        dry_run=dry_run,
    )

    response = client.request(**kwargs)

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: File | File | Unset = UNSET,
    dry_run: bool | Unset = False,
) -> File | Problem | None:
    """Import progress

     Merge what another system has recorded: up to 8 MiB of rows, as JSON lines or as CSV.

    The response has one line of JSON for each row, in order: an `ImportResult`. A bad row does not
    affect the others. Rows are merged by the rules for reports, so a repeat changes nothing, and no
    position moves back to an older one. If the database fails halfway, the rows that are not known
    to be stored are `rejected` with the code `unavailable`; send them again. A response with fewer
    lines than rows was cut off: send the request again.

    Args:
        dry_run (bool | Unset): Only return what the import would do. Default: False.
        body (File):
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
        dry_run=dry_run,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: File | File | Unset = UNSET,
    dry_run: bool | Unset = False,
) -> Response[File | Problem]:
    """Import progress

     Merge what another system has recorded: up to 8 MiB of rows, as JSON lines or as CSV.

    The response has one line of JSON for each row, in order: an `ImportResult`. A bad row does not
    affect the others. Rows are merged by the rules for reports, so a repeat changes nothing, and no
    position moves back to an older one. If the database fails halfway, the rows that are not known
    to be stored are `rejected` with the code `unavailable`; send them again. A response with fewer
    lines than rows was cut off: send the request again.

    Args:
        dry_run (bool | Unset): Only return what the import would do. Default: False.
        body (File):
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        dry_run=dry_run,
    )

    response = await client.async_request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: File | File | Unset = UNSET,
    dry_run: bool | Unset = False,
) -> File | Problem | None:
    """Import progress

     Merge what another system has recorded: up to 8 MiB of rows, as JSON lines or as CSV.

    The response has one line of JSON for each row, in order: an `ImportResult`. A bad row does not
    affect the others. Rows are merged by the rules for reports, so a repeat changes nothing, and no
    position moves back to an older one. If the database fails halfway, the rows that are not known
    to be stored are `rejected` with the code `unavailable`; send them again. A response with fewer
    lines than rows was cut off: send the request again.

    Args:
        dry_run (bool | Unset): Only return what the import would do. Default: False.
        body (File):
        body (File):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            dry_run=dry_run,
        )
    ).parsed
