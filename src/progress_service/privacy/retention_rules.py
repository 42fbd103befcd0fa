"""What retention removes: when something was last touched, and what remains of a record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from progress_service.domain.progress import Progress
from progress_service.mongo.values import to_moment

Document = Mapping[str, Any]

# The unmark decides which late reports may complete the material again.
OF_COMPLETION = frozenset(
    {
        "_id",
        "student_id",
        "material_id",
        "course_id",
        "completed_at",
        "marked_by",
        "unmarked_at",
        "stored_at",
    }
)
"""The fields that remain of a completed record."""


def touched_at(document: Document, *names: str, now: datetime) -> datetime | None:
    """The newest of the times that *names* have in *document*.

    Without a readable one, it is when the database made the id; ``None`` if that is unknown too.
    """
    moments = [to_moment(document.get(name), now=now) for name in names]
    readable = [moment for moment in moments if moment is not None]
    if readable:
        return max(readable)
    document_id = document.get("_id")
    if isinstance(document_id, ObjectId):
        return document_id.generation_time.astimezone(UTC)
    return None


def record_touched_at(document: Document, *, now: datetime) -> datetime | None:
    """When a record was last touched: every change of this service sets ``stored_at``."""
    stored_at = document.get("stored_at")
    if isinstance(stored_at, datetime):
        return touched_at(document, "stored_at", now=now)
    return touched_at(document, "stored_at", "last_watched", now=now)


def what_remains(
    document: Document, current: Progress, *, is_enrolled: bool
) -> dict[str, Any] | None:
    """The fields, beside its id, that remain of a record that was not touched for too long.

    Args:
        document: the record as stored.
        current: its state by today's catalogue.
        is_enrolled: whether the student is enrolled in its course.

    Returns:
        The completion of an enrolled student; ``None`` if nothing remains.
    """
    if not is_enrolled or current.completed_at is None:
        return None
    fields = {
        name: value
        for name, value in document.items()
        if name in OF_COMPLETION and name != "_id" and value is not None
    }
    fields["completed_at"] = current.completed_at
    if not isinstance(fields.get("stored_at"), datetime):  # of another program
        fields["stored_at"] = current.stored_at or current.completed_at
    return fields


def is_stripped(document: Document) -> bool:
    """True when *document* is no more than a completion already."""
    return document.keys() <= OF_COMPLETION and isinstance(document.get("completed_at"), datetime)
