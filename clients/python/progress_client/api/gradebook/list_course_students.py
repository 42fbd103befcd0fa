from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.course_students import CourseStudents
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    course_id: str,
    *,
    limit: int | Unset = 100,
    after: str | Unset = UNSET,
    changed_since: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["after"] = after

    params["changed_since"] = changed_since

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/progress/course/{course_id}/students".format(
            course_id=quote(str(course_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CourseStudents | Problem | None:
    if response.status_code == 200:
        response_200 = CourseStudents.from_dict(response.json())

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
) -> Response[CourseStudents | Problem]:
    with errors.unexpected_responses(response):
        parsed = _parse_response(client=client, response=response)
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=parsed,
    )


def sync_detailed(
    course_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    after: str | Unset = UNSET,
    changed_since: str | Unset = UNSET,
) -> Response[CourseStudents | Problem]:
    """List the progress of a course's students

     Every enrolled student, also those who have not started, in the order of their ids.

    With `changed_since`, only students whose row may have changed since; a row that has not changed
    may be sent again. With `Accept: text/csv` the response is a table: `Link` has the address of
    the next page, and `Progress-Cursor` the cursor.

    Args:
        course_id (str):
        limit (int | Unset):  Default: 100.
        after (str | Unset): The `next` of the previous page.
        changed_since (str | Unset): The `cursor` of an earlier list: only what changed since.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CourseStudents | Problem]
    """

    kwargs = _get_kwargs(
        course_id=course_id,
        limit=limit,
        after=after,
        changed_since=changed_since,
    )

    response = client.request(**kwargs)

    return _build_response(client=client, response=response)


def sync(
    course_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    after: str | Unset = UNSET,
    changed_since: str | Unset = UNSET,
) -> CourseStudents | Problem | None:
    """List the progress of a course's students

     Every enrolled student, also those who have not started, in the order of their ids.

    With `changed_since`, only students whose row may have changed since; a row that has not changed
    may be sent again. With `Accept: text/csv` the response is a table: `Link` has the address of
    the next page, and `Progress-Cursor` the cursor.

    Args:
        course_id (str):
        limit (int | Unset):  Default: 100.
        after (str | Unset): The `next` of the previous page.
        changed_since (str | Unset): The `cursor` of an earlier list: only what changed since.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CourseStudents | Problem
    """

    return sync_detailed(
        course_id=course_id,
        client=client,
        limit=limit,
        after=after,
        changed_since=changed_since,
    ).parsed


async def asyncio_detailed(
    course_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    after: str | Unset = UNSET,
    changed_since: str | Unset = UNSET,
) -> Response[CourseStudents | Problem]:
    """List the progress of a course's students

     Every enrolled student, also those who have not started, in the order of their ids.

    With `changed_since`, only students whose row may have changed since; a row that has not changed
    may be sent again. With `Accept: text/csv` the response is a table: `Link` has the address of
    the next page, and `Progress-Cursor` the cursor.

    Args:
        course_id (str):
        limit (int | Unset):  Default: 100.
        after (str | Unset): The `next` of the previous page.
        changed_since (str | Unset): The `cursor` of an earlier list: only what changed since.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CourseStudents | Problem]
    """

    kwargs = _get_kwargs(
        course_id=course_id,
        limit=limit,
        after=after,
        changed_since=changed_since,
    )

    response = await client.async_request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    course_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    after: str | Unset = UNSET,
    changed_since: str | Unset = UNSET,
) -> CourseStudents | Problem | None:
    """List the progress of a course's students

     Every enrolled student, also those who have not started, in the order of their ids.

    With `changed_since`, only students whose row may have changed since; a row that has not changed
    may be sent again. With `Accept: text/csv` the response is a table: `Link` has the address of
    the next page, and `Progress-Cursor` the cursor.

    Args:
        course_id (str):
        limit (int | Unset):  Default: 100.
        after (str | Unset): The `next` of the previous page.
        changed_since (str | Unset): The `cursor` of an earlier list: only what changed since.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CourseStudents | Problem
    """

    return (
        await asyncio_detailed(
            course_id=course_id,
            client=client,
            limit=limit,
            after=after,
            changed_since=changed_since,
        )
    ).parsed
