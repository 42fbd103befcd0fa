"""What operators see of the outbox as a whole: backlogs, failures, and who delivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pymongo import DESCENDING

from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.schema import OUTBOX
from progress_service.outbox.documents import DELIVERY, FAILED
from progress_service.outbox.lease import LEASE_ID

MAX_COUNTED = 100_000  # Beyond it, the exact number matters to nobody.
FAILED_WITHIN_MILLISECONDS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many events have no deliveries yet, and for how long the oldest has waited."""

    pending: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class DestinationState:
    """The deliveries of a destination.

    ``pending`` wait, the oldest of them for ``oldest_seconds``; ``failing`` of them were tried
    before. ``last_status`` is that of the last response to a failing one. ``failed`` were given up
    lately.
    """

    name: str
    pending: int
    failing: int
    oldest_seconds: float
    last_status: int | None
    failed: int


class OutboxMonitor:
    """Queries over ``outbox`` for operators. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._outbox = database[OUTBOX]

    async def unrouted(self) -> Waiting:
        """Events whose moment has come."""
        is_due = {"route_at": {"$exists": True}, "$expr": {"$lte": ["$route_at", "$$NOW"]}}
        stages: list[Mapping[str, Any]] = [
            {"$match": is_due},
            {"$limit": MAX_COUNTED},
            {"$group": {"_id": None, "pending": {"$sum": 1}, "oldest": {"$min": "$route_at"}}},
            {"$set": {"age_ms": {"$subtract": ["$$NOW", "$oldest"]}}},
        ]
        with driver_errors("count events"):
            async for found in self._outbox.aggregate(stages):
                return Waiting(found["pending"], _seconds(found["age_ms"]))
        return Waiting(0, 0.0)

    async def destinations(self) -> list[DestinationState]:
        """Every destination with deliveries that wait, or were given up in the last day."""
        with driver_errors("count deliveries"):
            pending = await self._pending()
            failed = await self._failed()
        return [
            DestinationState(
                name=name,
                pending=pending.get(name, {}).get("pending", 0),
                failing=pending.get(name, {}).get("failing", 0),
                oldest_seconds=_seconds(pending.get(name, {}).get("age_ms")),
                last_status=await self._last_status(name),
                failed=failed.get(name, 0),
            )
            for name in sorted({*pending, *failed})
        ]

    async def has_worker(self) -> bool:
        """True while a process holds the lease."""
        query = {"_id": LEASE_ID, "$expr": {"$gt": ["$until", "$$NOW"]}}
        with driver_errors("read outbox lease"):
            return await self._outbox.find_one(query, {"_id": 1}) is not None

    async def _pending(self) -> dict[str, Mapping[str, Any]]:
        failing = {"$cond": [{"$gt": ["$attempts", 0]}, 1, 0]}
        stages: list[Mapping[str, Any]] = [
            {"$match": {"due_at": {"$exists": True}, "destination": {"$type": "string"}}},
            {"$limit": MAX_COUNTED},
            {
                "$group": {
                    "_id": "$destination",
                    "pending": {"$sum": 1},
                    "failing": {"$sum": failing},
                    "oldest": {"$min": "$created_at"},
                }
            },
            {"$set": {"age_ms": {"$subtract": ["$$NOW", "$oldest"]}}},
        ]
        return {found["_id"]: found async for found in self._outbox.aggregate(stages)}

    async def _failed(self) -> dict[str, int]:
        since = {"$subtract": ["$$NOW", FAILED_WITHIN_MILLISECONDS]}
        is_new = {"$expr": {"$gte": ["$created_at", since]}, "created_at": {"$type": "date"}}
        query = {"kind": DELIVERY, "status": FAILED, **is_new}
        stages: list[Mapping[str, Any]] = [
            {"$match": {**query, "destination": {"$type": "string"}}},
            {"$limit": MAX_COUNTED},
            {"$group": {"_id": "$destination", "failed": {"$sum": 1}}},
        ]
        return {found["_id"]: found["failed"] async for found in self._outbox.aggregate(stages)}

    async def _last_status(self, name: str) -> int | None:
        query = {"destination": name, "due_at": {"$exists": True}, "attempts": {"$gt": 0}}
        with driver_errors("read deliveries"):
            found = await self._outbox.find_one(query, sort=[("due_at", DESCENDING)])
        status = found.get("last_status") if found else None
        return status if isinstance(status, int) else None


def _seconds(milliseconds: Any) -> float:
    return max(0.0, milliseconds / 1_000) if isinstance(milliseconds, int | float) else 0.0
