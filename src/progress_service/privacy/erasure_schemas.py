"""Wire shapes of erasures."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

_ERASED: JsonDict = {
    "state": "erased",
    "requested_at": "2026-11-22T10:30:00Z",
    "finished_at": "2026-11-22T10:30:11Z",
    "remaining": [],
}


class ErasureResponse(BaseModel):
    """How far the erasure of a student's data is."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ERASED]})

    state: Literal["erasing", "erased"]
    requested_at: datetime = Field(description="When the erasure began, by the database's clock.")
    finished_at: datetime | None = Field(description="Null until every step is done.")
    remaining: list[str] = Field(
        description="The steps that are not done: collections, `confirmation` that nothing was "
        "written meanwhile, `notification` of other systems. Later versions may have others."
    )
