"""Aggregation stages that count a group of learners and one video, in the database.

What a learner adds to a curve is a list of *runs*: parts ``[first, end)``. A run is counted where
it begins and where it ends, and the curve is the running total. So the cost depends on what
learners did, and not on the number of parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from progress_service.analytics.own_records import IS_OWN
from progress_service.analytics.runs import parts_played, played_by_several
from progress_service.domain.catalog import Threshold
from progress_service.domain.class_counts import (
    START_SECONDS,
    VIEWER_SECONDS,
    part_count,
    view_seconds,
)
from progress_service.mongo.expressions import Expression
from progress_service.progress.completion import completed_by_rule
from progress_service.progress.sessions import newest_sessions

Stages = list[dict[str, Any]]
CURVES = ("seen", "heat", "replayers", "exits", "survival")
_KEYS_PER_EDGE = 1_000  # More than there are parts.


@dataclass(frozen=True, slots=True)
class CountedVideo:
    """The video to count, with the length and threshold that apply."""

    material_id: str
    duration_seconds: float
    threshold: Threshold

    @property
    def parts(self) -> int:
        """How many parts its curves have."""
        return part_count(self.duration_seconds)


def begin_key(curve: str) -> int:
    """The number that stands for a run of *curve* that begins with part 0; part *i* adds *i*."""
    return 2 * CURVES.index(curve) * _KEYS_PER_EDGE


def end_key(curve: str) -> int:
    """The number that stands for a run of *curve* that ends before part 0; part *i* adds *i*."""
    return begin_key(curve) + _KEYS_PER_EDGE


def count_learners(
    video: CountedVideo, student_ids: Sequence[str], *, newest: int, since: Sequence[datetime]
) -> Stages:
    """Stages over ``watch_progress`` that result in one document with three lists.

    ``sums``: at most one document with the scalars of `ClassCounts`, ``newest`` (the newest
    ``stored_at``, that many) and ``unchanged_0``… (records stored at or before each of *since*).
    ``steps``: ``{_id: key of a run's edge, n: how many}``. ``foreign``: ``{student_id}`` of records
    that another program wrote; they are not counted.
    """
    unchanged = {
        f"unchanged_{i}": _number_of({"$lte": ["$stored_at", at]}) for i, at in enumerate(since)
    }
    is_own = {"is_foreign": {"$ne": True}}
    return [
        {"$match": {"student_id": {"$in": list(student_ids)}, "material_id": video.material_id}},
        *foreign_apart(),
        {"$project": _learner(video)},
        {"$set": {"played": _parts_of_each_session(video)}},
        {"$set": {"keys": _keys(video), "starts": _sessions_of(START_SECONDS)}},
        {
            "$facet": {
                "sums": [
                    {"$match": is_own},
                    {"$group": {"_id": None, **_sums(video), **unchanged, **_newest(newest)}},
                ],
                "steps": [
                    {"$project": {"_id": 0, "keys": 1}},
                    {"$unwind": "$keys"},
                    {"$group": {"_id": "$keys", "n": {"$sum": 1}}},
                ],
                "foreign": [
                    {"$match": {"is_foreign": True}},
                    {"$project": {"_id": 0, "student_id": 1}},
                ],
            }
        },
    ]


def foreign_apart() -> Stages:
    """Reduce records that another program wrote to their key, with ``is_foreign``."""
    foreign = {
        "student_id": "$student_id",
        "material_id": "$material_id",
        "is_foreign": {"$literal": True},
    }
    return [{"$replaceWith": {"$cond": [IS_OWN, "$$ROOT", foreign]}}]


IS_VIEWER: Expression = {
    "$or": [
        {"$gte": ["$watched_seconds", VIEWER_SECONDS]},
        {
            "$and": [
                {"$eq": [{"$ifNull": ["$watched_spans", []]}, []]},
                {"$gte": ["$watch_time", VIEWER_SECONDS]},
            ]
        },
    ]
}
"""True for a record of a learner who counts as a viewer of the video."""


def _learner(video: CountedVideo) -> dict[str, Expression]:
    """The values of one record that everything is counted from."""
    length = video.duration_seconds
    # The percentage is of the length that the report stated.
    furthest_by_percent = {
        "$multiply": ["$furthest_percentage", {"$divide": ["$total_duration", 100]}]
    }
    furthest = [
        "$watch_time",
        "$furthest_time",
        furthest_by_percent,
        {"$last": {"$last": "$watched_spans"}},
        {"$max": "$devices.furthest_time"},
    ]
    return {
        "_id": 0,
        "student_id": 1,
        "is_foreign": 1,
        "is_viewer": IS_VIEWER,
        "stored_at": 1,
        "position": {"$min": [{"$ifNull": ["$watch_time", 0]}, length]},
        "furthest": {"$min": [{"$ifNull": [{"$max": furthest}, 0]}, length]},
        "watched_seconds": {"$min": [{"$ifNull": ["$watched_seconds", 0]}, length]},
        "spans": {"$ifNull": ["$watched_spans", []]},
        "is_completed": {
            "$gt": [{"$ifNull": ["$completed_at", completed_by_rule(video.threshold)]}, None]
        },
        "sessions": newest_sessions(),
    }


def _parts_of_each_session(video: CountedVideo) -> Expression:
    """A list of runs for each session."""
    runs = parts_played("$$session.spans", video)
    return {"$map": {"input": "$sessions", "as": "session", "in": runs}}


def _sessions_of(seconds: float) -> Expression:
    """How many sessions played at least that long."""
    enough = {"$gte": ["$$session.seconds", seconds]}
    return {"$size": {"$filter": {"input": "$sessions", "as": "session", "cond": enough}}}


def _sums(video: CountedVideo) -> dict[str, Expression]:
    return {
        "records": {"$sum": 1},
        "viewers": _number_of("$is_viewer"),
        "completed": _number_of("$is_completed"),
        "completed_viewers": _number_of({"$and": ["$is_viewer", "$is_completed"]}),
        "players": _number_of({"$gt": ["$starts", 0]}),
        "starts": {"$sum": "$starts"},
        "views": {"$sum": _sessions_of(view_seconds(video.duration_seconds))},
        "watch_seconds": {"$sum": {"$toDouble": {"$sum": "$sessions.seconds"}}},
        "watched_shares": {
            "$sum": {
                "$cond": [
                    "$is_viewer",
                    {"$toDouble": {"$divide": ["$watched_seconds", video.duration_seconds]}},
                    0,
                ]
            }
        },
    }


def _newest(number: int) -> dict[str, Expression]:
    return {"newest": {"$maxN": {"input": "$stored_at", "n": number}}}


def _number_of(condition: Expression) -> Expression:
    return {"$sum": {"$cond": [condition, 1, 0]}}


def _keys(video: CountedVideo) -> Expression:
    """A number for each edge of each run of the learner."""
    part_seconds = video.duration_seconds / video.parts
    part = {"$min": [{"$floor": {"$divide": ["$position", part_seconds]}}, video.parts - 1]}
    reached = {"$floor": {"$add": [{"$divide": ["$furthest", part_seconds]}, 1e-9]}}
    is_exit = {"$and": ["$is_viewer", {"$not": ["$is_completed"]}]}
    all_played = {"$reduce": {"input": "$played", "initialValue": [], "in": _JOINED}}
    several = {"$gt": [{"$size": "$played"}, 1]}
    return {
        "$concatArrays": [
            {"$cond": ["$is_viewer", _edges("seen", parts_played("$spans", video)), []]},
            _edges("heat", all_played),
            {"$cond": [several, _edges("replayers", played_by_several(all_played)), []]},
            {"$cond": [is_exit, [_shifted(part, begin_key("exits"))], []]},
            {"$cond": ["$is_viewer", [_shifted(reached, end_key("survival"))], []]},
        ]
    }


_JOINED: Expression = {"$concatArrays": ["$$value", "$$this"]}


def _edges(curve: str, runs: Expression) -> Expression:
    begin = _shifted({"$first": "$$run"}, begin_key(curve))
    end = _shifted({"$last": "$$run"}, end_key(curve))
    keys = {"$map": {"input": runs, "as": "run", "in": [begin, end]}}
    return {"$reduce": {"input": keys, "initialValue": [], "in": _JOINED}}


def _shifted(part: Expression, key: int) -> Expression:
    return {"$toInt": {"$add": [part, key]}}
