"""`intervals.add_spans` as a database update, with a bounded cost for any record.

The writer of a report does not know the stored spans. Almost no record is on a grid, so the usual
update fails for one. The next has the added spans on the grid; it fails where a stored span would
have to be snapped: when the result needs the grid, or when the record has a grid of another length.
`replaced` handles these cases.
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
    encoded,
    let,
    total_of,
    union_of_few,
    union_of_many,
)

FAILED = CONVERSION_FAILURE
_GRID = "$watched_grid_seconds"
_FEW = 3
_TOO_MANY: Expression = {"$gt": [{"$size": "$$spans"}, MAX_STORED_SPANS]}
_SPANS: Expression = {"watched_spans": "$$spans", "watched_seconds": total_of("$$spans")}
_FINE = encoded({"$cond": [{"$or": [_GRID, _TOO_MANY]}, FAIL, _SPANS]})
_ON_GRID = encoded({"$cond": [_TOO_MANY, FAIL, _SPANS]})
_HELD = encoded({"$ifNull": ["$watched_spans", []]})
_UNION_OF_FEW = encoded(union_of_few())
_UNION_OF_MANY = encoded(union_of_many(2 * MAX_STORED_SPANS))


def added(spans: tuple[Span, ...]) -> Expression:
    """The coverage fields of the record after *spans* are added.

    Fails with the code `FAILED` if the record or the result is on the grid.
    """
    fine = merge_spans(spans, join_gap_seconds=JOIN_GAP_SECONDS)
    return _united(fine, gap_seconds=JOIN_GAP_SECONDS, fields=_FINE)


def added_on_grid(spans: tuple[Span, ...], *, length_seconds: float) -> Expression:
    """The coverage fields after *spans* are added to a record on the grid of a video so long.

    Fails with the code `FAILED` if the record has another grid, or none.
    """
    fine = merge_spans(spans, join_gap_seconds=JOIN_GAP_SECONDS)
    snapped = snap_spans(fine, length_seconds=length_seconds)
    fields = _united(snapped, gap_seconds=0, fields=_ON_GRID)  # Cells need no rounding.
    return {"$cond": [{"$eq": [_GRID, length_seconds]}, fields, FAIL]}


def _united(spans: tuple[Span, ...], *, gap_seconds: float, fields: Expression) -> Expression:
    variables = {"held": _HELD, "new": {"$literal": spans}, "gap": gap_seconds}
    union = _UNION_OF_FEW if len(spans) <= _FEW else _UNION_OF_MANY
    return let({"spans": let(variables, union)}, fields)


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
