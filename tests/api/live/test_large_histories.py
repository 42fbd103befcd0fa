"""One student with more records than one database response contains."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from tests.api.live.conftest import Learner, NewLearner
from tests.builders import NOON

RECORDS = 10_500
SPANS = [[10.0 * number, 10.0 * number + 5] for number in range(60)]


MAX_TRIES = 20


async def with_retries(call: Callable[[], Awaitable[Any]]) -> Any:
    """The result of *call*, retried on 503: a busy machine may exceed the request deadline."""
    for _ in range(MAX_TRIES - 1):
        try:
            return await call()
        except httpx.HTTPStatusError as error:
            if error.response.status_code != 503:
                raise
            await asyncio.sleep(float(error.response.headers["Retry-After"]))
    return await call()


@pytest.fixture
async def learner(new_learner: NewLearner, mongodb_uri: str, live_database: str) -> Learner:
    """A learner with progress in very many videos."""
    learner = await new_learner()
    others = [
        {
            "student_id": learner.id,
            "material_id": f"{learner.id}-{number:05}",
            "course_id": "old",
            "watch_time": 125.5,
            "total_duration": 600.0,
            "progress_percentage": 20.92,
            "furthest_percentage": 20.92,
            "last_watched": NOON,
            "watched_spans": SPANS,
            "watched_seconds": 300.0,
            "stored_at": NOON,
        }
        for number in range(RECORDS)
    ]
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        client[live_database]["watch_progress"].insert_many(others)
    await learner.report("first")
    return learner


async def test_changes_of_a_large_history_are_complete(learner: Learner):
    response = await with_retries(learner.changes)

    assert len(response["changes"]) == RECORDS + 1
    assert response["changes"][-1]["videoId"] == learner.video("first")
    assert (await learner.changes(response["cursor"]))["changes"] == []


async def test_cards_of_a_large_history_are_returned(learner: Learner):
    async def read_cards() -> list[dict[str, Any]]:
        async with learner.live.caller(learner.id) as caller:
            response = await caller.get("/api/progress/continue-watching")
        items: list[dict[str, Any]] = response.raise_for_status().json()["items"]
        return items

    cards = await with_retries(read_cards)

    assert [card["material_id"] for card in cards] == [learner.video("first")]


async def test_socket_catches_up_with_a_large_history(learner: Learner):
    async with learner.listening() as listener:
        video_ids = {(await listener.first("progress"))["videoId"] for _ in range(RECORDS + 1)}

        assert len(video_ids) == RECORDS + 1
        await learner.report("second")
        assert await listener.first("progress", videoId=learner.video("second"))
