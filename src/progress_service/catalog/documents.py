"""Documents of ``courses`` ↔ `Course`, whichever program wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from progress_service.domain.catalog import (
    VIDEO,
    Chapter,
    Course,
    Material,
    Segment,
    ThresholdChange,
)
from progress_service.mongo.values import to_number

Document = Mapping[str, Any]
_COURSE = TypeAdapter(Course)  # Ten times as fast as `asdict`; a course may have 8 MiB.


class UnreadableCourseError(Exception):
    """The document is not a readable course."""


def to_course(document: Document) -> Course:
    """The course; omits materials without an id.

    Raises:
        UnreadableCourseError: the document is not a readable course.
    """
    course_id, title = document.get("_id"), document.get("title")
    materials = document.get("materials")
    if not isinstance(course_id, str) or not isinstance(title, str):
        raise UnreadableCourseError
    if materials is not None and not isinstance(materials, list):
        raise UnreadableCourseError
    return Course(
        course_id=course_id,
        title=title,
        teacher_ids=tuple(each for each in _list(document, "teacher_ids") if isinstance(each, str)),
        complete_at_percent=_percent(document),
        materials=_materials(document, "materials"),
        former_materials=_materials(document, "former_materials"),
    )


def _materials(document: Document, name: str) -> tuple[Material, ...]:
    found = {
        each["material_id"]: _material(each)
        for each in _list(document, name)
        if isinstance(each, Mapping) and isinstance(each.get("material_id"), str)
    }
    return tuple(found.values())


def _material(document: Document) -> Material:
    material_id: str = document["material_id"]
    return Material(
        material_id=material_id,
        title=_text(document, "title") or material_id,
        type=_text(document, "type") or VIDEO,
        module=_text(document, "module"),
        duration_seconds=_positive(document.get("duration_seconds")),
        source_url=_text(document, "source_url"),
        required=document.get("required") is not False,
        complete_at_percent=_percent(document),
        chapters=tuple(_chapter(each) for each in _list(document, "chapters") if _is_chapter(each)),
        intro=_segment(document.get("intro")),
        outro=_segment(document.get("outro")),
        earlier_durations=tuple(
            length
            for each in _list(document, "earlier_durations")
            if (length := _positive(each)) is not None
        ),
        lowered=tuple(
            change
            for each in _list(document, "lowered")
            if (change := _threshold_change(each)) is not None
        ),
    )


def _list(document: Document, name: str) -> list[Any]:
    value = document.get(name)
    return value if isinstance(value, list) else []


def _text(document: Document, name: str) -> str | None:
    value = document.get(name)
    return value if isinstance(value, str) else None


def _positive(value: Any) -> float | None:
    number = value if type(value) is float else to_number(value)
    return number if number is not None and 0 < number < float("inf") else None


def _percent(document: Document) -> float | None:
    percent = _positive(document.get("complete_at_percent"))
    return percent if percent is not None and percent <= 100 else None


def _is_chapter(document: Any) -> bool:
    return (
        isinstance(document, Mapping)
        and isinstance(document.get("title"), str)
        and to_number(document.get("start_seconds")) is not None
    )


def _chapter(document: Document) -> Chapter:
    return Chapter(to_number(document["start_seconds"]) or 0.0, document["title"])


def _segment(document: Any) -> Segment | None:
    if not isinstance(document, Mapping):
        return None
    start, end = (to_number(document.get(name)) for name in ("start_seconds", "end_seconds"))
    if start is None or end is None or not 0 <= start <= end:
        return None
    return Segment(start, end)


def _threshold_change(document: Any) -> ThresholdChange | None:
    if not isinstance(document, Mapping):
        return None
    percent, at = to_number(document.get("percent")), document.get("at")
    stored_until = document.get("stored_until")
    if percent is None or not isinstance(at, datetime) or not isinstance(stored_until, datetime):
        return None
    return ThresholdChange(percent, at.replace(tzinfo=UTC), stored_until.replace(tzinfo=UTC))


def to_document(course: Course) -> dict[str, Any]:
    """The document of *course*."""
    document = _COURSE.dump_python(course, warnings=False)
    lowered = [change.stored_until for material in course.materials for change in material.lowered]
    newest = max(lowered, default=None)  # stored first, so that a query need not scan the course
    return {"_id": document.pop("course_id"), "lowered_at": newest, **document}


def deciding_course(document: Mapping[str, Any] | None) -> Course | None:
    """The course for permission checks; an unreadable one has no teachers."""
    if document is None:
        return None
    try:
        return to_course(document)
    except UnreadableCourseError:
        return Course(document["_id"], title="", teacher_ids=())
