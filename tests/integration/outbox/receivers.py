"""Destinations inside the test: they record what they receive, and fail as they are told."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from progress_service.domain.outbox_events import VIDEO_COMPLETED
from progress_service.outbox.destinations import Attempt, Delivery

DELIVERED = Attempt("delivered", status=200)
Respond = Callable[[Delivery], Awaitable[Attempt]]


async def accept(_: Delivery) -> Attempt:
    return DELIVERED


@dataclass
class Receiver:
    """A destination. ``received`` counts the deliveries of each event that it accepted."""

    name: str = "receiver"
    respond: Respond = accept
    types: frozenset[str] = frozenset({VIDEO_COMPLETED})
    retry_seconds: Sequence[float] = (0.01, 0.01)
    retries_forever: bool = False
    max_batch: int = 1
    max_concurrent: int = 4
    received: Counter[str] = field(default_factory=Counter)
    running: int = 0
    most_running: int = 0
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Attempt]:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            attempts = [await self.respond(one) for one in deliveries]
        finally:
            self.running -= 1
        async with self.arrived:
            self.received.update(
                one.event.event_id
                for one, attempt in zip(deliveries, attempts, strict=True)
                if attempt.outcome == "delivered"
            )
            self.arrived.notify_all()
        return attempts

    async def wait_for(self, count: int) -> None:
        """Return when *count* different events have arrived."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.received) >= count)
