"""Statuses, batches and courses, compared with a no-op endpoint and with one status."""

from __future__ import annotations

from benchmarks.environment import Effort, Environment
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.load import Load, interleaved_loads

BATCH_GOAL, COURSE_GOAL = 6.0, 8.0


def measure(environment: Environment, effort: Effort) -> list[Figure]:
    """The rows for reads."""
    cases = {
        "status": environment.calls("status"),
        "noop": environment.calls("status", server=environment.noop),
        "batch": environment.calls("batch"),
        "course": environment.calls("course"),
    }
    many = interleaved_loads(cases, rounds=effort.rounds, seconds=effort.seconds)
    del cases["noop"]
    single = interleaved_loads(cases, rounds=effort.rounds, seconds=effort.seconds, connections=1)
    status, noop = many["status"], many["noop"]
    return [
        Figure(
            "status, 64 connections",
            _throughput(status),
            f"no-op GET: {_throughput(noop)}",
            **at_least(0.8, status.per_second / noop.per_second),
        ),
        *_against_status("batch", BATCH_GOAL, many, single),
        *_against_status("course", COURSE_GOAL, many, single),
    ]


def _against_status(
    name: str, goal: float, many: dict[str, Load], single: dict[str, Load]
) -> list[Figure]:
    return [
        Figure(
            f"{name} of 100, one client",
            f"{single[name].median_ms:.2f} ms",
            f"one status: {single['status'].median_ms:.2f} ms",
            **at_most(goal, single[name].median_ms / single["status"].median_ms),
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
