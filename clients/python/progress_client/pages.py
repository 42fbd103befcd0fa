"""Iterators over calls that return a page at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from .api.catalog import list_enrollments
from .api.courses import list_my_courses
from .api.gradebook import list_course_students
from .client import AuthenticatedClient
from .models import (
    CourseStudents,
    EnrollmentPage,
    ListedCourse,
    MyCourses,
    Problem,
    StudentProgress,
)
from .types import UNSET, Unset


class ProblemError(Exception):
    """A page could not be read; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.code}: {problem.detail}")
        self.problem = problem


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


class StudentList:
    """The students of a course: iterate over it with `for` or `async for`, then store `cursor`.

    Raises:
        ProblemError: a page could not be read.
    """

    def __init__(self, course_id: str, arguments: dict[str, Any]) -> None:
        self._course_id = course_id
        self._arguments = arguments
        self.cursor: str | None = None
        """The `changed_since` for the next time; `None` until every page was read."""
        self.ended_enrollments: list[str] = []
        """Students whose enrolment has ended, of the pages read so far."""

    def __iter__(self) -> Iterator[StudentProgress]:
        after = self._begin()
        while after is not None:
            answer = list_course_students.sync(self._course_id, after=after, **self._arguments)
            page = _page(answer, CourseStudents)
            yield from page.students
            after = self._add(page)

    async def __aiter__(self) -> AsyncIterator[StudentProgress]:
        after = self._begin()
        while after is not None:
            answer = await list_course_students.asyncio(
                self._course_id, after=after, **self._arguments
            )
            page = _page(answer, CourseStudents)
            for student in page.students:
                yield student
            after = self._add(page)

    def _begin(self) -> str | Unset | None:
        self.cursor = None
        self.ended_enrollments = []
        return UNSET

    def _add(self, page: CourseStudents) -> str | None:
        self.ended_enrollments += page.ended_enrollments
        if page.next_ is None:
            self.cursor = page.cursor
        return page.next_


def iterate_course_students(
    course_id: str,
    *,
    client: AuthenticatedClient,
    changed_since: str | None = None,
    page_size: int | Unset = UNSET,
) -> StudentList:
    """The progress of all students of a course; with *changed_since*, of those that changed.

    Args:
        course_id: the course.
        client: has a token with the role `service`.
        changed_since: the `cursor` of an earlier list.
        page_size: how many students a page has at most.
    """
    arguments: dict[str, Any] = {"client": client, "limit": page_size}
    if changed_since is not None:
        arguments["changed_since"] = changed_since
    return StudentList(course_id, arguments)


aiterate_course_students = iterate_course_students
"""The same: a `StudentList` also works with `async for`."""


def _page(answer: Any, kind: Any) -> Any:
    if isinstance(answer, Problem):
        raise ProblemError(answer)
    assert isinstance(answer, kind)
    return answer
