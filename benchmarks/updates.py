"""Durable watch-time updates: against storing nothing, the obvious way, and mongod's own limit."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any

from pymongo import MongoClient
from pymongo.write_concern import WriteConcern

from benchmarks.figures import Figure, at_least, at_most
from benchmarks.learners import student_id, video_id
from benchmarks.load import Load, in_turns, typical
from benchmarks.records import Records, a_change, merge_group
from benchmarks.stage import STUDENTS, VIDEOS, Effort, Stage
from progress_service.mongo.schema import WATCH_PROGRESS

GROUP = 64
DURABLE = WriteConcern(w="majority", j=True)


def measure(stage: Stage, effort: Effort) -> list[Figure]:
    """The rows of updates."""
    with MongoClient[dict[str, Any]](stage.database.uri) as client:
        records = client["direct"].get_collection(WATCH_PROGRESS, write_concern=DURABLE)
        records.create_index([("student_id", 1), ("material_id", 1)], unique=True)
        return [*_many_at_once(stage, effort, records), _one_at_a_time(stage, effort, records)]


def _many_at_once(stage: Stage, effort: Effort, records: Records) -> list[Figure]:
    # The no-op before the update: what the bulk writes leave to mongod is done by then.
    cases = {
        "noop": stage.calls("plain", server=stage.noop),
        "plain": stage.calls("plain"),
        "rich": stage.calls("rich"),
        "obvious": stage.calls("plain", server=stage.obvious),
    }
    runs: dict[str, list[Any]] = in_turns(
        {
            **{name: _runner(calls.run, effort.seconds) for name, calls in cases.items()},
            "bulk": lambda: _bulk_per_second(records, effort.seconds),
        },
        rounds=effort.rounds,
    )
    bulk = median(runs.pop("bulk"))
    load = {name: typical(loads) for name, loads in runs.items()}
    noop, plain, rich, obvious = (load[name] for name in cases)
    limit = f"groups of {GROUP} straight to mongod: {bulk:,.0f}/s"
    return [
        _row("update, 64 connections", plain, "no-op", noop, 1.0),
        _row("update, 64 connections", plain, "find + upsert + find", obvious, 5.0),
        Figure("update, 64 connections", _said(plain), limit, plain.per_second / bulk),
        _row("update with session, device, spans", rich, "plain update", plain, 0.7),
    ]


def _runner(run: Callable[..., Load], seconds: int) -> Callable[[], Load]:
    return lambda: run(seconds=seconds)


def _row(work: str, load: Load, against: str, other: Load, goal: float) -> Figure:
    ratio = load.per_second / other.per_second
    return Figure(work, _said(load), f"{against}: {_said(other)}", **at_least(goal, ratio))


def _said(load: Load) -> str:
    return f"{load.per_second:,.0f}/s (µs: {load.server_us:.0f} + {load.mongod_us:.0f} mongod)"


def _one_at_a_time(stage: Stage, effort: Effort, records: Records) -> Figure:
    update = stage.calls("plain")
    noop = stage.calls("plain", server=stage.noop)
    times = in_turns(
        {
            "update": lambda: update.run(seconds=effort.seconds, connections=1).median_ms,
            "noop": lambda: noop.run(seconds=effort.seconds, connections=1).median_ms,
            "bare": lambda: _bare_update_ms(records, effort.seconds),
        },
        rounds=effort.rounds,
    )
    ours, nothing, bare = (median(times[name]) for name in ("update", "noop", "bare"))
    return Figure(
        "update, one client",
        f"{ours:.2f} ms",
        f"no-op {nothing:.2f} ms + bare update_one {bare:.2f} ms",
        **at_most(1.5, ours / (nothing + bare)),
    )


def _bare_update_ms(records: Records, seconds: int) -> float:
    took = []
    ends = time.monotonic() + seconds
    while (started := time.monotonic()) < ends:
        key = {"student_id": _a_student(), "material_id": _a_video()}
        change = {"watch_time": random.uniform(100, 450), "last_watched": datetime.now(UTC)}
        records.update_one(key, {"$set": change}, upsert=True)
        took.append(time.monotonic() - started)
    return 1_000 * median(took)


def _bulk_per_second(records: Records, seconds: int) -> float:
    """Merges a second with nobody in between, one group after the other."""
    started, stored = time.monotonic(), 0
    while time.monotonic() < started + seconds:
        merge_group(records, [a_change(_a_student(), _a_video()) for _ in range(GROUP)])
        stored += GROUP
    return stored / (time.monotonic() - started)


def _a_student() -> str:
    return student_id(random.randrange(STUDENTS))


def _a_video() -> str:
    return video_id(random.randrange(VIDEOS))
