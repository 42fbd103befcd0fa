"""`intervals.add_spans` as a database update, with a bounded cost for any record.

The writer of a report does not know the stored spans, so the update contains the added spans twice:
as they are, and on the grid. The update fails where a stored span would have to be snapped: when
the result needs the grid, or when the record has a grid of another length. `replaced` handles these
cases.
"""

from __future__ import annotations

from progress_service.domain.intervals import (
    JOIN_GAP_SECONDS,
    MAX_STORED_SPANS,
    Coverage,
    Span,
    merge_spans,
    snap_spans,
    total_seconds,
)
from progress_service.mongo.expressions import (
    CONVERSION_FAILURE,
    FAIL,
    Expression,
    let,
    total_of,
    union_of_few,
    union_of_many,
)

FAILED = CONVERSION_FAILURE
_GRID = "$watched_grid_seconds"
_FEW = 3
_UNION_OF_FEW = union_of_few()
_UNION_OF_MANY = union_of_many(2 * MAX_STORED_SPANS)
_FIELDS: Expression = {
    "$cond": [
        {"$gt": [{"$size": "$$spans"}, MAX_STORED_SPANS]},
        FAIL,
        {"watched_spans": "$$spans", "watched_seconds": total_of("$$spans")},
    ]
}


def added(spans: tuple[Span, ...], *, length_seconds: float) -> Expression:
    """The coverage fields of the record after *spans* are added, for a video of that length.

    Fails with the code `FAILED` if the result needs the grid, or if the record has a grid of
    another length.
    """
    fine = merge_spans(spans, join_gap_seconds=JOIN_GAP_SECONDS)
    snapped = snap_spans(fine, length_seconds=length_seconds)
    on_grid = {"$cond": [{"$eq": [_GRID, length_seconds]}, {"$literal": snapped}, FAIL]}
    variables = {
        "held": {"$ifNull": ["$watched_spans", []]},
        "new": {"$cond": [_GRID, on_grid, {"$literal": fine}]},
        "gap": {"$cond": [_GRID, 0, JOIN_GAP_SECONDS]},  # Cells need no rounding.
    }
    union = _UNION_OF_FEW if len(fine) <= _FEW else _UNION_OF_MANY
    return let(variables, let({"spans": union}, _FIELDS))


def replaced(before: Coverage, after: Coverage) -> Expression:
    """The fields of *after* if the record still has *before*; otherwise fails with `FAILED`."""
    is_unchanged = {
        "$and": [
            {"$eq": [{"$ifNull": ["$watched_spans", []]}, {"$literal": before.spans}]},
            {"$eq": [{"$ifNull": [_GRID, None]}, before.grid_seconds]},
        ]
    }
    fields: dict[str, Expression] = {
        "watched_spans": {"$literal": after.spans},
        "watched_seconds": round(total_seconds(after.spans), 3),
    }
    if after.grid_seconds is not None:
        fields["watched_grid_seconds"] = after.grid_seconds
    return {"$cond": [is_unchanged, fields, FAIL]}
