"""Documents of ``enrollments``: reads them, whichever program wrote them, and creates new ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from progress_service.domain.completion import CourseTotals
from progress_service.mongo.client import in_utc
from progress_service.mongo.values import to_moment, to_number

ACTIVE_AT = "active_at"
"""When the student was active in the course, about; see `enrollment_activity`."""
CHANGED_AT = "changed_at"
"""When the enrolment began, or its totals were last stored. Like `ACTIVE_AT` by the database's
clock, and missing in enrolments of other programs."""
ERASED_AT = "erased_at"
"""When the student's earlier data was last erased; missing if it never was."""
STAMP_NOW = {"$currentDate": {ACTIVE_AT: True, CHANGED_AT: True}}


@dataclass(frozen=True, slots=True)
class Enrollment:
    """The stored totals of a student in a course; ``revision`` counts their changes.

    Enrolments of other programs may have no revision, or a value of any type.
    """

    completed_ids: tuple[str, ...]
    progress_percent: float
    completed_at: datetime | None
    revision: Any


class Enrolled(NamedTuple):
    """Which courses a student is enrolled in, and whether the student's history is paused.

    ``courses`` has, for each, when the student's earlier data was erased.
    """

    courses: dict[str, datetime | None]
    is_history_paused: bool


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


def recomputed(enrollment: Enrollment, totals: CourseTotals) -> Enrollment:
    """The enrolment with new totals; a completed course stays completed."""
    return replace(
        enrollment,
        completed_ids=totals.completed_ids,
        progress_percent=totals.overall_percent,
        completed_at=enrollment.completed_at or totals.completed_at,
    )


def is_stale(enrollment: Enrollment, computed: Enrollment) -> bool:
    """True when the completions differ. A stale percentage alone is not worth a write per read."""
    return (enrollment.completed_ids, enrollment.completed_at) != (
        computed.completed_ids,
        computed.completed_at,
    )


def totals_statement(
    enrollment: Enrollment, *, student_id: str, course_id: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The query and the update that store the totals, if the revision is still the one read."""
    query = {
        "student_id": student_id,
        "course_id": course_id,
        "revision": {"$eq": enrollment.revision},
    }
    change = {
        "completed_ids": list(enrollment.completed_ids),
        "progress": enrollment.progress_percent,
        "completed_at": enrollment.completed_at,
        "revision": 1 + (enrollment.revision if type(enrollment.revision) is int else 0),
    }
    return query, {"$set": change, "$currentDate": {CHANGED_AT: True}}


def new_enrollment(
    student_id: str,
    course_id: str,
    at: datetime,
    former: dict[str, Any] | None,
    *,
    stored_at: datetime,
    erased_at: datetime | None = None,
) -> dict[str, Any]:
    """The fields of a new enrolment beside its key; *former* restores earlier completions.

    *at* is the present time, and *stored_at* the same by the clock of the database. What was
    recorded until *erased_at* is not accepted again.
    """
    previous = former or {}
    return {
        "_id": enrollment_id(student_id, course_id),
        "enrolled_at": at,
        "completed_ids": previous.get("completed_ids") or [],
        "progress": previous.get("progress") or 0.0,
        "completed_at": previous.get("completed_at"),
        "revision": 0,
        ACTIVE_AT: stored_at,
        CHANGED_AT: stored_at,
        **({ERASED_AT: erased_at} if erased_at is not None else {}),
    }


def enrollment_id(student_id: str, course_id: str) -> str:
    """The ``_id`` of an enrolment. Ids have no slash, so it can be split again."""
    return f"{student_id}/{course_id}"
