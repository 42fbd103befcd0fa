"""Concurrent calls share one trip to the database; each caller gets its own answer.

A journaled majority write costs about the same for one record as for a hundred, and so does a read.
So whatever arrives while a trip is under way waits for the next one: alone a call waits for nobody,
and under load the groups grow by themselves. Many small trips side by side would cost mongod and
driver a third more. But the next one sets out when nearly as many wait as are on their way, so that
mongod has work while an answer travels; and when a trip takes unusually long.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Generic, Self, TypeVar, cast

from prometheus_client import Counter, Histogram

from progress_service.errors import Unavailable
from progress_service.pacing import answer_by

MAX_WAITING = 10_000
MAX_GROUP = 500
NEXT_GROUP_SHARE = 0.75  # Of those on their way; when so many wait, a second trip sets out.
PATIENCE_SECONDS = 0.01  # A trip that takes longer is waited for no more…
TRIPS_IN_FLIGHT = 4  # …and so many may be under way then.
NEWEST_TRIP_SHARE = 0.2  # In what is taken for the typical time of a trip.
DRAIN_SECONDS = 2.0  # The server has waited for the answers before; nobody waits now.

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Trip = Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Exception]]]
"""Serves a group; one answer or error for each item, in order. Raises when nothing is known."""


class Grouped(Generic[Item, Answer]):
    """An async context manager: enter it to start, leave it to drain."""

    def __init__(
        self,
        trip: Trip[Item, Answer],
        *,
        sizes: Histogram,
        refused: Counter,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self._trip = trip
        self._sizes = sizes
        self._refused = refused
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[Item, asyncio.Future[Answer]]] = deque()
        self._trips: set[asyncio.Task[None]] = set()
        self._under_way = 0  # calls, in all trips
        self._set_out_at = 0.0
        self._typical_seconds = 0.0  # of a trip
        self._is_closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take nothing more, and serve what waits; what is not served by then is told so."""
        self._is_closed = True
        ends_at = asyncio.get_running_loop().time() + DRAIN_SECONDS
        while self._trips and (left := ends_at - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self._trips, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        for trip in self._trips:
            trip.cancel()
        while self._waiting:
            _, outcome = self._waiting.popleft()
            _settle(outcome, Unavailable("The service is stopping. Try again shortly."))

    async def submit(self, item: Item) -> Answer:
        """The answer to *item*; for a change, once it is durable.

        Raises:
            Unavailable: too many are waiting, the service is stopping, or the outcome is unknown.
        """
        if self._is_closed:
            raise Unavailable("The service is stopping. Try again shortly.")
        if len(self._waiting) >= self._max_waiting:
            self._refused.inc()
            raise Unavailable("Too many calls are waiting for the database. Try again shortly.")
        if self._waiting and self._is_too_late():
            self._refused.inc()
            raise Unavailable(
                "The database is too far behind to finish in time. Try again shortly."
            )
        outcome: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, outcome))
        self._set_out_if_due()
        return await outcome

    def _is_too_late(self) -> bool:
        """True for a call whose answer cannot come by its deadline, with so many before it."""
        trips_ahead = 1 + len(self._waiting) // MAX_GROUP
        expected_at = asyncio.get_running_loop().time() + trips_ahead * self._typical_seconds
        return expected_at > answer_by.get(math.inf)

    def _set_out_if_due(self) -> None:
        """At once when no trip is under way; beside one, when enough wait, or it takes long."""
        trips, now = len(self._trips), asyncio.get_running_loop().time()
        is_due = (
            not trips
            or (trips == 1 and 0 < NEXT_GROUP_SHARE * self._under_way <= len(self._waiting))
            or now - self._set_out_at >= PATIENCE_SECONDS
        )
        if self._waiting and is_due and trips < TRIPS_IN_FLIGHT:
            self._set_out_at = now
            trip = asyncio.create_task(self._carry_what_waits())
            self._trips.add(trip)

    async def _carry_what_waits(self) -> None:
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        loop.call_later(PATIENCE_SECONDS, self._set_out_if_due)
        size = min(len(self._waiting), MAX_GROUP)
        self._under_way += size
        try:
            if size:  # else a trip that set out in the same moment took all
                await self._carry([self._waiting.popleft() for _ in range(size)])
        finally:
            if size:
                took_seconds = loop.time() - began_at
                self._typical_seconds += (took_seconds - self._typical_seconds) * NEWEST_TRIP_SHARE
            self._under_way -= size
            self._trips.discard(cast(asyncio.Task[None], asyncio.current_task()))
            self._set_out_if_due()

    async def _carry(self, group: list[tuple[Item, asyncio.Future[Answer]]]) -> None:
        self._sizes.observe(len(group))
        outcomes: Sequence[Answer | Exception]
        try:
            outcomes = await self._trip([item for item, _ in group])
        except asyncio.CancelledError:
            stopping = Unavailable("The service stopped before the outcome was known.")
            outcomes = [stopping] * len(group)
            raise
        except Exception as error:  # noqa: BLE001 - every waiter must hear of it, whatever it is
            outcomes = [error] * len(group)
        finally:
            for (_, waiter), outcome in zip(group, outcomes, strict=True):
                _settle(waiter, outcome)


def _settle(waiter: asyncio.Future[Answer], outcome: Answer | Exception) -> None:
    if waiter.done():  # its caller hung up; a change is stored all the same
        return
    if isinstance(outcome, Exception):
        waiter.set_exception(outcome)
    else:
        waiter.set_result(outcome)
