"""Statuses, batches and courses: against an endpoint that reads nothing, and against one status."""

from __future__ import annotations

from benchmarks.figures import Figure, at_least, at_most
from benchmarks.load import Load, loads_in_turns
from benchmarks.stage import Effort, Stage

BATCH_GOAL, COURSE_GOAL = 6.0, 8.0


def measure(stage: Stage, effort: Effort) -> list[Figure]:
    """The rows of reads."""
    cases = {
        "status": stage.calls("status"),
        "noop": stage.calls("status", server=stage.noop),
        "batch": stage.calls("batch"),
        "course": stage.calls("course"),
    }
    many = loads_in_turns(cases, rounds=effort.rounds, seconds=effort.seconds)
    del cases["noop"]
    alone = loads_in_turns(cases, rounds=effort.rounds, seconds=effort.seconds, connections=1)
    status, noop = many["status"], many["noop"]
    return [
        Figure(
            "status, 64 connections",
            _throughput(status),
            f"no-op GET: {_throughput(noop)}",
            **at_least(0.8, status.per_second / noop.per_second),
        ),
        *_against_status("batch", BATCH_GOAL, many, alone),
        *_against_status("course", COURSE_GOAL, many, alone),
    ]


def _against_status(
    name: str, goal: float, many: dict[str, Load], alone: dict[str, Load]
) -> list[Figure]:
    return [
        Figure(
            f"{name} of 100, one client",
            f"{alone[name].median_ms:.2f} ms",
            f"one status: {alone['status'].median_ms:.2f} ms",
            **at_most(goal, alone[name].median_ms / alone["status"].median_ms),
        ),
        Figure(
            f"{name} of 100, 64 connections",
            _throughput(many[name]),
            f"one status: {_throughput(many['status'])}",
            **at_most(goal, many["status"].per_second / many[name].per_second),
        ),
    ]


def _throughput(load: Load) -> str:
    return f"{load.per_second:,.0f}/s (µs: {load.server_us:.0f} + {load.mongod_us:.0f} mongod)"
