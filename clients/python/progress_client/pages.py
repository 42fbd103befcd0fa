"""Iterators over all pages, for programs that use `AuthenticatedClient`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from .calls import AsyncProgressClient, ProgressClient
from .client import AuthenticatedClient
from .errors import ProblemError
from .models import CatalogCourse, ListedCourse
from .paging import aiterate_pages, iterate_pages
from .types import UNSET, Unset

__all__ = [
    "ProblemError",
    "aiterate_courses",
    "aiterate_enrollments",
    "aiterate_my_courses",
    "aiterate_pages",
    "iterate_courses",
    "iterate_enrollments",
    "iterate_my_courses",
    "iterate_pages",
]


def iterate_courses(
    *, client: AuthenticatedClient, page_size: int | Unset = UNSET
) -> Iterator[CatalogCourse]:
    """All courses for a service, their own for a teacher, in the order of course ids.

    Raises:
        ProblemError: a page could not be read.
    """
    return ProgressClient.using(client).iterate_courses(page_size=page_size)


def aiterate_courses(
    *, client: AuthenticatedClient, page_size: int | Unset = UNSET
) -> AsyncIterator[CatalogCourse]:
    """Like `iterate_courses`."""
    return AsyncProgressClient.using(client).iterate_courses(page_size=page_size)


def iterate_enrollments(
    course_id: str, *, client: AuthenticatedClient, page_size: int | Unset = UNSET
) -> Iterator[str]:
    """The ids of all students in a course.

    Raises:
        ProblemError: a page could not be read.
    """
    return ProgressClient.using(client).iterate_enrollments(course_id, page_size=page_size)


def aiterate_enrollments(
    course_id: str, *, client: AuthenticatedClient, page_size: int | Unset = UNSET
) -> AsyncIterator[str]:
    """Like `iterate_enrollments`."""
    return AsyncProgressClient.using(client).iterate_enrollments(course_id, page_size=page_size)


def iterate_my_courses(
    *, client: AuthenticatedClient, page_size: int | Unset = UNSET
) -> Iterator[ListedCourse]:
    """All courses of the student whose token it is.

    Raises:
        ProblemError: a page could not be read.
    """
    return ProgressClient.using(client).iterate_my_courses(page_size=page_size)


def aiterate_my_courses(
    *, client: AuthenticatedClient, page_size: int | Unset = UNSET
) -> AsyncIterator[ListedCourse]:
    """Like `iterate_my_courses`."""
    return AsyncProgressClient.using(client).iterate_my_courses(page_size=page_size)
