"""Documents of ``outbox`` ↔ events, deliveries and what operators see of them.

Three kinds of documents share the collection: an ``event`` has ``route_at`` until its deliveries
exist, a ``delivery`` has ``due_at`` until it has ended, and the lease says which process delivers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from progress_service.domain.outbox_events import OutboxEvent
from progress_service.mongo.client import in_utc
from progress_service.mongo.expressions import Expression, in_seconds
from progress_service.mongo.writes import Statement
from progress_service.outbox.destinations import Attempt, Delivery

EVENT, DELIVERY = "event", "delivery"
PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"
Status = Literal["pending", "delivered", "failed"]
Document = Mapping[str, Any]
COPIED_FIELDS = ("type", "student_id", "occurred_at", "data", "trace_parent")
_IS_NEW: Expression = {"$eq": [{"$type": "$kind"}, "missing"]}


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


def event_upsert(event: OutboxEvent) -> Statement:
    """Stores *event* once; a repeat only moves the moment of one that was not routed yet."""
    new = {
        **_fields_of(event),
        "_id": {"$literal": event.event_id},
        "kind": EVENT,
        "created_at": "$$NOW",
        "route_at": in_seconds(event.delay_seconds),
    }
    move = {"$max": ["$route_at", in_seconds(event.delay_seconds)]}
    if not event.delay_seconds:
        move = {"$min": ["$route_at", "$$NOW"]}
    is_routed = {"$eq": [{"$type": "$route_at"}, "missing"]}
    moved = {"$cond": [is_routed, "$$ROOT", {"$mergeObjects": ["$$ROOT", {"route_at": move}]}]}
    return _upsert(event.event_id, {"$cond": [_IS_NEW, new, moved]})


def delivery_upsert(event: OutboxEvent, destination: str) -> Statement:
    """Stores the delivery of *event* to *destination* once."""
    delivery_id = f"{event.event_id}/{destination}"
    new = {
        **_fields_of(event),
        "_id": {"$literal": delivery_id},
        "event_id": {"$literal": event.event_id},
        **_new_delivery(destination),
    }
    return _upsert(delivery_id, {"$cond": [_IS_NEW, new, "$$ROOT"]})


def copied_delivery(destination: str, *, suffix: str) -> Expression:
    """A projection of an event's document: one more delivery, whose id ends in *suffix*."""
    return {
        "_id": {"$concat": ["$_id", {"$literal": f"/{destination}{suffix}"}]},
        "event_id": "$_id",
        **{name: f"${name}" for name in COPIED_FIELDS},
        **_new_delivery(destination),
    }


def _new_delivery(destination: str) -> Expression:
    return {
        "kind": {"$literal": DELIVERY},
        "destination": {"$literal": destination},
        "status": {"$literal": PENDING},
        "attempts": {"$literal": 0},
        "created_at": "$$NOW",
        "due_at": "$$NOW",
    }


def attempt_update(
    delivery: Delivery, attempt: Attempt, *, wait_seconds: float | None
) -> Statement:
    """Stores the outcome of an attempt; ``None`` as *wait_seconds* ends the delivery."""
    status = DELIVERED if attempt.outcome == "delivered" else FAILED
    fields: dict[str, Any] = {
        "status": status if wait_seconds is None else PENDING,
        "attempts": delivery.attempts + 1,
        "last_attempt_at": "$$NOW",
        "last_status": attempt.status,
        "last_detail": {"$literal": attempt.detail},
        "due_at": "$$REMOVE" if wait_seconds is None else in_seconds(wait_seconds),
    }
    return {"q": {"_id": delivery.delivery_id, "kind": DELIVERY}, "u": [{"$set": fields}]}


def _fields_of(event: OutboxEvent) -> dict[str, Any]:
    trace = {"trace_parent": {"$literal": event.trace_parent}} if event.trace_parent else {}
    return {
        **trace,
        "type": event.type,
        "student_id": {"$literal": event.student_id},
        "occurred_at": event.occurred_at,
        "data": {"$literal": dict(event.data)},
    }


def _upsert(document_id: str, replacement: Expression) -> Statement:
    return {"q": {"_id": document_id}, "u": [{"$replaceWith": replacement}], "upsert": True}


def to_event(document: Document) -> OutboxEvent:
    """The event of an event's or a delivery's document."""
    return OutboxEvent(
        event_id=document.get("event_id", document["_id"]),
        type=document["type"],
        student_id=document["student_id"],
        occurred_at=_moment(document["occurred_at"]),
        data={
            name: _moment(value) if isinstance(value, datetime) else value
            for name, value in document["data"].items()
        },
        trace_parent=parent if isinstance(parent := document.get("trace_parent"), str) else None,
    )


def to_delivery(document: Document) -> Delivery:
    """The delivery, for its destination."""
    return Delivery(document["_id"], to_event(document), document["attempts"])


def to_record(document: Document) -> DeliveryRecord:
    """The delivery, for operators."""
    return DeliveryRecord(
        delivery_id=document["_id"],
        event_id=document["event_id"],
        type=document["type"],
        status=document["status"],
        attempts=document["attempts"],
        created_at=_moment(document["created_at"]),
        next_attempt_at=in_utc(document.get("due_at")),
        last_attempt_at=in_utc(document.get("last_attempt_at")),
        last_status=document.get("last_status"),
        last_detail=document.get("last_detail"),
    )


def _moment(stored: datetime) -> datetime:
    moment = in_utc(stored)
    assert moment is not None  # noqa: S101 - only `None` gives `None`
    return moment
