"""What a row of an import says, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from progress_service.domain.intervals import Span
from progress_service.errors import ServiceError

Status = Literal["applied", "unchanged", "rejected"]

UNAVAILABLE = "unavailable"
"""The code of a row whose outcome is unknown; it may be sent again."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """What another system knows of one student and one material.

    A position has a time. It is in seconds or, in ``position_percent``, in percent of the length;
    without a length, that of the catalogue counts. A row without a position has ``completed_at``.
    """

    student_id: str
    material_id: str
    position_seconds: float | None = None
    position_percent: float | None = None
    duration_seconds: float | None = None
    observed_at: datetime | None = None
    completed_at: datetime | None = None
    played: tuple[Span, ...] = ()

    @property
    def has_position(self) -> bool:
        """True when the row says where playback was."""
        return self.position_seconds is not None or self.position_percent is not None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A row that is valid, and says nothing about progress; ``detail`` says why."""

    detail: str


ParsedRow = ImportRow | Ignored | ServiceError
"""A row; or why it is ignored or rejected."""


class Outcome(NamedTuple):
    """What became of a row; ``code`` and ``detail`` say why it was ignored or rejected."""

    status: Status
    code: str | None = None
    detail: str | None = None

    @property
    def is_unknown(self) -> bool:
        """True when the row may be applied if it is sent again."""
        return self.code == UNAVAILABLE


APPLIED = Outcome("applied")
UNCHANGED = Outcome("unchanged")


def rejected(error: ServiceError) -> Outcome:
    """The outcome of a row that was rejected with *error*."""
    return Outcome("rejected", error.code, error.message)


def ignored(row: Ignored) -> Outcome:
    """The outcome of a row that says nothing about progress."""
    return Outcome("unchanged", "ignored", row.detail)
