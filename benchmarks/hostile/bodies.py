"""The courses and reports of the hostile students, for preparation and attacks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from benchmarks.hostile.http_client import send_json

Spans = list[list[float]]

HEAVY_COURSE_ID, HEAVY_VIDEOS, HOUR_SECONDS = "hours", 100, 3_600
HEAVY_SPANS, HEAVY_STEP_SECONDS = 1_999, 1.7
HEAVY_SESSIONS, HEAVY_DEVICES = 20, 8  # As many as a record has.
UNMEASURED_COURSE_ID, UNMEASURED_VIDEOS, UNMEASURED_SECONDS = "unmeasured", 3, 86_400
ENDLESS_SPANS, ENDLESS_STEP_SECONDS = 8_600, 10.046  # Too far apart to be joined.
EVENTS = "/api/progress/events"
SPANS_IN_REPORT = 200
MAX_EVENTS = 500
_SENT_AT = "2000-01-01T00:00:00.000Z"  # Replaced by text of the same size when it is sent.


def heavy_video_id(number: int) -> str:
    """The id of an hour-long video."""
    return f"hour-{number:03d}"


def unmeasured_video_id(number: int) -> str:
    """The id of a video without a length in the catalogue."""
    return f"unmeasured-{number}"


def scattered_spans(count: int, *, skip: int = 0) -> Spans:
    """*count* spans of 0.1 s, too far apart to be joined."""
    step = HEAVY_STEP_SECONDS
    return [[round(step * i, 1), round(step * i + 0.1, 1)] for i in range(skip, skip + count)]


def endless_spans() -> Spans:
    """As many separate spans as fit into a day."""
    step = ENDLESS_STEP_SECONDS
    return [[round(step * i, 3), round(step * i + 0.02, 3)] for i in range(ENDLESS_SPANS)]


def events_with_all(spans: Spans, video: str, duration_seconds: int) -> list[dict[str, Any]]:
    """The events that report all *spans* of one video."""
    return [
        event(
            video, duration_seconds=duration_seconds, played=spans[start : start + SPANS_IN_REPORT]
        )
        for start in range(0, len(spans), SPANS_IN_REPORT)
    ]


def heavy_events(video: str) -> list[dict[str, Any]]:
    """The events of all sessions of a heavy video, each with its share of the spans."""
    spans = scattered_spans(HEAVY_SPANS)
    return [
        event(video, played=spans[number::HEAVY_SESSIONS]) | session_and_device(number)
        for number in range(HEAVY_SESSIONS)
    ]


def session_and_device(number: int) -> dict[str, str]:
    """The ids of a session and of its device, the same for the same *number*."""
    return {
        "session_id": f"session-{number % HEAVY_SESSIONS}",
        "device_id": f"device-{number % HEAVY_DEVICES}",
    }


def event(
    video: str,
    *,
    position_seconds: float = 60.0,
    duration_seconds: int = HOUR_SECONDS,
    played: Spans | None = None,
) -> dict[str, Any]:
    """An event without `observed_at`: the service uses the time of its batch."""
    plain = {
        "event_id": f"event-{video}",
        "video_id": video,
        "watch_time": position_seconds,
        "total_duration": duration_seconds,
    }
    return {**plain, "played": played} if played else plain


def events_body(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The body of a batch that is sent immediately."""
    return {"sent_at": _now(), "events": list(events)}


def batch_of_events(token: str, events: Sequence[dict[str, Any]]) -> bytes:
    """A request with *events*; pass it to `sent_now` before sending it."""
    return send_json("POST", EVENTS, token, {"sent_at": _SENT_AT, "events": list(events)})


def sent_now(batch: bytes) -> bytes:
    """*batch* with the current time: an identical batch would change nothing."""
    return batch.replace(_SENT_AT.encode(), _now().encode(), 1)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
