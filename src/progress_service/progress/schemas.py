"""Wire shapes of progress: reports in, statuses out. Published names are translated here.

Answers that are read a hundred at a time are typed dictionaries: documented like models, and made
and written ten times as fast.
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

from progress_service.catalog.schemas import Id, Strict
from progress_service.domain.intervals import Span
from progress_service.domain.progress import (
    MAX_DURATION_SECONDS,
    MAX_PLAYED_SPANS,
    ROUNDING_SECONDS,
    Kind,
    Report,
)
from progress_service.progress.service import Standing

MAX_PLAYED_SECONDS = 10_000_000.0  # Sixteen weeks in one session: nobody, but not infinity either.

MAX_POSITION_SECONDS = MAX_DURATION_SECONDS + ROUNDING_SECONDS

_DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:")
Seconds = Annotated[float, Field(ge=0, le=MAX_POSITION_SECONDS)]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is outside the years 1 to 9999 in UTC") from error


def _written_out(moment: object) -> object:
    """Pydantic takes text of digits for seconds since 1970; we want to see the offset."""
    if not isinstance(moment, str) or not _DATE_AND_TIME.match(moment):
        raise ValueError("is no date and time with its offset, like 2026-11-22T10:30:00Z")
    return moment


Moment = Annotated[
    AwareDatetime,
    Field(strict=False),  # text is checked here, and is all that comes this far
    BeforeValidator(_written_out),
    AfterValidator(_in_utc),
]


class ReportBody(Strict):
    """What a player says. Values are absolute, so that any repeat is harmless.

    Only the first two are required.
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
        description="When the player was there, with its offset. Missing, in the future or before "
        "2015: now.",
    )
    kind: Kind = Field("heartbeat", description="`restart` alone may move the place under 3 s.")
    device_id: Id | None = None
    session_id: Id | None = Field(None, description="One for each time a player opens the video.")
    played: Annotated[list[tuple[Seconds, Seconds]], Field(max_length=MAX_PLAYED_SPANS)] = Field(
        default=(),  # type: ignore[arg-type]  # Pydantic would copy a list for each report.
        description="Media seconds played so far in this session, as `[start, end]`.",
    )
    played_seconds: Annotated[float, Field(ge=0, le=MAX_PLAYED_SECONDS)] | None = Field(
        None, description="Seconds played in this session, repeats counted."
    )

    def to_report(self, *, now: datetime) -> Report:
        """The domain value. Raises `Invalid` for numbers that contradict each other."""
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


class Message(BaseModel):
    """Done."""

    message: str = Field(examples=["Watch time updated"])


class StatusSummary(TypedDict):
    """Where a student stands with a video, as lists show it. Never watched: zeros and nulls."""

    watch_time: Annotated[
        float, Field(description="The newest place, in seconds.", examples=[125.5])
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
        float, Field(description="Really played, each second once.", examples=[125.5])
    ]


class Status(StatusSummary):
    """Where a student stands with a video, and what they have seen of it."""

    watched_spans: Annotated[
        tuple[Span, ...], Field(description="What was really played, as `[start, end]`.")
    ]


def summary_of(standing: Standing) -> StatusSummary:
    """The wire shape of *standing* in a list of videos."""
    progress, complete_at_percent = standing
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


def status_of(standing: Standing) -> Status:
    """The wire shape of *standing* alone."""
    status = cast(Status, summary_of(standing))  # a new dictionary; copying it would cost as much
    status["watched_spans"] = standing.progress.watched_spans
    return status


class VideoIds(Strict):
    """The videos to look up."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"video_ids": ["welcome", "state"]}]})

    video_ids: Annotated[list[Id], Field(min_length=1, max_length=500)]


class Statuses(TypedDict):
    """A status for each video that the student can watch, without `watched_spans`."""

    progress: dict[str, StatusSummary]
    unavailable: Annotated[
        list[str], Field(description="Unknown, or in a course without an enrolment.")
    ]


class Mark(BaseModel):
    """Whether a material is done now."""

    material_id: str
    completed: bool
    completed_at: datetime | None
