"""The part of `OutboxStore` that counts what waits, and removes what is no longer needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.schema import OUTBOX
from progress_service.outbox.documents import DELIVERY, EVENT
from progress_service.outbox.monitoring import MAX_COUNTED

MAX_REMOVED = 500  # In one command.
RETAINED_DAYS = 30  # Ended deliveries, for replays, and to ignore events that are added again.


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for delivery: how many, for how long the oldest, and how late the next is.

    ``overdue_seconds`` is 0 while everything waits for the moment of its next attempt.
    """

    depth: int
    oldest_seconds: float
    overdue_seconds: float


class OutboxUpkeep:
    """Queries over ``outbox``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._outbox = database[OUTBOX]

    async def remove_destination(self, destination: str) -> None:
        """Remove the deliveries of a destination that no longer exists."""
        with driver_errors("remove deliveries"):
            await self._outbox.delete_many({"destination": destination})

    async def forget_event(self, event_id: str, *, is_final: bool = False) -> bool:
        """Remove an event, and what it says from its deliveries; false while any is pending.

        The deliveries stay for operators, without the student and without data. If *is_final*, the
        pending ones are removed.
        """
        about = {"_id": {"$gte": event_id, "$lt": f"{event_id}0"}}  # "0" is the one after "/"
        is_open = [{"route_at": {"$exists": True}}, {"due_at": {"$exists": True}}]
        empty = {"$set": {"student_id": "", "data": {}}}
        with driver_errors("forget event"):
            if is_final:
                await self._outbox.delete_many({**about, "$or": is_open})
            if await self._outbox.find_one({**about, "$or": is_open}, {"_id": 1}) is not None:
                return False
            await self._outbox.delete_one({"_id": event_id, "kind": EVENT})  # no more replays
            await self._outbox.update_many({**about, "due_at": {"$exists": False}}, empty)
            left = {**about, "student_id": {"$ne": ""}}
            return await self._outbox.find_one(left, {"_id": 1}) is None

    async def backlog(self, destinations: Sequence[str]) -> Backlog:
        """What waits for delivery to *destinations*, counted up to `MAX_COUNTED`."""
        unrouted = {"coll": OUTBOX, "pipeline": [{"$match": {"route_at": {"$exists": True}}}]}
        pending = {"destination": {"$in": list(destinations)}, "due_at": {"$exists": True}}
        stages: list[Mapping[str, Any]] = [
            {"$match": pending},
            {"$unionWith": unrouted},
            {"$limit": MAX_COUNTED},
            {
                "$group": {
                    "_id": None,
                    "n": {"$sum": 1},
                    "oldest": {"$min": "$created_at"},
                    "due": {"$min": {"$ifNull": ["$due_at", "$route_at"]}},
                }
            },
            {
                "$set": {
                    "age_ms": {"$subtract": ["$$NOW", "$oldest"]},
                    "overdue_ms": {"$subtract": ["$$NOW", "$due"]},
                }
            },
        ]
        with driver_errors("count backlog"):
            async for found in self._outbox.aggregate(stages):
                age, overdue = (max(0.0, found[name] / 1_000) for name in ("age_ms", "overdue_ms"))
                return Backlog(found["n"], age, overdue)
        return Backlog(0, 0.0, 0.0)

    async def prune(self, *, now: datetime) -> int:
        """Remove events and ended deliveries after `RETAINED_DAYS`; return how many."""
        removed = 0
        for kind, is_open in ((EVENT, "route_at"), (DELIVERY, "due_at")):
            old = {"$lt": now - timedelta(days=RETAINED_DAYS)}
            query = {"kind": kind, "created_at": old, is_open: {"$exists": False}}
            with driver_errors("prune outbox"):
                while True:
                    found = self._outbox.find(query, {"_id": 1}).limit(MAX_REMOVED)
                    ids = [document["_id"] async for document in found]
                    if not ids:
                        break
                    removed += (await self._outbox.delete_many({"_id": {"$in": ids}})).deleted_count
        return removed
