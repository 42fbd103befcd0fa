"""The frames of a socket: each is a state, never a delta. HTTP uses the same shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

from progress_service.catalog.ids import Id
from progress_service.domain.cursor import Cursor
from progress_service.domain.progress import Progress

HEARTBEAT_SECONDS = 25


class _Frame(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        json_schema_serialization_defaults_required=True,
    )

    def text(self) -> str:
        """The frame as JSON."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True).decode()


class AuthFrame(BaseModel):
    """The first frame of a client, within 5 s; a later one renews the token."""

    model_config = ConfigDict(strict=True, extra="forbid")

    type: Literal["auth"]
    token: str
    device_id: Id | None = None
    since: str | None = Field(None, description="A cursor; null or missing for everything.")


class ClientHeartbeatFrame(BaseModel):
    """Shows that the client is alive; optional."""

    model_config = ConfigDict(strict=True, extra="forbid")

    type: Literal["heartbeat"]


CLIENT_FRAME: TypeAdapter[AuthFrame | ClientHeartbeatFrame] = TypeAdapter(
    Annotated[AuthFrame | ClientHeartbeatFrame, Field(discriminator="type")]
)


class ReadyFrame(BaseModel):
    """The token is accepted. The changes after `since` follow, then each change as it happens."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    type: Literal["ready"] = "ready"
    cursor: str
    heartbeat_seconds: int = Field(
        HEARTBEAT_SECONDS, description="The longest time between two frames of the service."
    )


class HeartbeatFrame(_Frame):
    """Shows that the connection is alive; nothing changed."""

    type: Literal["heartbeat"] = "heartbeat"


class ProgressFrame(_Frame):
    """The state of one video, or other material, of the student."""

    type: Literal["progress"] = "progress"
    video_id: str = Field(examples=["welcome"])
    watch_time: float = Field(examples=[42.0])
    total_duration: float = Field(examples=[90.0])
    progress_percentage: float = Field(examples=[46.67])
    completed: bool
    watched_seconds: float = Field(examples=[40.5])
    last_watched: datetime | None
    device_id: str | None = Field(description="The device of the position, if it sent its id.")
    cursor: str

    @classmethod
    def of(cls, record: Progress) -> ProgressFrame:
        """The state of *record*."""
        return cls.model_construct(
            type="progress",
            video_id=record.material_id,
            watch_time=record.position_seconds,
            total_duration=record.duration_seconds,
            progress_percentage=record.percent,
            completed=record.is_completed,
            watched_seconds=record.watched_seconds,
            last_watched=record.observed_at,
            device_id=record.position_device_id,
            cursor=Cursor.at(record).encode(),
        )


class CompletedFrame(_Frame):
    """A video was completed."""

    type: Literal["completed"] = "completed"
    video_id: str
    completed_at: datetime
    cursor: str


class PlayingFrame(_Frame):
    """Another device plays this video; valid for 30 s after `observedAt`."""

    type: Literal["playing"] = "playing"
    video_id: str
    device_id: str
    watch_time: float
    observed_at: datetime


class CourseFrame(_Frame):
    """A course changed for the student: its totals, its materials, or the enrolment."""

    type: Literal["course"] = "course"
    course_id: str
    enrolled: bool
    overall_progress: float | None = Field(None, description="Null: request the course again.")
    completed_ids: list[str] | None = None
    completed_at: datetime | None = None


class ClearedFrame(_Frame):
    """All data about the student was erased; delete it on the client too."""

    type: Literal["cleared"] = "cleared"


class ResyncFrame(_Frame):
    """Changes may have been missed: request everything again."""

    type: Literal["resync"] = "resync"


class Changes(BaseModel):
    """The states that changed since a cursor, oldest change first."""

    cursor: str = Field(examples=["WzAsW11d"], description="The `since` of the next request.")
    changes: list[ProgressFrame]


CLIENT_FRAMES: tuple[type[BaseModel], ...] = (AuthFrame, ClientHeartbeatFrame)
SERVER_FRAMES: tuple[type[BaseModel], ...] = (
    ReadyFrame,
    HeartbeatFrame,
    ProgressFrame,
    CompletedFrame,
    PlayingFrame,
    CourseFrame,
    ClearedFrame,
    ResyncFrame,
)
