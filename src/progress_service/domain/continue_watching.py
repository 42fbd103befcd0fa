"""One card for each course: what to continue with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from progress_service.domain.catalog import Course, Material
from progress_service.domain.progress import Progress
from progress_service.domain.resume import (
    first_unwatched_gap,
    is_at_end,
    is_rewatching,
    is_unmarked_at_end,
    next_unfinished,
)

Reason = Literal["in_progress", "gaps", "next_up", "rewatch"]

STARTED_SECONDS = 30.0  # Less is just a look…
STARTED_PERCENT = 5.0  # …unless the video is short.
RECENT = timedelta(days=90)  # Last term is over.


@dataclass(frozen=True, slots=True)
class Card:
    """What to continue with in a course. ``active_at``: the newest activity in it."""

    course_id: str
    material: Material
    reason: Reason
    progress: Progress
    active_at: datetime


def build_card(
    course: Course,
    records: Mapping[str, Progress],
    *,
    now: datetime,
) -> Card | None:
    """The course's card: its newest video in progress, else what comes after a completed one.

    Args:
        course: the course.
        records: the current states of the student's records, by material id; others than the
            course's are ignored.
        now: the moment.
    """
    recent = {
        mid: active_at
        for mid in course.by_id
        if mid in records
        and (active_at := _active_at(records[mid], now=now))
        and now - active_at <= RECENT
    }
    for material_id in sorted(recent, key=lambda mid: recent[mid], reverse=True):
        record, material = records[material_id], course.by_id[material_id]
        reason = _reason(record, material, course.thresholds[material_id].percent)
        if reason is not None:
            return Card(course.course_id, material, reason, record, max(recent.values()))
    return _next_up(course, records, recent)


def needs_spans(card: Card) -> bool:
    """True when only the watched spans tell whether *card* is about gaps."""
    progress, material = card.progress, card.material
    if progress.is_completed or is_unmarked_at_end(progress, material):
        return False
    return card.reason in ("in_progress", "rewatch") and is_at_end(progress, material)


def with_spans(card: Card, progress: Progress) -> Card:
    """*card*, which `needs_spans`, by the same *progress* with its spans."""
    has_gap = first_unwatched_gap(progress, card.material) is not None
    return replace(card, progress=progress, reason="gaps" if has_gap else card.reason)


def _active_at(record: Progress, *, now: datetime) -> datetime | None:
    moments = [at for at in (record.observed_at, record.completed_at) if at is not None]
    if not moments and record.position_seconds > 0:
        return now - RECENT  # Other programs stored no date: last in the list, but not lost.
    return max(moments, default=None)


def _reason(record: Progress, material: Material, threshold_percent: float) -> Reason | None:
    started = record.position_seconds >= STARTED_SECONDS or record.percent >= STARTED_PERCENT
    if not material.is_video or not started:
        return None
    if record.is_completed:
        return "rewatch" if is_rewatching(record, threshold_percent) else None
    if is_unmarked_at_end(record, material):
        return "rewatch"
    if is_at_end(record, material) and first_unwatched_gap(record, material):
        return "gaps"
    return "rewatch" if record.is_shortened else "in_progress"


def _next_up(
    course: Course, records: Mapping[str, Progress], recent: Mapping[str, datetime]
) -> Card | None:
    finished = [mid for mid in recent if records[mid].is_completed]
    if not finished:
        return None
    done_ids = {mid for mid in course.by_id if mid in records and records[mid].is_completed}
    latest = max(finished, key=lambda mid: recent[mid])
    material = next_unfinished(course, done_ids, after=latest)
    if material is None:
        return None
    record = records.get(material.material_id) or Progress(material.material_id)
    return Card(course.course_id, material, "next_up", record, max(recent.values()))
