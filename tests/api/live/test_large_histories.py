"""One student with more records than one answer of the database holds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from tests.api.live.conftest import Learner, NewLearner
from tests.builders import NOON

MANY = 10_500
SPANS = [[10.0 * number, 10.0 * number + 5] for number in range(60)]


MAX_TRIES = 20


async def answered(call: Callable[[], Awaitable[Any]]) -> Any:
    """What *call* returns; a busy machine may be too slow for the deadline of one request."""
    for _ in range(MAX_TRIES - 1):
        try:
            return await call()
        except httpx.HTTPStatusError as error:
            if error.response.status_code != 503:
                raise
            await asyncio.sleep(float(error.response.headers["Retry-After"]))
    return await call()


@pytest.fixture
async def busy(new_learner: NewLearner, mongodb_uri: str, live_database: str) -> Learner:
    """A learner who has watched some of very many videos."""
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
        for number in range(MANY)
    ]
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        client[live_database]["watch_progress"].insert_many(others)
    await learner.report("first")
    return learner


async def test_all_changes_of_a_large_history_are_answered(busy: Learner):
    answer = await answered(busy.changes)

    assert len(answer["changes"]) == MANY + 1
    assert answer["changes"][-1]["videoId"] == busy.video("first")
    assert (await busy.changes(answer["cursor"]))["changes"] == []


async def test_the_shelf_of_a_large_history_is_answered(busy: Learner):
    async def shelf() -> list[dict[str, Any]]:
        async with busy.live.caller(busy.id) as caller:
            answer = await caller.get("/api/progress/continue-watching")
        items: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
        return items

    cards = await answered(shelf)

    assert [card["material_id"] for card in cards] == [busy.video("first")]


async def test_a_socket_catches_up_with_a_large_history(busy: Learner):
    async with busy.listening() as listener:
        told = {(await listener.first("progress"))["videoId"] for _ in range(MANY + 1)}

        assert len(told) == MANY + 1
        await busy.report("second")
        assert await listener.first("progress", videoId=busy.video("second"))
