"""Documents of ``watch_progress`` → `Progress`, whichever program wrote them.

Documents of this version are read in one step, all others field by field.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from progress_service.domain.intervals import (
    MAX_STORED_SPANS,
    Coverage,
    Span,
    snap_spans,
    total_seconds,
)
from progress_service.domain.progress import MAX_DURATION_SECONDS, Progress
from progress_service.mongo.client import in_utc
from progress_service.progress.foreign_documents import (
    ROUNDING_PERCENT,
    Document,
    UnreadableError,
    any_progress,
    device_position,
)
from progress_service.progress.session_forms import Sessions, readable_sessions

__all__ = ["Document", "UnreadableError", "own_progress", "stored_watched", "to_progress"]


def to_progress(document: Document) -> Progress:
    """The domain value of a ``watch_progress`` document.

    Most records have no spans and no devices, and are read by the hundred, so no function is called
    for a missing field.

    Raises:
        UnreadableError: the document has no readable progress.
    """
    try:
        record = own_progress(document)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
        record = None  # not of this version
    return any_progress(document) if record is None else record


def own_progress(document: Document) -> Progress | None:
    """Read a document of this version. For any other, return ``None`` or raise various errors."""
    held = document.get
    material_id = document["material_id"]
    position, duration = held("watch_time", 0.0), held("total_duration", 0.0)
    percent = held("progress_percentage", 0.0)
    furthest: Any = held("furthest_percentage")
    completed_at, spans, devices = held("completed_at"), held("watched_spans"), held("devices")
    watched_seconds = held("watched_seconds", 0.0)
    unmarked_at, since_unmark = held("unmarked_at"), held("furthest_since_unmark")
    is_own = (
        type(material_id) is str
        and 0.0 <= position <= duration <= MAX_DURATION_SECONDS
        and 0.0 <= percent <= 100.0
        and (not watched_seconds or 0.0 <= watched_seconds <= MAX_DURATION_SECONDS)
        and (not furthest or 0.0 <= furthest <= 100.0)
        and ("completed_at" in document or percent - ROUNDING_PERCENT <= furthest)
        and (since_unmark is None or 0.0 <= since_unmark <= 100.0)
    )
    if not is_own:
        return None
    if spans:
        spans = stored_spans(spans)
        if len(spans) > MAX_STORED_SPANS:  # stored before the maximum was introduced
            spans = snap_spans(spans, length_seconds=duration)
        if not watched_seconds:  # stored before the field was introduced
            watched_seconds = round(total_seconds(spans), 3)
    return Progress(
        material_id,
        position,
        duration,
        percent,
        furthest or 0.0,
        in_utc(held("last_watched")),
        in_utc(completed_at) if completed_at else None,
        watched_seconds,
        spans or (),
        tuple(map(device_position, devices)) if devices else (),
        in_utc(held("stored_at")),
        in_utc(unmarked_at) if unmarked_at else None,
        since_unmark or 0.0,
    )


def stored_spans(stored: Sequence[Sequence[float]]) -> tuple[Span, ...]:
    """The *stored* spans, unchanged.

    Raises:
        ValueError, TypeError: one of them is not a span.
    """
    spans = tuple([(start, end) for start, end in stored])
    if not all(0.0 <= start <= end for start, end in spans):
        raise ValueError("a span is not [start, end]")
    return spans


def stored_watched(document: Document) -> tuple[Coverage, Sessions] | None:
    """The coverage and the sessions of *document*; ``None`` if they are not of this version."""
    grid_seconds = document.get("watched_grid_seconds")
    if grid_seconds is not None and not isinstance(grid_seconds, int | float):
        return None
    sessions = document.get("sessions")
    readable = readable_sessions(sessions)
    if sessions is not None and readable != sessions:
        return None
    try:
        spans = stored_spans(document.get("watched_spans") or ())
    except (TypeError, ValueError):
        return None
    return Coverage(spans, grid_seconds), readable
