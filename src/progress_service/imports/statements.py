"""Statements of the xAPI Video Profile → rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from progress_service.domain.intervals import JOIN_GAP_SECONDS, Span, merge_spans
from progress_service.errors import Invalid, ServiceError
from progress_service.imports.conversions import to_moment
from progress_service.imports.mapped_rows import Record, mapped_ids, value_at
from progress_service.imports.mapping import FileMapping
from progress_service.imports.rows import Ignored, ImportRow, ParsedRow

_VIDEO = "https://w3id.org/xapi/video/verbs/"
_EXTENSION = "https://w3id.org/xapi/video/extensions/"
_ADL = "http://adlnet.gov/expapi/verbs/"
_SEEKED = f"{_VIDEO}seeked"
_COMPLETED = f"{_ADL}completed"
_WITH_POSITION = frozenset(
    {f"{_VIDEO}played", f"{_VIDEO}paused", _SEEKED, f"{_ADL}terminated", _COMPLETED}
)
_WITHOUT_POSITION = frozenset({f"{_ADL}initialized", f"{_ADL}interacted"})
MAX_SEGMENTS = 5_000
_SEGMENT = re.compile(r"\s*(\d{1,9}(?:\.\d{0,9})?)\s*\[\.\]\s*(\d{1,9}(?:\.\d{0,9})?)\s*")


class Unsupported(ServiceError):
    """A statement that is about something else than the progress in a video."""

    code = "unsupported_statement"


def statement_row(statement: Mapping[str, Any], mapping: FileMapping) -> ParsedRow:
    """The row that a *statement* of any learning record store has, or why it has none.

    Args:
        statement: a JSON object.
        mapping: says what the ids of student and video are. Beside the fields of the statement,
            ``actor`` is the account name or, without an account, the mail address.
    """
    try:
        return _row(statement, mapping)
    except ServiceError as error:
        return error


def _row(statement: Mapping[str, Any], mapping: FileMapping) -> ParsedRow:
    found = _object(statement, "verb").get("id")
    verb = found if isinstance(found, str) else ""
    if verb in _WITHOUT_POSITION:
        return Ignored("The statement has no position and completes nothing.")
    if verb not in _WITH_POSITION:
        raise Unsupported("The verb is none of the xAPI Video Profile that says where playback is.")
    student_id, material_id = mapped_ids(_with_actor(statement), mapping)
    at = _moment(statement)
    result = _object(statement, "result")
    extensions = _object(result, "extensions")
    position = _number(extensions, "time-to" if verb == _SEEKED else "time")
    if position is None and verb != _COMPLETED:
        raise Invalid.field("result.extensions", "has no time; the position is unknown")
    length = _number(_object(_object(statement, "context"), "extensions"), "length")
    return ImportRow(
        student_id=student_id,
        material_id=material_id,
        position_seconds=position,
        duration_seconds=length if position is not None else None,
        observed_at=at if position is not None else None,
        completed_at=at if verb == _COMPLETED else None,
        played=_segments(extensions, until_seconds=length) if position is not None else (),
    )


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under *name*; an empty one if it is missing or something else."""
    found = holder.get(name)
    return found if isinstance(found, Mapping) else {}


def _with_actor(statement: Mapping[str, Any]) -> Record:
    """*statement*, with the name of its actor beside the path of each part."""
    actor = _object(statement, "actor")
    account, mail = _object(actor, "account").get("name"), actor.get("mbox")
    name = mail.removeprefix("mailto:") if isinstance(mail, str) else None
    target = _object(statement, "object")
    known = {
        "actor": account if isinstance(account, str) and account else name,
        "actor.mbox": name,
        "actor.account.name": account,
        "actor.account.homePage": value_at(actor, "account.homePage"),
        "object.id": target.get("id"),
    }
    return {**statement, **known}


def _moment(statement: Mapping[str, Any]) -> datetime:
    text = statement.get("timestamp", statement.get("stored"))
    if not isinstance(text, str):
        raise Invalid.field("timestamp", "is missing")
    return to_moment(text, field="timestamp", form="iso", zone=UTC)


def _number(extensions: Mapping[str, Any], name: str) -> float | None:
    value = extensions.get(_EXTENSION + name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid.field(f"extensions.{name}", "is not a number")
    try:
        return float(value)
    except OverflowError as error:
        raise Invalid.field(f"extensions.{name}", "is out of range") from error


def _segments(extensions: Mapping[str, Any], *, until_seconds: float | None) -> tuple[Span, ...]:
    """The played segments, like ``0[.]12.5[,]20[.]33``, joined where they touch."""
    text = extensions.get(f"{_EXTENSION}played-segments")
    if text is None or text == "":
        return ()
    parts = text.split("[,]", MAX_SEGMENTS) if isinstance(text, str) else []
    matches = [_SEGMENT.fullmatch(part) for part in parts]
    spans = [(float(match[1]), float(match[2])) for match in matches if match]
    if not spans or len(spans) < len(parts) or any(end < start for start, end in spans):
        raise Invalid.field("extensions.played-segments", "is not like 0[.]12.5[,]20[.]33")
    if until_seconds is not None:
        spans = [(min(start, until_seconds), min(end, until_seconds)) for start, end in spans]
    return merge_spans(spans, join_gap_seconds=JOIN_GAP_SECONDS)
