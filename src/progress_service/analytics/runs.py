"""Runs of parts, as aggregation expressions: which parts spans cover, and which overlap.

A run is ``[first part, part after the last]``.
"""

from __future__ import annotations

from typing import Protocol

from progress_service.domain.class_counts import MIN_PART_SHARE
from progress_service.mongo.expressions import Expression, let

_EPSILON = 1e-9  # Exactly half of a part may be a little less in binary.


class Parts(Protocol):
    """A video in equal parts."""

    @property
    def duration_seconds(self) -> float: ...

    @property
    def parts(self) -> int: ...


def parts_played(spans: Expression, video: Parts) -> Expression:
    """The runs of parts of which at least half lies in the disjoint *spans*.

    The parts inside a span are covered. Those at its edges may be covered by several spans.
    """
    part_seconds = video.duration_seconds / video.parts
    # Spans of a video that is shorter now may lie beyond its end.
    first = {"$min": [{"$floor": {"$divide": [{"$first": "$$span"}, part_seconds]}}, video.parts]}
    after_last = {"$ceil": {"$divide": [{"$last": "$$span"}, part_seconds]}}
    touched = {
        "$map": {
            "input": spans,
            "as": "span",
            "in": [first, {"$min": [{"$subtract": [after_last, 1]}, video.parts - 1]}],
        }
    }
    inner = {
        "$map": {
            "input": "$$touched",
            "as": "ends",
            "in": [{"$add": [{"$first": "$$ends"}, 1]}, {"$last": "$$ends"}],
        }
    }
    at_edges = {"$reduce": {"input": "$$touched", "initialValue": [], "in": _UNITED}}
    enough = part_seconds * MIN_PART_SHARE - _EPSILON
    covered = {
        "$filter": {
            "input": at_edges,
            "as": "part",
            "cond": {"$gte": [_seconds_within("$$part", spans, part_seconds), enough]},
        }
    }
    single = {"$map": {"input": covered, "as": "part", "in": ["$$part", {"$add": ["$$part", 1]}]}}
    runs = {"$concatArrays": [_not_empty(inner), single]}
    return {"$cond": [{"$eq": [spans, []]}, [], let({"touched": touched}, runs)]}


_UNITED: Expression = {"$setUnion": ["$$value", "$$this"]}


def _seconds_within(part: Expression, spans: Expression, part_seconds: float) -> Expression:
    begin = {"$multiply": [part, part_seconds]}
    end = {"$multiply": [{"$add": [part, 1]}, part_seconds]}
    overlap = {
        "$subtract": [
            {"$min": [{"$last": "$$span"}, end]},
            {"$max": [{"$first": "$$span"}, begin]},
        ]
    }
    return {
        "$sum": {"$map": {"input": spans, "as": "span", "in": {"$max": [overlap, 0]}}},
    }


def played_by_several(runs: Expression) -> Expression:
    """The disjoint runs of parts that lie in at least two of *runs*.

    With all first parts and all ends sorted, a part lies in two runs where a run begins before the
    end that has the rank before: ``[begin 2, end 1)``, ``[begin 3, end 2)`` and so on.
    """
    begins, ends = _sorted(runs, "$first"), _sorted(runs, "$last")
    from_second = {"$slice": [begins, 1, {"$max": [{"$size": runs}, 1]}]}
    doubled = _not_empty({"$zip": {"inputs": [from_second, ends]}})
    last_end = {"$last": {"$last": "$$value"}}
    # Both edges rise from run to run, so a run overlaps only the one before it.
    joined = {
        "$concatArrays": [
            {"$slice": ["$$value", {"$subtract": [{"$size": "$$value"}, 1]}]},
            [[{"$first": {"$last": "$$value"}}, {"$last": "$$this"}]],
        ]
    }
    return {
        "$reduce": {
            "input": doubled,
            "initialValue": [],
            "in": {
                "$cond": [
                    {"$and": ["$$value", {"$lte": [{"$first": "$$this"}, last_end]}]},
                    joined,
                    {"$concatArrays": ["$$value", ["$$this"]]},
                ]
            },
        }
    }


def _sorted(runs: Expression, edge: str) -> Expression:
    edges = {"$map": {"input": runs, "as": "run", "in": {edge: "$$run"}}}
    return {"$sortArray": {"input": edges, "sortBy": 1}}


def _not_empty(runs: Expression) -> Expression:
    is_one = {"$lt": [{"$first": "$$run"}, {"$last": "$$run"}]}
    return {"$filter": {"input": runs, "as": "run", "cond": is_one}}
