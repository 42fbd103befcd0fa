"""Kept reports over HTTP: also the last word of a page that closes."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.config import JsonDict
from starlette.responses import Response
from typing_extensions import TypedDict

from progress_service.catalog.schemas import Id, Strict
from progress_service.edge.auth import CurrentStudent
from progress_service.edge.json_body import holds_few_values, read_as
from progress_service.edge.lean import (
    answered_by,
    raw_body_of,
    reply,
    student_of,
)
from progress_service.edge.problems import answers, invalid_fields
from progress_service.edge.rate_limit import limits_of
from progress_service.errors import Invalid, NotEnrolled, NotFound, ServiceError
from progress_service.offline.batch_reader import MAX_FIELDS, RawEvent, read_batch
from progress_service.offline.service import Batch, Kept, OfflineService
from progress_service.pacing import paced
from progress_service.progress.schemas import Moment, ReportBody

router = APIRouter(prefix="/api/progress", tags=["offline"])

MAX_EVENTS = 500
MAY_SUCCEED_LATER = (NotFound, NotEnrolled)  # A course is being replaced, an enrolment lapsed.
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


class EventResult(TypedDict):
    """What became of one event."""

    event_id: Annotated[str | None, Field(description="As given; null when it was no id.")]
    status: Literal["applied", "rejected"]
    code: Annotated[str | None, Field(description="Why it was rejected.")]
    detail: Annotated[str | None, Field(description="Why, for people, with the remedy.")]
    retry: NotRequired[
        Annotated[
            bool,
            Field(
                description="In a rejection: true where the same event may be applied later, since "
                "the course may come back, or the student be enrolled again. Drop the others."
            ),
        ]
    ]


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
        sent_at, events = await _opened(await raw_body_of(request, student))
    except Invalid:
        limits.call(student)
        raise
    limits.events(student.id, len(events))
    parsed = [_parsed(raw, now=sent_at) async for raw in paced(events)]
    kept = [event for event in parsed if isinstance(event, Kept)]
    service: OfflineService = request.app.state.offline
    refused, cursor = await service.replay(
        Batch(kept, sent_at=sent_at, received_at=received_at), student_id=student.id
    )
    outcomes = iter([refused.get(index) for index in range(len(kept))])
    results = [
        _result(raw, next(outcomes) if isinstance(event, Kept) else event)
        for raw, event in zip(events, parsed, strict=True)
    ]
    return reply(EventsAnswer.model_construct(results=results, cursor=cursor.encode()))


@router.post("/events", responses=answers(413), summary="Hand in kept reports")
@answered_by(_replay)
async def post_events(body: EventsBody, student: CurrentStudent) -> EventsAnswer:  # type: ignore[empty-body]
    """Merge up to 500 reports in one write, in any order and however often they are sent.

    For what was watched offline, and for the last moment of a page. One bad event blocks no other:
    each is `applied`, or `rejected` with a `code`, a `detail` and `retry`. Not under the limit of
    one update a second: events have an allowance of their own, and count one by one.
    """


async def _opened(raw: bytes) -> tuple[datetime, list[RawEvent]]:
    """When the batch was sent, and its events, not judged yet."""
    batch = await read_batch(raw, max_events=MAX_EVENTS)
    head = dict(batch.head)
    if batch.events is not None:  # Each is judged alone, so that one spoils no other.
        head["events"] = [None] * len(batch.events)
    envelope = read_as(_Envelope, json.dumps(head).encode())
    return envelope.sent_at, batch.events or []


def _parsed(raw: RawEvent, *, now: datetime) -> Kept | Invalid:
    """The event, or why it is none."""
    if raw.fields > MAX_FIELDS:
        return Invalid(f"The event has {raw.fields} fields; compare it with the schema on /docs.")
    if not holds_few_values(EventBody, raw.text.encode()):
        return Invalid("The event has too many values; compare it with the schema on /docs.")
    try:
        body = EventBody.model_validate_json(raw.text)
        return Kept(body.event_id, body.video_id, body.to_report(now=now))
    except ValidationError as error:
        return invalid_fields(error)
    except Invalid as error:
        return error


def _result(raw: RawEvent, error: ServiceError | None) -> EventResult:
    event_id = raw.event_id if isinstance(raw.event_id, str) else ""
    result: EventResult = {
        "event_id": event_id if event_id and event_id.isprintable() else None,
        "status": "rejected" if error else "applied",
        "code": error.code if error else None,
        "detail": error.message if error else None,
    }
    if error is not None:
        result["retry"] = isinstance(error, MAY_SUCCEED_LATER)
    return result
