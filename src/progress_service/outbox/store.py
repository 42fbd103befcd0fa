"""The owner of ``outbox``: events, and their deliveries to destinations."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import WriteError

from progress_service.domain.outbox_events import OutboxEvent
from progress_service.errors import Invalid
from progress_service.mongo.client import OPERATION_SECONDS, Database, driver_errors, unavailable
from progress_service.mongo.schema import OUTBOX
from progress_service.mongo.writes import Statement, upsert_each
from progress_service.observability.tracing import trace_parent
from progress_service.outbox.destinations import Attempt, Delivery, Destination
from progress_service.outbox.documents import (
    DELIVERED,
    DELIVERY,
    EVENT,
    FAILED,
    PENDING,
    DeliveryRecord,
    Status,
    attempt_update,
    copied_delivery,
    delivery_upsert,
    event_upsert,
    to_delivery,
    to_event,
    to_record,
)

MAX_STATEMENTS = 500  # In one command.
MAX_COUNTED = 100_000  # Of the backlog; beyond it, the exact number matters to nobody.
RETAINED_DAYS = 30  # Ended deliveries, for replays, and to ignore events that are added again.


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for delivery: how many, for how long the oldest, and how late the next is.

    ``overdue_seconds`` is 0 while everything waits for the moment of its next attempt.
    """

    depth: int
    oldest_seconds: float
    overdue_seconds: float


class OutboxStore:
    """Queries over ``outbox``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._outbox = database[OUTBOX]

    # -- events --------------------------------------------------------------------------------

    async def add(self, events: Sequence[OutboxEvent]) -> None:
        """Store *events* that are not stored yet; durable on the majority when this returns."""
        parent = trace_parent()
        traced = [replace(event, trace_parent=parent) for event in events] if parent else events
        await self._write([event_upsert(event) for event in traced], "store events")

    async def unrouted(self, *, limit: int) -> list[OutboxEvent]:
        """Events whose moment has come and that have no deliveries yet, the oldest first."""
        query = {"$expr": {"$lte": ["$route_at", "$$NOW"]}, "route_at": {"$exists": True}}
        with driver_errors("read events"):
            found = self._outbox.find(query).sort("route_at", ASCENDING).limit(limit)
            return [to_event(document) async for document in found]

    async def route(
        self, events: Sequence[OutboxEvent], destinations: Sequence[Destination]
    ) -> None:
        """Store the deliveries of *events*. Safe to repeat after a crash."""
        deliveries = [
            delivery_upsert(event, destination.name)
            for event in events
            for destination in destinations
            if event.type in destination.types
        ]
        await self._write(deliveries, "route events")
        ids = [event.event_id for event in events]
        with driver_errors("route events"):
            await self._outbox.update_many({"_id": {"$in": ids}}, {"$unset": {"route_at": ""}})

    # -- deliveries ----------------------------------------------------------------------------

    async def send(self, destination: str, event: OutboxEvent) -> str:
        """Store a delivery of *event* to one destination only; return its id."""
        statement = delivery_upsert(event, destination)
        await self._write([statement], "send event")
        delivery_id: str = statement["q"]["_id"]
        return delivery_id

    async def replay(self, destination: str, types: Sequence[str], *, since: datetime) -> int:
        """Deliver the stored events since then once more; return their number.

        One aggregation, because there may be many events, and a request has a deadline.
        """
        query = {"kind": EVENT, "created_at": {"$gte": since}, "type": {"$in": list(types)}}
        into = {"into": OUTBOX, "whenMatched": "keepExisting", "whenNotMatched": "insert"}
        again = copied_delivery(destination, suffix=f"/{uuid.uuid4().hex}")
        with driver_errors("replay events"):
            count: int = await self._outbox.count_documents(query)
            stages: list[Mapping[str, Any]] = [{"$match": query}, {"$project": again}]
            async for _ in self._outbox.aggregate([*stages, {"$merge": into}]):
                pass
        return count

    async def due(self, destination: str, *, limit: int) -> list[Delivery]:
        """Deliveries whose next attempt is due, the longest due first."""
        query = {"destination": destination, "$expr": {"$lte": ["$due_at", "$$NOW"]}}
        with driver_errors("read deliveries"):
            found = self._outbox.find({**query, "due_at": {"$exists": True}})
            page = found.sort("due_at", ASCENDING).limit(limit)
            return [to_delivery(document) async for document in page]

    async def store_attempts(
        self, attempts: Sequence[tuple[Delivery, Attempt, float | None]]
    ) -> None:
        """Store outcomes, each with the seconds until the next attempt, or ``None`` at the end."""
        updates = [
            attempt_update(delivery, attempt, wait_seconds=wait_seconds)
            for delivery, attempt, wait_seconds in attempts
        ]
        await self._write(updates, "store attempts")

    async def deliveries(
        self, destination: str, *, status: Status | None, after: str | None, limit: int
    ) -> list[DeliveryRecord]:
        """Deliveries, newest first, after the one with the id *after*.

        Raises:
            Invalid: there is no such delivery.
        """
        statuses = [status] if status else [PENDING, DELIVERED, FAILED]
        query: dict[str, Any] = {"destination": destination, "status": {"$in": statuses}}
        with driver_errors("list deliveries"):
            if after is not None:
                query["$or"] = _behind(await self._last_listed(destination, after))
            found = self._outbox.find(query).sort([("created_at", DESCENDING), ("_id", DESCENDING)])
            return [to_record(document) async for document in found.limit(limit)]

    async def _last_listed(self, destination: str, delivery_id: str) -> Mapping[str, Any]:
        found = await self._outbox.find_one({"_id": delivery_id, "destination": destination})
        if found is None:
            raise Invalid.field("after", "names no delivery; send the `next` of the previous page")
        return found

    async def remove_destination(self, destination: str) -> None:
        """Remove the deliveries of a destination that no longer exists."""
        with driver_errors("remove deliveries"):
            await self._outbox.delete_many({"destination": destination})

    # -- operation -----------------------------------------------------------------------------

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
                    found = self._outbox.find(query, {"_id": 1}).limit(MAX_STATEMENTS)
                    ids = [document["_id"] async for document in found]
                    if not ids:
                        break
                    removed += (await self._outbox.delete_many({"_id": {"$in": ids}})).deleted_count
        return removed

    async def _write(self, statements: Sequence[Statement], operation: str) -> None:
        for start in range(0, len(statements), MAX_STATEMENTS):
            with driver_errors(operation):
                written = await upsert_each(
                    self._database,
                    OUTBOX,
                    statements[start : start + MAX_STATEMENTS],
                    within_seconds=OPERATION_SECONDS,
                )
            for code in written.write_errors.values():
                error = WriteError("rejected", code)
                raise unavailable(error, operation=f"{operation} (code {code})")


def _behind(last: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What follows *last*, newest first."""
    created_at = last["created_at"]
    same = {"created_at": created_at, "_id": {"$lt": last["_id"]}}
    return [{"created_at": {"$lt": created_at}}, same]
