"""The templates `completed` and `terminated` of the xAPI Video Profile 1.0.4, as checks.

Ralph checks neither the form of segments nor that the threshold is there.
Source: https://github.com/adlnet/xapi-authored-profiles, video/v1.0.4/video.jsonld.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from progress_service.xapi import vocabulary as terms
from progress_service.xapi.statements import Viewing
from tests.builders import NOON

ALWAYS = (
    ("id",),
    ("timestamp",),
    ("context", "registration"),
    ("context", "extensions", terms.LENGTH),
    ("context", "extensions", terms.COMPLETION_THRESHOLD),
    ("context", "extensions", terms.SESSION_ID),
    ("result", "extensions", terms.TIME),
    ("result", "extensions", terms.PROGRESS),
    ("result", "extensions", terms.PLAYED_SEGMENTS),
)
OF_COMPLETED = (("result", "completion"), ("result", "duration"))

SESSION_ID = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
)
SEGMENTS = re.compile(r"(\d+\.\d{3}\[\.\]\d+\.\d{3}(\[,\]|$))*")
DURATION = re.compile(r"PT\d+(\.\d{1,2})?S")


def violations(statement: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with *statement*, if anything."""
    is_completed = statement["verb"]["id"] == terms.COMPLETED
    for path in ALWAYS + (OF_COMPLETED if is_completed else ()):
        if not _has(statement, path):
            yield f"{path} is missing"
    if not is_completed and _has(statement, ("result", "completion")):
        yield "only `completed` has a completion"
    if statement["object"]["definition"]["type"] != terms.VIDEO_TYPE:
        yield "the object is no video"
    categories = statement["context"]["contextActivities"]["category"]
    if terms.PROFILE not in [category["id"] for category in categories]:
        yield "the profile is not among the categories"
    yield from _bad_values(statement)


def _bad_values(statement: Mapping[str, Any]) -> Iterator[str]:
    context, result = statement["context"]["extensions"], statement["result"]["extensions"]
    if not SESSION_ID.fullmatch(context[terms.SESSION_ID]):
        yield "session-id is no UUID of version 4"
    if (
        UUID(statement["id"]).version != 5
        or UUID(statement["context"]["registration"]).version != 5
    ):
        yield "the id or the registration is no UUID of version 5"
    if not DURATION.fullmatch(statement["result"]["duration"]):
        yield "duration is not ISO 8601 in seconds"
    numbers = {
        "length": context[terms.LENGTH],
        "threshold": context[terms.COMPLETION_THRESHOLD],
        "time": result[terms.TIME],
        "progress": result[terms.PROGRESS],
    }
    for name, value in numbers.items():
        if not isinstance(value, float) or value != round(value, 3) or value < 0:
            yield f"{name} has more than three decimals, or is negative"
    if numbers["threshold"] > 1 or numbers["progress"] > 1:
        yield "a share above 1"
    segments = segments_of(statement)
    if not SEGMENTS.fullmatch(result[terms.PLAYED_SEGMENTS]) or segments != sorted(segments):
        yield "segments are malformed or not in order"


def segments_of(statement: Mapping[str, Any]) -> list[tuple[float, float]]:
    """The played segments in seconds."""
    text = statement["result"]["extensions"][terms.PLAYED_SEGMENTS]
    pairs = [part.split("[.]") for part in text.split("[,]")] if text else []
    return [(float(start), float(end)) for start, end in pairs]


def _has(value: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return False
        value = value[name]
    return True


def a_viewing(**given: Any) -> Viewing:
    """Eight minutes of a video of ten, in one session."""
    defaults: dict[str, Any] = {
        "student_id": "ana",
        "course_id": "react",
        "course_title": "React",
        "material_id": "intro",
        "title": "Intro",
        "at": NOON,
        "length_seconds": 600.0,
        "complete_at_percent": 80.0,
        "position_seconds": 480.0,
        "reached_percent": 80.0,
        "spans": ((0.0, 480.0),),
        "spent_seconds": 481.5,
        "session_id": "one",
    }
    return Viewing(**{**defaults, **given})
