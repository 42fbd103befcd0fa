"""Sessions of a record as database expressions: merges a report into them, and reads them.

A session is all reports with one ``session_id``; those without one belong to one session, whose
spans are unknown. What a session played only grows, so its reports can be merged in any order. An
update names only the session and the starts of the report's spans, so it costs little.
"""

from __future__ import annotations

from progress_service.domain.intervals import JOIN_GAP_SECONDS
from progress_service.domain.progress import Report
from progress_service.mongo.expressions import (
    FAIL,
    Expression,
    encoded,
    let,
    total_of,
    union_of_many,
    values_of,
)
from progress_service.progress.session_forms import (
    MAX_SESSIONS,
    Sessions,
    session_key,
    session_of,
)

MAX_STORED_SESSIONS = 2 * MAX_SESSIONS  # More need compacting, as do more bytes than
MAX_STORED_BYTES = 120_000  # twice as many as compacted sessions have.


def has_session(report: Report) -> bool:
    """True when *report* says anything about a session."""
    return report.session_id is not None or report.played_seconds is not None


def merged_sessions(report: Report) -> Expression:
    """The sessions of the record after *report*; fails with `FAILED` if they need compacting."""
    key, new = session_key(report.session_id), session_of(report)
    path = f"$sessions.{key}"
    spans = {
        start: {"$max": [f"{path}.spans.{start}", {"$literal": span}]}
        for start, span in new["spans"].items()
    }
    session = {
        "observed_at": {"$max": [f"{path}.observed_at", new["observed_at"]]},
        "played_seconds": {"$max": [f"{path}.played_seconds", new["played_seconds"]]},
        "spans": {"$mergeObjects": [f"{path}.spans", spans]},
    }
    return {"$cond": [_IS_FULL, FAIL, {"$mergeObjects": ["$sessions", {key: session}]}]}


_NUMBER: Expression = {"$size": {"$objectToArray": {"$ifNull": ["$sessions", {}]}}}
_IS_FULL = encoded(
    {
        "$or": [
            {"$gt": [_NUMBER, MAX_STORED_SESSIONS]},
            {"$gt": [{"$bsonSize": "$sessions"}, MAX_STORED_BYTES]},
        ]
    }
)


def replaced(before: Sessions, after: Sessions) -> Expression:
    """*after* if the record still has the sessions *before*; otherwise fails with `FAILED`."""
    is_unchanged = {"$eq": [{"$ifNull": ["$sessions", {}]}, {"$literal": before}]}
    return {"$cond": [is_unchanged, {"$literal": after}, FAIL]}


def newest_sessions() -> Expression:
    """The `MAX_SESSIONS` newest sessions of a record as ``[{seconds, spans}]``.

    ``spans`` are disjoint and sorted, and ``seconds`` also counts what was played again.
    """
    newest_first = {"$sortArray": {"input": "$$all", "sortBy": -1}}  # The time comes first.
    newest = {
        "$cond": [
            {"$gt": [{"$size": "$$all"}, MAX_SESSIONS]},
            {"$slice": [newest_first, MAX_SESSIONS]},
            "$$all",
        ]
    }
    seconds = {"$max": ["$$session.played_seconds", total_of("$$spans"), 0]}
    session = let({"spans": _disjoint_spans()}, {"spans": "$$spans", "seconds": seconds})
    return let(
        {"all": values_of("$sessions")},
        {"$map": {"input": newest, "as": "session", "in": session}},
    )


def _disjoint_spans() -> Expression:
    union = union_of_many(MAX_STORED_BYTES)  # No array has so many elements.
    several = let({"held": "$$stored", "new": [], "gap": JOIN_GAP_SECONDS}, union)
    return let(
        {"stored": values_of("$$session.spans")},
        {"$cond": [{"$lte": [{"$size": "$$stored"}, 1]}, "$$stored", several]},
    )
