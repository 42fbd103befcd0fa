"""The owner of ``outbox``: events, and their deliveries to destinations."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import WriteError

from progress_service.domain.outbox_events import PROGRESS_ERASED, OutboxEvent
from progress_service.errors import Erased, Invalid
from progress_service.mongo.client import OPERATION_SECONDS, driver_errors, unavailable
from progress_service.mongo.schema import OUTBOX
from progress_service.mongo.writes import Statement, upsert_each
from progress_service.outbox.destinations import Attempt, Delivery, Destination
from progress_service.outbox.documents import (
    DELIVERED,
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
from progress_service.outbox.upkeep import Backlog as Backlog
from progress_service.outbox.upkeep import OutboxUpkeep

MAX_STATEMENTS = 500  # In one command.


class OutboxStore(OutboxUpkeep):
    """Queries over ``outbox``. Every driver error becomes `Unavailable`."""

    # -- events --------------------------------------------------------------------------------

    async def add(self, events: Sequence[OutboxEvent]) -> None:
        """Store *events* that are not stored yet; durable on the majority when this returns.

        Raises:
            Erased: the data of a student was erased.
            Unavailable: the outcome is unknown.
        """
        upserts = [(event, event_upsert(event)) for event in events]
        if await self._write_of(upserts, "store events") < len(upserts):
            raise Erased()

    async def unrouted(self, *, limit: int) -> list[OutboxEvent]:
        """Events whose moment has come and that have no deliveries yet, the oldest first."""
        query = {"$expr": {"$lte": ["$route_at", "$$NOW"]}, "route_at": {"$exists": True}}
        with driver_errors("read events"):
            found = self._outbox.find(query).sort("route_at", ASCENDING).limit(limit)
            return [to_event(document) async for document in found]

    async def route(
        self, events: Sequence[OutboxEvent], destinations: Sequence[Destination]
    ) -> None:
        """Store the deliveries of *events*. Safe to repeat after a crash.

        Omits events about students whose data was erased since they were read.
        """
        deliveries = [
            (event, delivery_upsert(event, destination.name))
            for event in events
            for destination in destinations
            if event.type in destination.types
        ]
        await self._write_of(deliveries, "route events")
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

    async def _write_of(
        self, statements: Sequence[tuple[OutboxEvent, Statement]], operation: str
    ) -> int:
        """Write documents about students whose data was not erased; return their number."""
        written = 0
        for start in range(0, len(statements), MAX_STATEMENTS):
            ends_at = time.monotonic() + OPERATION_SECONDS
            chunk = statements[start : start + MAX_STATEMENTS]
            writes = [(event.student_id, event.occurred_at) for event, _ in chunk]
            erased = await self._database.erased.check(writes, ends_at=ends_at)
            accepted = [
                statement
                for i, (event, statement) in enumerate(chunk)
                if i not in erased or event.type == PROGRESS_ERASED
            ]
            if accepted:
                await self._send(accepted, operation, ends_at=ends_at)
            written += len(accepted)
        return written

    async def _write(self, statements: Sequence[Statement], operation: str) -> None:
        for start in range(0, len(statements), MAX_STATEMENTS):
            ends_at = time.monotonic() + OPERATION_SECONDS
            chunk = statements[start : start + MAX_STATEMENTS]
            await self._send(chunk, operation, ends_at=ends_at)

    async def _send(
        self, statements: Sequence[Statement], operation: str, *, ends_at: float
    ) -> None:
        with driver_errors(operation):
            written = await upsert_each(
                self._database, OUTBOX, statements, within_seconds=ends_at - time.monotonic()
            )
        for code in written.write_errors.values():
            error = WriteError("rejected", code)
            raise unavailable(error, operation=f"{operation} (code {code})")


def _behind(last: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What follows *last*, newest first."""
    created_at = last["created_at"]
    same = {"created_at": created_at, "_id": {"$lt": last["_id"]}}
    return [{"created_at": {"$lt": created_at}}, same]
