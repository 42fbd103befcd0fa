"""`intervals.add_spans` as an update of the database, with a bounded cost for any record.

Whoever stores a report does not know what is stored already, so what it adds stands in the update
twice: as it is, and on the grid. The update fails where something stored would have to be snapped:
when the result needs the grid, or when it meets a grid of another length. `replaced` is for those.
"""

from __future__ import annotations

from typing import Any

from progress_service.domain.intervals import (
    JOIN_GAP_SECONDS,
    MAX_STORED_SPANS,
    Coverage,
    Span,
    merge_spans,
    snap_spans,
    total_seconds,
)

Expression = Any
"""A MongoDB aggregation expression."""

FAILED = 241  # ConversionFailure
_FAIL: Expression = {"$toInt": {"$type": "$_id"}}  # Never a number, and not known beforehand.
_GRID = "$watched_grid_seconds"
_FEW = 3  # Folding so many in one by one is cheaper than sorting.


def added(spans: tuple[Span, ...], *, length_seconds: float) -> Expression:
    """The fields of the record after *spans* were seen as well, of a video of that length.

    Fails with the code `FAILED` where the result would need the grid, and where the record has
    one of another length.
    """
    fine = merge_spans(spans, join_gap_seconds=JOIN_GAP_SECONDS)
    snapped = snap_spans(fine, length_seconds=length_seconds)
    on_grid = {"$cond": [{"$eq": [_GRID, length_seconds]}, {"$literal": snapped}, _FAIL]}
    variables = {
        "held": {"$ifNull": ["$watched_spans", []]},
        "new": {"$cond": [_GRID, on_grid, {"$literal": fine}]},
        "gap": {"$cond": [_GRID, 0, JOIN_GAP_SECONDS]},  # Cells need no rounding.
    }
    return _let(variables, _let({"spans": _FOLDED if len(fine) <= _FEW else _SORTED}, _FIELDS))


def replaced(before: Coverage, after: Coverage) -> Expression:
    """The fields of *after*, where the record still holds *before*; else it fails with `FAILED`."""
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
    return {"$cond": [is_unchanged, fields, _FAIL]}


def total_of(spans: str) -> Expression:
    """Seconds covered by the disjoint *spans*, to the millisecond."""
    each = {"$subtract": [{"$last": "$$this"}, {"$first": "$$this"}]}
    return {"$round": [{"$sum": {"$map": {"input": spans, "in": each}}}, 3]}


def _let(variables: dict[str, Expression], result: Expression) -> Expression:
    return {"$let": {"vars": variables, "in": result}}


def _elements(array: Expression, condition: Expression) -> Expression:
    return {"$filter": {"input": array, "as": "span", "cond": condition}}


def _lies_beyond(start: Expression, end: Expression) -> Expression:
    return {"$gt": [{"$subtract": [start, end]}, "$$gap"]}


# Each new span takes in the held ones between those that end before it and those that begin after.
_FOLDED: Expression = {
    "$reduce": {
        "input": "$$new",
        "initialValue": "$$held",
        "in": _let(
            {
                "before": _elements(
                    "$$value", _lies_beyond({"$first": "$$this"}, {"$last": "$$span"})
                ),
                "not_after": _elements(
                    "$$value", {"$not": [_lies_beyond({"$first": "$$span"}, {"$last": "$$this"})]}
                ),
            },
            {
                "$concatArrays": [
                    "$$before",
                    [
                        [
                            {
                                "$min": [
                                    {"$first": "$$this"},
                                    {
                                        "$first": {
                                            "$arrayElemAt": ["$$value", {"$size": "$$before"}]
                                        }
                                    },
                                ]
                            },
                            {"$max": [{"$last": "$$this"}, {"$last": {"$last": "$$not_after"}}]},
                        ]
                    ],
                    {"$slice": ["$$value", {"$size": "$$not_after"}, 2 * MAX_STORED_SPANS]},
                ]
            },
        ),
    }
}


def _sorted_edges(of_span: str) -> Expression:
    edges = {"$map": {"input": "$$all", "as": "span", "in": {of_span: "$$span"}}}
    return {"$sortArray": {"input": edges, "sortBy": 1}}


# With the starts and the ends sorted apart, the union breaks exactly where the next start lies
# beyond the end of the same rank. A break is the pair of that end and that start.
_SORTED: Expression = _let(
    {"all": {"$concatArrays": ["$$held", "$$new"]}},
    _let(
        {"starts": _sorted_edges("$first"), "ends": _sorted_edges("$last")},
        _let(
            {
                "breaks": _elements(
                    {
                        "$zip": {
                            "inputs": [
                                "$$ends",
                                {"$slice": ["$$starts", 1, 2 * MAX_STORED_SPANS]},
                            ]
                        }
                    },
                    _lies_beyond({"$last": "$$span"}, {"$first": "$$span"}),
                )
            },
            {
                "$zip": {
                    "inputs": [
                        {
                            "$concatArrays": [
                                {"$slice": ["$$starts", 1]},
                                {"$map": {"input": "$$breaks", "in": {"$last": "$$this"}}},
                            ]
                        },
                        {
                            "$concatArrays": [
                                {"$map": {"input": "$$breaks", "in": {"$first": "$$this"}}},
                                {"$slice": ["$$ends", -1]},
                            ]
                        },
                    ]
                }
            },
        ),
    ),
)

_FIELDS: Expression = {
    "$cond": [
        {"$gt": [{"$size": "$$spans"}, MAX_STORED_SPANS]},
        _FAIL,
        {"watched_spans": "$$spans", "watched_seconds": total_of("$$spans")},
    ]
}
