"""Aggregation expressions that updates are built of: the union of spans, and newest-wins.

A span is ``[start, end]``. All of them run inside the database, in one atomic update.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument

Expression = Any
"""A MongoDB aggregation expression."""

CONVERSION_FAILURE = 241
FAIL: Expression = {"$toInt": {"$type": "$_id"}}
"""Fails the update with `CONVERSION_FAILURE`: never a number, but only the database finds out."""


def encoded(expression: Expression) -> Expression:
    """A constant *expression*, encoded here once instead of for each update that contains it."""
    return RawBSONDocument(bson.encode(expression))


def let(variables: dict[str, Expression], result: Expression) -> Expression:
    """*result*, which may use the *variables*."""
    return {"$let": {"vars": variables, "in": result}}


def in_seconds(seconds: float) -> Expression:
    """That many seconds from now, by the clock of the database."""
    return {"$add": ["$$NOW", int(seconds * 1_000)]}


def is_newer(values: Sequence[Any], fields: Sequence[str]) -> Expression:
    """True when *values* come after the stored *fields*, compared one after another."""
    return {"$gt": [list(values), [f"${name}" for name in fields]]}


def newest_wins(condition: Expression, values: dict[str, Any]) -> Expression:
    """The fields *values* where *condition* holds, else no fields."""
    return {"$cond": [condition, values, {}]}


def total_of(spans: Expression) -> Expression:
    """Seconds covered by the disjoint *spans*, to the millisecond."""
    length = {"$subtract": [{"$last": "$$this"}, {"$first": "$$this"}]}
    return {"$round": [{"$sum": {"$map": {"input": spans, "in": length}}}, 3]}


def values_of(document: Expression) -> Expression:
    """The values of a *document*, in order; an empty array for none."""
    pairs = {"$objectToArray": {"$ifNull": [document, {}]}}
    return {"$map": {"input": pairs, "as": "pair", "in": "$$pair.v"}}


def union_of_few() -> Expression:
    """``$$held``, disjoint and sorted, united with each span of ``$$new``.

    Gaps of at most ``$$gap`` are closed. Cheaper than `union_of_many` for up to three new spans.
    """
    distance = {
        "$max": [
            {"$subtract": [{"$first": "$$span"}, {"$last": "$$this"}]},
            {"$subtract": [{"$first": "$$this"}, {"$last": "$$span"}]},
        ]
    }
    absorbed = _filter("$$value", {"$lte": [distance, "$$gap"]})
    absorbing = [
        {"$min": [{"$first": "$$this"}, {"$first": {"$first": "$$absorbed"}}]},
        {"$max": [{"$last": "$$this"}, {"$last": {"$last": "$$absorbed"}}]},
    ]
    others = {"$setDifference": ["$$value", "$$absorbed"]}
    united = {"$sortArray": {"input": {"$concatArrays": [others, [absorbing]]}, "sortBy": 1}}
    return {
        "$reduce": {
            "input": "$$new",
            "initialValue": "$$held",
            "in": let({"absorbed": absorbed}, united),
        }
    }


def union_of_many(max_spans: int) -> Expression:
    """Like `union_of_few`, for any number of new spans.

    With the starts and the ends sorted separately, the union has a gap exactly where the next start
    lies beyond the end of the same rank. A gap is the pair of that end and that start.
    """
    next_starts = {"$slice": ["$$starts", 1, max_spans]}
    gaps = _filter(
        {"$zip": {"inputs": ["$$ends", next_starts]}},
        _is_beyond({"$last": "$$span"}, {"$first": "$$span"}),
    )
    starts = {
        "$concatArrays": [
            {"$slice": ["$$starts", 1]},
            {"$map": {"input": "$$gaps", "in": {"$last": "$$this"}}},
        ]
    }
    ends = {
        "$concatArrays": [
            {"$map": {"input": "$$gaps", "in": {"$first": "$$this"}}},
            {"$slice": ["$$ends", -1]},
        ]
    }
    edges = {"starts": _sorted_edges("$first"), "ends": _sorted_edges("$last")}
    united = let(edges, let({"gaps": gaps}, {"$zip": {"inputs": [starts, ends]}}))
    return let({"all": {"$concatArrays": ["$$held", "$$new"]}}, united)


def _sorted_edges(of_span: str) -> Expression:
    edges = {"$map": {"input": "$$all", "as": "span", "in": {of_span: "$$span"}}}
    return {"$sortArray": {"input": edges, "sortBy": 1}}


def _filter(array: Expression, condition: Expression) -> Expression:
    return {"$filter": {"input": array, "as": "span", "cond": condition}}


def _is_beyond(start: Expression, end: Expression) -> Expression:
    return {"$gt": [{"$subtract": [start, end]}, "$$gap"]}
