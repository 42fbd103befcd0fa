"""Workers of the outbox that do not make a test wait."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from progress_service.mongo.client import Database
from progress_service.observability.metrics import Metrics
from progress_service.outbox import sender, worker
from progress_service.outbox.destinations import Destination
from progress_service.outbox.lease import Lease
from progress_service.outbox.store import OutboxStore
from progress_service.outbox.worker import OutboxWorker

StartWorker = Callable[..., "object"]


@pytest.fixture
def store(database: Database) -> OutboxStore:
    return OutboxStore(database)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "ROUTE_SECONDS", 0.01)
    monkeypatch.setattr(worker, "REFRESH_SECONDS", 0.05)
    monkeypatch.setattr(worker, "TRY_SECONDS", 0.05)
    monkeypatch.setattr(worker, "GAUGE_SECONDS", 0.05)
    monkeypatch.setattr(sender, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(sender, "MAX_PROBE_SECONDS", 0.02)


class Workers:
    """Starts workers, as several processes have them, on one database."""

    def __init__(self, database: Database, stack: AsyncExitStack) -> None:
        self._database = database
        self._stack = stack
        self.metrics = Metrics()

    async def start(self, *destinations: Destination) -> OutboxWorker:
        async def listed() -> list[Destination]:
            return list(destinations)

        made = OutboxWorker(
            OutboxStore(self._database), Lease(self._database), [listed], self.metrics
        )
        return await self._stack.enter_async_context(made)


@pytest.fixture
async def workers(database: Database) -> AsyncIterator[Workers]:
    async with AsyncExitStack() as stack:
        yield Workers(database, stack)
