"""The requests that receivers get, for the `webhooks` section of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from progress_service.edge.openapi import operation_id

_AT = "2026-11-22T10:30:00Z"


class VideoCompletedData(BaseModel):
    """Which student has completed which video."""

    student_id: str
    course_id: str
    material_id: str
    completed_at: datetime


class CourseCompletedData(BaseModel):
    """Which student has completed which course."""

    student_id: str
    course_id: str
    completed_at: datetime


class ProgressErasedData(BaseModel):
    """Whose progress was erased."""

    model_config = ConfigDict(extra="allow")

    student_id: str


class WebhookTestData(BaseModel):
    """Which webhook is tested."""

    webhook_id: str


def _example(kind: str, **data: str) -> ConfigDict:
    example: JsonDict = {"type": kind, "timestamp": _AT, "data": {**data}}
    return ConfigDict(json_schema_extra={"examples": [example]})


Timestamp = Annotated[datetime, Field(description="When it happened, in UTC.")]


class VideoCompletedEvent(BaseModel):
    """A student has completed a video."""

    model_config = _example(
        "video.completed",
        student_id="ana",
        course_id="demo",
        material_id="welcome",
        completed_at=_AT,
    )

    type: Literal["video.completed"]
    timestamp: Timestamp
    data: VideoCompletedData


class CourseCompletedEvent(BaseModel):
    """A student has completed a course."""

    model_config = _example(
        "course.completed", student_id="ana", course_id="demo", completed_at=_AT
    )

    type: Literal["course.completed"]
    timestamp: Timestamp
    data: CourseCompletedData


class ProgressErasedEvent(BaseModel):
    """The progress of a student was erased."""

    model_config = _example("progress.erased", student_id="ana")

    type: Literal["progress.erased"]
    timestamp: Timestamp
    data: ProgressErasedData


class WebhookTestEvent(BaseModel):
    """A caller tests the webhook."""

    model_config = _example("webhook.test", webhook_id="certificates")

    type: Literal["webhook.test"]
    timestamp: Timestamp
    data: WebhookTestData


EventId = Annotated[
    str,
    Header(
        alias="webhook-id",
        description="The id of the event; the same for every attempt and every replay, so that a "
        "receiver can ignore repeats.",
    ),
]
SentAt = Annotated[
    str,
    Header(
        alias="webhook-timestamp", description="When this attempt was sent, in seconds since 1970."
    ),
]
Signature = Annotated[
    str,
    Header(
        alias="webhook-signature",
        description="`v1,` and an HMAC-SHA256 in base64, as Standard Webhooks 1.0 defines it; "
        "during a rotation several of them, separated by spaces.",
    ),
]
_RESPONSES: dict[int | str, dict[str, Any]] = {
    410: {"description": "The webhook is not wanted any more, and becomes inactive."},
    "3XX": {"description": "Counts as not received: redirects are not followed."},
    "4XX": {"description": "Not received; sent again later. 429 may name a `Retry-After`."},
    "5XX": {"description": "Not received; sent again later. 503 may name a `Retry-After`."},
}

_Request = Callable[..., None]
router = APIRouter(generate_unique_id_function=operation_id)


def _documented(kind: str, summary: str) -> Callable[[_Request], _Request]:
    return router.post(
        kind,
        summary=summary,
        status_code=204,
        response_class=Response,
        response_description="Received, as with any other 2xx. The body is not read.",
        responses=_RESPONSES,
        tags=["webhooks"],
    )


@_documented("video.completed", "A video was completed")
def on_video_completed(
    body: VideoCompletedEvent, event_id: EventId, sent_at: SentAt, signature: Signature
) -> None:
    """A student has completed a video: by watching it, or by a mark."""


@_documented("course.completed", "A course was completed")
def on_course_completed(
    body: CourseCompletedEvent, event_id: EventId, sent_at: SentAt, signature: Signature
) -> None:
    """A student has completed all that a course requires."""


@_documented("progress.erased", "Progress was erased")
def on_progress_erased(
    body: ProgressErasedEvent, event_id: EventId, sent_at: SentAt, signature: Signature
) -> None:
    """The progress of a student was erased; erase what you have stored of it."""


@_documented("webhook.test", "A test")
def on_webhook_test(
    body: WebhookTestEvent, event_id: EventId, sent_at: SentAt, signature: Signature
) -> None:
    """A service has asked for a test."""
