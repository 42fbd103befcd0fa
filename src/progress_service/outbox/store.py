"""The owner of ``outbox``: events, and their deliveries to destinations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from progress_service.domain.outbox_events import OutboxEvent
from progress_service.mongo.client import Database

Status = Literal["pending", "delivered", "failed"]


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A stored delivery, as operators see it."""

    delivery_id: str
    event_id: str
    type: str
    status: Status
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    last_attempt_at: datetime | None
    last_status: int | None
    last_detail: str | None


class OutboxStore:
    """Queries over ``outbox``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, events: Sequence[OutboxEvent]) -> None:
        """Store *events* that are not stored yet; durable on the majority when this returns."""
        raise NotImplementedError

    async def send(self, destination: str, event: OutboxEvent) -> str:
        """Store a delivery of *event* to one destination only; return its id."""
        raise NotImplementedError

    async def replay(self, destination: str, types: Sequence[str], *, since: datetime) -> int:
        """Deliver the stored events since then once more; return their number."""
        raise NotImplementedError

    async def deliveries(
        self, destination: str, *, status: Status | None, after: str | None, limit: int
    ) -> list[DeliveryRecord]:
        """Deliveries, newest first, after the one with the id *after*."""
        raise NotImplementedError

    async def remove_destination(self, destination: str) -> None:
        """Remove the pending deliveries of a destination that no longer exists."""
        raise NotImplementedError
