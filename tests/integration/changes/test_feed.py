"""A change feed whose stream breaks: listeners get a resync."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pymongo
import pytest
from pymongo.errors import OperationFailure
from structlog.testing import capture_logs

from progress_service.changes.events import CatalogEvent, CatalogStale
from progress_service.changes.feed import ChangeFeed
from progress_service.domain.progress import Progress
from progress_service.live.hub import Hub, Socket
from progress_service.live.updates import LiveUpdates
from progress_service.mongo.change_stream import ChangeStream
from progress_service.mongo.client import Database
from progress_service.observability.metrics import Metrics

pytestmark = pytest.mark.usefixtures("fast_retries")

HISTORY_LOST_ERROR = OperationFailure("history lost", 286)


class FailsOnce:
    """A catalogue whose first call fails."""

    has_failed = False

    async def current_states(self, records: Sequence[Progress]) -> Sequence[Progress]:
        if not self.has_failed:
            self.has_failed = True
            raise RuntimeError("a bug")
        return records


class Unchanged:
    """A catalogue that returns stored states unchanged."""

    async def current_states(self, records: Sequence[Progress]) -> Sequence[Progress]:
        return records


def a_feed(
    uri: str,
    database_name: str,
    hub: Hub,
    *,
    catalog: Any = None,
    catalog_events: list[CatalogEvent] | None = None,
) -> ChangeFeed:
    """A feed that pushes to *hub*, and records the events of the catalogue."""
    replacement: Any = catalog or Unchanged()
    updates = LiveUpdates(hub, replacement)

    async def catalog_changed(event: CatalogEvent) -> None:
        if catalog_events is not None:
            catalog_events.append(event)
        await updates.catalog_changed(event)

    return ChangeFeed(
        partial(ChangeStream, uri, database_name),
        on_catalog_changed=catalog_changed,
        on_progress_changed=updates.progress_changed,
        is_listening=lambda student_id: True,
    )


async def test_lost_history_sends_a_resync(mongodb_uri: str, break_once: Callable[..., None]):
    name, metrics, sent = f"test_{uuid.uuid4().hex}", Metrics(), []

    async def send(message: Any) -> None:
        sent.append(message["text"])

    hub = Hub(metrics)
    socket = Socket(send, student_id="ana", device_id=None, expires_at=1e12)
    hub.join(socket)
    socket.start()
    catalog_events: list[CatalogEvent] = []
    async with a_feed(mongodb_uri, name, hub, catalog_events=catalog_events) as feed:
        await feed.follow_progress()
        sent.clear()
        break_once(name, HISTORY_LOST_ERROR)
        async with asyncio.timeout(60):
            while not sent:
                await asyncio.sleep(0.01)

    assert '{"type":"resync"}' in sent
    assert metrics.registry.get_sample_value("progress_resyncs_total")
    assert catalog_events


@pytest.mark.parametrize("collection", ["courses", "enrollments", "watch_progress"])
@pytest.mark.parametrize("change", ["drop", "rename", "dropDatabase"])
async def test_dropped_or_renamed_collection_sends_a_resync(
    mongodb_uri: str, database: Database, collection: str, change: str
):
    metrics, sent = Metrics(), []

    async def send(message: Any) -> None:
        sent.append(message["text"])

    hub = Hub(metrics)
    socket = Socket(send, student_id="ana", device_id=None, expires_at=1e12)
    hub.join(socket)
    socket.start()

    catalog_events: list[CatalogEvent] = []
    feed = a_feed(mongodb_uri, database.name, hub, catalog_events=catalog_events)
    with capture_logs() as logged:
        async with feed:
            await feed.follow_progress()
            async with asyncio.timeout(60):
                while CatalogStale() not in catalog_events:
                    await asyncio.sleep(0.01)
            if change == "dropDatabase":
                await database.client.drop_database(database.name)
            elif change == "drop":
                await database[collection].drop()
            else:
                await database[collection].rename("elsewhere")
            async with asyncio.timeout(60):
                while not any("resync" in text for text in sent):
                    await asyncio.sleep(0.01)

    assert "change_feed_failed" not in [line["event"] for line in logged]


async def test_failed_feed_restarts_and_sends_a_resync(
    monkeypatch: pytest.MonkeyPatch, mongodb_uri: str
):
    """After an unexpected error."""
    monkeypatch.setattr("progress_service.changes.feed.RESTART_SECONDS", 0.05)
    name, metrics, sent = f"test_{uuid.uuid4().hex}", Metrics(), []

    async def send(message: Any) -> None:
        sent.append(message["text"])

    hub = Hub(metrics)
    socket = Socket(send, student_id="ana", device_id=None, expires_at=1e12)
    async with a_feed(mongodb_uri, name, hub, catalog=FailsOnce()) as feed:
        await feed.follow_progress()
        hub.join(socket)
        socket.start()
        with pymongo.MongoClient[dict[str, Any]](mongodb_uri) as client:
            client[name]["watch_progress"].insert_one({"student_id": "ana", "material_id": "first"})
            async with asyncio.timeout(60):
                while '{"type":"resync"}' not in sent:
                    await asyncio.sleep(0.01)
            client[name]["watch_progress"].insert_one({"student_id": "ana", "material_id": "intro"})
            async with asyncio.timeout(60):
                while not any('"progress"' in text for text in sent):
                    await asyncio.sleep(0.01)
            client.drop_database(name)
