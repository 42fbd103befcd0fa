"""HTTP route for offline reports, and for the final report of a page that closes."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.config import JsonDict
from typing_extensions import TypedDict

from progress_service.catalog.ids import Id
from progress_service.catalog.schemas import Strict
from progress_service.clock import Clock
from progress_service.edge.callers import ReportingStudent
from progress_service.edge.direct_route import DirectRoute
from progress_service.edge.error_responses import error_responses
from progress_service.edge.json_body import holds_few_values, read_as
from progress_service.edge.problems import to_invalid
from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.request_body import RawJson
from progress_service.edge.services import provided
from progress_service.errors import Invalid, NotEnrolled, NotFound, ServiceError
from progress_service.offline.batch_reader import MAX_FIELDS, RawEvent, read_batch
from progress_service.offline.service import Batch, OfflineEvent, OfflineService
from progress_service.pacing import paced
from progress_service.progress.schemas import Moment, ReportBody, in_wire_names

router = APIRouter(prefix="/api/progress", tags=["offline"], route_class=DirectRoute)

Service = Annotated[OfflineService, Depends(provided(OfflineService))]
Limiter = Annotated[RateLimiter, Depends(provided(RateLimiter))]
ServiceClock = Annotated[Clock, Depends(provided(Clock))]

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
    """A report that a device stored, with an id that the device chose."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    event_id: Id
    video_id: Id


class EventsBody(Strict):
    """Offline reports. Each event is checked by itself."""

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
        description="The client's clock at this attempt; event times are corrected by its offset."
    )
    events: Annotated[list[EventBody], Field(min_length=1, max_length=MAX_EVENTS)]


class _Envelope(Strict):
    """`EventsBody` with unchecked events."""

    sent_at: Moment
    events: Annotated[list[Any], Field(min_length=1, max_length=MAX_EVENTS)]


class EventResult(TypedDict):
    """The result of one event."""

    event_id: Annotated[str | None, Field(description="As sent; null if it was not a valid id.")]
    status: Literal["applied", "rejected"]
    code: Annotated[str | None, Field(description="The error code, if it was rejected.")]
    detail: Annotated[str | None, Field(description="The error and its remedy, for people.")]
    retry: NotRequired[
        Annotated[
            bool,
            Field(
                description="Only in rejections. True if the same event may be applied later: the "
                "course may be restored, or the student enrolled again. Drop the other events."
            ),
        ]
    ]


class EventsResponse(BaseModel):
    """One result for each event, in order."""

    results: list[EventResult]
    cursor: str = Field(
        description="The `since` to continue with after these events. Earlier changes by other "
        "devices come with your own older cursor."
    )


@router.post("/events", responses=error_responses(413), summary="Send offline reports")
async def post_events(
    body: RawJson[EventsBody],
    student: ReportingStudent,
    service: Service,
    limiter: Limiter,
    clock: ServiceClock,
) -> EventsResponse:
    """Merge up to 500 reports in one write, in any order and with any repetition.

    For offline reports, and for the final report of a page. An invalid event does not affect the
    others: each is `applied`, or `rejected` with a `code`, a `detail` and `retry`. The limit of one
    update per second does not apply; events have a separate limit, and each event counts.
    """
    received_at = clock.now()
    sent_at, raw_events = await _opened(body.content)
    limiter.events(student.id, len(raw_events))
    parsed = [_parsed(raw, now=sent_at) async for raw in paced(raw_events)]
    events = [event for event in parsed if isinstance(event, OfflineEvent)]
    rejected, cursor = await service.replay(
        Batch(events, sent_at=sent_at, received_at=received_at), student_id=student.id
    )
    outcomes = iter([rejected.get(index) for index in range(len(events))])
    results = [
        _result(raw, next(outcomes) if isinstance(event, OfflineEvent) else event)
        for raw, event in zip(raw_events, parsed, strict=True)
    ]
    return EventsResponse.model_construct(results=results, cursor=cursor.encode())


async def _opened(raw: bytes) -> tuple[datetime, list[RawEvent]]:
    """The time at which the batch was sent, and its unchecked events."""
    batch = await read_batch(raw, max_events=MAX_EVENTS)
    head = dict(batch.head)
    if batch.events is not None:  # Each is checked by itself, later.
        head["events"] = [None] * len(batch.events)
    envelope = read_as(_Envelope, json.dumps(head).encode())
    return envelope.sent_at, batch.events or []


def _parsed(raw: RawEvent, *, now: datetime) -> OfflineEvent | Invalid:
    """The event, or its error."""
    if raw.fields > MAX_FIELDS:
        return Invalid(f"The event has {raw.fields} fields; compare it with the schema on /docs.")
    if not holds_few_values(EventBody, raw.text.encode()):
        return Invalid("The event has too many values; compare it with the schema on /docs.")
    try:
        body = EventBody.model_validate_json(raw.text)
        return OfflineEvent(body.event_id, body.video_id, body.to_report(now=now))
    except ValidationError as error:
        return to_invalid(error)
    except Invalid as error:
        return error


def _result(raw: RawEvent, error: ServiceError | None) -> EventResult:
    if isinstance(error, Invalid):
        error = in_wire_names(error)
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
