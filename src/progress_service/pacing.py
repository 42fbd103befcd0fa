"""Long work in short turns, few long reads at once: nobody waits for another's hundred things."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextvars import ContextVar
from typing import TypeVar

from progress_service.errors import Unavailable

NEWEST_SHARE = 0.2  # Of the newest, in what is taken for typical.
CHUNK = 32  # Of what takes some microseconds each.
TURN_SECONDS = 0.0005  # About as long as two ordinary requests need.

Item = TypeVar("Item")
Result = TypeVar("Result")

answer_by: ContextVar[float] = ContextVar("answer_by")
"""The time of the event loop by which the current request must be answered."""


async def paced(items: Iterable[Item]) -> AsyncIterator[Item]:
    """*items*, with a turn for everybody else whenever ours was as long as `TURN_SECONDS`."""
    turn_began_at = time.perf_counter()
    for item in items:
        yield item
        turn_began_at = await yield_when_due(turn_began_at)


async def paced_map(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """*function* of each of *items*, looking at the clock once in `CHUNK` of them."""
    results: list[Result] = []
    turn_began_at = time.perf_counter()
    for start in range(0, len(items), CHUNK):
        results += map(function, items[start : start + CHUNK])
        turn_began_at = await yield_when_due(turn_began_at)
    return results


async def yield_when_due(turn_began_at: float) -> float:
    """Leave the loop to others when our turn was as long as `TURN_SECONDS`.

    Args:
        turn_began_at: by `time.perf_counter`.

    Returns:
        When the turn that goes on now began.
    """
    if time.perf_counter() - turn_began_at < TURN_SECONDS:
        return turn_began_at
    await asyncio.sleep(0)
    return time.perf_counter()


class Gate:
    """Lets few pieces of work run at once; the others wait in order.

    What cannot end before the deadline of its request is rejected, when it arrives and when its
    turn comes: it would be done for nobody.
    """

    def __init__(self, max_running: int) -> None:
        self._max_running = max_running
        self._running = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._typical_seconds = 0.0

    async def run(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """What *work* returns.

        Raises:
            Unavailable: there is no time left for it.
        """
        await self._begin()
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        try:
            return await work()
        finally:
            took_seconds = loop.time() - began_at
            self._typical_seconds += (took_seconds - self._typical_seconds) * NEWEST_SHARE
            self._end()

    async def _begin(self) -> None:
        self._require_time(turns_before=len(self._waiting) / self._max_running)
        if self._running < self._max_running:
            self._running += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
            self._require_time(turns_before=0)
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._end()
            raise

    def _end(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._running -= 1

    def _require_time(self, *, turns_before: float) -> None:
        ends_at = asyncio.get_running_loop().time() + self._typical_seconds * (turns_before + 1)
        if ends_at > answer_by.get(math.inf):
            raise Unavailable("There is no time left for this call. Try again shortly.")
