"""Durable watch-time updates, compared with a no-op, the obvious way, and mongod alone."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any

from pymongo import MongoClient
from pymongo.write_concern import WriteConcern

from benchmarks.environment import (
    FEW_SESSIONS,
    MANY_SESSIONS,
    STUDENTS,
    VIDEOS,
    Effort,
    Environment,
)
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.learners import student_id, video_id
from benchmarks.load import Load, interleaved, median_load
from benchmarks.records import Records, a_change, merge_batch
from progress_service.mongo.schema import WATCH_PROGRESS

BATCH_SIZE = 64
SESSION_GOAL = 0.7
DURABLE = WriteConcern(w="majority", j=True)


def measure(environment: Environment, effort: Effort) -> list[Figure]:
    """The rows for updates."""
    with MongoClient[dict[str, Any]](environment.database.uri) as client:
        records = client["direct"].get_collection(WATCH_PROGRESS, write_concern=DURABLE)
        records.create_index([("student_id", 1), ("material_id", 1)], unique=True)
        return [
            *_many_clients(environment, effort, records),
            *_with_sessions(environment, effort),
            _one_client(environment, effort, records),
        ]


def _many_clients(environment: Environment, effort: Effort, records: Records) -> list[Figure]:
    # The no-op comes before the update, so that mongod finishes the work of the bulk writes first.
    cases = {
        "noop": environment.calls("plain", server=environment.noop),
        "plain": environment.calls("plain"),
        "rich": environment.calls("rich", learners="rich"),
        "obvious": environment.calls("plain", server=environment.obvious),
    }
    runs: dict[str, list[Any]] = interleaved(
        {
            **{name: _runner(calls.run, effort.seconds) for name, calls in cases.items()},
            "bulk": lambda: _bulk_per_second(records, effort.seconds),
        },
        rounds=effort.rounds,
    )
    bulk = median(runs.pop("bulk"))
    load = {name: median_load(loads) for name, loads in runs.items()}
    noop, plain, rich, obvious = (load[name] for name in cases)
    limit = f"batches of {BATCH_SIZE} sent directly to mongod: {bulk:,.0f}/s"
    return [
        _row("update, 64 connections", plain, "no-op", noop, 1.0),
        _row("update, 64 connections", plain, "find + upsert + find", obvious, 5.0),
        Figure("update, 64 connections", _throughput(plain), limit, plain.per_second / bulk),
        _row("update with session, device, spans", rich, "plain update", plain, SESSION_GOAL),
    ]


def _with_sessions(environment: Environment, effort: Effort) -> list[Figure]:
    """Reports with a session of records that have sessions; the ratio is a median of ratios."""
    cases = {
        "plain": environment.calls("plain"),
        "few": environment.calls("rich", learners="few"),
        "many": environment.calls("rich", learners="many"),
    }
    runs = interleaved(
        {name: _runner(calls.run, effort.seconds) for name, calls in cases.items()},
        rounds=effort.rounds,
    )
    figures = []
    for name, sessions in (("few", FEW_SESSIONS), ("many", MANY_SESSIONS)):
        pairs = zip(runs[name], runs["plain"], strict=True)
        ratio = median(rich.per_second / plain.per_second for rich, plain in pairs)
        figures.append(
            Figure(
                f"update with a session, {sessions} sessions stored",
                _throughput(median_load(runs[name])),
                f"plain update: {_throughput(median_load(runs['plain']))}",
                **at_least(SESSION_GOAL, ratio),
            )
        )
    return figures


def _runner(run: Callable[..., Load], seconds: int) -> Callable[[], Load]:
    return lambda: run(seconds=seconds)


def _row(work: str, load: Load, against: str, other: Load, goal: float) -> Figure:
    ratio = load.per_second / other.per_second
    return Figure(
        work, _throughput(load), f"{against}: {_throughput(other)}", **at_least(goal, ratio)
    )


def _throughput(load: Load) -> str:
    return f"{load.per_second:,.0f}/s (µs: {load.server_us:.0f} + {load.mongod_us:.0f} mongod)"


def _one_client(environment: Environment, effort: Effort, records: Records) -> Figure:
    update = environment.calls("plain")
    noop = environment.calls("plain", server=environment.noop)
    times = interleaved(
        {
            "update": lambda: update.run(seconds=effort.seconds, connections=1).median_ms,
            "noop": lambda: noop.run(seconds=effort.seconds, connections=1).median_ms,
            "bare": lambda: _bare_update_ms(records, effort.seconds),
        },
        rounds=effort.rounds,
    )
    update_ms, noop_ms, bare_ms = (median(times[name]) for name in ("update", "noop", "bare"))
    return Figure(
        "update, one client",
        f"{update_ms:.2f} ms",
        f"no-op {noop_ms:.2f} ms + bare update_one {bare_ms:.2f} ms",
        **at_most(1.5, update_ms / (noop_ms + bare_ms)),
    )


def _bare_update_ms(records: Records, seconds: int) -> float:
    took_seconds = []
    ends_at = time.monotonic() + seconds
    while (started := time.monotonic()) < ends_at:
        key = {"student_id": _a_student(), "material_id": _a_video()}
        change = {"watch_time": random.uniform(100, 450), "last_watched": datetime.now(UTC)}
        records.update_one(key, {"$set": change}, upsert=True)
        took_seconds.append(time.monotonic() - started)
    return 1_000 * median(took_seconds)


def _bulk_per_second(records: Records, seconds: int) -> float:
    """Merges per second from this process directly to mongod, one batch after the other."""
    started, stored = time.monotonic(), 0
    while time.monotonic() < started + seconds:
        merge_batch(records, [a_change(_a_student(), _a_video()) for _ in range(BATCH_SIZE)])
        stored += BATCH_SIZE
    return stored / (time.monotonic() - started)


def _a_student() -> str:
    return student_id(random.randrange(STUDENTS))


def _a_video() -> str:
    return video_id(random.randrange(VIDEOS))
