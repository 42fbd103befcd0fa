"""A change stream that breaks: it resumes where it stopped, or reports that history is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pymongo
import pytest
from pymongo.errors import AutoReconnect, OperationFailure

from progress_service.mongo.change_stream import HISTORY_LOST, ChangeStream
from progress_service.mongo.client import Database

pytestmark = pytest.mark.usefixtures("fast_retries")

HISTORY_LOST_ERROR = OperationFailure("history lost", 286)
BAD_TOKEN = OperationFailure("invalid resume token", 260)


@pytest.fixture
async def stream(mongodb_uri: str, database: Database) -> AsyncIterator[ChangeStream]:
    async with ChangeStream(mongodb_uri, database.name, ["watch_progress"]) as stream:
        yield stream


async def next_events(stream: ChangeStream, count: int) -> list[Any]:
    """The next *count* events or more: the number in the document, or HISTORY_LOST."""
    found: list[Any] = []
    async with asyncio.timeout(60):
        async for events in stream:
            found += [e if e is HISTORY_LOST else e["fullDocument"]["n"] for e in events]
            if len(found) >= count:
                return found
    raise AssertionError


async def test_change_during_an_interruption_is_returned_after_it(
    stream: ChangeStream, database: Database, mongodb_uri: str, break_once: Callable[..., None]
):
    """The driver gave up, so the next stream must resume where the last one stopped."""
    records = database["watch_progress"]
    await records.insert_one({"n": 1, "material_id": "a"})
    assert await next_events(stream, 1) == [1]

    def insert() -> None:
        with pymongo.MongoClient[dict[str, Any]](mongodb_uri) as client:
            client[database.name]["watch_progress"].insert_one({"n": 2, "material_id": "b"})

    break_once(database.name, AutoReconnect("gone"), insert)
    await asyncio.sleep(0.1)
    await records.insert_one({"n": 3, "material_id": "c"})

    assert await next_events(stream, 2) == [2, 3]


@pytest.mark.parametrize("error", [HISTORY_LOST_ERROR, BAD_TOKEN], ids=["lost", "bad token"])
async def test_lost_history_is_reported_once_and_the_stream_continues(
    stream: ChangeStream, database: Database, break_once: Callable[..., None], error: Exception
):
    break_once(database.name, error)
    assert await next_events(stream, 1) == [HISTORY_LOST]

    await database["watch_progress"].insert_one({"n": 1})

    assert await next_events(stream, 1) == [1]


async def test_other_failures_lose_no_change(
    stream: ChangeStream, database: Database, break_once: Callable[..., None]
):
    break_once(database.name, OperationFailure("not now", 11_600))

    await database["watch_progress"].insert_one({"n": 1})

    assert await next_events(stream, 1) == [1]


async def test_invalid_resume_token_is_discarded(mongodb_uri: str, database: Database):
    """The real server rejects the token."""
    stream = ChangeStream(mongodb_uri, database.name, ["watch_progress"])
    stream._token = {"_data": "82" + "00" * 40}
    async with stream:
        assert await next_events(stream, 1) == [HISTORY_LOST]

        await database["watch_progress"].insert_one({"n": 1})

        assert await next_events(stream, 1) == [1]


async def test_dropped_database_is_reported_as_lost_history(
    stream: ChangeStream, database: Database
):
    await database["watch_progress"].insert_one({"n": 1})
    await database.client.drop_database(database.name)

    async with asyncio.timeout(60):
        async for events in stream:
            if HISTORY_LOST in events:
                break


@pytest.mark.parametrize("change", ["drop", "rename"])
async def test_dropped_or_renamed_collection_is_reported_as_lost_history(
    stream: ChangeStream, database: Database, change: str
):
    records = database["watch_progress"]
    await records.insert_one({"n": 1})
    await (records.drop() if change == "drop" else records.rename("elsewhere"))
    await database["watch_progress"].insert_one({"n": 2})

    assert await next_events(stream, 3) == [1, HISTORY_LOST, 2]


async def test_stream_cancelled_before_it_opened_ends_its_thread():
    unreachable = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100"
    stream = ChangeStream(unreachable, "nothing", ["watch_progress"])
    entering = asyncio.create_task(stream.__aenter__())
    await asyncio.sleep(0)

    entering.cancel()

    await asyncio.gather(entering, return_exceptions=True)
    await asyncio.to_thread(stream._thread.join, 30)
    assert not stream._thread.is_alive()


async def test_update_of_an_ignored_field_is_no_event(mongodb_uri: str, database: Database):
    records = database["watch_progress"]
    ignoring = ChangeStream(
        mongodb_uri, database.name, ["watch_progress"], without_updates_of="active_at"
    )
    async with ignoring as stream:
        await records.insert_one({"_id": 1, "n": 1, "material_id": "a", "active_at": 0})
        await records.update_one({"_id": 1}, {"$set": {"active_at": 1}})
        await records.update_one({"_id": 1}, {"$set": {"n": 2}})
        await records.replace_one({"_id": 1}, {"n": 3, "material_id": "a", "active_at": 2})

        found = await next_events(stream, 3)

    # An event has the document as it is when the stream reads it.
    assert len(found) == 3
    assert found[-1] == 3
