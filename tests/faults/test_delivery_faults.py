"""Completions reach a webhook and a record store, although everything is killed in between."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from progress_service.mongo.schema import OUTBOX
from progress_service.testing import UNLIMITED, ServiceProcess, service_on
from tests.ralph import KEY, SECRET, Ralph, ralph

from .conftest import RecordMeasurement
from .history_checks import until_healthy
from .learners import a_client
from .replica_set import ReplicaSet
from .webhook_process import WebhookProcess, webhook_process

pytestmark = pytest.mark.faults

COMPLETIONS = int(os.environ.get("DELIVERY_COMPLETIONS", "600"))
VIDEOS = 10
CLIENTS = 16
DURATION_SECONDS = 600
BEGAN_AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KILLS = 3  # Of each process.
RETRY_SECONDS = 0.2
COURSE_ID = "deliveries"
COURSE = f"/api/catalog/courses/{COURSE_ID}"
Completion = tuple[str, str]
"""(student_id, video_id); an empty video stands for the course."""


@dataclass
class Expected:
    """What was acknowledged, with the moment of each completion."""

    moments: dict[Completion, datetime] = field(default_factory=dict)
    videos: int = 0
    requests: int = 0
    _of_students: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def complete(self, student_id: str, video_id: str, at: datetime) -> None:
        """The report that completes the video at that moment was acknowledged."""
        self.videos += 1
        self.moments[student_id, video_id] = at
        self._of_students[student_id].append(at)
        if len(self._of_students[student_id]) == VIDEOS:
            self.moments[student_id, ""] = max(self._of_students[student_id])


@dataclass
class Arrived:
    """What a receiver has: how often each completion, under which ids, with which moments."""

    times: Counter[Completion] = field(default_factory=Counter)
    ids: dict[Completion, set[str]] = field(default_factory=lambda: defaultdict(set))
    moments: dict[Completion, set[datetime]] = field(default_factory=lambda: defaultdict(set))

    def add(self, completion: Completion, event_id: str, at: str) -> None:
        self.times[completion] += 1
        self.ids[completion].add(event_id)
        self.moments[completion].add(datetime.fromisoformat(at))

    def compared(self, expected: dict[Completion, datetime]) -> dict[str, int]:
        """Differences, by what is wrong, and repeats, which are right."""
        return {
            "lost": len(expected.keys() - self.times.keys()),
            "invented": len(self.times.keys() - expected.keys()),
            "with several ids": sum(len(ids) > 1 for ids in self.ids.values()),
            "with another moment": sum(
                self.moments[one] != {at} for one, at in expected.items() if one in self.moments
            ),
            "repeats": sum(self.times.values()) - len(self.times),
        }


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[WebhookProcess]:
    with webhook_process(tmp_path) as process:
        yield process


@pytest.fixture
def record_store(tmp_path: Path) -> Iterator[Ralph]:
    folder = tmp_path / "ralph"
    folder.mkdir()
    with ralph(folder) as store:
        yield store


@pytest.fixture
def sender(
    replica_set: ReplicaSet, record_store: Ralph, tmp_path: Path
) -> Iterator[ServiceProcess]:
    settings = {
        "PROGRESS_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES": "true",
        "PROGRESS_XAPI_ENDPOINT": record_store.endpoint,
        "PROGRESS_XAPI_KEY": KEY,
        "PROGRESS_XAPI_SECRET": SECRET,
    }
    with service_on(replica_set.uri, tmp_path / "service", **UNLIMITED, **settings) as service:
        yield service


async def test_no_completion_is_lost_when_everything_is_killed(
    sender: ServiceProcess,
    receiver: WebhookProcess,
    record_store: Ralph,
    replica_set: ReplicaSet,
    record_measurement: RecordMeasurement,
):
    students = [f"student-{number}" for number in range(COMPLETIONS // VIDEOS)]
    receiver.start(await _prepare(sender, receiver.url, students))
    expected = Expected()
    kills = _kills(sender, receiver, record_store)

    await _complete_all(sender, students, expected, kills)
    await asyncio.to_thread(_wait_until_delivered, replica_set)

    webhook = _arrived_at(receiver)
    statements = Arrived()
    stored = await asyncio.to_thread(record_store.in_database)
    for one in stored:
        if one["verb"]["id"].endswith("/completed"):
            statements.add(_completion_in(one), one["id"], one["timestamp"])
    read = await _read_back(sender, students)
    videos = {one: at for one, at in expected.moments.items() if one[1]}
    table = {
        "webhook": webhook.compared(expected.moments),
        "record store": statements.compared(videos),
        "service": read.compared(expected.moments),
    }
    record_measurement(
        f"{len(videos)} completions of videos, {expected.requests} requests, {KILLS} kills each of "
        + "service, webhook receiver and record store; "
        + "; ".join(f"{name}: {_in_words(row)}" for name, row in table.items())
    )
    for row in table.values():
        assert {name: count for name, count in row.items() if name != "repeats" and count} == {}
    assert table["record store"]["repeats"] == 0


async def test_another_process_delivers_after_a_kill(
    sender: ServiceProcess,
    receiver: WebhookProcess,
    replica_set: ReplicaSet,
    record_measurement: RecordMeasurement,
    tmp_path: Path,
):
    """The process that holds the lease is killed; completions go to the other one."""
    students = ["before", "after"]
    settings = {
        "PROGRESS_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES": "true",
        "PROGRESS_JWT_SECRET": sender.secret,
    }
    with service_on(replica_set.uri, tmp_path / "other", **UNLIMITED, **settings) as other:
        receiver.start(await _prepare(sender, receiver.url, students))
        expected = Expected()
        async with a_client(other, {}) as http:
            await _complete(http, other, "before", "video-0", BEGAN_AT, expected)
            await asyncio.to_thread(_wait_until_delivered, replica_set)
            assert len(sender.events("outbox_lease_acquired")) == 1
            assert not other.events("outbox_lease_acquired")

            sender.kill()
            killed_at = time.monotonic()
            await _complete(http, other, "after", "video-0", BEGAN_AT, expected)
            await asyncio.to_thread(_wait_until_delivered, replica_set)
        took_seconds = time.monotonic() - killed_at

    record_measurement(f"delivered {took_seconds:.1f} s after the kill")
    assert [one["body"]["data"]["student_id"] for one in receiver.received()] == students


async def _prepare(service: ServiceProcess, url: str, students: list[str]) -> str:
    """The course with its students, and the webhook; returns its secret."""
    materials = [
        {
            "material_id": f"video-{number}",
            "type": "video",
            "title": f"Video {number}",
            "duration_seconds": DURATION_SECONDS,
        }
        for number in range(VIDEOS)
    ]
    async with a_client(service, service.headers("catalogue", "service")) as http:
        body: dict[str, Any] = {"title": "Deliveries", "teacher_ids": [], "materials": materials}
        (await http.put(COURSE, json=body)).raise_for_status()
        enrolled = {"student_ids": students}
        (await http.put(f"{COURSE}/enrollments", json=enrolled)).raise_for_status()
        body = {"url": url, "events": ["video.completed", "course.completed"], "is_active": True}
        await http.delete("/api/webhooks/certificates")
        response = await http.put("/api/webhooks/certificates", json=body)
        secret: str = response.raise_for_status().json()["secret"]
        return secret


def _kills(
    service: ServiceProcess, receiver: WebhookProcess, record_store: Ralph
) -> dict[int, Callable[[], Awaitable[None]]]:
    """What to kill and restart, by the number of completions after which."""

    async def kill_service() -> None:
        service.kill()
        service.start()
        await until_healthy(service)

    async def kill_receiver() -> None:
        receiver.kill()
        receiver.start()

    kinds = [kill_service, kill_receiver, record_store.restart] * KILLS
    after = random.Random(3).sample(
        range(COMPLETIONS // 20, COMPLETIONS - COMPLETIONS // 20), len(kinds)
    )
    return dict(zip(after, kinds, strict=True))


async def _complete_all(
    service: ServiceProcess,
    students: list[str],
    expected: Expected,
    kills: dict[int, Callable[[], Awaitable[None]]],
) -> None:
    """Complete each video by each student; each client repeats its report until it succeeds."""
    pending = [
        (student_id, f"video-{number}", BEGAN_AT + timedelta(milliseconds=index * VIDEOS + number))
        for number in range(VIDEOS)
        for index, student_id in enumerate(students)
    ]
    pending.reverse()
    killing: list[asyncio.Task[None]] = []

    async def client() -> None:
        async with a_client(service, {}) as http:
            while pending:
                student_id, video_id, at = pending.pop()
                await _complete(http, service, student_id, video_id, at, expected)
                expected.complete(student_id, video_id, at)
                if (kill := kills.pop(expected.videos, None)) is not None:
                    killing.append(asyncio.ensure_future(kill()))

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    for kill in kills.values():
        await kill()
    await asyncio.gather(*killing)


async def _complete(
    http: httpx.AsyncClient,
    service: ServiceProcess,
    student_id: str,
    video_id: str,
    at: datetime,
    expected: Expected,
) -> None:
    body = {
        "watch_time": DURATION_SECONDS,
        "total_duration": DURATION_SECONDS,
        "observed_at": at.isoformat(),
        "session_id": f"{student_id}.{video_id}",
        "played": [[0, DURATION_SECONDS]],
    }
    path = f"/api/progress/video/{video_id}/watch-time"
    headers = service.headers(student_id, "student")
    while True:
        expected.requests += 1
        try:
            if (await http.post(path, json=body, headers=headers)).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(RETRY_SECONDS)


def _wait_until_delivered(replica_set: ReplicaSet) -> None:
    """Return when nothing in the outbox waits any more."""
    waiting = {"$or": [{"due_at": {"$exists": True}}, {"route_at": {"$exists": True}}]}
    with MongoClient[dict[str, Any]](replica_set.uri) as client:
        while client["progress"][OUTBOX].count_documents(waiting):
            time.sleep(0.1)


def _arrived_at(receiver: WebhookProcess) -> Arrived:
    arrived = Arrived()
    for one in receiver.received():
        data = one["body"]["data"]
        completion = (data["student_id"], data.get("material_id", ""))
        arrived.add(completion, one["id"], data["completed_at"])
    return arrived


def _completion_in(statement: dict[str, Any]) -> Completion:
    return statement["actor"]["account"]["name"], statement["object"]["id"].rsplit("/", 1)[-1]


async def _read_back(service: ServiceProcess, students: list[str]) -> Arrived:
    """What another service reads of each student."""
    arrived = Arrived()
    async with a_client(service, service.headers("gradebook", "service")) as http:
        for student_id in students:
            path = f"/api/progress/students/{student_id}/course/{COURSE_ID}"
            progress = (await http.get(path)).raise_for_status().json()["progress"]
            for video_id, status in progress["videos"].items():
                if status["completed"]:
                    arrived.add((student_id, video_id), video_id, status["completed_at"])
            if progress["completed_at"]:
                arrived.add((student_id, ""), "", progress["completed_at"])
    return arrived


def _in_words(row: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in row.items())
