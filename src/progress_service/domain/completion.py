"""Course totals over the required materials."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from progress_service.domain.catalog import Course
from progress_service.domain.progress import Progress


@dataclass(frozen=True, slots=True)
class CourseTotals:
    """The totals of a course for one student.

    ``completed_at``: when the last material that counts was completed; ``None`` while one is open.
    """

    overall_percent: float
    total: int
    completed_ids: tuple[str, ...]
    last_observed_at: datetime | None
    completed_at: datetime | None


def summarize_course(course: Course, records: Mapping[str, Progress]) -> CourseTotals:
    """Add up *records* (by material id; missing ones are untouched) over *course*.

    A required material counts 100 when completed, else the furthest percentage it reached below
    its threshold. Without required materials, all count. Rounded to 2 decimals, and 100 only when
    all of them are done.
    """
    held = {mid: record for mid, record in records.items() if mid in course.by_id}
    done = {mid for mid, record in held.items() if record.completed_at is not None}
    seen = [record.observed_at for record in held.values() if record.observed_at is not None]
    return CourseTotals(
        overall_percent=_mean_percent(course, done, held),
        total=len(course.materials),
        completed_ids=tuple(mid for mid in course.by_id if mid in done) if done else (),
        last_observed_at=max(seen, default=None),
        completed_at=_all_done_at(course.counted_ids, done, held),
    )


def _mean_percent(course: Course, done: set[str], held: Mapping[str, Progress]) -> float:
    counted = course.counted_ids
    if not counted:
        return 0.0
    if done.issuperset(counted):
        return 100.0
    reached = math.fsum(  # exact, so that the order of a course moves no hundredth
        100.0 if mid in done else round(held[mid].furthest_percent, 2)
        for mid in counted
        if mid in held and (mid in done or course.by_id[mid].is_video)
    )
    return min(round(reached / len(counted), 2), 99.99)


def _all_done_at(
    counted: Sequence[str], done: set[str], held: Mapping[str, Progress]
) -> datetime | None:
    if not counted or not done.issuperset(counted):
        return None
    moments = [held[mid].completed_at for mid in counted]
    return max(at for at in moments if at is not None)
