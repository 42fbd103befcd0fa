"""A change stream that breaks: it goes on where it was, and says so when it cannot."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pymongo.change_stream
import pytest
from pymongo.errors import AutoReconnect, OperationFailure
from structlog.testing import capture_logs

from progress_service.domain.progress import Progress
from progress_service.live.feed import Feed
from progress_service.live.hub import Hub, Socket
from progress_service.mongo import changes
from progress_service.mongo.changes import LOST, ChangeStream
from progress_service.mongo.client import Database
from progress_service.observability import Metrics

HISTORY_LOST = OperationFailure("history lost", 286)
BAD_TOKEN = OperationFailure("invalid resume token", 260)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MAX_AWAIT_MILLISECONDS", 10)
    monkeypatch.setattr(changes, "RETRY_SECONDS", 0.05)


@pytest.fixture
def break_once(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The next look at a stream of that database fails, after *meanwhile* was done."""
    usual = pymongo.change_stream.DatabaseChangeStream.try_next

    def arrange(
        database_name: str, error: Exception, meanwhile: Callable[[], None] = lambda: None
    ) -> None:
        broken = []

        def try_next(self: Any) -> Any:
            if not broken and self._target.name == database_name:
                broken.append(True)
                meanwhile()
                raise error
            return usual(self)

        monkeypatch.setattr(pymongo.change_stream.DatabaseChangeStream, "try_next", try_next)

    return arrange


@pytest.fixture
async def stream(mongodb_uri: str, database: Database) -> AsyncIterator[ChangeStream]:
    async with ChangeStream(mongodb_uri, database.name, ["watch_progress"]) as stream:
        yield stream


async def heard(stream: ChangeStream, count: int) -> list[Any]:
    """The next events: their document's number, or LOST."""
    found: list[Any] = []
    async with asyncio.timeout(10):
        async for events in stream:
            found += [e if e is LOST else e["fullDocument"]["n"] for e in events]
            if len(found) >= count:
                return found
    raise AssertionError


async def test_what_changes_while_a_stream_is_interrupted_comes_when_it_is_back(
    stream: ChangeStream, database: Database, mongodb_uri: str, break_once: Callable[..., None]
):
    """The driver gave up, so the next stream must begin where the last one was left."""
    records = database["watch_progress"]
    await records.insert_one({"n": 1, "material_id": "a"})
    assert await heard(stream, 1) == [1]

    def insert() -> None:
        with pymongo.MongoClient(mongodb_uri) as client:
            client[database.name]["watch_progress"].insert_one({"n": 2, "material_id": "b"})

    break_once(database.name, AutoReconnect("gone"), insert)
    await asyncio.sleep(0.1)
    await records.insert_one({"n": 3, "material_id": "c"})

    assert await heard(stream, 2) == [2, 3]


@pytest.mark.parametrize("error", [HISTORY_LOST, BAD_TOKEN], ids=["lost", "bad token"])
async def test_a_lost_history_is_told_once_and_the_stream_goes_on(
    stream: ChangeStream, database: Database, break_once: Callable[..., None], error: Exception
):
    break_once(database.name, error)
    assert await heard(stream, 1) == [LOST]

    await database["watch_progress"].insert_one({"n": 1})

    assert await heard(stream, 1) == [1]


async def test_other_failures_lose_nothing(
    stream: ChangeStream, database: Database, break_once: Callable[..., None]
):
    break_once(database.name, OperationFailure("not now", 11_600))

    await database["watch_progress"].insert_one({"n": 1})

    assert await heard(stream, 1) == [1]


async def test_a_token_that_means_nothing_is_given_up(mongodb_uri: str, database: Database):
    """The server itself refuses it: nothing of this is made up."""
    stream = ChangeStream(mongodb_uri, database.name, ["watch_progress"])
    stream._token = {"_data": "82" + "00" * 40}
    async with stream:
        assert await heard(stream, 1) == [LOST]

        await database["watch_progress"].insert_one({"n": 1})

        assert await heard(stream, 1) == [1]


async def test_a_dropped_database_is_told_as_lost(stream: ChangeStream, database: Database):
    await database["watch_progress"].insert_one({"n": 1})
    await database.client.drop_database(database.name)

    async with asyncio.timeout(10):
        async for events in stream:
            if LOST in events:
                break


@pytest.mark.parametrize("change", ["drop", "rename"])
async def test_collection_that_is_dropped_or_renamed_is_told_as_lost(
    stream: ChangeStream, database: Database, change: str
):
    records = database["watch_progress"]
    await records.insert_one({"n": 1})
    await (records.drop() if change == "drop" else records.rename("elsewhere"))
    await database["watch_progress"].insert_one({"n": 2})

    assert await heard(stream, 3) == [1, LOST, 2]


