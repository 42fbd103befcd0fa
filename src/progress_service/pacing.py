"""Keeps the event loop responsive: splits long work, and limits concurrent large reads."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextvars import ContextVar
from typing import TypeVar

from progress_service.errors import Unavailable

LATEST_WEIGHT = 0.2  # Of the latest value in a moving average.
CHUNK = 32  # Items between two checks of the clock; an item takes some microseconds.
TURN_SECONDS = 0.0005  # About the duration of two ordinary requests.

Item = TypeVar("Item")
Result = TypeVar("Result")

respond_by: ContextVar[float] = ContextVar("respond_by")
"""The deadline of the current request, by the clock of the event loop."""


async def paced(items: Iterable[Item]) -> AsyncIterator[Item]:
    """*items*; yields to the event loop each time that they have taken `TURN_SECONDS`."""
    turn_began_at = time.perf_counter()
    for item in items:
        yield item
        turn_began_at = await yield_when_due(turn_began_at)


async def paced_map(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """*function* of each of *items*; yields to the event loop like `paced`, between chunks."""
    results: list[Result] = []
    turn_began_at = time.perf_counter()
    for start in range(0, len(items), CHUNK):
        results += map(function, items[start : start + CHUNK])
        turn_began_at = await yield_when_due(turn_began_at)
    return results


async def yield_when_due(turn_began_at: float) -> float:
    """Yield to the event loop when this turn has taken `TURN_SECONDS`.

    Args:
        turn_began_at: when this turn began, by `time.perf_counter`.

    Returns:
        When the current turn began; after yielding, that is now.
    """
    if time.perf_counter() - turn_began_at < TURN_SECONDS:
        return turn_began_at
    await asyncio.sleep(0)
    return time.perf_counter()


class MovingAverage:
    """An exponentially weighted moving average, 0 before the first value."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0.0

    def add(self, latest: float) -> None:
        """Add the *latest* value."""
        self.value += (latest - self.value) * LATEST_WEIGHT


class Gate:
    """Runs a bounded number of calls at once; the others queue in order.

    A call that cannot end before the deadline of its request is rejected, both when it arrives and
    when its turn comes, because its client would not receive the result.
    """

    def __init__(self, max_running: int) -> None:
        self._max_running = max_running
        self._running = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._call_seconds = MovingAverage()

    async def run(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """What *call* returns.

        Raises:
            Unavailable: it could not end in time.
        """
        await self._enter()
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        try:
            return await call()
        finally:
            self._call_seconds.add(loop.time() - began_at)
            self._leave()

    async def _enter(self) -> None:
        self._require_time(turns_before=len(self._queue) / self._max_running)
        if self._running < self._max_running:
            self._running += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
            self._require_time(turns_before=0)
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._running -= 1

    def _require_time(self, *, turns_before: float) -> None:
        now = asyncio.get_running_loop().time()
        if now + self._call_seconds.value * (turns_before + 1) > respond_by.get(math.inf):
            raise Unavailable("There is no time left for this call. Try again shortly.")
