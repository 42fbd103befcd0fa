"""Kept reports over HTTP: also the last word of a page that closes."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.config import JsonDict
from pydantic_core import from_json
from starlette.responses import Response

from progress_service.catalog.schemas import Id, Strict
from progress_service.edge.auth import CurrentStudent
from progress_service.edge.lean import (
    MAX_FIELDS,
    answered_by,
    raw_body_of,
    read_as,
    reply,
    student_of,
)
from progress_service.edge.problems import answers, invalid_fields
from progress_service.edge.rate_limit import limits_of
from progress_service.errors import Invalid, ServiceError
from progress_service.offline.service import Batch, Kept, OfflineService
from progress_service.pacing import paced
from progress_service.progress.schemas import Moment, ReportBody

router = APIRouter(prefix="/api/progress", tags=["offline"])

MAX_EVENTS = 500
MAX_DIGITS = 400  # Of a whole number; no sensible one has more.
_EXAMPLE: JsonDict = {
    "event_id": "0b8f6c2e-1",
    "video_id": "welcome",
    "watch_time": 42.0,
    "total_duration": 90,
    "observed_at": "2026-11-22T10:29:00Z",
    "played": [[0, 42.0]],
}


class EventBody(ReportBody):
    """A report that a device kept, under an id of its own choosing."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    event_id: Id
    video_id: Id


class EventsBody(Strict):
    """Kept reports. Each event is judged alone."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sent_at": "2026-11-22T10:30:00Z",
                    "events": [_EXAMPLE],
                }
            ]
        }
    )

    sent_at: Moment = Field(
        description="The client's clock at this very attempt; its error is taken off the events."
    )
    events: Annotated[list[EventBody], Field(min_length=1, max_length=MAX_EVENTS)]


class _Envelope(Strict):
    """`EventsBody` with its events unjudged."""

    sent_at: Moment
    events: Annotated[list[Any], Field(min_length=1, max_length=MAX_EVENTS)]


class EventResult(BaseModel):
    """What became of one event."""

    event_id: str | None = Field(description="As given; null when it was no id.")
    status: Literal["applied", "rejected"]
    code: str | None = Field(None, description="Why it was rejected.")
    detail: str | None = Field(None, description="Why, for people, with the remedy.")


class EventsAnswer(BaseModel):
    """One result for each event, in order."""

    results: list[EventResult]
    cursor: str = Field(
        description="Where `changes` goes on after these events. What other devices did before "
        "comes with your own older cursor."
    )


async def _replay(request: Request) -> Response:
    student = await student_of(request)
    limits = limits_of(request)
    received_at: datetime = request.app.state.clock()
    try:
        envelope = _envelope(await raw_body_of(request, student))
    except Invalid:
        limits.call(student)
        raise
    limits.events(student.id, len(envelope.events))
    parsed = [_parsed(raw, now=envelope.sent_at) async for raw in paced(envelope.events)]
    kept = [event for event in parsed if isinstance(event, Kept)]
    service: OfflineService = request.app.state.offline
    refused, cursor = await service.replay(
        Batch(kept, sent_at=envelope.sent_at, received_at=received_at), student_id=student.id
    )
    outcomes = iter([refused.get(index) for index in range(len(kept))])
    results = [
        _result(raw, next(outcomes) if isinstance(event, Kept) else event)
        for raw, event in zip(envelope.events, parsed, strict=True)
    ]
    return reply(EventsAnswer.model_construct(results=results, cursor=cursor.encode()))


@router.post("/events", responses=answers(413), summary="Hand in kept reports")
@answered_by(_replay)
async def post_events(body: EventsBody, student: CurrentStudent) -> EventsAnswer:  # type: ignore[empty-body]
    """Merge up to 500 reports in one write, in any order and however often they are sent.

    For what was watched offline, and for the last moment of a page. One bad event blocks no other:
    each is `applied`, or `rejected` with a `code` and a `detail`. Not under the limit of one update
    a second: events have an allowance of their own, and count one by one.
    """


def _envelope(raw: bytes) -> _Envelope:
    """The batch. An event that no strict parser takes must not spoil the others beside it."""
    try:
        return _Envelope.model_validate(from_json(raw, allow_inf_nan=False))
    except ValueError:
        with suppress(ValueError, RecursionError):
            # Text, since `json.loads` guesses the encoding of bytes, and only UTF-8 is JSON here.
            loose = json.loads(raw.decode("utf-8-sig"), parse_int=_whole)
            if isinstance(loose, dict) and isinstance(events := loose.get("events"), list):
                hollow = json.dumps({**loose, "events": [None] * len(events)})
                sent_at = _Envelope.model_validate_json(hollow).sent_at
                return _Envelope.model_construct(sent_at=sent_at, events=events)
        return read_as(_Envelope, raw)  # names what is wrong with it


def _whole(digits: str) -> float:
    """Python refuses to read whole numbers of thousands of digits; as infinity they are judged."""
    return int(digits) if len(digits) <= MAX_DIGITS else math.inf


def _parsed(raw: object, *, now: datetime) -> Kept | Invalid:
    """The event, or why it is none. Read again as JSON, since only there dates are strict text."""
    if isinstance(raw, dict) and len(raw) > MAX_FIELDS:
        return Invalid(f"The event has {len(raw)} fields; compare it with the schema on /docs.")
    try:
        body = EventBody.model_validate_json(json.dumps(raw))
        return Kept(body.event_id, body.video_id, body.to_report(now=now))
    except ValidationError as error:
        return invalid_fields(error)
    except Invalid as error:
        return error
    except RecursionError:
        return Invalid("The event is nested too deeply.")


def _result(raw: object, error: ServiceError | None) -> EventResult:
    event_id = raw.get("event_id") if isinstance(raw, dict) else None
    is_text = isinstance(event_id, str) and event_id.isprintable()
    return EventResult.model_construct(
        event_id=event_id if is_text else None,
        status="rejected" if error else "applied",
        code=error.code if error else None,
        detail=error.message if error else None,
    )
