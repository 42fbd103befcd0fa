"""What is stored of an enrolment."""

from __future__ import annotations

from datetime import datetime
from typing import Any


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
