"""The merge: what one change does to one record, as one atomic upsert.

Every part of a record merges by a rule that gives the same record in whatever order and however
often changes arrive, so devices, retries, offline queues and workers need no locks. The rules stand
here only. The filter is plain equality on the unique key, because the server then repeats a lost
race between two first reports by itself; all "newer wins" logic lives in the update pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from progress_service.domain.intervals import Coverage
from progress_service.domain.progress import LOW_POSITION_SECONDS, Report
from progress_service.mongo.writes import Statement
from progress_service.progress import coverage

MAX_DEVICES = 8

Expression = Any
"""A MongoDB aggregation expression."""

# Every record of ours has a stamp. What another program wrote fails, and is rewritten first; an
# insert has no `_id` yet. The error is a wrong argument, which cannot be known beforehand.
_IS_OURS: Expression = {
    "$or": [{"$eq": [{"$type": "$stored_at"}, "date"]}, {"$eq": [{"$type": "$_id"}, "missing"]}]
}
_FAIL: Expression = {"$size": {"$type": "$_id"}}


@dataclass(frozen=True, slots=True)
class Seen:
    """A report to merge. ``moves_place`` is false for evidence too old to say where someone is.

    ``coverage`` is what it adds to what was seen: the spans of the report, unless a neighbour in
    the same command carries them.
    """

    student_id: str
    material_id: str
    course_id: str
    report: Report
    threshold_percent: float
    moves_place: bool = True
    coverage: Coverage | None = None

    @property
    def added(self) -> Coverage:
        """What this change adds to what was seen."""
        return Coverage(self.report.played) if self.coverage is None else self.coverage


@dataclass(frozen=True, slots=True)
class Marked:
    """The student's own word that a material is done, or that it is not."""

    student_id: str
    material_id: str
    course_id: str
    done: bool
    at: datetime


Change = Seen | Marked


def upsert(change: Change, *, watched: Expression | None = None) -> Statement:
    """One atomic, order-free upsert that merges *change* into the student's record.

    Args:
        change: what to merge.
        watched: the fields of what was seen, where they were computed already; usually the database
            adds the spans of *change* to what is stored.
    """
    parts = _seen(change, watched) if isinstance(change, Seen) else _marked(change)
    course = {"course_id": {"$ifNull": ["$course_id", change.course_id]}}
    merged = {"$mergeObjects": ["$$ROOT", course, *parts]}
    return {
        "q": {"student_id": change.student_id, "material_id": change.material_id},
        "u": [{"$replaceWith": {"$cond": [_IS_OURS, _stamped(merged), _FAIL]}}],
        "upsert": True,
    }


def _stamped(merged: Expression) -> Expression:
    """*merged*, with ``stored_at`` moved only if it differs: a repeat must change nothing."""
    stamp = {"$mergeObjects": ["$$merged", {"stored_at": "$$NOW"}]}
    return {
        "$let": {
            "vars": {"merged": merged},
            "in": {"$cond": [{"$eq": ["$$merged", "$$ROOT"]}, "$$ROOT", stamp]},
        }
    }


def _seen(seen: Seen, watched: Expression | None) -> list[Expression]:
    report = seen.report
    parts: list[Expression] = []
    if seen.moves_place:
        parts.append(_newest_place(report))
        if report.device_id is not None:
            parts.append({"devices": _newest_places_of_devices(report)})
    if report.reaches(seen.threshold_percent):
        parts.append({"completed_at": _earliest_completion(report.observed_at)})
    else:
        percent = round(report.percent, 2)
        parts.append({"furthest_percentage": {"$max": ["$furthest_percentage", percent]}})
    if watched is not None:
        parts.append(watched)
    elif spans := seen.added.spans:
        parts.append(coverage.added(spans, length_seconds=report.duration_seconds))
    return parts


def _marked(marked: Marked) -> list[Expression]:
    if marked.done:
        after_unmark = {"$max": [marked.at, {"$add": ["$unmarked_at", 1]}]}
        return [{"completed_at": {"$min": ["$completed_at", after_unmark]}}]
    # Clocks of players may run ahead by seconds; the unmark forgets all the record has heard.
    moment = {"$max": [marked.at, "$unmarked_at", "$completed_at", "$last_watched"]}
    return [{"unmarked_at": moment, "completed_at": None}]


def _newest_place(report: Report) -> Expression:
    """Newest ``observed_at`` wins, ties go to the larger position; a low start ranks below all."""
    at, position, duration = report.observed_at, report.position_seconds, report.duration_seconds
    is_restart = {"$and": ["$restart_at", {"$eq": ["$restart_at", "$last_watched"]}]}
    held_ranks = {"$or": [{"$gte": ["$watch_time", LOW_POSITION_SECONDS]}, is_restart]}
    later = {"$gt": [[at, position, duration], ["$last_watched", "$watch_time", "$total_duration"]]}
    yields = {"$not": [held_ranks]}
    newer = {"$or": [later, yields]} if report.ranks else {"$and": [yields, later]}
    place = {
        "watch_time": position,
        "total_duration": duration,
        "progress_percentage": round(report.percent, 2),
        "last_watched": at,
    }
    won: Expression = {"$cond": [newer, place, {}]}
    if report.kind == "restart" and position < LOW_POSITION_SECONDS:
        return {"$mergeObjects": [won, {"restart_at": {"$max": ["$restart_at", at]}}]}
    return won


def _newest_places_of_devices(report: Report) -> Expression:
    """Per device its newest place, the latest devices first, a bounded number of them.

    The fields stand in the order they are compared by, so that ``$max`` and the sort need no key.
    """
    place = {
        "ranks": report.ranks,
        "observed_at": report.observed_at,
        "watch_time": report.position_seconds,
        "furthest_time": report.furthest_seconds,
        "played_seconds": report.played_seconds,
        "session_id": report.session_id,
        "playing": report.kind == "heartbeat",
        "device_id": report.device_id,
    }
    held = {"$ifNull": ["$devices", []]}
    is_mine = {"$eq": ["$$this.device_id", report.device_id]}
    mine = {"$filter": {"input": held, "as": "this", "cond": is_mine}}
    others = {"$filter": {"input": held, "as": "this", "cond": {"$not": [is_mine]}}}
    newest_mine = {"$max": [{"$first": mine}, place]}
    everyone = {"$concatArrays": [others, [newest_mine]]}
    return {"$slice": [{"$sortArray": {"input": everyone, "sortBy": -1}}, MAX_DEVICES]}


def _earliest_completion(at: datetime) -> Expression:
    """Sticky and earliest; what was observed before the last unmark no longer counts."""
    counts = {"$gt": [at, "$unmarked_at"]}
    return {"$cond": [counts, {"$min": ["$completed_at", at]}, "$completed_at"]}
