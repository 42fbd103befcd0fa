"""Imports of a hundred thousand rows: how long they take, and how reports fare meanwhile."""

from __future__ import annotations

import csv
import io
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from statistics import median, quantiles
from typing import Any, NamedTuple

import httpx

from benchmarks.environment import temporary_folder
from benchmarks.figures import Figure
from benchmarks.learners import DURATION_SECONDS, enroll, student_id, token, video_id
from benchmarks.machine import cpu_seconds
from benchmarks.processes import Database, Server, mongod, service

STUDENTS, VIDEOS = 1_000, 100
GOAL_SECONDS = 60.0
MAX_BODY_BYTES = 8_000_000
REPORT_INTERVAL_SECONDS = 0.02
REPORTER = "reporter"
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
NDJSON, CSV = "application/x-ndjson", "text/csv"

Row = dict[str, Any]


class Step(NamedTuple):
    """One import of the rows, and the status that they all have."""

    name: str
    dry_run: str
    status: str


FIRST = (Step("first time", "false", "applied"),)
EVERY_STEP = (
    Step("dry run", "true", "applied"),
    *FIRST,
    Step("repeat", "false", "unchanged"),
)


def measure() -> list[Figure]:
    """The rows for imports."""
    by_student = list(product(range(STUDENTS), range(VIDEOS)))
    by_video = [(student, video) for video, student in product(range(VIDEOS), range(STUDENTS))]
    cases = {
        "import, JSON lines": (by_student, NDJSON, False, EVERY_STEP),
        "import, CSV": (by_student, CSV, False, FIRST),
        "import with completions, student by student": (by_student, NDJSON, True, FIRST),
        "import with completions, video by video": (by_video, CSV, True, FIRST),
    }
    figures: list[Figure] = []
    with temporary_folder() as folder, mongod(folder / "data") as database:
        quiet_ms = _quiet_reports_ms(database)
        for number, (name, case) in enumerate(cases.items()):
            order, content_type, with_completions, steps = case
            with _enrolled_service(database, f"import_{number}") as server:
                rows = _rows(order, with_completions=with_completions)
                figures += [
                    _measured(database, server, name, step, rows, content_type, quiet_ms)
                    for step in steps
                ]
    return figures


def _measured(
    database: Database,
    server: Server,
    name: str,
    step: Step,
    rows: Sequence[Row],
    content_type: str,
    quiet_ms: Sequence[float],
) -> Figure:
    bodies = list(_bodies(rows, content_type))
    pids = (server.pid, database.pid)
    before = [cpu_seconds(pid) for pid in pids]
    with _reports(server) as took_ms:
        seconds = _import(server, bodies, content_type, step)
    of_service, of_mongod = (
        cpu_seconds(pid) - start for pid, start in zip(pids, before, strict=True)
    )
    return Figure(
        f"{name}: {step.name}",
        f"{seconds:.1f} s for {len(rows):,} rows "
        f"(processor: {of_service:.0f} s + {of_mongod:.0f} s mongod)",
        f"reports meanwhile {_times(took_ms)}; without an import {_times(quiet_ms)}",
        goal=f"< {GOAL_SECONDS:g} s",
        is_reached=seconds < GOAL_SECONDS,
    )


@contextmanager
def _enrolled_service(database: Database, name: str) -> Iterator[Server]:
    with service(database, name) as server:
        enroll(server, students=[REPORTER, *map(student_id, range(STUDENTS))], videos=VIDEOS)
        yield server


def _rows(order: Sequence[tuple[int, int]], *, with_completions: bool) -> list[Row]:
    rows = []
    for student, video in order:
        at = BEGIN + timedelta(weeks=video, seconds=student)
        row: Row = {
            "student_id": student_id(student),
            "video_id": video_id(video),
            "watch_time": 100 + (student * 7 + video) % 350 + 0.5,
            "total_duration": DURATION_SECONDS,
            "observed_at": at.isoformat(),
        }
        if with_completions:
            row["completed_at"] = (at + timedelta(minutes=5)).isoformat()
        rows.append(row)
    return rows


def _bodies(rows: Sequence[Row], content_type: str) -> Iterator[bytes]:
    """The rows in bodies below the limit."""
    row_bytes = len(json.dumps(rows[0])) + 1
    size = MAX_BODY_BYTES // row_bytes
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        if content_type == NDJSON:
            yield "".join(json.dumps(row) + "\n" for row in some).encode()
        else:
            text = io.StringIO()
            table = csv.DictWriter(text, list(some[0]))
            table.writeheader()
            table.writerows(some)
            yield text.getvalue().encode()


def _import(server: Server, bodies: Sequence[bytes], content_type: str, step: Step) -> float:
    headers = {
        "Authorization": f"Bearer {token('importer', 'service')}",
        "Content-Type": content_type,
    }
    started = time.monotonic()
    with httpx.Client(base_url=server.url, headers=headers, timeout=600) as client:
        for body in bodies:
            response = client.post(
                "/api/progress/import", content=body, params={"dry_run": step.dry_run}
            )
            results = [json.loads(line) for line in response.text.splitlines()]
            found = Counter((result["status"], result.get("code")) for result in results)
            assert set(found) == {(step.status, None)}, found
    return time.monotonic() - started


def _quiet_reports_ms(database: Database) -> list[float]:
    with _enrolled_service(database, "quiet") as server, _reports(server) as took_ms:
        time.sleep(5)
    return took_ms


@contextmanager
def _reports(server: Server) -> Iterator[list[float]]:
    """One learner reports all the time; the milliseconds that each report took."""
    took_ms: list[float] = []
    is_over = threading.Event()
    reporter = threading.Thread(target=_report, args=(server, took_ms, is_over))
    reporter.start()
    try:
        yield took_ms
    finally:
        is_over.set()
        reporter.join()


def _report(server: Server, took_ms: list[float], is_over: threading.Event) -> None:
    headers = {"Authorization": f"Bearer {token(REPORTER)}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=30) as client:
        while not is_over.wait(REPORT_INTERVAL_SECONDS):
            started = time.monotonic()
            body = {"watch_time": 42.5, "total_duration": DURATION_SECONDS}
            path = f"/api/progress/video/{video_id(len(took_ms) % VIDEOS)}/watch-time"
            client.post(path, json=body).raise_for_status()
            took_ms.append(1_000 * (time.monotonic() - started))


def _times(took_ms: Sequence[float]) -> str:
    return f"median {median(took_ms):.0f} ms, p99 {quantiles(took_ms, n=100)[98]:.0f} ms"
