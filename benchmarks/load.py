"""Load from wrk, in interleaved rounds, so that noise on the machine affects all cases alike."""

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
    """The result of one round. Processor time is per request, summed over all threads."""

    per_second: float
    median_ms: float
    p99_ms: float
    server_us: float
    mongod_us: float


@dataclass(frozen=True, slots=True)
class Calls:
    """One kind of call to one server, over one connection or many."""

    server: Server
    database: Database
    learners: Learners
    kind: str

    def run(self, *, seconds: int, connections: int = CONNECTIONS) -> Load:
        """Send requests for *seconds*.

        Raises:
            RuntimeError: some requests failed, so the round is not valid.
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
        used = [cpu_seconds(pid) - start for pid, start in zip(pids, before, strict=True)]
        result = json.loads(output.rstrip().rpartition("\n")[2])
        if result["failed"] or not result["requests"]:
            raise RuntimeError(f"{self.kind} at {self.server.url} failed:\n{output}")
        server_us, mongod_us = (1e6 * cpu / result["requests"] for cpu in used)
        return Load(
            per_second=result["requests"] / result["seconds"],
            median_ms=result["median_ms"],
            p99_ms=result["p99_ms"],
            server_us=server_us,
            mongod_us=mongod_us,
        )


def interleaved(cases: Mapping[str, Callable[[], T]], *, rounds: int) -> dict[str, list[T]]:
    """The results of each case in each round: A B C, A B C, …; a first round only warms up."""
    for case in cases.values():
        case()
    results: dict[str, list[T]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            results[name].append(case())
    return results


def median_load(loads: list[Load]) -> Load:
    """The median of each value."""
    return Load(
        per_second=median(load.per_second for load in loads),
        median_ms=median(load.median_ms for load in loads),
        p99_ms=median(load.p99_ms for load in loads),
        server_us=median(load.server_us for load in loads),
        mongod_us=median(load.mongod_us for load in loads),
    )


def interleaved_loads(
    cases: Mapping[str, Calls], *, rounds: int, seconds: int, connections: int = CONNECTIONS
) -> dict[str, Load]:
    """The median load of each case."""

    def runner(calls: Calls) -> Callable[[], Load]:
        return lambda: calls.run(seconds=seconds, connections=connections)

    runs = interleaved({name: runner(calls) for name, calls in cases.items()}, rounds=rounds)
    return {name: median_load(loads) for name, loads in runs.items()}
