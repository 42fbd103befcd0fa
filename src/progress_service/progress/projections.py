"""The projections: which fields of a record each kind of read fetches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from progress_service.domain.catalog import Course

Fields = Mapping[str, Any]
"""A projection: 1 to fetch, 0 to leave out."""

IN_SUMMARY: Fields = {
    "_id": 0,
    "student_id": 0,
    "course_id": 0,
    "devices": 0,
    "stored_at": 0,
    "watched_spans": 0,
    "sessions": 0,
}
"""For a status in a list."""
IN_DATED_SUMMARY: Fields = {name: 0 for name in IN_SUMMARY if name != "stored_at"}
"""`IN_SUMMARY` with the stamp, for courses with lowered thresholds."""
IN_FRAME: Fields = {
    "_id": 0,
    "student_id": 0,
    "course_id": 0,
    "devices": {"$slice": 1},
    "watched_spans": 0,
    "sessions": 0,
}
"""For frames: the newest device, without spans and sessions."""
IN_TOTALS: Fields = {
    "_id": 0,
    "material_id": 1,
    "watch_time": 1,
    "total_duration": 1,
    "completed_at": 1,
    "progress_percentage": 1,
    "furthest_percentage": 1,
    "furthest_since_unmark": 1,
    "unmarked_at": 1,
    "last_watched": 1,
    "stored_at": 1,
}
"""For whether a material is completed."""


def summary_fields(courses: Iterable[Course]) -> Fields:
    """`IN_SUMMARY` for *courses*; with the stamp if one of them has a lowered threshold."""
    if any(course.has_lowered_thresholds for course in courses):
        return IN_DATED_SUMMARY
    return IN_SUMMARY


IN_CLASS: Fields = {
    "student_id": 1,
    "material_id": 1,
    "watch_time": 1,
    "total_duration": 1,
    "progress_percentage": 1,
    "furthest_percentage": 1,
    "furthest_since_unmark": 1,
    "completed_at": 1,
    "unmarked_at": 1,
    "last_watched": 1,
    "watched_seconds": 1,
}
"""What `IN_SUMMARY` reads of a record, with its ids, for records of many students."""


def class_fields(course: Course) -> Fields:
    """`IN_CLASS`; with the stamp if *course* has a lowered threshold, like `summary_fields`."""
    return {**IN_CLASS, "stored_at": 1} if course.has_lowered_thresholds else IN_CLASS
