"""Documents of ``enrollments``: reads them, whichever program wrote them, and creates new ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from progress_service.mongo.client import in_utc
from progress_service.mongo.values import to_moment, to_number


@dataclass(frozen=True, slots=True)
class Enrollment:
    """The stored totals of a student in a course; ``revision`` counts their changes.

    Enrolments of other programs may have no revision, or a value of any type.
    """

    completed_ids: tuple[str, ...]
    progress_percent: float
    completed_at: datetime | None
    revision: Any


def to_enrollment(document: Mapping[str, Any]) -> Enrollment:
    """The value of an ``enrollments`` document; unreadable totals become empty."""
    ids, completed_at = document.get("completed_ids"), document.get("completed_at")
    percent = to_number(document.get("progress"))
    return Enrollment(
        completed_ids=tuple(each for each in ids if isinstance(each, str))
        if isinstance(ids, list)
        else (),
        progress_percent=0.0 if percent is None else percent,
        completed_at=in_utc(completed_at)
        if isinstance(completed_at, datetime)
        else to_moment(completed_at, now=datetime.now(UTC)),
        revision=document.get("revision"),
    )


def new_enrollment(
    student_id: str, course_id: str, at: datetime, former: dict[str, Any] | None
) -> dict[str, Any]:
    """The fields of a new enrolment beside its key; *former* restores earlier completions."""
    previous = former or {}
    return {
        "_id": enrollment_id(student_id, course_id),
        "enrolled_at": at,
        "completed_ids": previous.get("completed_ids") or [],
        "progress": previous.get("progress") or 0.0,
        "completed_at": previous.get("completed_at"),
        "revision": 0,
    }


def enrollment_id(student_id: str, course_id: str) -> str:
    """The ``_id`` of an enrolment. Ids have no slash, so it can be split again."""
    return f"{student_id}/{course_id}"
