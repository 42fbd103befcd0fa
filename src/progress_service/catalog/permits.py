"""Who may change a course, decided when the change is written."""

from __future__ import annotations

from collections.abc import Callable

from progress_service.domain.catalog import Course
from progress_service.errors import Forbidden, NotFound

Permit = Callable[[Course | None, Course | None], None]
"""Passes, or raises, for the course as it stands now and, if there is none, as it was removed."""


def permit_change(course_id: str, teacher_id: str | None) -> Permit:
    """The course must be there, and the teacher teach it; ``None`` stands for a service."""

    def permit(held: Course | None, _: Course | None) -> None:
        if held is None:
            raise NotFound("course", course_id)
        if teacher_id is not None:
            _require_teacher(held, teacher_id)

    return permit


def permit_put(course: Course, teacher_id: str) -> Permit:
    """A teacher may replace what she teaches, and put a new course, or one of hers back."""

    def permit(held: Course | None, removed: Course | None) -> None:
        _require_teacher(held or course, teacher_id)
        if removed is not None:
            _require_teacher(removed, teacher_id)

    return permit


def _require_teacher(course: Course, teacher_id: str) -> None:
    if teacher_id not in course.teacher_ids:
        raise not_teacher(course.course_id)


def not_teacher(course_id: str) -> Forbidden:
    """The refusal of a teacher who does not teach that course."""
    return Forbidden(
        f"You do not teach course {course_id!r}; one of its teachers, or a service, "
        "can add you to teacher_ids.",
        code="not_teacher",
    )
