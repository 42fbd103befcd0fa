"""Wire shapes of reports and statuses, and their translation to domain values.

Responses that are listed by the hundred are typed dictionaries: they are documented like models,
and are created and serialized ten times as fast.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, cast

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)
from typing_extensions import TypedDict

from progress_service.catalog.ids import Id
from progress_service.catalog.schemas import Strict
from progress_service.domain.intervals import Span
from progress_service.domain.progress import (
    MAX_DURATION_SECONDS,
    MAX_PLAYED_SECONDS,
    MAX_PLAYED_SPANS,
    ROUNDING_SECONDS,
    Kind,
    Report,
)
from progress_service.errors import Invalid
from progress_service.progress.service import MaterialStatus

MAX_POSITION_SECONDS = MAX_DURATION_SECONDS + ROUNDING_SECONDS

_DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:")
Seconds = Annotated[float, Field(ge=0, le=MAX_POSITION_SECONDS)]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is outside the years 1 to 9999 in UTC") from error


def _written_out(moment: object) -> object:
    """Require a date with an offset: Pydantic would read digits as seconds since 1970."""
    if not isinstance(moment, str) or not _DATE_AND_TIME.match(moment):
        raise ValueError("is no date and time with its offset, like 2026-11-22T10:30:00Z")
    return moment


Moment = Annotated[
    AwareDatetime,
    Field(strict=False),  # the validator lets only text pass
    BeforeValidator(_written_out),
    AfterValidator(_in_utc),
]


class ReportBody(Strict):
    """A player's report. Values are absolute, so a repeat is harmless.

    Only the first two fields are required.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"watch_time": 25.5, "total_duration": 90},
                {
                    "watch_time": 25.5,
                    "total_duration": 90,
                    "observed_at": "2026-11-22T10:30:00Z",
                    "kind": "pause",
                    "device_id": "ipad-1",
                    "session_id": "7d1f3c9e-6f0b-4f5e-9a53-0c2b1f6f8a11",
                    "played": [[0, 25.5]],
                    "played_seconds": 25.5,
                },
            ]
        }
    )

    watch_time: Seconds = Field(
        description="The playhead, in seconds. Up to 1 s beyond `total_duration` counts as its end."
    )
    total_duration: Annotated[float, Field(gt=0, le=MAX_DURATION_SECONDS)] = Field(
        description="The length of the video, in seconds."
    )
    observed_at: Moment | None = Field(
        None,
        description="When the player reached the position, with an offset. The current time is "
        "used if it is missing, in the future or before 2015.",
    )
    kind: Kind = Field("heartbeat", description="Only `restart` may set a position below 3 s.")
    device_id: Id | None = None
    session_id: Id | None = Field(None, description="A new id each time a player opens the video.")
    played: Annotated[list[tuple[Seconds, Seconds]], Field(max_length=MAX_PLAYED_SPANS)] = Field(
        default=(),  # type: ignore[arg-type]  # Pydantic would copy a list for each report.
        description="The spans played so far in this session, as `[start, end]` in seconds.",
    )
    played_seconds: Annotated[float, Field(ge=0, le=MAX_PLAYED_SECONDS)] | None = Field(
        None, description="Seconds played in this session, repeats included."
    )

    def to_report(self, *, now: datetime) -> Report:
        """The domain value. Raises `Invalid` for inconsistent numbers."""
        return Report(
            position_seconds=self.watch_time,
            duration_seconds=self.total_duration,
            observed_at=self.observed_at or now,
            kind=self.kind,
            device_id=self.device_id,
            session_id=self.session_id,
            played=tuple(self.played),
            played_seconds=self.played_seconds,
        )


_WIRE_NAMES = {"position_seconds": "watch_time", "duration_seconds": "total_duration"}


def in_wire_names(error: Invalid) -> Invalid:
    """*error* of a `Report`, with the field names of requests."""
    return error.renamed(_WIRE_NAMES)


class Message(BaseModel):
    """Confirms the update."""

    message: str = Field(examples=["Watch time updated"])


class StatusSummary(TypedDict):
    """A student's status in a video, as in lists. Zeros and nulls if it was never watched."""

    watch_time: Annotated[
        float, Field(description="The newest position, in seconds.", examples=[125.5])
    ]
    total_duration: Annotated[float, Field(description="Seconds.", examples=[600.0])]
    progress_percentage: Annotated[
        float, Field(description="0–100, two decimals.", examples=[20.92])
    ]
    last_watched: Annotated[datetime | None, Field(description="UTC.")]
    completed: Annotated[bool, Field(description="Stays true when the video is watched again.")]
    completed_at: Annotated[datetime | None, Field(description="UTC.")]
    complete_at_percent: Annotated[float, Field(examples=[80.0])]
    watched_seconds: Annotated[
        float, Field(description="Seconds really played, each counted once.", examples=[125.5])
    ]


class Status(StatusSummary):
    """A student's status in a video, with the watched spans."""

    watched_spans: Annotated[
        tuple[Span, ...], Field(description="Spans really played, as `[start, end]` in seconds.")
    ]


def to_summary(status: MaterialStatus) -> StatusSummary:
    """The wire shape of *status* in a list of videos."""
    progress, complete_at_percent = status
    return {
        "watch_time": progress.position_seconds,
        "total_duration": progress.duration_seconds,
        "progress_percentage": progress.percent,
        "last_watched": progress.observed_at,
        "completed": progress.completed_at is not None,
        "completed_at": progress.completed_at,
        "complete_at_percent": complete_at_percent,
        "watched_seconds": progress.watched_seconds,
    }


def to_status(status: MaterialStatus) -> Status:
    """The wire shape of *status* for a single video."""
    response = cast(Status, to_summary(status))  # a new dictionary; copying it would cost as much
    response["watched_spans"] = status.progress.watched_spans
    return response


class VideoIds(Strict):
    """The videos to look up."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"video_ids": ["welcome", "state"]}]})

    video_ids: Annotated[list[str], Field(min_length=1, max_length=500)] = Field(
        description="Unknown and malformed ids are returned as `unavailable`."
    )


class Statuses(TypedDict):
    """A status for each video that the student may watch, without `watched_spans`."""

    progress: dict[str, StatusSummary]
    unavailable: Annotated[
        list[str],
        Field(description="Ids that are unknown, malformed, or of a course without an enrolment."),
    ]


class CompletionBody(Strict):
    """When the student completed the material."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"completed_at": "2024-11-22T10:30:00Z"}, {}]}
    )

    completed_at: Moment | None = Field(
        None,
        description="With an offset, from 2015 to now; up to 5 s ahead are accepted. The current "
        "time is used if it is missing.",
    )


class Mark(BaseModel):
    """Whether a material is now completed."""

    material_id: str
    completed: bool
    completed_at: datetime | None
