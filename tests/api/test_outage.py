"""Database outages: the responses meanwhile, and the recovery without a restart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from progress_service import development
from progress_service.app import create_app
from progress_service.mongo import change_stream, schema
from progress_service.mongo.client import open_database
from progress_service.mongo.mongod import Member, start_set
from tests.builders import a_body, a_settings, a_token, bearer
from tests.conftest import running
from tests.processes import frozen

MAX_RESPONSE_SECONDS = 10
RECOVERY_SECONDS = 30
LEARNER_CALLS: list[tuple[str, str, Any]] = [
    ("POST", "/api/progress/video/welcome/watch-time", a_body(watch_time=40, total_duration=90)),
    ("GET", "/api/progress/video/welcome/status", None),
    ("POST", "/api/progress/videos/batch", {"video_ids": ["welcome", "state"]}),
    ("GET", "/api/progress/course/demo", None),
    ("POST", "/api/progress/material/reading-list/complete", None),
    ("DELETE", "/api/progress/material/reading-list/complete", None),
    ("GET", "/api/catalog/courses/demo", None),
]


@pytest.fixture
def mongod(tmp_path: Path) -> Iterator[Member]:
    """A mongod that this test may freeze and kill."""
    member = Member(tmp_path)
    start_set([member])
    yield member
    member.stop()


def kill(mongod: Member) -> None:
    """Send SIGKILL to *mongod*; only its journal remains."""
    assert mongod.process is not None
    mongod.process.kill()
    mongod.process.wait()


@pytest.fixture
async def app(mongod: Member, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    """The app with the demo course and empty caches."""
    monkeypatch.setattr(change_stream, "MAX_AWAIT_MILLISECONDS", 10)
    settings = a_settings(mongodb_uri=mongod.uri)
    async with open_database(mongod.uri, settings.mongodb_database) as database:
        await schema.prepare(database)
        await development.seed(database)
    async with running(create_app(settings)) as app:
        yield app


@pytest.fixture
async def ana(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://service", headers=bearer(a_token("ana")), timeout=30
    ) as client:
        yield client


async def timed(
    client: httpx.AsyncClient, method: str, path: str, body: Any
) -> tuple[httpx.Response, float]:
    started_at = time.monotonic()
    response = await client.request(method, path, json=body)
    return response, time.monotonic() - started_at


async def all_calls(
    client: httpx.AsyncClient, *, times: int = 1
) -> list[tuple[httpx.Response, float]]:
    return await asyncio.gather(*(timed(client, *call) for call in LEARNER_CALLS * times))


def assert_unavailable(responses: list[tuple[httpx.Response, float]]) -> None:
    for response, seconds in responses:
        assert response.status_code == 503, response.text
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["code"] == "unavailable"
        assert int(response.headers["retry-after"]) >= 1
        assert seconds < MAX_RESPONSE_SECONDS


async def assert_alive_but_not_ready(client: httpx.AsyncClient) -> None:
    alive, took_seconds = await timed(client, "GET", "/healthz", None)
    ready, _ = await timed(client, "GET", "/readyz", None)

    assert (alive.status_code, ready.status_code) == (200, 503)
    assert took_seconds < 1
    assert int(ready.headers["retry-after"]) >= 1


async def wait_until_ready(client: httpx.AsyncClient) -> None:
    deadline = time.monotonic() + RECOVERY_SECONDS
    while (await client.get("/readyz")).status_code != 200:
        assert time.monotonic() < deadline, "it is still not ready"
        await asyncio.sleep(0.1)


async def assert_recovers(client: httpx.AsyncClient) -> None:
    await wait_until_ready(client)
    responses = [await timed(client, *call) for call in LEARNER_CALLS]
    assert [response.status_code for response, _ in responses] == [200] * len(LEARNER_CALLS)


@pytest.mark.parametrize("is_cached", [True, False], ids=["cached", "not cached"])
async def test_frozen_database_gives_503_in_time_and_recovers(
    mongod: Member, ana: httpx.AsyncClient, is_cached: bool
):
    if is_cached:
        await all_calls(ana)
    assert mongod.process is not None
    with frozen(mongod.process.pid):
        responses = await all_calls(ana, times=20)

        assert_unavailable([pair for pair in responses if "catalog" not in pair[0].url.path])
        await assert_alive_but_not_ready(ana)
    await assert_recovers(ana)


async def test_killed_database_gives_503_in_time_and_recovers(
    mongod: Member, ana: httpx.AsyncClient
):
    await all_calls(ana)
    kill(mongod)

    responses = await all_calls(ana, times=20)

    assert_unavailable([pair for pair in responses if "catalog" not in pair[0].url.path])
    await assert_alive_but_not_ready(ana)
    start_set([mongod])
    await assert_recovers(ana)


async def test_acknowledged_reports_survive_a_killed_database(
    mongod: Member, ana: httpx.AsyncClient
):
    for second in range(40, 60):
        body = a_body(watch_time=second, total_duration=90)
        response = await ana.post("/api/progress/video/welcome/watch-time", json=body)
        assert response.status_code == 200
    kill(mongod)

    start_set([mongod])

    await wait_until_ready(ana)
    assert (await ana.get("/api/progress/video/welcome/status")).json()["watch_time"] == 59
