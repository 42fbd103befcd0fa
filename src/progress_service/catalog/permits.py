"""Checks who may change a course, in the transaction that writes the change."""

from __future__ import annotations

from collections.abc import Callable

from progress_service.domain.catalog import Course
from progress_service.errors import Forbidden, NotFound

Permit = Callable[[Course | None, Course | None], None]
"""Called with the stored course or, if there is none, the removed one; raises to reject."""


def permit_change(course_id: str, teacher_id: str | None) -> Permit:
    """The course must exist, and the teacher must teach it; ``None`` means a service."""

    def permit(held: Course | None, _: Course | None) -> None:
        if held is None:
            raise NotFound("course", course_id)
        if teacher_id is not None:
            _require_teacher(held, teacher_id)

    return permit


def permit_put(course: Course, teacher_id: str) -> Permit:
    """A teacher may replace her own course, put a new one, or restore a removed one of hers."""

    def permit(held: Course | None, removed: Course | None) -> None:
        _require_teacher(held or course, teacher_id)
        if removed is not None:
            _require_teacher(removed, teacher_id)

    return permit


def _require_teacher(course: Course, teacher_id: str) -> None:
    if teacher_id not in course.teacher_ids:
        raise not_teacher(course.course_id)


def not_teacher(course_id: str) -> Forbidden:
    """The error for a teacher who does not teach that course."""
    return Forbidden(
        f"You do not teach course {course_id!r}; one of its teachers, or a service, "
        "can add you to teacher_ids.",
        code="not_teacher",
    )
