"""What other systems are notified of, with ids that are the same whoever computes them."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

VIDEO_COMPLETED = "video.completed"
COURSE_COMPLETED = "course.completed"
PROGRESS_ERASED = "progress.erased"
SESSION_ENDED = "session.ended"

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """Something that happened to one student.

    ``event_id`` is deterministic, so adding the event again changes nothing, and receivers can
    ignore repeats by it. ``data`` has JSON values and moments in UTC. Destinations receive the
    event ``delay_seconds`` after it was stored; a later one with the same id moves that moment.
    """

    event_id: str
    type: str
    student_id: str
    occurred_at: datetime
    data: Mapping[str, Any]
    delay_seconds: float = 0.0


AddEvents = Callable[[Sequence[OutboxEvent]], Awaitable[None]]
"""Stores events for other systems, once each; raises `Unavailable`."""


def video_completed(
    student_id: str,
    course_id: str,
    material_id: str,
    *,
    completed_at: datetime,
    unmarked_at: datetime | None,
) -> OutboxEvent:
    """A video was completed; ``unmarked_at`` distinguishes it from completions before an unmark."""
    return OutboxEvent(
        event_id=_id_of(VIDEO_COMPLETED, student_id, course_id, material_id, unmarked_at),
        type=VIDEO_COMPLETED,
        student_id=student_id,
        occurred_at=completed_at,
        data={
            "student_id": student_id,
            "course_id": course_id,
            "material_id": material_id,
            "completed_at": completed_at,
        },
    )


def course_completed(
    student_id: str, course_id: str, *, completed_at: datetime, unmarked_at: datetime | None
) -> OutboxEvent:
    """A course was completed; ``unmarked_at`` is the newest unmark of its materials."""
    return OutboxEvent(
        event_id=_id_of(COURSE_COMPLETED, student_id, course_id, "", unmarked_at),
        type=COURSE_COMPLETED,
        student_id=student_id,
        occurred_at=completed_at,
        data={"student_id": student_id, "course_id": course_id, "completed_at": completed_at},
    )


def session_ended(
    student_id: str,
    course_id: str,
    material_id: str,
    session_id: str,
    *,
    ended_at: datetime,
    delay_seconds: float = 0.0,
) -> OutboxEvent:
    """A playback session ended, or paused for now. One event per session, however often it ends."""
    return OutboxEvent(
        event_id=_id_of(SESSION_ENDED, student_id, course_id, f"{material_id}/{session_id}", None),
        type=SESSION_ENDED,
        student_id=student_id,
        occurred_at=ended_at,
        data={
            "student_id": student_id,
            "course_id": course_id,
            "material_id": material_id,
            "session_id": session_id,
        },
        delay_seconds=delay_seconds,
    )


def progress_erased(student_id: str, *, student_key: str, erased_at: datetime) -> OutboxEvent:
    """The data of a student was erased.

    The id outlives the event. It has *student_key*, a keyed hash, so that nobody finds out the
    student by trying all of them.
    """
    return OutboxEvent(
        event_id=_id_of(PROGRESS_ERASED, student_key, "", "", erased_at),
        type=PROGRESS_ERASED,
        student_id=student_id,
        occurred_at=erased_at,
        data={"student_id": student_id},
    )


def _id_of(kind: str, student_id: str, course_id: str, what: str, since: datetime | None) -> str:
    """The same id for the same event, in every process; ids of students contain no slash."""
    moment = (since or NEVER).isoformat(timespec="milliseconds")
    parts = "/".join((kind, student_id, course_id, what, moment))
    return f"{kind.replace('.', '_')}_{hashlib.blake2b(parts.encode(), digest_size=16).hexdigest()}"
