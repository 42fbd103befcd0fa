"""Reads documents of other programs and earlier versions field by field.

Numbers and dates may be of any type, fields may be missing, and some records have only a position.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from progress_service.domain.intervals import (
    JOIN_GAP_SECONDS,
    MAX_STORED_SPANS,
    Span,
    merge_spans,
    snap_spans,
    total_seconds,
)
from progress_service.domain.progress import MAX_DURATION_SECONDS, DevicePosition, Progress
from progress_service.mongo.values import to_moment, to_number

Document = Mapping[str, Any]
ROUNDING_PERCENT = 0.005 + 1e-9  # A percentage is stored with two decimals, the furthest with all.
_MARKS = frozenset({"completed_at", "unmarked_at"})
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""The stamp of records that were stored without a stamp and without a date."""


class UnreadableError(Exception):
    """The document has no readable progress. The message names the field."""


def any_progress(document: Document) -> Progress:
    """The domain value of a document of any version.

    Raises:
        UnreadableError: the document has no readable progress.
    """
    material_id = document.get("material_id")
    if not isinstance(material_id, str) or not material_id:
        raise UnreadableError("material_id")
    now = datetime.now(UTC)
    position, duration, percent = position_of(document)
    observed_at = to_moment(document.get("last_watched"), now=now)
    stamp = stamp_of(document, now=now)
    spans = readable_spans(document.get("watched_spans"), length_seconds=duration)
    devices = readable_devices(document.get("devices"), now=now)
    return Progress(
        material_id,
        position,
        duration,
        percent,
        furthest_of(document, percent),
        observed_at,
        completion_of(document, now=now, otherwise=stamp),
        _watched_seconds(document, spans),
        spans,
        tuple(device_position(device) for device in devices),
        stamp,
        unmark_of(document, now=now, otherwise=stamp),
        readable_percent(document.get("furthest_since_unmark")) or 0.0,
    )


def stamp_of(document: Document, *, now: datetime) -> datetime:
    """When the record was stored, or else watched.

    Never in the future: a cursor in the future would hide later changes.
    """
    stored_at = to_moment(document.get("stored_at"), now=now)
    return stored_at or to_moment(document.get("last_watched"), now=now) or LONG_AGO


def furthest_of(document: Document, percent: float) -> float:
    """The furthest percentage; at least *percent* if the record was never completed or unmarked."""
    furthest = readable_percent(document.get("furthest_percentage")) or 0.0
    if _MARKS.intersection(document) or percent - ROUNDING_PERCENT <= furthest:
        return furthest
    return percent


def completion_of(document: Document, *, now: datetime, otherwise: datetime) -> datetime | None:
    """The time of completion, ``None`` without one; *otherwise* if it is unreadable."""
    return _moment_of(document.get("completed_at"), now=now, otherwise=otherwise)


def unmark_of(document: Document, *, now: datetime, otherwise: datetime) -> datetime | None:
    """The time of the unmark, ``None`` without one; *otherwise* if it is unreadable."""
    return _moment_of(document.get("unmarked_at"), now=now, otherwise=otherwise)


def _moment_of(value: Any, *, now: datetime, otherwise: datetime) -> datetime | None:
    return None if value is None else to_moment(value, now=now) or otherwise


def position_of(document: Document) -> tuple[float, float, float]:
    """Position and length in seconds, and the percentage; computes missing ones from the others.

    Raises:
        UnreadableError: the position is unreadable, and cannot be computed.
    """
    length = to_number(document.get("total_duration"))
    duration = length if length is not None and 0 < length <= MAX_DURATION_SECONDS else 0.0
    percent = readable_percent(document.get("progress_percentage"))
    stored = document.get("watch_time")
    position = to_number(stored)
    if position is None or position > MAX_DURATION_SECONDS:
        if percent is not None and duration:
            position = round(duration * percent / 100, 3)
        elif stored is None:
            position = 0.0
        else:
            raise UnreadableError("watch_time")
    position = max(position, 0.0)
    if not duration and percent:
        duration = min(round(position / percent * 100, 3), MAX_DURATION_SECONDS)
    if duration:
        position = min(position, duration)
    if percent is None:
        percent = round(position / duration * 100, 2) if duration else 0.0
    return position, duration, percent