async def test_stream_that_is_given_up_before_it_opened_ends_its_thread():
    nobody = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100"
    stream = ChangeStream(nobody, "nothing", ["watch_progress"])
    entering = asyncio.create_task(stream.__aenter__())
    await asyncio.sleep(0)

    entering.cancel()

    await asyncio.gather(entering, return_exceptions=True)
    await asyncio.to_thread(stream._thread.join, 30)
    assert not stream._thread.is_alive()


# -- and what listeners hear of it -------------------------------------------------------------


class Forgetful:
    """A catalogue that counts how often it was told to forget."""

    def __init__(self) -> None:
        self.forgotten = 0

    def forget_all(self) -> None:
        self.forgotten += 1


class FailsOnce(Forgetful):
    """A catalogue with a bug that shows at the first question."""

    def __init__(self) -> None:
        super().__init__()
        self.has_failed = False

    async def current_states(self, records: Sequence[Progress]) -> Sequence[Progress]:
        if not self.has_failed:
            self.has_failed = True
            raise RuntimeError("a bug")
        return records


async def test_listeners_are_told_to_start_over_when_history_is_lost(
    mongodb_uri: str, break_once: Callable[..., None]
):
    name, metrics, said = f"test_{uuid.uuid4().hex}", Metrics(), []

    async def send(message: Any) -> None:
        said.append(message["text"])

    hub = Hub(metrics)
    socket = Socket(send, student_id="ana", device_id=None, expires_at=1e12)
    hub.join(socket)
    socket.begin()

    def open_stream(collections: Any, **given: Any) -> ChangeStream:
        return ChangeStream(mongodb_uri, name, collections, **given)

    catalog: Any = Forgetful()
    async with Feed(open_stream, hub, catalog, on_enrollment_changed=lambda *_: None) as feed:
        await feed.follow_progress()
        said.clear()
        break_once(name, HISTORY_LOST)
        async with asyncio.timeout(10):
            while not said:
                await asyncio.sleep(0.01)

    assert '{"type":"resync"}' in said
    assert metrics.registry.get_sample_value("progress_resyncs_total")
    assert catalog.forgotten


@pytest.mark.parametrize("collection", ["courses", "enrollments", "watch_progress"])
@pytest.mark.parametrize("change", ["drop", "rename", "dropDatabase"])
async def test_listeners_start_over_when_a_collection_goes(
    mongodb_uri: str, database: Database, collection: str, change: str
):
    metrics, said = Metrics(), []

    async def send(message: Any) -> None:
        said.append(message["text"])

    hub, catalog = Hub(metrics), Forgetful()
    socket = Socket(send, student_id="ana", device_id=None, expires_at=1e12)
    hub.join(socket)
    socket.begin()

    def open_stream(collections: Any, **given: Any) -> ChangeStream:
        return ChangeStream(mongodb_uri, database.name, collections, **given)

    feed = Feed(open_stream, hub, catalog, on_enrollment_changed=lambda *_: None)  # type: ignore[arg-type]
    with capture_logs() as logged:
        async with feed:
            await feed.follow_progress()
            async with asyncio.timeout(10):
                while not catalog.forgotten:  # it does so when its stream stands
                    await asyncio.sleep(0.01)
            if change == "dropDatabase":
                await database.client.drop_database(database.name)
            elif change == "drop":
                await database[collection].drop()
            else:
                await database[collection].rename("elsewhere")
            async with asyncio.timeout(10):
                while not any("resync" in text for text in said):
                    await asyncio.sleep(0.01)

    assert "feed_failed" not in [line["event"] for line in logged]


async def test_a_feed_that_failed_begins_again_and_listeners_start_over(
    monkeypatch: pytest.MonkeyPatch, mongodb_uri: str
):
    """An error that nobody expected."""
    monkeypatch.setattr("progress_service.live.feed.RESTART_SECONDS", 0.05)
    name, metrics, said = f"test_{uuid.uuid4().hex}", Metrics(), []

    async def send(message: Any) -> None:
        said.append(message["text"])

    hub = Hub(metrics)
    socket = Socket(send, student_id="ana", device_id=None, expires_at=1e12)

    def open_stream(collections: Any, **given: Any) -> ChangeStream:
        return ChangeStream(mongodb_uri, name, collections, **given)

    catalog: Any = FailsOnce()
    async with Feed(open_stream, hub, catalog, on_enrollment_changed=lambda *_: None) as feed:
        await feed.follow_progress()
        hub.join(socket)
        socket.begin()
        with pymongo.MongoClient(mongodb_uri) as client:
            client[name]["watch_progress"].insert_one({"student_id": "ana", "material_id": "first"})
            async with asyncio.timeout(10):
                while '{"type":"resync"}' not in said:
                    await asyncio.sleep(0.01)
            client[name]["watch_progress"].insert_one({"student_id": "ana", "material_id": "intro"})
            async with asyncio.timeout(10):
                while not any('"progress"' in text for text in said):
                    await asyncio.sleep(0.01)
            client.drop_database(name)
