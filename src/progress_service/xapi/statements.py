"""Builds statements by the templates `completed` and `terminated` of the Video Profile."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from progress_service.domain.intervals import Span, total_seconds
from progress_service.xapi import vocabulary as terms
from progress_service.xapi.identifiers import Identifiers


class Statement(NamedTuple):
    """A statement as it is sent and stored; ``body`` is its JSON.

    ``session_key`` is the id of the session that it is about, and empty for a completion.
    """

    statement_id: str
    student_id: str
    material_id: str
    session_key: str
    body: str


@dataclass(frozen=True, slots=True)
class Viewing:
    """What a statement says about a student and a video, at one moment.

    ``spans`` and ``reached_percent`` are about all sessions, as the profile requires of everything
    under one registration. ``spent_seconds`` of a completion is too; of a session, its own.
    """

    student_id: str
    course_id: str
    course_title: str
    material_id: str
    title: str
    at: datetime
    length_seconds: float
    complete_at_percent: float
    position_seconds: float
    reached_percent: float
    spans: tuple[Span, ...]
    spent_seconds: float
    session_id: str | None


def completed(viewing: Viewing, *, event_id: str, identifiers: Identifiers) -> Statement:
    """The student completed the video at ``viewing.at``."""
    result = {"completion": True, **_result(viewing)}
    body = _body(viewing, terms.COMPLETED, "completed", result, event_id, identifiers)
    return _statement(viewing, body, session_key="")


def terminated(viewing: Viewing, *, event_id: str, identifiers: Identifiers) -> Statement:
    """The session ``viewing.session_id`` ended at ``viewing.at``. It says nothing of completion."""
    result = _result(viewing)
    body = _body(viewing, terms.TERMINATED, "terminated", result, event_id, identifiers)
    return _statement(viewing, body, session_key=viewing.session_id or "")


def _statement(viewing: Viewing, body: dict[str, Any], *, session_key: str) -> Statement:
    text = json.dumps(body, separators=(",", ":"), allow_nan=False)
    return Statement(body["id"], viewing.student_id, viewing.material_id, session_key, text)


def _body(
    viewing: Viewing,
    verb: str,
    display: str,
    result: dict[str, Any],
    event_id: str,
    identifiers: Identifiers,
) -> dict[str, Any]:
    video = identifiers.video_activity(viewing.course_id, viewing.material_id)
    account = {"homePage": identifiers.actor_homepage, "name": viewing.student_id}
    return {
        "id": identifiers.statement_id(event_id),
        "actor": {"objectType": "Agent", "account": account},
        "verb": {"id": verb, "display": {terms.VERB_LANGUAGE: display}},
        "object": _activity(video, terms.VIDEO_TYPE, viewing.title),
        "result": result,
        "context": _context(viewing, identifiers),
        "timestamp": viewing.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }


def _result(viewing: Viewing) -> dict[str, Any]:
    return {
        "duration": iso_duration(viewing.spent_seconds),
        "extensions": {
            terms.TIME: _three_decimals(viewing.position_seconds),
            terms.PROGRESS: _progress(viewing),
            terms.PLAYED_SEGMENTS: played_segments(viewing.spans),
        },
    }


def _context(viewing: Viewing, identifiers: Identifiers) -> dict[str, Any]:
    course = identifiers.course_activity(viewing.course_id)
    session_id = identifiers.session_id(viewing.student_id, viewing.material_id, viewing.session_id)
    return {
        "registration": identifiers.registration(viewing.student_id, viewing.course_id),
        "contextActivities": {
            "parent": [_activity(course, terms.COURSE_TYPE, viewing.course_title)],
            "category": [_activity(terms.PROFILE, terms.PROFILE_TYPE)],
        },
        "extensions": {
            terms.LENGTH: _three_decimals(viewing.length_seconds),
            terms.COMPLETION_THRESHOLD: _three_decimals(viewing.complete_at_percent / 100),
            terms.SESSION_ID: session_id,
        },
    }


def _activity(activity_id: str, kind: str, title: str = "") -> dict[str, Any]:
    definition: dict[str, Any] = {"type": kind}
    if title:  # Statements have no empty values.
        definition["name"] = {terms.TITLE_LANGUAGE: title}
    return {"objectType": "Activity", "id": activity_id, "definition": definition}


def _progress(viewing: Viewing) -> float:
    """The share of the video that was played, 0..1; without spans, how far the position came."""
    if viewing.spans and viewing.length_seconds > 0:
        share = total_seconds(viewing.spans) / viewing.length_seconds
    else:
        share = viewing.reached_percent / 100
    return _three_decimals(min(max(share, 0.0), 1.0))


def played_segments(spans: Iterable[Span]) -> str:
    """Spans as ``0.000[.]12.000[,]14.000[.]21.000``, in the order of *spans*."""
    return "[,]".join(f"{start:.3f}[.]{end:.3f}" for start, end in spans)


def iso_duration(seconds: float) -> str:
    """ISO 8601, in seconds with the two decimals that xAPI compares: ``PT125.5S``."""
    return f"PT{seconds:.2f}".rstrip("0").rstrip(".") + "S"


def _three_decimals(value: float) -> float:
    return round(float(value), 3)