def readable_percent(value: Any) -> float | None:
    """A percentage between 0 and 100; ``None`` if *value* is not a number."""
    number = to_number(value)
    return None if number is None else min(max(number, 0.0), 100.0)


def _watched_seconds(document: Document, spans: tuple[Span, ...]) -> float:
    if spans:
        return round(total_seconds(spans), 3)
    watched = to_number(document.get("watched_seconds"))
    return watched if watched is not None and 0 <= watched <= MAX_DURATION_SECONDS else 0.0


def readable_spans(stored: Any, *, length_seconds: float) -> tuple[Span, ...]:
    """The valid spans of *stored*, disjoint and sorted."""
    if not isinstance(stored, list):
        return ()
    spans = [span for one in stored if (span := _span(one)) is not None]
    if len(spans) == len(stored) and list(merge_spans(spans)) == spans:
        merged = tuple(spans)
    else:
        merged = merge_spans(spans, join_gap_seconds=JOIN_GAP_SECONDS)
    if len(merged) <= MAX_STORED_SPANS:
        return merged
    return snap_spans(merged, length_seconds=length_seconds or MAX_DURATION_SECONDS)


def _span(stored: Any) -> Span | None:
    if not isinstance(stored, list) or len(stored) != 2:
        return None
    start, end = to_number(stored[0]), to_number(stored[1])
    if start is None or end is None or not 0 <= start <= end <= MAX_DURATION_SECONDS:
        return None
    return start, end


def readable_devices(stored: Any, *, now: datetime) -> list[dict[str, Any]]:
    """The devices of *stored* that have a position, with the fields of this version."""
    if not isinstance(stored, list):
        return []
    return [device for one in stored if (device := _device(one, now=now)) is not None]


def _device(stored: Any, *, now: datetime) -> dict[str, Any] | None:
    if not isinstance(stored, Mapping):
        return None
    device_id, session_id = stored.get("device_id"), stored.get("session_id")
    position = _seconds(stored.get("watch_time"))
    observed_at = to_moment(stored.get("observed_at"), now=now)
    if not isinstance(device_id, str) or position is None or observed_at is None:
        return None
    return {
        "ranks": stored.get("ranks") is True,
        "observed_at": observed_at.replace(tzinfo=None),
        "watch_time": position,
        "furthest_time": _seconds(stored.get("furthest_time")),
        "played_seconds": _seconds(stored.get("played_seconds")),
        "session_id": session_id if isinstance(session_id, str) else None,
        "playing": stored.get("playing") is True,
        "device_id": device_id,
    }


def _seconds(value: Any) -> float | None:
    number = to_number(value)
    return number if number is not None and number >= 0 else None


def device_position(document: Document) -> DevicePosition:
    """The value of an element of ``devices`` in a document of this version.

    Raises:
        ValueError, TypeError, KeyError: it is not a valid element.
    """
    position, furthest = document["watch_time"], document["furthest_time"]
    played = document["played_seconds"]
    device_id = document["device_id"]
    if not (
        type(device_id) is str
        and 0.0 <= position <= MAX_DURATION_SECONDS
        and (furthest is None or furthest >= 0.0)
        and (played is None or played >= 0.0)
    ):
        raise ValueError("not a valid device")
    return DevicePosition(
        device_id=device_id,
        position_seconds=position,
        observed_at=document["observed_at"].replace(tzinfo=UTC),
        session_id=document["session_id"],
        played_seconds=played,
        furthest_seconds=furthest,
        is_playing=document["playing"],
    )
