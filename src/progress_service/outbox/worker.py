"""Delivers events: routes them to destinations, and runs one sender for each destination.

One process at a time works, the one that holds the lease. The others take over when it dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from progress_service.errors import ServiceError
from progress_service.observability.logging import get_logger
from progress_service.observability.metrics import Metrics
from progress_service.outbox.destinations import Destination, ListDestinations
from progress_service.outbox.lease import RENEW_SECONDS, Lease
from progress_service.outbox.sender import Sender
from progress_service.outbox.store import OutboxStore

ROUTE_LIMIT = 200  # Events in one round.
ROUTE_SECONDS = 0.2  # Between two looks for new events; a part of what a delivery takes.
TRY_SECONDS = 1.0  # Between two tries to take the lease, and after an error.
RELEASE_SECONDS = 0.5
GAUGE_SECONDS = 5.0
PRUNE_SECONDS = 600.0
REFRESH_SECONDS = 1.0  # A new destination is served after that time, also for replays and tests.

log = get_logger("outbox")


class OutboxWorker:
    """Works while entered."""

    def __init__(
        self,
        store: OutboxStore,
        lease: Lease,
        sources: Sequence[ListDestinations],
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._lease = lease
        self._sources = sources
        self._metrics = metrics
        self._senders: dict[str, Sender] = {}
        self._stopping: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(_forever(self._lead_if_free, every_seconds=TRY_SECONDS)),
            asyncio.create_task(_forever(self._update_gauges, every_seconds=GAUGE_SECONDS)),
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await _stop(self._tasks)
        if self._lease.is_held:
            with suppress(ServiceError, TimeoutError):
                async with asyncio.timeout(RELEASE_SECONDS):  # it ends by itself, too
                    await self._lease.release()

    async def _lead_if_free(self) -> None:
        if await self._lease.acquire():
            await self._lead()

    async def _lead(self) -> None:
        """Deliver until the lease is lost."""
        log.info("outbox_lease_acquired")
        tasks = [
            asyncio.create_task(_forever(work, every_seconds=seconds))
            for work, seconds in (
                (self._route, ROUTE_SECONDS),
                (self._refresh, REFRESH_SECONDS),
                (self._prune, PRUNE_SECONDS),
            )
        ]
        try:
            while self._lease.is_held:
                await asyncio.sleep(RENEW_SECONDS)
                with suppress(ServiceError):
                    await self._lease.acquire()
            log.warning("outbox_lease_lost")
        finally:
            await _stop(tasks)
            senders, self._senders = self._senders, {}
            await _stop([*self._stopping, *(sender.task for sender in senders.values())])

    async def _route(self) -> None:
        """Store a delivery for each destination of each new event.

        The destinations are read after the events: one that was added before an event receives it.
        """
        while events := await self._store.unrouted(limit=ROUTE_LIMIT):
            destinations = await self._destinations()
            await self._store.route(events, destinations)
            self._serve(destinations)
            types = {event.type for event in events}
            for sender in self._senders.values():
                if not types.isdisjoint(sender.destination.types):
                    sender.wake()

    async def _refresh(self) -> None:
        self._serve(await self._destinations())

    async def _destinations(self) -> list[Destination]:
        return [one for source in self._sources for one in await source()]

    def _serve(self, destinations: Sequence[Destination]) -> None:
        """Run a sender for each of *destinations*, and stop the others."""
        names = {one.name for one in destinations}
        for name in [*self._senders]:
            if name not in names:  # It may still be sending; the others must not wait for it.
                self._end(self._senders.pop(name))
        for one in destinations:
            if (sender := self._senders.get(one.name)) is not None:
                sender.destination = one
            else:
                self._senders[one.name] = Sender(
                    one, self._store, self._lease, self._metrics.outbox_attempts
                )

    def _end(self, sender: Sender) -> None:
        sender.task.cancel()
        self._stopping.add(sender.task)
        sender.task.add_done_callback(self._stopping.discard)

    async def _prune(self) -> None:
        await self._store.prune(now=datetime.now(UTC))

    async def _update_gauges(self) -> None:
        failing = sum(sender.is_probing for sender in self._senders.values())
        self._metrics.outbox_failing_destinations.set(failing)
        names = [one.name for one in await self._destinations()]  # Not of inactive webhooks.
        backlog = await self._store.backlog(names)
        self._metrics.outbox_depth.set(backlog.depth)
        self._metrics.outbox_oldest_seconds.set(backlog.oldest_seconds)
        self._metrics.outbox_overdue_seconds.set(backlog.overdue_seconds)


async def _forever(work: Callable[[], Awaitable[None]], *, every_seconds: float) -> None:
    while True:
        try:
            await work()
        except ServiceError:  # logged where it was raised
            await asyncio.sleep(TRY_SECONDS)
        except Exception as error:
            log.error("outbox_failed", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(TRY_SECONDS)
        await asyncio.sleep(every_seconds)


async def _stop(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
