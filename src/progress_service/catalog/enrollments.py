"""Documents of ``enrollments``: read whoever wrote them, and made anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from progress_service.mongo.client import in_utc
from progress_service.mongo.values import to_moment, to_number


@dataclass(frozen=True, slots=True)
class Enrollment:
    """What is stored of a student's way through a course; ``revision`` counts its changes.

    The enrolments of other programs have no revision, or anything else under that name.
    """

    completed_ids: tuple[str, ...]
    progress_percent: float
    completed_at: datetime | None
    revision: Any


def to_enrollment(document: Mapping[str, Any]) -> Enrollment:
    """The value of an ``enrollments`` document; totals that cannot be read are made again."""
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
    """What a new enrolment holds beside its key; who comes back finds what they had completed."""
    kept = former or {}
    return {
        "_id": enrollment_id(student_id, course_id),
        "enrolled_at": at,
        "completed_ids": kept.get("completed_ids") or [],
        "progress": kept.get("progress") or 0.0,
        "completed_at": kept.get("completed_at"),
        "revision": 0,
    }


def enrollment_id(student_id: str, course_id: str) -> str:
    """The ``_id`` of an enrolment. Ids hold no slash, so it can be taken apart again."""
    return f"{student_id}/{course_id}"
