"""Open sockets: their memory compared with bare sockets, and the latency of frames."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks.environment import DATABASE, VIDEOS, temporary_folder
from benchmarks.figures import Figure, at_most
from benchmarks.learners import Learners, enrolled, student_id
from benchmarks.machine import resident_bytes
from benchmarks.processes import Server, baseline, mongod, service

SOCKETS = 10_000
STUDENTS = 5_000
RATE, SECONDS = 200, 10
MEMORY_GOAL = 1.3
MEDIAN_GOAL_MS, P99_GOAL_MS = 50, 150
SOCKETS_ACROSS_PROCESSES = 500


def measure(*, sockets: int = SOCKETS) -> list[Figure]:
    """The rows for sockets."""
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        database = stack.enter_context(mongod(folder / "data"))
        first = stack.enter_context(service(database, DATABASE))
        second = stack.enter_context(service(database, DATABASE))
        bare = stack.enter_context(baseline("bare_socket", database))
        students = [student_id(number) for number in range(min(STUDENTS, sockets // 2))]
        learners = enrolled(first, folder, students=students, videos=VIDEOS)

        bare_bytes, _ = _measured(bare, learners, sockets, report_to=None)
        service_bytes, one_process = _measured(first, learners, sockets, report_to=first)
        _, two_processes = _measured(
            second, learners, min(SOCKETS_ACROSS_PROCESSES, sockets), report_to=first
        )
    return [
        Figure(
            f"{sockets:,} open sockets",
            f"{service_bytes / 1_024:.1f} KiB per socket",
            f"bare socket: {bare_bytes / 1_024:.1f} KiB",
            **at_most(MEMORY_GOAL, service_bytes / bare_bytes),
        ),
        *_latency(f"frame after acknowledgement, {RATE}/s, {sockets:,} sockets", one_process),
        *_latency(f"frame from another process, {RATE}/s", two_processes),
    ]


def _measured(
    server: Server, learners: Learners, sockets: int, *, report_to: Server | None
) -> tuple[float, dict[str, Any]]:
    """Bytes per socket of *server*, and the latencies if there are reports."""
    before = resident_bytes(server.pid)
    with _listeners(server, learners, sockets, report_to=report_to) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if not process.stdout.readline():
            raise RuntimeError(f"the sockets at {server.url} did not open")
        time.sleep(1)
        bytes_per_socket = (resident_bytes(server.pid) - before) / sockets
        process.stdin.write("\n")
        process.stdin.flush()
        result = process.stdout.readline() if report_to else "{}"
    return bytes_per_socket, json.loads(result)


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


def _latency(work: str, result: dict[str, Any]) -> list[Figure]:
    counts = f"{result['reports']:,} reports, {result['missed']} frames missed"
    return [
        Figure(
            f"{work}: {name}",
            f"{result[key]:.1f} ms",
            counts,
            goal=f"< {goal} ms",
            is_reached=result[key] < goal and not result["missed"],
        )
        for name, key, goal in (
            ("median", "median_ms", MEDIAN_GOAL_MS),
            ("99th percentile", "p99_ms", P99_GOAL_MS),
        )
    ]
