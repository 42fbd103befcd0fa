"""Wire shapes of rows and of their results, and their translation to domain values."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.config import JsonDict
from pydantic_core import to_json

from progress_service.catalog.ids import Id, UserId
from progress_service.catalog.schemas import Strict
from progress_service.domain.progress import MAX_DURATION_SECONDS
from progress_service.edge.problems import to_invalid
from progress_service.errors import Invalid
from progress_service.imports.rows import ImportRow, Outcome, Status
from progress_service.progress.schemas import Moment, Seconds

EXAMPLE: JsonDict = {
    "student_id": "ana",
    "video_id": "welcome",
    "watch_time": 42.5,
    "total_duration": 90,
    "observed_at": "2026-11-22T10:30:00Z",
}
COMPLETION_EXAMPLE: JsonDict = {
    "student_id": "ana",
    "video_id": "reading-list",
    "completed_at": "2025-06-01T09:00:00Z",
}


class ImportRowBody(Strict):
    """What another system knows of one student and one material.

    A row has a position (`watch_time`, `total_duration` and `observed_at`), a `completed_at`, or
    both. Readings have no position.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE, COMPLETION_EXAMPLE]})

    student_id: UserId
    video_id: Id = Field(description="Of a video; with `completed_at` alone, of any material.")
    watch_time: Seconds | None = Field(None, description="The newest position, in seconds.")
    total_duration: Annotated[float, Field(gt=0, le=MAX_DURATION_SECONDS)] | None = Field(
        None, description="The length of the video, in seconds."
    )
    observed_at: Moment | None = Field(
        None,
        description="When the student was at that position, with an offset. The time of the import "
        "is used if it is in the future or before 2015.",
    )
    completed_at: Moment | None = Field(
        None, description="When the material was completed, with an offset; the earliest counts."
    )

    @model_validator(mode="after")
    def _is_complete(self) -> ImportRowBody:
        position = {
            "watch_time": self.watch_time,
            "total_duration": self.total_duration,
            "observed_at": self.observed_at,
        }
        missing = [name for name, value in position.items() if value is None]
        if missing and (len(missing) < len(position) or self.completed_at is None):
            raise ValueError(
                f"{', '.join(missing)}: required. A row has watch_time, total_duration and "
                "observed_at, or completed_at, or all four"
            )
        return self

    def to_row(self) -> ImportRow:
        """The domain value."""
        return ImportRow(
            student_id=self.student_id,
            material_id=self.video_id,
            position_seconds=self.watch_time,
            duration_seconds=self.total_duration,
            observed_at=self.observed_at,
            completed_at=self.completed_at,
        )


def parse_row(text: bytes) -> ImportRow | Invalid:
    """The row in a line of JSON, or what is wrong with it."""
    try:
        return ImportRowBody.__pydantic_validator__.validate_json(text).to_row()  # type: ignore[no-any-return]
    except ValidationError as error:
        return to_invalid(error)


def row_of(fields: dict[str, object]) -> ImportRow | Invalid:
    """The row with these *fields*, or what is wrong with them."""
    try:
        return ImportRowBody.__pydantic_validator__.validate_python(fields).to_row()  # type: ignore[no-any-return]
    except ValidationError as error:
        return to_invalid(error)


class ImportResult(BaseModel):
    """What became of one row: a line of the response."""

    row: int = Field(description="The number of the row, from 1.", examples=[1])
    status: Status = Field(
        description="`applied`: the record changed. `unchanged`: it has this already, or newer."
    )
    code: str | None = Field(
        None,
        description="Why it was rejected; not there otherwise. `unavailable`: the outcome is "
        "unknown; send the row again.",
        examples=["not_enrolled"],
    )
    detail: str | None = Field(None, description="The error and its remedy, for people.")


def result_line(number: int, outcome: Outcome) -> bytes:
    """The `ImportResult` of the row with that number, as a line of JSON."""
    result: dict[str, object] = {"row": number, "status": outcome.status}
    if outcome.code is not None:
        result["code"] = outcome.code
        result["detail"] = outcome.detail or ""
    return to_json(result) + b"\n"
