"""The database is gone for a while: what is said meanwhile, and that it comes back by itself."""

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
from progress_service.mongo import changes, schema
from progress_service.mongo.client import open_database
from progress_service.mongo.mongod import Member, start_set
from tests.builders import a_body, a_settings, a_token, bearer
from tests.conftest import running
from tests.processes import frozen

WITHIN_SECONDS = 10
BACK_WITHIN_SECONDS = 30
LEARNERS_CALLS: list[tuple[str, str, Any]] = [
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


def killed(mongod: Member) -> None:
    """SIGKILL: the journal is all that stays."""
    assert mongod.process is not None
    mongod.process.kill()
    mongod.process.wait()


@pytest.fixture
async def app(mongod: Member, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    """The app with the demo course in it, and everything it keeps in memory still unknown."""
    monkeypatch.setattr(changes, "MAX_AWAIT_MILLISECONDS", 10)
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
    who: httpx.AsyncClient, method: str, path: str, body: Any
) -> tuple[httpx.Response, float]:
    started_at = time.monotonic()
    answer = await who.request(method, path, json=body)
    return answer, time.monotonic() - started_at


async def all_calls(
    who: httpx.AsyncClient, *, times: int = 1
) -> list[tuple[httpx.Response, float]]:
    return await asyncio.gather(*(timed(who, *call) for call in LEARNERS_CALLS * times))


def assert_unavailable(answers: list[tuple[httpx.Response, float]]) -> None:
    for answer, seconds in answers:
        assert answer.status_code == 503, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "unavailable"
        assert int(answer.headers["retry-after"]) >= 1
        assert seconds < WITHIN_SECONDS


async def assert_alive_but_not_ready(who: httpx.AsyncClient) -> None:
    alive, took_seconds = await timed(who, "GET", "/healthz", None)
    ready, _ = await timed(who, "GET", "/readyz", None)

    assert (alive.status_code, ready.status_code) == (200, 503)
    assert took_seconds < 1
    assert int(ready.headers["retry-after"]) >= 1


async def wait_until_ready(who: httpx.AsyncClient) -> None:
    deadline = time.monotonic() + BACK_WITHIN_SECONDS
    while (await who.get("/readyz")).status_code != 200:
        assert time.monotonic() < deadline, "it is still not ready"
        await asyncio.sleep(0.1)


async def assert_comes_back(who: httpx.AsyncClient) -> None:
    await wait_until_ready(who)
    answers = [await timed(who, *call) for call in LEARNERS_CALLS]
    assert [answer.status_code for answer, _ in answers] == [200] * len(LEARNERS_CALLS)


@pytest.mark.parametrize("is_known", [True, False], ids=["after use", "at first use"])
async def test_a_frozen_database_is_a_503_in_time_and_comes_back(
    mongod: Member, ana: httpx.AsyncClient, is_known: bool
):
    if is_known:
        await all_calls(ana)
    assert mongod.process is not None
    with frozen(mongod.process.pid):
        answers = await all_calls(ana, times=20)

        assert_unavailable([one for one in answers if "catalog" not in one[0].url.path])
        await assert_alive_but_not_ready(ana)
    await assert_comes_back(ana)


async def test_a_killed_database_is_a_503_in_time_and_comes_back(
    mongod: Member, ana: httpx.AsyncClient
):
    await all_calls(ana)
    killed(mongod)

    answers = await all_calls(ana, times=20)

    assert_unavailable([one for one in answers if "catalog" not in one[0].url.path])
    await assert_alive_but_not_ready(ana)
    start_set([mongod])
    await assert_comes_back(ana)


async def test_what_was_answered_before_a_kill_is_there_after_it(
    mongod: Member, ana: httpx.AsyncClient
):
    for second in range(40, 60):
        body = a_body(watch_time=second, total_duration=90)
        answer = await ana.post("/api/progress/video/welcome/watch-time", json=body)
        assert answer.status_code == 200
    killed(mongod)

    start_set([mongod])

    await wait_until_ready(ana)
    assert (await ana.get("/api/progress/video/welcome/status")).json()["watch_time"] == 59
