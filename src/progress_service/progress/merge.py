"""Merges one change into one record, as atomic upserts.

Every part of a record has a merge rule that gives the same record in any order and with any
repetition of changes, so devices, retries, offline queues and workers need no locks. The rules are
defined only here. The filter is plain equality on the unique key, because the server then retries a
lost race between two first reports by itself. The update pipeline decides which report is newest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from progress_service.domain.catalog import Threshold
from progress_service.domain.intervals import Coverage
from progress_service.domain.progress import (
    LOW_POSITION_SECONDS,
    Report,
)
from progress_service.mongo.expressions import Expression, encoded, is_newer, let, newest_wins
from progress_service.mongo.writes import Statement
from progress_service.progress import completion, coverage, service_marks
from progress_service.progress.devices import newest_positions_of_devices
from progress_service.progress.sessions import has_session, merged_sessions

# Every record of this service has a stamp. The update fails for a record of another program, and
# the record is then rewritten first. A new record has no `_id` yet. `_FAIL` has an invalid argument
# that the database detects only when it evaluates it.
_IS_OWN = encoded(
    {"$or": [{"$eq": [{"$type": "$stored_at"}, "date"]}, {"$eq": [{"$type": "$_id"}, "missing"]}]}
)
_FAIL = encoded({"$size": {"$type": "$_id"}})


@dataclass(frozen=True, slots=True)
class ReportChange:
    """A report to merge.

    ``moves_position`` is false if the report is too old to set the position. ``coverage`` has the
    spans to add: those of the report, unless another change of the same command has them.
    ``completed_at`` is a `RecordedCompletion` that comes with the report. ``keeps_history``
    is false if the student has paused the history: nothing but a completion is then stored.
    """

    student_id: str
    material_id: str
    course_id: str
    report: Report
    threshold: Threshold
    moves_position: bool = True
    coverage: Coverage | None = None
    completed_at: datetime | None = None
    keeps_history: bool = True

    @property
    def added(self) -> Coverage:
        """The coverage that this change adds."""
        if not self.keeps_history:
            return Coverage()
        return Coverage(self.report.played) if self.coverage is None else self.coverage

    @property
    def at(self) -> datetime:
        """When it was observed."""
        return self.report.observed_at

    @property
    def completes(self) -> bool:
        """True when the report itself reaches the threshold."""
        return self.report.reaches(self.threshold.percent)

    @property
    def completion_times(self) -> list[datetime]:
        """The times at which the change completes the record; the earliest counts."""
        times = [self.report.observed_at] if self.completes else []
        return times if self.completed_at is None else [*times, self.completed_at]


@dataclass(frozen=True, slots=True)
class CompletionMark:
    """A mark by the student, or by a service, that a material is done, or not done.

    ``threshold`` is set for a video, since it may have completed the record before the mark.
    ``is_dated`` is true if the caller gave the time, which may be before an unmark that came
    earlier: of a mark and an unmark, the later call counts.
    """

    student_id: str
    material_id: str
    course_id: str
    done: bool
    at: datetime
    threshold: Threshold | None = None
    service_id: str | None = None
    is_dated: bool = False
    keeps_history: ClassVar[bool] = True  # A mark is what the student wants to be stored.


@dataclass(frozen=True, slots=True)
class RecordedCompletion:
    """A completion that another system has recorded, with its time.

    It merges like a report that completes: the earliest time wins, and an unmark cancels all times
    up to it. ``threshold`` is set for a video, as in `CompletionMark`, and ``keeps_history`` is as
    in `ReportChange`.
    """

    student_id: str
    material_id: str
    course_id: str
    at: datetime
    threshold: Threshold | None = None
    keeps_history: bool = True


Change = ReportChange | CompletionMark | RecordedCompletion


def statements(
    change: Change, *, watched: Expression | None = None, sessions: Expression | None = None
) -> tuple[Statement, ...]:
    """Atomic, order-independent upserts that merge *change* into the student's record.

    There are none if nothing is to be stored, because the history is paused.

    Args:
        change: what to merge.
        watched: the coverage fields, if not those of a record without a grid, to whose spans the
            database adds those of *change*.
        sessions: the sessions, if they are computed already.
    """
    if isinstance(change, ReportChange) and not change.keeps_history:
        if not (times := change.completion_times):
            return ()
        parts = [_completed_at(times, change.threshold)]
    elif isinstance(change, ReportChange):
        parts = _report_parts(change)
        parts += _session_parts(change, sessions) + _coverage_parts(change, watched)
    elif isinstance(change, RecordedCompletion):
        parts = [_completed_at([change.at], change.threshold)]
    else:
        parts = _mark_parts(change)
    course = {"course_id": {"$ifNull": ["$course_id", change.course_id]}}
    merged = {"$mergeObjects": ["$$ROOT", course, *parts]}
    upsert = {
        "q": {"student_id": change.student_id, "material_id": change.material_id},
        "u": [{"$replaceWith": {"$cond": [_IS_OWN, _stamped(merged), _FAIL]}}],
        "upsert": True,
    }
    return (upsert,)


def _stamped(merged: Expression) -> Expression:
    """*merged*, with a new ``stored_at`` only if it differs: a repeat must change nothing."""
    return let({"merged": merged}, _WITH_STAMP)


_WITH_STAMP = encoded(
    {
        "$cond": [
            {"$eq": ["$$merged", "$$ROOT"]},
            "$$ROOT",
            {"$mergeObjects": ["$$merged", {"stored_at": "$$NOW"}]},
        ]
    }
)


def _report_parts(change: ReportChange) -> list[Expression]:
    report = change.report
    parts: list[Expression] = []
    if change.moves_position:
        parts.append(_newest_position(report))
        if report.device_id is not None:
            parts.append({"devices": newest_positions_of_devices(report)})
    if change.completes:
        # Below the threshold, the furthest percentage says it.
        parts.append({"furthest_time": {"$max": ["$furthest_time", report.furthest_seconds]}})
    else:
        parts.append(completion.furthest_or_completed_by_rule(report, change.threshold))
    times = change.completion_times
    return [*parts, _completed_at(times, change.threshold)] if times else parts


def _session_parts(change: ReportChange, sessions: Expression | None) -> list[Expression]:
    if not has_session(change.report):
        return []
    return [{"sessions": merged_sessions(change.report) if sessions is None else sessions}]


def _coverage_parts(change: ReportChange, watched: Expression | None) -> list[Expression]:
    if not change.added.spans:
        return []
    return [coverage.added(change.added.spans) if watched is None else watched]


def _mark_parts(mark: CompletionMark) -> list[Expression]:
    if not mark.done:
        # Players' clocks may be ahead by seconds; the unmark cancels everything that is stored.
        stored = ["$unmarked_at", "$completed_at", "$last_watched", service_marks.MARKED_AT]
        unmarked_at = {"$max": [mark.at, *stored]}
        fields = {"unmarked_at": unmarked_at, "completed_at": None, "furthest_since_unmark": None}
        return [fields | service_marks.unmarked(unmarked_at, mark.service_id)]
    moment: Expression = mark.at
    if not mark.is_dated:
        moment = {"$max": [mark.at, {"$add": ["$unmarked_at", 1]}]}
    moments: list[Expression] = ["$completed_at", moment]
    if mark.threshold is not None:
        moments.append(completion.completed_by_rule(mark.threshold))
    parts: list[Expression] = [{"completed_at": {"$min": moments}}]
    if mark.service_id is not None:
        parts.append(service_marks.marked(moment, mark.service_id))
    return parts


def _completed_at(times: Sequence[datetime], threshold: Threshold | None) -> Expression:
    """The earliest of *times*, of the stored time, and of that by the rule for a video."""
    moments = [completion.earliest_completion(at) for at in times]
    if threshold is not None:
        moments.append(completion.completed_by_rule(threshold))
    return {"completed_at": {"$min": moments}}


def _newest_position(report: Report) -> Expression:
    """The newest ``observed_at`` wins, then the larger position; any other beats a low start."""
    at, position, duration = report.observed_at, report.position_seconds, report.duration_seconds
    is_restart = {"$and": ["$restart_at", {"$eq": ["$restart_at", "$last_watched"]}]}
    held_is_deliberate = {"$or": [{"$gte": ["$watch_time", LOW_POSITION_SECONDS]}, is_restart]}
    later = is_newer((at, position, duration), ("last_watched", "watch_time", "total_duration"))
    yields = {"$not": [held_is_deliberate]}
    newer = {"$or": [later, yields]} if report.is_deliberate else {"$and": [yields, later]}
    fields = {
        "watch_time": position,
        "total_duration": duration,
        "progress_percentage": round(report.percent, 2),
        "last_watched": at,
    }
    won = newest_wins(newer, fields)
    if report.kind == "restart" and position < LOW_POSITION_SECONDS:
        return {"$mergeObjects": [won, {"restart_at": {"$max": ["$restart_at", at]}}]}
    return won
