"""Wire shapes of preferences, and of the lines of an export."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from progress_service.catalog.schemas import Strict
from progress_service.domain.intervals import Span
from progress_service.domain.preferences import History, Preferences


class PreferencesBody(Strict):
    """What the student chooses."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"history": "paused"}, {"history": "on"}]}
    )

    history: History = Field(
        description="`paused`: reports are confirmed as always, and only completions are stored."
    )


class PreferencesResponse(BaseModel):
    """The student's choice."""

    history: History = Field(examples=["on"])
    changed_at: datetime | None = Field(description="UTC; null if nothing was ever chosen.")

    @classmethod
    def of(cls, preferences: Preferences) -> PreferencesResponse:
        """The wire shape of *preferences*."""
        return cls(history=preferences.history, changed_at=preferences.changed_at)


class _Line(BaseModel):
    """Lines may have more fields: whatever is stored, also by other programs."""

    model_config = ConfigDict(extra="allow")


class ExportHeader(_Line):
    """The first line of an export."""

    kind: Literal["export"]
    student_id: str
    exported_at: datetime
    version: int = Field(description="Of this format.", examples=[1])


class ExportedDevice(_Line):
    """The newest position on a device."""

    device_id: str
    watch_time: float
    observed_at: datetime
    session_id: str | None
    furthest_time: float | None
    played_seconds: float | None
    playing: bool


class ExportedSession(_Line):
    """What was played from opening a video to closing it."""

    session_id: str | None = Field(description="Null for reports without one.")
    observed_at: datetime
    played_seconds: float
    spans: list[Span]


class ExportedProgress(_Line):
    """A record: one material."""

    kind: Literal["progress"]
    material_id: str
    watch_time: float
    total_duration: float
    progress_percentage: float
    last_watched: datetime | None
    completed: bool
    completed_at: datetime | None
    watched_seconds: float
    watched_spans: list[Span]
    devices: list[ExportedDevice]
    sessions: list[ExportedSession]
    stored_at: datetime | None


class ExportedEnrollment(_Line):
    """An enrolment; one that has ended has `ended_at`."""

    kind: Literal["enrollment", "former_enrollment"]
    course_id: str
    enrolled_at: datetime | None
    overall_progress: float
    completed_ids: list[str]
    completed_at: datetime | None


class ExportedEvent(_Line):
    """Something other systems are notified of, or one delivery of it."""

    kind: Literal["event", "delivery"]
    event_id: str
    type: str
    occurred_at: datetime
    data: dict[str, Any]
    created_at: datetime


class ExportedStatement(_Line):
    """A statement as it was sent to a learning record store."""

    kind: Literal["xapi_statement"]
    statement_id: str
    material_id: str
    statement: Any


class ExportedPreferences(_Line):
    """What the student has chosen; not there if nothing was."""

    kind: Literal["preferences"]
    history: History
    changed_at: datetime | None


class ExportEnd(BaseModel):
    """The last line; without it, the export is incomplete."""

    kind: Literal["end"]
    lines: int = Field(description="The number of lines before this one.", examples=[3])


LINE_MODELS = (
    ExportHeader,
    ExportedProgress,
    ExportedEnrollment,
    ExportedEvent,
    ExportedStatement,
    ExportedPreferences,
    ExportEnd,
)
"""The schemas of lines; OpenAPI describes a body as a whole only."""
EXPORT_EXAMPLE = (
    '{"kind":"export","student_id":"ana","exported_at":"2026-11-27T10:00:00.000Z","version":1}\n'
    '{"kind":"enrollment","course_id":"demo","enrolled_at":"2026-11-02T08:00:00.000Z","overall_progress":25.0,'
    '"completed_ids":["welcome"],"completed_at":null}\n'
    '{"kind":"end","lines":2}\n'
)
