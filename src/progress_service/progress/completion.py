"""Completion as update expressions: the earliest moment by any rule; the furthest percentage."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from progress_service.domain.catalog import Threshold
from progress_service.domain.progress import PERCENT_EPSILON, Report
from progress_service.mongo.expressions import Expression, encoded

MAX_CACHED_RULES = 256  # Courses have few different thresholds.


def _furthest(report: Report) -> Expression:
    """The furthest percentage of reports below the threshold, ever and since the last unmark."""
    at, percent = report.observed_at, report.percent
    is_later = {"$gt": [at, {"$ifNull": ["$unmarked_at", at]}]}
    since_unmark = {"$max": ["$furthest_since_unmark", percent]}
    return {
        "furthest_percentage": {"$max": ["$furthest_percentage", percent]},
        "furthest_since_unmark": {"$cond": [is_later, since_unmark, "$$REMOVE"]},
    }


def furthest_or_completed_by_rule(report: Report, threshold: Threshold) -> Expression:
    """Keep a record completed that its threshold completed; else merge the furthest percentage."""
    furthest = _furthest(report)
    if not threshold.lowered:
        return {"$cond": [_has_reached(threshold.percent), _COMPLETED_BY_TODAYS_RULE, furthest]}
    at = completed_by_rule(threshold)
    return {"$cond": [at, {"$mergeObjects": [furthest, {"completed_at": at}]}, furthest]}


@lru_cache(MAX_CACHED_RULES)
def completed_by_rule(threshold: Threshold) -> Expression:
    """`current_state.completed_by_rule` for a stored record that is not completed; null if none.

    The merge must store this time, because it overwrites the data that the rule uses.
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
    return encoded({"$gte": [reached, percent - PERCENT_EPSILON]})


_NEWEST_TIME: Expression = {"$ifNull": ["$last_watched", "$stored_at"]}
_COMPLETED_BY_TODAYS_RULE = encoded(
    {"completed_at": {"$ifNull": ["$completed_at", "$last_watched", "$stored_at"]}}
)


def earliest_completion(at: datetime) -> Expression:
    """The earliest time, never removed; times up to the last unmark do not count."""
    is_after_unmark = {"$gt": [at, "$unmarked_at"]}
    return {"$cond": [is_after_unmark, {"$min": ["$completed_at", at]}, "$completed_at"]}
