from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.course_analytics import CourseAnalytics
from ...models.get_course_analytics_table import GetCourseAnalyticsTable
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    course_id: str,
    *,
    cohort: str | Unset = UNSET,
    table: GetCourseAnalyticsTable | Unset = GetCourseAnalyticsTable.MATERIALS,
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
        "url": "/api/progress/analytics/course/{course_id}".format(
            course_id=quote(str(course_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CourseAnalytics | Problem | None:
    if response.status_code == 200:
        response_200 = CourseAnalytics.from_dict(response.json())

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
) -> Response[CourseAnalytics | Problem]:
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
    cohort: str | Unset = UNSET,
    table: GetCourseAnalyticsTable | Unset = GetCourseAnalyticsTable.MATERIALS,
) -> Response[CourseAnalytics | Problem]:
    """Get a course's analytics

     How everyone gets on in a course, for its teachers and for services.

    With `Accept: text/csv` the response is one table.

    Args:
        course_id (str):
        cohort (str | Unset): Only learners who were enrolled in that ISO week; see `cohorts`.
        table (GetCourseAnalyticsTable | Unset): The table of a CSV response. Default:
            GetCourseAnalyticsTable.MATERIALS.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CourseAnalytics | Problem]
    """

    kwargs = _get_kwargs(
        course_id=course_id,
        cohort=cohort,
        table=table,
    )

    response = client.request(**kwargs)

    return _build_response(client=client, response=response)


def sync(
    course_id: str,
    *,
    client: AuthenticatedClient,
    cohort: str | Unset = UNSET,
    table: GetCourseAnalyticsTable | Unset = GetCourseAnalyticsTable.MATERIALS,
) -> CourseAnalytics | Problem | None:
    """Get a course's analytics

     How everyone gets on in a course, for its teachers and for services.

    With `Accept: text/csv` the response is one table.

    Args:
        course_id (str):
        cohort (str | Unset): Only learners who were enrolled in that ISO week; see `cohorts`.
        table (GetCourseAnalyticsTable | Unset): The table of a CSV response. Default:
            GetCourseAnalyticsTable.MATERIALS.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CourseAnalytics | Problem
    """

    return sync_detailed(
        course_id=course_id,
        client=client,
        cohort=cohort,
        table=table,
    ).parsed


async def asyncio_detailed(
    course_id: str,
    *,
    client: AuthenticatedClient,
    cohort: str | Unset = UNSET,
    table: GetCourseAnalyticsTable | Unset = GetCourseAnalyticsTable.MATERIALS,
) -> Response[CourseAnalytics | Problem]:
    """Get a course's analytics

     How everyone gets on in a course, for its teachers and for services.

    With `Accept: text/csv` the response is one table.

    Args:
        course_id (str):
        cohort (str | Unset): Only learners who were enrolled in that ISO week; see `cohorts`.
        table (GetCourseAnalyticsTable | Unset): The table of a CSV response. Default:
            GetCourseAnalyticsTable.MATERIALS.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CourseAnalytics | Problem]
    """

    kwargs = _get_kwargs(
        course_id=course_id,
        cohort=cohort,
        table=table,
    )

    response = await client.async_request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    course_id: str,
    *,
    client: AuthenticatedClient,
    cohort: str | Unset = UNSET,
    table: GetCourseAnalyticsTable | Unset = GetCourseAnalyticsTable.MATERIALS,
) -> CourseAnalytics | Problem | None:
    """Get a course's analytics

     How everyone gets on in a course, for its teachers and for services.

    With `Accept: text/csv` the response is one table.

    Args:
        course_id (str):
        cohort (str | Unset): Only learners who were enrolled in that ISO week; see `cohorts`.
        table (GetCourseAnalyticsTable | Unset): The table of a CSV response. Default:
            GetCourseAnalyticsTable.MATERIALS.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CourseAnalytics | Problem
    """

    return (
        await asyncio_detailed(
            course_id=course_id,
            client=client,
            cohort=cohort,
            table=table,
        )
    ).parsed
