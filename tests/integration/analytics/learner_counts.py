"""What one learner adds to the counts of a class, in plain Python."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from progress_service.domain.catalog import Course
from progress_service.domain.course_counts import CourseCounts
from progress_service.domain.progress import Progress, Report
from tests.class_model import Spans, seconds, union


def is_viewer(record: Progress) -> bool:
    """True when the learner counts as a viewer of the video."""
    if record.watched_seconds:
        return record.watched_seconds >= 3
    return record.position_seconds >= 3


def sessions_of(reports: Sequence[Report]) -> list[tuple[float, Spans]]:
    """Of each session: the seconds played, and the spans."""
    by_id: defaultdict[str | None, list[Report]] = defaultdict(list)
    for report in reports:
        if report.session_id is not None or report.played_seconds is not None:
            by_id[report.session_id].append(report)
    sessions: list[tuple[float, Spans]] = []
    for session_id, own in by_id.items():
        spans = union(span for r in own for span in r.played) if session_id is not None else []
        sessions.append((max([seconds(spans), *(r.played_seconds or 0.0 for r in own)]), spans))
    return sessions


def count_watching(
    record: Progress | None, reports: Sequence[Report], length: float
) -> dict[str, Any]:
    """Scalars and curves of `ClassCounts`, without survival."""
    parts = min(100, math.ceil(length))
    sessions = sessions_of(reports)
    heat = [_parts_in(spans, parts, length) for _, spans in sessions]
    total = [sum(each[part] for each in heat) for part in range(parts)]
    viewer = record is not None and is_viewer(record)
    completed = record is not None and record.completed_at is not None
    starts = sum(played >= 1 for played, _ in sessions)
    position = min(record.position_seconds, length) if record is not None else 0.0
    exit_part = min(int(position / (length / parts)), parts - 1)
    leaves = viewer and not completed
    spans = list(record.watched_spans) if record is not None else []
    return {
        "enrolled": 1,
        "viewers": int(viewer),
        "completed": int(completed),
        "completed_viewers": int(viewer and completed),
        "players": int(starts > 0),
        "starts": starts,
        "views": sum(played >= min(30, length / 2) for played, _ in sessions),
        "watch_seconds": sum(played for played, _ in sessions),
        "watched_shares": min(record.watched_seconds, length) / length
        if record and viewer
        else 0.0,
        "seen": _parts_in(spans, parts, length) if viewer else [0] * parts,
        "heat": total,
        "replayers": [int(number > 1) for number in total],
        "exits": [int(leaves and part == exit_part) for part in range(parts)],
    }


def _parts_in(spans: Spans, parts: int, length: float) -> list[int]:
    """1 for each part of which at least half lies in *spans*."""
    size = length / parts
    within = [
        sum(max(0.0, min(e, (part + 1) * size) - max(s, part * size)) for s, e in spans)
        for part in range(parts)
    ]
    return [int(each >= size / 2 - 1e-9) for each in within]


def count_learner_in(
    course: Course, records: Mapping[str, Progress], *, now: datetime
) -> CourseCounts:
    """The learner with these *records*, as a class of one."""
    counted = course.counted_ids
    done = {mid: r.completed_at for mid, r in records.items() if r.completed_at is not None}
    reached = sum(
        100.0 if mid in done else round(records[mid].furthest_percent, 2)
        for mid in counted
        if mid in records
    )
    is_done = set(counted) <= done.keys()
    percent = 100.0 if is_done else min(round(reached / len(counted), 2), 99.99)
    tenth = min(int(percent // 10), 9)
    week = now - timedelta(days=7)
    day = max(done[mid] for mid in counted).date().isoformat() if is_done else None
    watched = [r.observed_at for r in records.values() if r.observed_at is not None]
    return CourseCounts(
        enrolled=1,
        started=int(any(map(is_viewer, records.values()))),
        completed=int(is_done),
        active=int(any(at > week for at in watched)),
        finishing=int(any(at > week for at in done.values())),
        tenths=tuple(int(index == tenth) for index in range(10)),
        completed_on={} if day is None else {day: 1},
    )
