"""The merge: what one change does to one record, as one atomic upsert.

Every part of a record merges by a rule that gives the same record in whatever order and however
often changes arrive, so devices, retries, offline queues and workers need no locks. The rules stand
here only. The filter is plain equality on the unique key, because the server then repeats a lost
race between two first reports by itself; all "newer wins" logic lives in the update pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from progress_service.domain.catalog import Threshold, ThresholdChange
from progress_service.domain.intervals import Coverage
from progress_service.domain.progress import (
    LOW_POSITION_SECONDS,
    PERCENT_EPSILON,
    Report,
)
from progress_service.mongo.writes import Statement
from progress_service.progress import coverage

MAX_DEVICES = 8
MAX_CACHED_RULES = 256  # Courses share a few thresholds.

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
    lowered: tuple[ThresholdChange, ...] = ()

    @property
    def added(self) -> Coverage:
        """What this change adds to what was seen."""
        return Coverage(self.report.played) if self.coverage is None else self.coverage


@dataclass(frozen=True, slots=True)
class Marked:
    """The student's own word that a material is done, or that it is not.

    ``threshold`` is that of a video: what it completed before the mark was done then.
    """

    student_id: str
    material_id: str
    course_id: str
    done: bool
    at: datetime
    threshold: Threshold | None = None


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
    threshold = Threshold(seen.threshold_percent, seen.lowered)
    if report.reaches(seen.threshold_percent):
        earliest = _earliest_completion(report.observed_at)
        parts.append({"completed_at": {"$min": [earliest, _completed_by_rule(threshold)]}})
    else:
        parts.append(_furthest_or_completed_by_rule(report, threshold))
    if watched is not None:
        parts.append(watched)
    elif spans := seen.added.spans:
        parts.append(coverage.added(spans, length_seconds=report.duration_seconds))
    return parts


def _marked(marked: Marked) -> list[Expression]:
    if marked.done:
        after_unmark = {"$max": [marked.at, {"$add": ["$unmarked_at", 1]}]}
        moments = ["$completed_at", after_unmark]
        if marked.threshold is not None:
            moments.append(_completed_by_rule(marked.threshold))
        return [{"completed_at": {"$min": moments}}]
    # Clocks of players may run ahead by seconds; the unmark forgets all the record has heard.
    moment = {"$max": [marked.at, "$unmarked_at", "$completed_at", "$last_watched"]}
    return [{"unmarked_at": moment, "completed_at": None, "furthest_since_unmark": None}]


def _furthest(report: Report) -> Expression:
    """How far reports got that completed nothing, in all and since the last unmark."""
    at, percent = report.observed_at, report.percent
    is_later = {"$gt": [at, {"$ifNull": ["$unmarked_at", at]}]}
    since_unmark = {"$max": ["$furthest_since_unmark", percent]}
    return {
        "furthest_percentage": {"$max": ["$furthest_percentage", percent]},
        "furthest_since_unmark": {"$cond": [is_later, since_unmark, "$$REMOVE"]},
    }


def _furthest_or_completed_by_rule(report: Report, threshold: Threshold) -> Expression:
    """A record that a rule completed has got further than a report that completes nothing."""
    furthest = _furthest(report)
    if not threshold.lowered:
        return {"$cond": [_has_reached(threshold.percent), _COMPLETED_BY_TODAYS_RULE, furthest]}
    at = _completed_by_rule(threshold)
    return {"$cond": [at, {"$mergeObjects": [furthest, {"completed_at": at}]}, furthest]}


@lru_cache(MAX_CACHED_RULES)
def _completed_by_rule(threshold: Threshold) -> Expression:
    """`current_state.completed_by_rule` of a stored record that is open; null without one.

    Whoever merges a change stores it: the record then no longer says when it got how far.
    """
    by_change = [
        {
            "$cond": [
                {
                    "$and": [
                        _has_reached(change.percent),
                        {"$lte": ["$stored_at", change.stored_until]},
                    ]
                },
                change.at,
                None,
            ]
        }
        for change in threshold.lowered
    ]
    by_today = {"$cond": [_has_reached(threshold.percent), _NEWEST_TIME, None]}
    by_rule = {"$ifNull": [*by_change, by_today]} if by_change else by_today
    return {"$cond": ["$completed_at", None, by_rule]}


@lru_cache(MAX_CACHED_RULES)
def _has_reached(percent: float) -> Expression:
    reached = {"$cond": ["$unmarked_at", "$furthest_since_unmark", "$furthest_percentage"]}
    return {"$gte": [reached, percent - PERCENT_EPSILON]}


_NEWEST_TIME: Expression = {"$ifNull": ["$last_watched", "$stored_at"]}
_COMPLETED_BY_TODAYS_RULE: Expression = {
    "completed_at": {"$ifNull": ["$completed_at", "$last_watched", "$stored_at"]}
}


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
