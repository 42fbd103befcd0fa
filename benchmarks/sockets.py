"""Open sockets: their memory against sockets that do nothing, and how soon a frame comes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks.figures import Figure, at_most
from benchmarks.learners import Learners, enrolled, student_id
from benchmarks.machine import resident_bytes
from benchmarks.processes import Server, baseline, mongod, service
from benchmarks.stage import DATABASE, VIDEOS, temporary_folder

SOCKETS = 10_000
STUDENTS = 5_000
RATE, SECONDS = 200, 10
MEMORY_GOAL = 1.3
MEDIAN_GOAL_MS, P99_GOAL_MS = 50, 150
FEW = 500


def measure(*, sockets: int = SOCKETS) -> list[Figure]:
    """The rows of sockets."""
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        database = stack.enter_context(mongod(folder / "data"))
        first = stack.enter_context(service(database, DATABASE))
        second = stack.enter_context(service(database, DATABASE))
        bare = stack.enter_context(baseline("bare_socket", database))
        students = [student_id(number) for number in range(min(STUDENTS, sockets // 2))]
        learners = enrolled(first, folder, students=students, videos=VIDEOS)

        nothing, _ = _held(bare, learners, sockets, report_to=None)
        ours, one_process = _held(first, learners, sockets, report_to=first)
        _, two_processes = _held(second, learners, min(FEW, sockets), report_to=first)
    return [
        Figure(
            f"{sockets:,} open sockets",
            f"{ours / 1_024:.1f} KiB a socket",
            f"one that does nothing: {nothing / 1_024:.1f} KiB",
            **at_most(MEMORY_GOAL, ours / nothing),
        ),
        *_latency(f"frame after acknowledgement, {RATE}/s, {sockets:,} sockets", one_process),
        *_latency(f"frame from another process, {RATE}/s", two_processes),
    ]


def _held(
    server: Server, learners: Learners, sockets: int, *, report_to: Server | None
) -> tuple[float, dict[str, Any]]:
    """Bytes a socket of *server*, and the latencies when reports are made."""
    before = resident_bytes(server.pid)
    with _listeners(server, learners, sockets, report_to=report_to) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if not process.stdout.readline():
            raise RuntimeError(f"the sockets at {server.url} did not open")
        time.sleep(1)
        each = (resident_bytes(server.pid) - before) / sockets
        process.stdin.write("\n")
        process.stdin.flush()
        said = process.stdout.readline() if report_to else "{}"
    return each, json.loads(said)


@contextmanager
def _listeners(
    server: Server, learners: Learners, sockets: int, *, report_to: Server | None
) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.listeners", str(learners.file), str(sockets)]
    command.append(_port(server))
    if report_to is not None:
        command += [_port(report_to), str(RATE), str(SECONDS)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _port(server: Server) -> str:
    return server.url.rpartition(":")[2]


def _latency(work: str, held: dict[str, Any]) -> list[Figure]:
    told = f"{held['reports']:,} reports, {held['missed']} frames missed"
    return [
        Figure(
            f"{work}: {name}",
            f"{held[key]:.1f} ms",
            told,
            goal=f"< {goal} ms",
            is_reached=held[key] < goal and not held["missed"],
        )
        for name, key, goal in (
            ("median", "median_ms", MEDIAN_GOAL_MS),
            ("99th percentile", "p99_ms", P99_GOAL_MS),
        )
    ]
