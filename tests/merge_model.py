"""The merge rules of the product guide in plain Python, independent of the implementation.

The model receives all changes at once and computes the expected record; it has no upserts and no
order of arrival. Spans are sets of whole seconds, so the changes must use whole seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from progress_service.domain.progress import Report


@dataclass(frozen=True)
class Mark:
    """A mark or an unmark by the student, or a service, with the server's time.

    ``completed_at`` is the time that a mark by a service names, if it does.
    """

    done: bool
    at: datetime
    service_id: str | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True)
class Expected:
    """The expected record."""

    place: tuple[float, float, float, datetime] | None
    completed_at: datetime | None
    spans: list[tuple[float, float]]
    devices: dict[str, tuple[float, datetime]]
    furthest_percent: float


def expected(
    reports: Sequence[Report], marks: Sequence[Mark] = (), *, threshold_percent: float = 80
) -> Expected:
    """The record after *reports*, in any order, and *marks*, in the order they were made."""
    return Expected(
        place=place(reports),
        completed_at=completed_at(reports, marks, threshold_percent),
        spans=spans(reports),
        devices=devices(reports),
        furthest_percent=furthest_percent(reports, threshold_percent),
    )


def place(reports: Sequence[Report]) -> tuple[float, float, float, datetime] | None:
    """Position, length, percentage and time of the newest report; low ones count if all are low."""
    if not reports:
        return None
    deliberate = [r for r in reports if not is_low(r)]
    newest = max(deliberate or reports, key=lambda r: (r.observed_at, r.position_seconds))
    remaining_seconds = newest.duration_seconds - newest.position_seconds
    percent = round(newest.position_seconds / newest.duration_seconds * 100, 2)
    if remaining_seconds <= 1 and newest.position_seconds > 0:
        percent = 100.0
    return newest.position_seconds, newest.duration_seconds, percent, newest.observed_at


def is_low(report: Report) -> bool:
    """Players report the start while they load or unload; only a `restart` is deliberate."""
    return report.position_seconds < 3 and report.kind != "restart"


def completed_at(
    reports: Sequence[Report], marks: Sequence[Mark], threshold_percent: float
) -> datetime | None:
    """The first completion after the last unmark."""
    unmarked_at = last_unmark(marks)
    times = [
        r.observed_at
        for r in reports
        if completes(r, threshold_percent) and (unmarked_at is None or r.observed_at > unmarked_at)
    ]
    times += [at for at, _ in counting_marks(marks)]
    return min(times, default=None)


def last_unmark(marks: Sequence[Mark]) -> datetime | None:
    """The time of the last unmark; nothing up to then counts."""
    return next((mark.at for mark in reversed(marks) if not mark.done), None)


def counting_marks(marks: Sequence[Mark]) -> list[tuple[datetime, str | None]]:
    """The time and the service of each mark that no unmark cancels."""
    unmarked_at, counting = last_unmark(marks), []
    unmarks = [index for index, mark in enumerate(marks) if not mark.done]
    for index, mark in enumerate(marks):
        if not mark.done:
            continue
        if unmarked_at is None:
            counting.append((mark.completed_at or mark.at, mark.service_id))
        elif index > unmarks[-1]:
            just_after = max(mark.at, unmarked_at + timedelta(milliseconds=1))
            counting.append((mark.completed_at or just_after, mark.service_id))
    return counting


def marked_by(marks: Sequence[Mark]) -> tuple[datetime, str] | None:
    """The time and the service of the first mark by a service after the last unmark."""
    return min(
        ((at, service_id) for at, service_id in counting_marks(marks) if service_id is not None),
        default=None,
    )


def unmarked_by(marks: Sequence[Mark]) -> tuple[datetime, str] | None:
    """The time and the service of the last unmark by a service."""
    return max(
        ((mark.at, mark.service_id) for mark in marks if not mark.done and mark.service_id),
        default=None,
    )


def spans(reports: Sequence[Report]) -> list[tuple[float, float]]:
    """The seconds played; spans at most a second apart become one."""
    marked: set[float] = set()  # whole seconds and the halves between them
    for report in reports:
        for start, end in report.played:
            marked.update(half / 2 for half in range(int(start * 2), int(end * 2) + 1))
    points = sorted(marked)
    if not points:
        return []
    ends = [a for a, b in pairwise(points) if b - a > 1] + [points[-1]]
    starts = [points[0]] + [b for a, b in pairwise(points) if b - a > 1]
    return list(zip(starts, ends, strict=True))


def devices(reports: Sequence[Report]) -> dict[str, tuple[float, datetime]]:
    """The newest place of each device. Correct for up to eight devices."""
    names = {r.device_id for r in reports if r.device_id is not None}
    places = {name: place([r for r in reports if r.device_id == name]) for name in names}
    return {name: (found[0], found[3]) for name, found in places.items() if found}


def furthest_percent(reports: Sequence[Report], threshold_percent: float) -> float:
    """The furthest percentage of the reports that do not complete."""
    below = [
        r.position_seconds / r.duration_seconds * 100
        for r in reports
        if not completes(r, threshold_percent)
    ]
    return max(below, default=0.0)


def completes(report: Report, threshold_percent: float) -> bool:
    """True from the threshold on, and in the last second for any threshold."""
    position, duration = report.position_seconds, report.duration_seconds
    is_at_end = report.plays_to_end or position >= duration - 1
    return 100 * position >= threshold_percent * duration or is_at_end


def with_catalog_duration(report: Report, known: float, earlier: Sequence[float]) -> Report:
    """*report* by the length in the catalogue; its own is right, or an *earlier* one."""
    own = report.duration_seconds
    is_right = any(abs(own - known) <= allowed for allowed in (5, known * 0.02))
    assert is_right or own in earlier
    remaining = own - report.position_seconds
    position = min(report.position_seconds, known)
    is_ended = report.kind == "ended" and any(remaining <= allowed for allowed in (5, own * 0.02))
    if is_right and is_ended:
        position = min(report.position_seconds + max(known - own, 0), known)
    spans = [(start, min(end, known)) for start, end in report.played if start <= known]
    return replace(
        report,
        position_seconds=position,
        duration_seconds=known,
        played=tuple(spans),
        plays_to_end=is_right and (is_ended or position == known or remaining <= 1),
    )


def completed_at_after_changes(
    before: Sequence[Report],
    after: Sequence[Report],
    *,
    first: float,
    lowered: float,
    lowered_at: datetime,
    last: float,
) -> datetime | None:
    """The completion when threshold *first* was lowered after *before*, and then became *last*."""
    times = [r.observed_at for r in before if completes(r, first)]
    times += [lowered_at for r in before if completes(r, lowered)]
    times += [r.observed_at for r in after if completes(r, last)]
    return min(times, default=None)
