"""What an erasure does beyond the database's records: webhooks, memory, sockets, metrics."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from types import FrameType, FunctionType, ModuleType
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from progress_service.app import create_app
from progress_service.mongo import change_stream
from progress_service.mongo.client import Database
from progress_service.mongo.erasures import ERASURES
from progress_service.privacy import erasure, erasure_worker
from progress_service.settings import Settings
from progress_service.webhooks.destination import WebhookDestination
from tests.builders import a_body, a_token, bearer
from tests.conftest import running
from tests.erased_data import places_of
from tests.webhook_receiver import Receiver, a_receiver, responding

ME = "/api/progress/me"
STUDENT = "zoe-of-the-memory"
WAIT_SECONDS = 60.0

pytestmark = pytest.mark.settings(webhooks_allow_private_addresses=True)


@pytest.fixture
async def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    """With the real clock, and with short waits."""
    monkeypatch.setattr(change_stream, "MAX_AWAIT_MILLISECONDS", 10)
    monkeypatch.setattr(WebhookDestination, "retry_seconds", (0.1,) * 1_000)
    monkeypatch.setattr(erasure, "FENCE_SECONDS", 0.05)
    monkeypatch.setattr(erasure_worker, "EVENTS_SECONDS", 0.0)
    monkeypatch.setattr(erasure_worker, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(erasure_worker, "AGAIN_SECONDS", 0.05)
    async with running(create_app(settings)) as app:
        yield app


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with a_receiver() as receiver:
        yield receiver


@pytest.fixture
def zoe(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://service",
        headers=bearer(a_token(STUDENT)),
    )


async def erase(client: httpx.AsyncClient) -> None:
    while (response := await client.delete(ME)).status_code == 202:
        await asyncio.sleep(0.02)
    assert response.status_code == 200, response.text


async def until_forgotten(database: Database) -> None:
    """Wait until the events of all erasures are forgotten."""
    async with asyncio.timeout(WAIT_SECONDS):
        while await database[ERASURES].count_documents({"event_ids": {"$exists": True}}):
            await asyncio.sleep(0.05)


async def test_webhook_receives_the_erasure_and_then_nothing_names_the_student(
    zoe: httpx.AsyncClient,
    service: httpx.AsyncClient,
    course: dict[str, Any],
    database: Database,
    receiver: Receiver,
):
    is_down = True
    receiver.respond = lambda _: responding(503 if is_down else 204)
    body = {"url": f"http://127.0.0.1:{receiver.port}/", "events": ["progress.erased"]}
    (await service.put("/api/webhooks/certificates", json=body)).raise_for_status()
    (await service.put(f"/api/catalog/courses/react/enrollments/{STUDENT}")).raise_for_status()

    await erase(zoe)
    async with asyncio.timeout(WAIT_SECONDS):
        while len(receiver.received) < 2:
            await asyncio.sleep(0.02)
    assert {*await places_of(database, STUDENT)} == {"outbox", "outbox.student_id_1"}
    is_down = False
    await until_forgotten(database)

    sent = receiver.received[-1].json
    assert (sent["type"], sent["data"]) == ("progress.erased", {"student_id": STUDENT})
    assert len({each.event_id for each in receiver.received}) == 1
    assert await places_of(database, STUDENT) == []
    listed = (await service.get("/api/webhooks/certificates/deliveries")).json()["deliveries"]
    assert [each["status"] for each in listed] == ["delivered"]
    since = {"since": "2026-01-01T00:00:00Z"}
    replayed = await service.post("/api/webhooks/certificates/replay", json=since)
    assert replayed.json()["replayed"] == 0


@pytest.mark.settings(analytics_min_learners=1)
async def test_next_numbers_of_the_class_do_not_count_the_student(
    zoe: httpx.AsyncClient,
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    course: dict[str, Any],
    database: Database,
):
    numbers = "/api/progress/analytics/video/intro"
    (await service.put(f"/api/catalog/courses/react/enrollments/{STUDENT}")).raise_for_status()
    for student in (ana, zoe):
        body = a_body(watch_time=60, session_id="s", played=[[0, 60]])
        report = await student.post("/api/progress/video/intro/watch-time", json=body)
        report.raise_for_status()
    await until_viewers(service, numbers, 2)

    await erase(zoe)
    await until_viewers(service, numbers, 1)

    learners = (await service.get(numbers)).json()["learners"]
    assert learners == {"enrolled": 1, "viewers": 1, "completed": 0}
    assert await places_of(database, STUDENT) == []


async def until_viewers(service: httpx.AsyncClient, address: str, count: int) -> None:
    """Wait for a release with so many viewers."""
    async with asyncio.timeout(WAIT_SECONDS):
        while (await service.get(address)).json().get("learners", {}).get("viewers") != count:
            await asyncio.sleep(0.1)


async def test_process_forgets_the_student_and_the_token(
    zoe: httpx.AsyncClient,
    app: FastAPI,
    service: httpx.AsyncClient,
    course: dict[str, Any],
    database: Database,
):
    token = zoe.headers["authorization"].removeprefix("Bearer ")
    (await service.put(f"/api/catalog/courses/react/enrollments/{STUDENT}")).raise_for_status()
    for body in (a_body(), a_body(watch_time=599, session_id="s", device_id="d")):
        await zoe.post("/api/progress/video/intro/watch-time", json=body)
    now = datetime.now(UTC).isoformat()
    event = {"event_id": "e", "video_id": "hooks", "observed_at": now, **a_body()}
    (await zoe.post("/api/progress/events", json={"sent_at": now, "events": [event]}))
    (await zoe.get("/api/progress/course/react")).raise_for_status()
    assert texts_in_memory(app, STUDENT, token) != []

    await erase(zoe)
    del event, body

    found = texts_in_memory(app, STUDENT, token)
    with suppress(TimeoutError):
        async with asyncio.timeout(WAIT_SECONDS):
            while found := texts_in_memory(app, STUDENT, token):
                await asyncio.sleep(1.0)
    assert found == []


def texts_in_memory(app: FastAPI, *wanted: str) -> list[str]:
    """The texts with one of *wanted* in them that are reachable from *app*.

    It does not follow modules, functions' globals, running frames, or what belongs to the test.
    """
    seen: set[int] = set()
    found: list[str] = []
    queue: list[Any] = [app, *app.services.values()]  # type: ignore[attr-defined]
    while queue:
        one = queue.pop()
        if id(one) in seen or isinstance(one, ModuleType | FrameType | type):
            continue
        seen.add(id(one))
        if isinstance(one, str | bytes):
            text = one if isinstance(one, str) else one.decode("latin-1")
            found += [text[:80] for each in wanted if each in text]
            continue
        if isinstance(one, FunctionType):
            queue += [one.__closure__, one.__defaults__, one.__kwdefaults__]
            continue
        if isinstance(one, asyncio.AbstractEventLoop | asyncio.Task | httpx.AsyncClient):
            continue
        queue += gc.get_referents(one)
    return found


async def test_metrics_count_running_erasures(
    zoe: httpx.AsyncClient, anyone: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(erasure, "FENCE_SECONDS", 600.0)
    (await zoe.delete(ME)).raise_for_status()

    async with asyncio.timeout(WAIT_SECONDS):
        while "progress_erasures_pending 1.0" not in (await anyone.get("/metrics")).text:
            await asyncio.sleep(0.05)

    assert "progress_erasures_oldest_seconds" in (await anyone.get("/metrics")).text
