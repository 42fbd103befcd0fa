"""Rewrites single records of another form into the form of this version, before a merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from progress_service.domain.intervals import total_seconds
from progress_service.domain.progress import MAX_DURATION_SECONDS
from progress_service.mongo.client import OPERATION_SECONDS, Database
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.mongo.values import to_moment, to_number
from progress_service.mongo.writes import Statement, upsert_each
from progress_service.progress.foreign_documents import (
    UnreadableError,
    completion_of,
    furthest_of,
    position_of,
    readable_devices,
    readable_percent,
    readable_spans,
    stamp_of,
    unmark_of,
)
from progress_service.progress.session_forms import bounded, readable_sessions

Document = dict[str, Any]

_MOMENTS = ("last_watched", "restart_at")
_POSITION_FIELDS = frozenset({"watch_time", "total_duration", "progress_percentage"})
_FIELDS = frozenset(
    {
        *_MOMENTS,
        *_POSITION_FIELDS,
        "completed_at",
        "unmarked_at",
        "course_id",
        "furthest_percentage",
        "furthest_since_unmark",
        "furthest_time",
        "watched_spans",
        "watched_seconds",
        "watched_grid_seconds",
        "devices",
        "sessions",
        "stored_at",
    }
)
"""The fields that are read and rewritten. Fields of other programs stay unchanged."""


def current_form(document: Mapping[str, Any], *, now: datetime) -> Document:
    """*document* with the fields and types of this version.

    Unreadable values are left out. Safe to repeat.
    """
    form = {name: value for name, value in document.items() if name not in _FIELDS}
    if isinstance(course_id := document.get("course_id"), str):
        form["course_id"] = course_id
    form |= _position_fields(document)
    for name in _MOMENTS:
        if (moment := to_moment(document.get(name), now=now)) is not None:
            form[name] = _stored(moment)
    stamp = stamp_of(document, now=now)
    form |= _mark_fields(document, now=now, stamp=stamp)
    form |= _coverage_fields(document, length_seconds=form.get("total_duration", 0.0))
    if devices := readable_devices(document.get("devices"), now=now):
        form["devices"] = devices
    furthest = to_number(document.get("furthest_time"))
    if furthest is not None and 0 <= furthest <= MAX_DURATION_SECONDS:
        form["furthest_time"] = furthest
    sessions = readable_sessions(document.get("sessions"))
    if sessions := bounded(sessions, length_seconds=form.get("total_duration", 0.0)):
        form["sessions"] = sessions
    # The stamp with which it was read before: rewriting is not a change, and a threshold that was
    # lowered since still applies to it.
    form["stored_at"] = _stored(stamp)
    return form


def _mark_fields(document: Mapping[str, Any], *, now: datetime, stamp: datetime) -> Document:
    fields: Document = {}
    if "completed_at" in document:
        completed_at = completion_of(document, now=now, otherwise=stamp)
        fields["completed_at"] = completed_at and _stored(completed_at)
    if (unmarked_at := unmark_of(document, now=now, otherwise=stamp)) is not None:
        fields["unmarked_at"] = _stored(unmarked_at)
        since_unmark = readable_percent(document.get("furthest_since_unmark"))
        fields["furthest_since_unmark"] = since_unmark
    return fields


def _position_fields(document: Mapping[str, Any]) -> Document:
    if not _POSITION_FIELDS.intersection(document) and "completed_at" in document:
        return {}  # marked by hand, never watched
    try:
        position, duration, percent = position_of(document)
    except UnreadableError:
        position, duration, percent = 0.0, 0.0, 0.0
    fields = {"watch_time": position, "total_duration": duration, "progress_percentage": percent}
    if "completed_at" in document and "furthest_percentage" not in document:
        return fields
    return fields | {"furthest_percentage": furthest_of(document, percent)}


def _stored(moment: datetime) -> datetime:
    """*moment* as the driver returns it."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _coverage_fields(document: Mapping[str, Any], *, length_seconds: float) -> Document:
    spans = readable_spans(document.get("watched_spans"), length_seconds=length_seconds)
    if not spans:
        return {}
    fields: Document = {
        "watched_spans": [list(span) for span in spans],
        "watched_seconds": round(total_seconds(spans), 3),
    }
    grid_seconds = to_number(document.get("watched_grid_seconds"))
    if grid_seconds is not None and grid_seconds > 0:
        fields["watched_grid_seconds"] = grid_seconds
    return fields


def rewriting(document: Mapping[str, Any], form: Document) -> Statement:
    """Store *form* if the stored document still equals *document*."""
    is_unchanged = {"$eq": ["$$ROOT", {"$literal": document}]}
    # With the student, a sharded collection uses one shard only.
    key = {"_id": {"$eq": document["_id"]}, "student_id": document["student_id"]}
    return {
        "q": key,
        "u": [{"$replaceWith": {"$cond": [is_unchanged, {"$literal": form}, "$$ROOT"]}}],
    }


async def modernize_records(
    database: Database, keys: Sequence[tuple[str, str]], *, collection: str = WATCH_PROGRESS
) -> int:
    """Rewrite the records under *keys* that another program wrote.

    Returns:
        The number of records that did not have the form of this version.

    Raises:
        PyMongoError: the outcome is unknown; safe to repeat.
    """
    query = {"$or": [{"student_id": student, "material_id": mid} for student, mid in keys]}
    found = await database.reads.find(collection, query, readers={s for s, _ in keys})
    statements = [
        rewriting(document, form)
        for document in found
        if not is_current(document, form := current_form(document, now=_now()))
    ]
    if statements:
        await upsert_each(database, collection, statements, within_seconds=OPERATION_SECONDS)
    return len(statements)


def is_current(document: Mapping[str, Any], form: Document) -> bool:
    """True when *document* has the form of this version; *form* is its `current_form`."""
    return document == form and isinstance(document.get("stored_at"), datetime)


def _now() -> datetime:
    return datetime.now(UTC)
