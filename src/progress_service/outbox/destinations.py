"""What a receiver of events must offer; features implement it, and `app` plugs them in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from progress_service.domain.outbox_events import OutboxEvent


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one destination; ``attempts`` counts the earlier attempts."""

    delivery_id: str
    event: OutboxEvent
    attempts: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """The outcome of one attempt.

    ``delivered`` ends the delivery. After ``retry``, the next attempt follows after
    ``retry_after_seconds``, or as the destination's ``retry_seconds`` says. ``failed`` ends it too,
    and keeps it for a replay. ``status`` is that of the response, if there was one; ``detail`` says
    what went wrong, without secrets and without bodies.
    """

    outcome: Literal["delivered", "retry", "failed"]
    status: int | None = None
    detail: str | None = None
    retry_after_seconds: float | None = None


class Destination(Protocol):
    """A receiver of events."""

    @property
    def name(self) -> str:
        """A unique and permanent name, such as ``xapi``; deliveries are stored under it.

        Of several of one kind, it begins with the kind and a colon.
        """

    @property
    def types(self) -> frozenset[str]:
        """The types of the events that it receives."""

    @property
    def retry_seconds(self) -> Sequence[float]:
        """The waits before the second, third … attempt; then the delivery has failed."""

    @property
    def retries_forever(self) -> bool:
        """True if the last wait is repeated instead."""

    @property
    def max_batch(self) -> int:
        """How many deliveries one call of `deliver` may have."""

    @property
    def max_concurrent(self) -> int:
        """How many calls of `deliver` may run at once."""

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Attempt]:
        """Send *deliveries*; one outcome for each, in order.

        It has a deadline of its own. An exception counts as ``retry`` for all.
        """


ListDestinations = Callable[[], Awaitable[Sequence[Destination]]]
"""Returns the destinations that exist now. The worker calls it every second."""
