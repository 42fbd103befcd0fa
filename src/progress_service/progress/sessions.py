"""Merges a report into the sessions of a record, as update expressions.

A session is all reports with one ``session_id``; those without one belong to one session, whose
spans are unknown. What a session played only grows, so its reports can be merged in any order.
"""

from __future__ import annotations

from progress_service.domain.intervals import (
    JOIN_GAP_SECONDS,
    Span,
    merge_spans,
    snap_spans,
    total_seconds,
)
from progress_service.domain.progress import Report
from progress_service.mongo.expressions import Expression, let, union_of_few, union_of_many

MAX_SESSIONS = 20  # The newest ones.
MAX_SESSION_SPANS = 50  # What a report has more is snapped to a grid of twice as many cells.
_FEW = 3
_UNION_OF_FEW = union_of_few(2 * MAX_SESSION_SPANS)
_UNION_OF_MANY = union_of_many(2 * MAX_SESSION_SPANS)


def has_session(report: Report) -> bool:
    """True when *report* says anything about a session."""
    return report.session_id is not None or report.played_seconds is not None


def merged_sessions(report: Report) -> Expression:
    """The sessions of the record after *report*, the newest first, at most `MAX_SESSIONS`."""
    is_mine = {"$eq": ["$$this.session_id", report.session_id]}
    variables = {
        "sessions": {"$ifNull": ["$sessions", []]},
        "mine": {
            "$first": {
                "$filter": {"input": {"$ifNull": ["$sessions", []]}, "as": "this", "cond": is_mine}
            }
        },
    }
    others = {"$filter": {"input": "$$sessions", "as": "this", "cond": {"$not": [is_mine]}}}
    everyone = {"$concatArrays": [[_merged(report)], others]}
    newest = {"$slice": [{"$sortArray": {"input": everyone, "sortBy": -1}}, MAX_SESSIONS]}
    return let(variables, newest)


def _merged(report: Report) -> Expression:
    """The session of *report*. Sorted as a whole, so the time comes first."""
    spans = session_spans(report)
    seconds = max(report.played_seconds or 0.0, round(total_seconds(spans), 3))
    return {
        "observed_at": {"$max": ["$$mine.observed_at", report.observed_at]},
        "session_id": report.session_id,
        "played_seconds": {"$max": ["$$mine.played_seconds", seconds]},
        "spans": _united(spans),
    }


def session_spans(report: Report) -> tuple[Span, ...]:
    """What the session has played, in at most `MAX_SESSION_SPANS` spans."""
    fine = merge_spans(report.played, join_gap_seconds=JOIN_GAP_SECONDS)
    if report.session_id is None:
        return ()
    if len(fine) <= MAX_SESSION_SPANS:
        return fine
    cells = 2 * MAX_SESSION_SPANS
    return snap_spans(fine, length_seconds=report.duration_seconds, cells=cells)


def _united(spans: tuple[Span, ...]) -> Expression:
    """*spans* united with those of the session so far.

    A player sends all that it has played in the session, so they usually contain the earlier ones.
    Only for others the union is computed; beyond the maximum, the larger of both is kept.
    """
    new = {"$literal": spans}
    if not spans:
        return {"$ifNull": ["$$mine.spans", []]}
    held = {"$ifNull": ["$$mine.spans", []]}
    union = _UNION_OF_FEW if len(spans) <= _FEW else _UNION_OF_MANY
    united = let({"held": "$$mine.spans", "new": new, "gap": JOIN_GAP_SECONDS}, union)
    fits = {"$lte": [{"$size": "$$united"}, 2 * MAX_SESSION_SPANS]}
    bounded = let({"united": united}, {"$cond": [fits, "$$united", new]})
    return {"$cond": [_contains(spans, held), new, bounded]}


def _contains(spans: tuple[Span, ...], held: Expression) -> Expression:
    """True when *spans* certainly contain those *held*: the same ones, the last one longer."""
    *before, (start, _) = spans
    last = {"$last": held}
    return {
        "$or": [
            {"$eq": [held, []]},
            {
                "$and": [
                    {"$eq": [{"$slice": [held, len(before)]}, {"$literal": before}]}
                    if before
                    else True,
                    {"$eq": [{"$size": held}, len(spans)]},
                    {"$gte": [{"$first": last}, start]},
                    {"$lte": [{"$last": last}, spans[-1][1]]},
                ]
            },
        ]
    }
