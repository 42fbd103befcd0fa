"""Runs concurrent calls as batches; each caller gets its own result.

A journaled majority write costs about the same for one record as for a hundred, and so does a read.
Calls that arrive during a batch join the next one: a single call starts at once, and batches grow
with the load. Many small batches in parallel would cost mongod and the driver a third more.

The next batch starts early when a batch is slow, and when nearly as many calls are queued as are
running, so that mongod has work while a response travels.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Generic, Self, TypeVar, cast

from opentelemetry.trace import SpanContext
from prometheus_client import Counter, Histogram

from progress_service.errors import Unavailable
from progress_service.observability.tracing import current_caller, in_batch
from progress_service.pacing import MovingAverage, respond_by

MAX_QUEUED = 10_000
MAX_BATCH_SIZE = 500
OVERLAP_RATIO = 0.75  # Queued calls over running calls from which a second batch starts.
SLOW_BATCH_SECONDS = 0.01  # The next batch no longer waits for one that takes longer.
MAX_CONCURRENT_BATCHES = 4
DRAIN_SECONDS = 2.0  # The server has already waited for open requests; no caller is left.

Item = TypeVar("Item")
Result = TypeVar("Result")
RunBatch = Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]
"""Runs a batch: one result or error for each item, in order. Raises when no outcome is known."""

_Call = tuple[Item, asyncio.Future[Result], SpanContext | None]
"""What a caller passed, what it waits for, and its span if it is traced."""


class Batcher(Generic[Item, Result]):
    """An async context manager: enter it to start, leave it to drain."""

    def __init__(
        self,
        run_batch: RunBatch[Item, Result],
        *,
        sizes: Histogram,
        rejected: Counter,
        max_queued: int = MAX_QUEUED,
    ) -> None:
        self._run = run_batch
        self._sizes = sizes
        self._rejected = rejected
        self._max_queued = max_queued
        self._queue: deque[_Call[Item, Result]] = deque()
        self._batches: set[asyncio.Task[None]] = set()
        self._running_calls = 0  # in all batches
        self._last_start_at = 0.0
        self._batch_seconds = MovingAverage()
        self._is_closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Reject new calls and run the queued ones; what is left after the deadline fails."""
        self._is_closed = True
        ends_at = asyncio.get_running_loop().time() + DRAIN_SECONDS
        while self._batches and (left := ends_at - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self._batches, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        for batch in self._batches:
            batch.cancel()
        while self._queue:
            _resolve(
                self._queue.popleft()[1], Unavailable("The service is stopping. Try again shortly.")
            )

    async def submit(self, item: Item) -> Result:
        """The result for *item*; for a change, once it is durable.

        Raises:
            Unavailable: the queue is full, the service is stopping, or the outcome is unknown.
        """
        if self._is_closed:
            raise Unavailable("The service is stopping. Try again shortly.")
        if len(self._queue) >= self._max_queued:
            self._rejected.inc()
            raise Unavailable("Too many calls are waiting for the database. Try again shortly.")
        if self._queue and self._would_miss_deadline():
            self._rejected.inc()
            raise Unavailable(
                "The database is too far behind to finish in time. Try again shortly."
            )
        caller: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.append((item, caller, current_caller()))
        self._start_batch_if_due()
        return await caller

    def _would_miss_deadline(self) -> bool:
        batches_ahead = 1 + len(self._queue) // MAX_BATCH_SIZE
        expected_at = asyncio.get_running_loop().time() + batches_ahead * self._batch_seconds.value
        return expected_at > respond_by.get(math.inf)

    def _start_batch_if_due(self) -> None:
        """Start at once when no batch runs; beside one, when enough calls wait or it is slow."""
        running, now = len(self._batches), asyncio.get_running_loop().time()
        is_due = (
            not running
            or (running == 1 and 0 < OVERLAP_RATIO * self._running_calls <= len(self._queue))
            or now - self._last_start_at >= SLOW_BATCH_SECONDS
        )
        if self._queue and is_due and running < MAX_CONCURRENT_BATCHES:
            self._last_start_at = now
            self._batches.add(asyncio.create_task(self._run_next_batch()))

    async def _run_next_batch(self) -> None:
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        loop.call_later(SLOW_BATCH_SECONDS, self._start_batch_if_due)
        size = min(len(self._queue), MAX_BATCH_SIZE)
        self._running_calls += size
        try:
            if size:  # 0 when a batch that started in the same moment took all
                await self._run_batch([self._queue.popleft() for _ in range(size)])
        finally:
            if size:
                self._batch_seconds.add(loop.time() - began_at)
            self._running_calls -= size
            self._batches.discard(cast(asyncio.Task[None], asyncio.current_task()))
            self._start_batch_if_due()

    async def _run_batch(self, batch: list[_Call[Item, Result]]) -> None:
        self._sizes.observe(len(batch))
        outcomes: Sequence[Result | Exception]
        try:
            with in_batch([span for _, _, span in batch]):
                outcomes = await self._run([item for item, _, _ in batch])
        except asyncio.CancelledError:
            stopping = Unavailable("The service stopped before the outcome was known.")
            outcomes = [stopping] * len(batch)
            raise
        except Exception as error:  # noqa: BLE001 - every caller must get it, whatever it is
            outcomes = [error] * len(batch)
        finally:
            for (_, caller, _), outcome in zip(batch, outcomes, strict=True):
                _resolve(caller, outcome)


def _resolve(caller: asyncio.Future[Result], outcome: Result | Exception) -> None:
    if caller.done():  # the caller disconnected; a change is stored all the same
        return
    if isinstance(outcome, Exception):
        caller.set_exception(outcome)
    else:
        caller.set_result(outcome)
