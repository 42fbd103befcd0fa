"""Some hundred learners behind a proxy: calls of each kind, and a socket that each keeps open."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from tests.builders import a_token, bearer

CLIENTS = 12
PAUSE_SECONDS = 0.1
CLIENT_SECONDS = 30.0
DURATION_SECONDS = 600.0
FIRST_BACKOFF_SECONDS = 1.0  # As in web/packages/tracker/src/live.ts and backoff.ts.
LONGEST_BACKOFF_SECONDS = 30.0
VIDEOS = [f"campus-{number}" for number in range(3)]
COURSE = "campus"


@dataclass
class Outcomes:
    """What the learners saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    slowest_seconds: float = 0.0
    reconnect_seconds: list[float] = field(default_factory=list)
    close_codes: Counter[int] = field(default_factory=Counter)
    frames: Counter[str] = field(default_factory=Counter)
    open_sockets: int = 0

    @property
    def failed(self) -> int:
        """The number of requests without a successful response."""
        return len(self.errors) + sum(n for status, n in self.statuses.items() if status >= 400)

    def __str__(self) -> str:
        answered = sum(self.statuses.values())
        slowest = max(self.reconnect_seconds, default=0.0)
        return (
            f"{answered} requests, {self.failed} failed, slowest {self.slowest_seconds:.1f} s; "
            f"{len(self.reconnect_seconds)} reconnects, slowest {slowest:.1f} s"
        )


async def put_course(address: str, tls: ssl.SSLContext, *, students: int) -> list[str]:
    """Put the course and its learners; returns their ids."""
    ids = [f"learner-{number}" for number in range(students)]
    materials = [
        {"material_id": video, "type": "video", "title": video, "duration_seconds": 600}
        for video in VIDEOS
    ]
    body = {"title": "Campus", "teacher_ids": [], "materials": materials}
    headers = bearer(a_token("importer", "service"))
    async with httpx.AsyncClient(verify=tls, headers=headers, timeout=30) as http:
        course = f"{address}/api/catalog/courses/{COURSE}"
        (await http.put(course, json=body)).raise_for_status()
        enrolled = {"student_ids": ids}
        (await http.put(f"{course}/enrollments", json=enrolled)).raise_for_status()
    return ids


@asynccontextmanager
async def campus(
    address: str, tls: ssl.SSLContext, student_ids: list[str]
) -> AsyncIterator[Outcomes]:
    """Every student has a socket, and some report and read at any moment, during the block."""
    outcomes, stopped = Outcomes(), asyncio.Event()
    sockets = [
        asyncio.create_task(_keep_socket(address, tls, student_id, outcomes))
        for student_id in student_ids
    ]
    try:
        async with asyncio.timeout(60):
            while outcomes.open_sockets < len(student_ids):
                await asyncio.sleep(0.05)
        calls = [
            asyncio.create_task(_call(address, tls, student_ids[n::CLIENTS], outcomes, stopped))
            for n in range(CLIENTS)
        ]
        try:
            yield outcomes
            async with asyncio.timeout(LONGEST_BACKOFF_SECONDS):
                while outcomes.open_sockets < len(student_ids):
                    await asyncio.sleep(0.05)
        finally:
            stopped.set()
            await asyncio.gather(*calls)
    finally:
        for socket in sockets:
            socket.cancel()
        await asyncio.gather(*sockets, return_exceptions=True)


async def _call(
    address: str,
    tls: ssl.SSLContext,
    student_ids: list[str],
    outcomes: Outcomes,
    stopped: asyncio.Event,
) -> None:
    """Calls of each kind, for one student after another, some over new connections."""
    async with httpx.AsyncClient(verify=tls, timeout=CLIENT_SECONDS, trust_env=False) as http:
        for number, student_id in enumerate(itertools.cycle(student_ids)):
            if stopped.is_set():
                return
            headers = bearer(a_token(student_id))
            headers |= {"Connection": "close"} if number % 4 == 0 else {}
            for method, path, body in _calls(random.choice(VIDEOS)):
                started = time.monotonic()
                try:
                    response = await http.request(
                        method, f"{address}/api/progress/{path}", json=body, headers=headers
                    )
                except httpx.TransportError as error:
                    took = time.monotonic() - started
                    outcomes.errors.append(f"{method} {path}: {error!r} after {took:.1f} s")
                else:
                    outcomes.statuses[response.status_code] += 1
                took = time.monotonic() - started
                outcomes.slowest_seconds = max(outcomes.slowest_seconds, took)
                await asyncio.sleep(random.uniform(0, 2 * PAUSE_SECONDS))


def _calls(video: str) -> list[tuple[str, str, object]]:
    now = datetime.now(UTC).isoformat()
    position = round(random.uniform(3, 400), 1)
    report = {"watch_time": position, "total_duration": DURATION_SECONDS, "device_id": "phone"}
    event = {"event_id": f"e-{position}", "video_id": video, "observed_at": now, **report}
    return [
        ("POST", f"video/{video}/watch-time", report),
        ("GET", f"video/{video}/status", None),
        ("POST", "events", {"sent_at": now, "events": [event]}),
        ("POST", "videos/batch", {"video_ids": VIDEOS}),
        ("GET", f"course/{COURSE}", None),
    ]


async def _keep_socket(
    address: str, tls: ssl.SSLContext, student_id: str, outcomes: Outcomes
) -> None:
    """A socket that reconnects as the tracker does: at once with jitter, then less often."""
    url = address.replace("https", "wss", 1) + "/progress"
    closed_at: float | None = None
    failures = 0
    cursor: str | None = None
    while True:
        with suppress(WebSocketException, InvalidHandshake, OSError, TimeoutError):
            async with connect(url, ssl=tls, proxy=None, open_timeout=CLIENT_SECONDS) as socket:
                first = {"type": "auth", "token": a_token(student_id), "device_id": "laptop"}
                await socket.send(json.dumps(first | ({"since": cursor} if cursor else {})))
                ready = json.loads(await socket.recv())
                cursor, failures = ready["cursor"], 0
                outcomes.open_sockets += 1
                if closed_at is not None:
                    outcomes.reconnect_seconds.append(time.monotonic() - closed_at)
                try:
                    async for text in socket:
                        frame = json.loads(text)
                        outcomes.frames[frame["type"]] += 1
                        cursor = frame.get("cursor") or cursor
                finally:
                    if socket.close_code is not None:
                        outcomes.close_codes[socket.close_code] += 1
                    outcomes.open_sockets -= 1
                    closed_at = time.monotonic()
        wait = min(FIRST_BACKOFF_SECONDS * 2**failures, LONGEST_BACKOFF_SECONDS)
        failures += 1
        await asyncio.sleep(wait * random.uniform(0.5, 1))
