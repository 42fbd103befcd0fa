"""From the acknowledgement of a report to the receiver of a webhook, on a quiet system."""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from benchmarks.environment import DATABASE
from benchmarks.figures import Figure
from benchmarks.processes import SECRET, mongod
from progress_service.testing import UNLIMITED, service_on

COMPLETIONS = 200
REPLAYS = 5  # Each sends all of them again.
MAX_PAUSE_SECONDS = 0.6  # So that completions fall into every phase of the service's polling.
MEDIAN_GOAL_SECONDS, P99_GOAL_SECONDS = 1.0, 3.0
WAIT_SECONDS = 120.0
COURSE = "/api/catalog/courses/bench"
SETTINGS = {**UNLIMITED, "PROGRESS_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES": "true"}


class _Arrivals:
    """When each material's event arrived first, and how many requests there were."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        self.requests = 0
        self._changed = threading.Condition()

    def add(self, material_id: str) -> None:
        with self._changed:
            self.at.setdefault(material_id, time.monotonic())
            self.requests += 1
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self.requests >= count, WAIT_SECONDS):
                raise RuntimeError(f"only {self.requests} of {count} requests arrived")


@contextmanager
def _receiver(arrivals: _Arrivals) -> Iterator[str]:
    """The address of a receiver that accepts everything."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if body["type"] == "video.completed":
                arrivals.add(body["data"]["material_id"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def measure(*, completions: int = COMPLETIONS) -> list[Figure]:
    """The rows for webhooks."""
    arrivals = _Arrivals()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(mongod(folder / "data"))
        given = {"PROGRESS_MONGODB_DATABASE": DATABASE, "PROGRESS_JWT_SECRET": SECRET, **SETTINGS}
        process = stack.enter_context(service_on(database.uri, folder / "service", **given))
        service = stack.enter_context(process.client("bench", "service"))
        student = stack.enter_context(process.client("ana"))
        _prepare(service, stack.enter_context(_receiver(arrivals)), completions)
        quiet = [_seconds_of_one(student, arrivals, number) for number in range(completions)]
        replay_seconds = _seconds_of_replays(service, arrivals, completions)
    return [
        *_latency(quiet),
        Figure(
            f"webhook: {REPLAYS * completions:,} waiting events to one receiver",
            f"{REPLAYS * completions / replay_seconds:.0f} a second",
        ),
    ]


def _prepare(service: httpx.Client, receiver: str, videos: int) -> None:
    materials = [
        {"material_id": str(number), "type": "video", "title": "Video", "duration_seconds": 60}
        for number in range(videos)
    ]
    body = {"title": "Webhooks", "teacher_ids": [], "materials": materials}
    service.put(COURSE, json=body).raise_for_status()
    service.put(f"{COURSE}/enrollments/ana").raise_for_status()
    webhook = {"url": receiver, "events": ["video.completed", "course.completed"]}
    service.put("/api/webhooks/bench", json=webhook).raise_for_status()


def _complete(student: httpx.Client, number: int) -> None:
    body = {"watch_time": 60, "total_duration": 60, "kind": "ended"}
    student.post(f"/api/progress/video/{number}/watch-time", json=body).raise_for_status()


def _seconds_of_one(student: httpx.Client, arrivals: _Arrivals, number: int) -> float:
    """From the acknowledgement of a report to its event."""
    time.sleep(random.uniform(0, MAX_PAUSE_SECONDS))
    _complete(student, number)
    acknowledged_at = time.monotonic()
    arrivals.wait_for(number + 1)
    return max(0.0, arrivals.at[str(number)] - acknowledged_at)


def _seconds_of_replays(service: httpx.Client, arrivals: _Arrivals, events: int) -> float:
    """From the first replay to the last request."""
    began_at = time.monotonic()
    for _ in range(REPLAYS):
        body = {"since": "2020-01-01T00:00:00Z"}
        service.post("/api/webhooks/bench/replay", json=body).raise_for_status()
    arrivals.wait_for((1 + REPLAYS) * events)
    return time.monotonic() - began_at


def _latency(seconds: list[float]) -> list[Figure]:
    p99 = statistics.quantiles(seconds, n=100)[98]
    return [
        Figure(
            f"webhook after acknowledgement, quiet system: {name}",
            f"{value * 1_000:.0f} ms",
            f"{len(seconds)} completions",
            goal=f"< {goal:g} s",
            is_reached=value < goal,
        )
        for name, value, goal in (
            ("median", statistics.median(seconds), MEDIAN_GOAL_SECONDS),
            ("99th percentile", p99, P99_GOAL_SECONDS),
        )
    ]
