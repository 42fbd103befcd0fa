"""The body of a request to a receiver: the JSON of an event."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from progress_service.domain.outbox_events import OutboxEvent


def body_of(event: OutboxEvent) -> str:
    """``{"type", "timestamp", "data"}``, the same text for every attempt."""
    content = {
        "type": event.type,
        "timestamp": _written_out(event.occurred_at),
        "data": dict(event.data),
    }
    return json.dumps(content, default=_written_out, separators=(",", ":"), allow_nan=False)


def _written_out(value: Any) -> str:
    """A moment in UTC, as RFC 3339 writes it."""
    if not isinstance(value, datetime):
        raise TypeError(f"no JSON value: {type(value).__name__}")
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return aware.isoformat().replace("+00:00", "Z")
