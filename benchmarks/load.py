"""Load by wrk, in rounds that take turns, so that noise on the machine hits all cases alike."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

from benchmarks.learners import Learners
from benchmarks.machine import cpu_seconds
from benchmarks.processes import Database, Server

CONNECTIONS = 64
_SCRIPT = Path(__file__).with_name("wrk.lua")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Load:
    """What one round gave; processor time is that of all threads, a request."""

    per_second: float
    median_ms: float
    p99_ms: float
    server_us: float
    mongod_us: float


@dataclass(frozen=True, slots=True)
class Calls:
    """One kind of call to one server, ready to be made by many at once or by one alone."""

    server: Server
    database: Database
    learners: Learners
    kind: str

    def run(self, *, seconds: int, connections: int = CONNECTIONS) -> Load:
        """Call for that long.

        Raises:
            RuntimeError: some calls failed, so the round measures nothing.
        """
        pids = (self.server.pid, self.database.pid)
        before = [cpu_seconds(pid) for pid in pids]
        command = [
            *(
                "wrk",
                "-t1",
                f"-c{connections}",
                f"-d{seconds}s",
                "--timeout",
                "30s",
                "-s",
                str(_SCRIPT),
            ),
            *(self.server.url, "--", str(self.learners.file)),
            *(str(self.learners.videos), self.kind),
        ]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        used = [cpu_seconds(pid) - was for pid, was in zip(pids, before, strict=True)]
        said = json.loads(output.rstrip().rpartition("\n")[2])
        if said["failed"] or not said["requests"]:
            raise RuntimeError(f"{self.kind} at {self.server.url} failed:\n{output}")
        server_us, mongod_us = (1e6 * cpu / said["requests"] for cpu in used)
        return Load(
            per_second=said["requests"] / said["seconds"],
            median_ms=said["median_ms"],
            p99_ms=said["p99_ms"],
            server_us=server_us,
            mongod_us=mongod_us,
        )


def in_turns(cases: Mapping[str, Callable[[], T]], *, rounds: int) -> dict[str, list[T]]:
    """What each case gave in each round: A B C, A B C, …; a first turn only warms up."""
    for case in cases.values():
        case()
    results: dict[str, list[T]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            results[name].append(case())
    return results


def typical(loads: list[Load]) -> Load:
    """The median of each measure."""
    return Load(
        per_second=median(load.per_second for load in loads),
        median_ms=median(load.median_ms for load in loads),
        p99_ms=median(load.p99_ms for load in loads),
        server_us=median(load.server_us for load in loads),
        mongod_us=median(load.mongod_us for load in loads),
    )


def loads_in_turns(
    cases: Mapping[str, Calls], *, rounds: int, seconds: int, connections: int = CONNECTIONS
) -> dict[str, Load]:
    """The typical round of each case."""

    def runner(calls: Calls) -> Callable[[], Load]:
        return lambda: calls.run(seconds=seconds, connections=connections)

    runs = in_turns({name: runner(calls) for name, calls in cases.items()}, rounds=rounds)
    return {name: typical(loads) for name, loads in runs.items()}
