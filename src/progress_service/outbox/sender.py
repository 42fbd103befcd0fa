"""Sends the deliveries of one destination; the others do not wait for it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress

from prometheus_client import Counter

from progress_service.errors import ServiceError
from progress_service.observability.logging import get_logger
from progress_service.observability.tracing import client_span
from progress_service.outbox.destinations import Attempt, Delivery, Destination
from progress_service.outbox.lease import Lease
from progress_service.outbox.store import OutboxStore

POLL_SECONDS = 1.0  # Between two looks for deliveries whose moment has come.
END_SECONDS = 1.0
JITTER = 0.2  # Of a wait, so that deliveries that failed together are not repeated together.
FAILURES_BEFORE_PROBING = 5  # In a row; after them, one delivery at a time tests the destination.
MAX_PROBE_SECONDS = 5.0

log = get_logger("outbox")


class Sender:
    """Runs until its task is cancelled."""

    def __init__(
        self, destination: Destination, store: OutboxStore, lease: Lease, attempts: Counter
    ) -> None:
        self.destination = destination
        self._store = store
        self._lease = lease
        self._attempts = attempts
        self._is_awake = asyncio.Event()
        self._running: dict[asyncio.Task[None], frozenset[str]] = {}
        self._failures = 0  # in a row
        self.task = asyncio.create_task(self._run())

    @property
    def is_probing(self) -> bool:
        """True while the last attempts failed, so that one delivery at a time is tried."""
        return self._failures >= FAILURES_BEFORE_PROBING

    def wake(self) -> None:
        """Look for deliveries at once."""
        self._is_awake.set()

    async def _run(self) -> None:
        try:
            while True:
                self._is_awake.clear()
                try:
                    await self._start_due()
                except ServiceError:  # logged where it was raised
                    await asyncio.sleep(POLL_SECONDS)
                except Exception as error:
                    log.error("sender_failed", error=type(error).__name__, exc_info=error)
                    await asyncio.sleep(POLL_SECONDS)
                await self._wait()
        finally:
            await self._end_running()

    async def _end_running(self) -> None:
        """Wait for what is being sent; otherwise it would be sent again."""
        if running := [*self._running]:
            await asyncio.wait(running, timeout=END_SECONDS)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _wait(self) -> None:
        """Wait until something may be due: a new delivery, a free slot, a retry."""
        if self.is_probing:
            doublings = self._failures - FAILURES_BEFORE_PROBING
            await asyncio.sleep(min(2.0 ** min(doublings, 8) * 0.25, MAX_PROBE_SECONDS))
            return
        with suppress(TimeoutError):  # `wait_for` may swallow a cancellation before Python 3.12
            async with asyncio.timeout(POLL_SECONDS):
                await self._is_awake.wait()

    async def _start_due(self) -> None:
        is_probing = self.is_probing
        slots = 1 if is_probing else self.destination.max_concurrent
        free = slots - len(self._running)
        if free <= 0 or not self._lease.is_held:
            return
        busy = frozenset().union(*self._running.values())
        size = self.destination.max_batch
        due = await self._store.due(self.destination.name, limit=free * size + len(busy))
        waiting = [one for one in due if one.delivery_id not in busy]
        if is_probing:
            waiting = waiting[:1]
        for start in range(0, min(len(waiting), free * size), size):
            self._start(waiting[start : start + size])

    def _start(self, batch: Sequence[Delivery]) -> None:
        task = asyncio.create_task(self._send(batch))
        self._running[task] = frozenset(one.delivery_id for one in batch)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._is_awake.set()

    async def _send(self, batch: Sequence[Delivery]) -> None:
        destination, began_at = self.destination, time.monotonic()
        try:
            with client_span(
                f"deliver {_kind_of(destination)}",
                {"messaging.operation.type": "send"},
                parents=[one.event.trace_parent for one in batch],
            ):
                attempts = await destination.deliver(batch)
        except Exception as error:  # noqa: BLE001 - a receiver's fault must not stop the sender
            log.warning("delivery_failed", destination=destination.name, error=type(error).__name__)
            attempts = [Attempt("retry", detail=type(error).__name__)] * len(batch)
        for attempt in attempts:
            self._failures = self._failures + 1 if attempt.outcome == "retry" else 0
            self._attempts.labels(_kind_of(destination), attempt.outcome).inc()
        log.info(
            "events_sent",
            destination=destination.name,
            events=len(batch),
            delivered=sum(attempt.outcome == "delivered" for attempt in attempts),
            took_ms=round((time.monotonic() - began_at) * 1_000),
        )
        await self._store_outcomes(batch, attempts)

    async def _store_outcomes(self, batch: Sequence[Delivery], attempts: Sequence[Attempt]) -> None:
        outcomes = [
            (delivery, *_ended_or_later(attempt, delivery, self.destination))
            for delivery, attempt in zip(batch, attempts, strict=True)
        ]
        while True:  # Otherwise the events would be sent again until the database responds.
            try:
                await self._store.store_attempts(outcomes)
                return
            except ServiceError:
                await asyncio.sleep(POLL_SECONDS)


def _kind_of(destination: Destination) -> str:
    """For metrics, whose labels must not grow with the number of destinations."""
    return destination.name.partition(":")[0]


def _ended_or_later(
    attempt: Attempt, delivery: Delivery, destination: Destination
) -> tuple[Attempt, float | None]:
    """The outcome, and the seconds until the next attempt; ``None`` if there is none."""
    if attempt.outcome != "retry":
        return attempt, None
    waits = destination.retry_seconds
    if delivery.attempts >= len(waits):
        if not destination.retries_forever:
            return attempt, None
        wait_seconds = waits[-1]
    else:
        wait_seconds = waits[delivery.attempts]
    wait_seconds = max(wait_seconds, attempt.retry_after_seconds or 0.0)
    return attempt, wait_seconds * (1 + random.random() * JITTER)  # noqa: S311 - only a spread
