"""Typed events of the change streams: which value changed, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from progress_service.catalog.enrollments import Enrollment, to_enrollment
from progress_service.domain.progress import Progress
from progress_service.mongo.change_stream import Event


@dataclass(frozen=True, slots=True)
class ProgressChanged:
    """A record was stored. ``sets_completion`` is true if this change wrote ``completed_at``."""

    student_id: str
    record: Progress
    sets_completion: bool


@dataclass(frozen=True, slots=True)
class CourseChanged:
    """A course was put or, if ``is_removed``, removed."""

    course_id: str
    is_removed: bool


@dataclass(frozen=True, slots=True)
class EnrollmentChanged:
    """An enrolment began (``is_new``), ended (``is_removed``) or got new ``totals``."""

    student_id: str
    course_id: str
    is_removed: bool
    is_new: bool
    totals: Enrollment | None


@dataclass(frozen=True, slots=True)
class PreferencesChanged:
    """A student has changed preferences."""

    student_id: str


@dataclass(frozen=True, slots=True)
class HistoryLost:
    """Changes may have been missed: everything that depends on them may be stale."""


@dataclass(frozen=True, slots=True)
class CatalogStale:
    """What is cached of the catalogue may be stale; what clients were sent is not."""


CatalogEvent = CourseChanged | EnrollmentChanged | PreferencesChanged | CatalogStale | HistoryLost


def to_course_changed(event: Event) -> CourseChanged | None:
    """The event of a course; ``None`` for a document of another program with another type of id."""
    course_id = event["documentKey"]["_id"]
    if not isinstance(course_id, str):
        return None
    return CourseChanged(course_id, is_removed=event["operationType"] == "delete")


def to_enrollment_changed(event: Event) -> EnrollmentChanged | CatalogStale | None:
    """The event of an enrolment; `CatalogStale` if the key of a removed one is unknown."""
    is_removed = event["operationType"] == "delete"
    key = _enrollment_key(event)
    if key is None:
        return CatalogStale() if is_removed else None
    student_id, course_id = key
    document, updated_fields = event.get("fullDocument"), _updated_fields(event)
    has_totals = document is not None and updated_fields is not None
    return EnrollmentChanged(
        student_id,
        course_id,
        is_removed=document is None,
        is_new=updated_fields is None,
        totals=to_enrollment(document)
        if document is not None and has_totals and "revision" in (updated_fields or ())
        else None,
    )


def to_preferences_changed(event: Event) -> PreferencesChanged | None:
    """The event of preferences; ``None`` for a document of another program."""
    student_id = event["documentKey"]["_id"]
    return PreferencesChanged(student_id) if isinstance(student_id, str) else None


def to_progress_changed(event: Event, student_id: str, record: Progress) -> ProgressChanged:
    """The event of a *record* that was already read from *event*."""
    updated_fields = _updated_fields(event)
    sets_completion = updated_fields is None or "completed_at" in updated_fields
    return ProgressChanged(student_id, record, sets_completion)


def _updated_fields(event: Event) -> dict[str, Any] | None:
    fields: dict[str, Any] | None = event.get("updateDescription", {}).get("updatedFields")
    return fields


def _enrollment_key(event: Event) -> tuple[str, str] | None:
    """The student and the course; documents of other programs have them only as fields."""
    names: Sequence[Any]
    if document := event.get("fullDocument"):
        names = document.get("student_id"), document.get("course_id")
    else:
        names = str(event["documentKey"]["_id"]).split("/")
    if len(names) != 2 or not all(isinstance(name, str) for name in names):
        return None
    return names[0], names[1]
