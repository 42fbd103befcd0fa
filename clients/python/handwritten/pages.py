"""Iterators over calls that return a page at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from .api.catalog import list_courses, list_enrollments
from .api.courses import list_my_courses
from .client import AuthenticatedClient
from .models import (
    CatalogCourse,
    CatalogPage,
    EnrollmentPage,
    ListedCourse,
    MyCourses,
    Problem,
)
from .types import UNSET, Unset


class ProblemError(Exception):
    """A page could not be read; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.code}: {problem.detail}")
        self.problem = problem


def iterate_courses(
    *, client: AuthenticatedClient, page_size: int | Unset = UNSET
) -> Iterator[CatalogCourse]:
    """All courses for a service, their own for a teacher, in the order of course ids.

    Raises:
        ProblemError: a page could not be read.
    """
    after: str | Unset = UNSET
    while True:
        answer = list_courses.sync(client=client, after=after, limit=page_size)
        page = _page(answer, CatalogPage)
        yield from page.courses
        if page.next_ is None:
            return
        after = page.next_


async def aiterate_courses(
    *, client: AuthenticatedClient, page_size: int | Unset = UNSET
) -> AsyncIterator[CatalogCourse]:
    """Like `iterate_courses`."""
    after: str | Unset = UNSET
    while True:
        answer = await list_courses.asyncio(client=client, after=after, limit=page_size)
        page = _page(answer, CatalogPage)
        for course in page.courses:
            yield course
        if page.next_ is None:
            return
        after = page.next_


def iterate_enrollments(
    course_id: str, *, client: AuthenticatedClient, page_size: int | Unset = UNSET
) -> Iterator[str]:
    """The ids of all students in a course.

    Raises:
        ProblemError: a page could not be read.
    """
    after: str | Unset = UNSET
    while True:
        answer = list_enrollments.sync(course_id, client=client, after=after, limit=page_size)
        page = _page(answer, EnrollmentPage)
        yield from page.student_ids
        if page.next_ is None:
            return
        after = page.next_


async def aiterate_enrollments(
    course_id: str, *, client: AuthenticatedClient, page_size: int | Unset = UNSET
) -> AsyncIterator[str]:
    """Like `iterate_enrollments`."""
    after: str | Unset = UNSET
    while True:
        answer = await list_enrollments.asyncio(
            course_id, client=client, after=after, limit=page_size
        )
        page = _page(answer, EnrollmentPage)
        for student_id in page.student_ids:
            yield student_id
        if page.next_ is None:
            return
        after = page.next_


def iterate_my_courses(
    *, client: AuthenticatedClient, page_size: int | Unset = UNSET
) -> Iterator[ListedCourse]:
    """All courses of the student whose token it is.

    Raises:
        ProblemError: a page could not be read.
    """
    after: str | Unset = UNSET
    while True:
        answer = list_my_courses.sync(client=client, after=after, limit=page_size)
        page = _page(answer, MyCourses)
        yield from page.courses
        if page.next_ is None:
            return
        after = page.next_


async def aiterate_my_courses(
    *, client: AuthenticatedClient, page_size: int | Unset = UNSET
) -> AsyncIterator[ListedCourse]:
    """Like `iterate_my_courses`."""
    after: str | Unset = UNSET
    while True:
        answer = await list_my_courses.asyncio(client=client, after=after, limit=page_size)
        page = _page(answer, MyCourses)
        for course in page.courses:
            yield course
        if page.next_ is None:
            return
        after = page.next_


def _page(answer: Any, kind: Any) -> Any:
    if isinstance(answer, Problem):
        raise ProblemError(answer)
    assert isinstance(answer, kind)
    return answer
