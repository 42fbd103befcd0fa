"""Documents → the lines of an export: wire names, JSON values, and whatever else is stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from progress_service.catalog.enrollments import to_enrollment
from progress_service.domain.progress import Progress
from progress_service.mongo.values import to_moment
from progress_service.privacy.json_values import to_json_time, to_json_value
from progress_service.progress.foreign_documents import readable_devices
from progress_service.progress.session_forms import readable_sessions, session_id_of

Document = Mapping[str, Any]
Line = dict[str, Any]
_LEFT_OUT = frozenset({"_id", "student_id", "kind"})  # The first line has the student.


def progress_line(document: Document, record: Progress, *, completed_at: datetime | None) -> Line:
    """A record. *completed_at* is by today's rules, like everywhere else."""
    now = datetime.now(UTC)
    known = {
        "material_id": record.material_id,
        "watch_time": record.position_seconds,
        "total_duration": record.duration_seconds,
        "progress_percentage": record.percent,
        "last_watched": to_json_time(record.observed_at),
        "completed": completed_at is not None,
        "completed_at": to_json_time(completed_at),
        "watched_seconds": record.watched_seconds,
        "watched_spans": to_json_value(record.watched_spans),
        "devices": to_json_value(readable_devices(document.get("devices"), now=now)),
        "sessions": _sessions(document.get("sessions")),
        "stored_at": to_json_time(record.stored_at),
    }
    return _line("progress", document, known)


def _sessions(stored: object) -> list[Line]:
    return [
        {
            "session_id": session_id_of(key),
            "observed_at": to_json_time(session["observed_at"]),
            "played_seconds": session["played_seconds"],
            "spans": to_json_value(list(session["spans"].values())),
        }
        for key, session in readable_sessions(stored).items()
    ]


def _enrollment_line(kind: str, document: Document) -> Line:
    now, enrollment = datetime.now(UTC), to_enrollment(document)
    known = {
        "enrolled_at": to_json_time(to_moment(document.get("enrolled_at"), now=now)),
        "overall_progress": enrollment.progress_percent,
        "completed_ids": list(enrollment.completed_ids),
        "completed_at": to_json_time(enrollment.completed_at),
    }
    return _line(kind, document, known, without=frozenset({"progress"}))


def _named_line(kind: str, document: Document, *, id_name: str) -> Line:
    return _line(kind, document, {id_name: to_json_value(document.get("_id"))})


def _statement_line(kind: str, document: Document) -> Line:
    known = {
        "statement_id": to_json_value(document.get("_id")),
        "statement": _parsed(document.get("statement")),
    }
    return _line(kind, document, known)


def _parsed(stored: object) -> Any:
    """The statement in the *stored* text."""
    try:
        return json.loads(stored) if isinstance(stored, str) else to_json_value(stored)
    except (ValueError, RecursionError):
        return stored


def _line(
    kind: str, document: Document, known: Line, *, without: frozenset[str] = frozenset()
) -> Line:
    """The line of *document*: what is *known*, and everything else under its own name."""
    left_out = _LEFT_OUT | without | known.keys()
    others = {
        str(name): to_json_value(value) for name, value in document.items() if name not in left_out
    }
    return {"kind": kind, **known, **others}


LINES: Mapping[str, Callable[[str, Document], Line]] = {
    "enrollment": _enrollment_line,
    "former_enrollment": _enrollment_line,
    "event": lambda kind, document: _named_line(kind, document, id_name="event_id"),
    "delivery": lambda kind, document: _named_line(kind, document, id_name="delivery_id"),
    "xapi_statement": _statement_line,
}
"""By the kind of a line, what makes it; records are read by `progress_line`."""


def line_of(kind: str, document: Document) -> Line:
    """The line of a *document* that is no record."""
    make = LINES.get(kind)
    return _line(kind, document, {}) if make is None else make(kind, document)
