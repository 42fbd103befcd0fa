"""What there is to watch: courses, their materials and chapters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

VIDEO = "video"

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}$"
"""Ids of courses, materials, devices and sessions on the wire."""

MAX_MATERIALS = 2_000  # Of a course.
COMPLETE_AT_PERCENT = 80.0  # Credits and outro need not be watched.


@dataclass(frozen=True, slots=True)
class ThresholdChange:
    """A threshold lowered to ``percent`` at that time.

    It completes what was stored up to then: ``stored_until`` is the same moment by the clock of the
    database, which stamps records.
    """

    percent: float
    at: datetime
    stored_until: datetime


@dataclass(frozen=True)
class Threshold:
    """From which percentage a material counts as done, and how it was lowered, oldest first."""

    percent: float
    lowered: tuple[ThresholdChange, ...] = ()

    @cached_property
    def lowest_percent(self) -> float:
        """The lowest percentage that may have completed anything."""
        return min([self.percent, *(change.percent for change in self.lowered)])


@dataclass(frozen=True, slots=True)
class Chapter:
    """A named place in a video; it lasts until the next chapter."""

    start_seconds: float
    title: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """An intro or an outro."""

    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True)
class Material:
    """One thing to learn from. ``duration_seconds`` is the truth about a video's length.

    ``earlier_durations`` (newest first) and ``lowered`` (oldest first) are its history.
    """

    material_id: str
    title: str
    type: str = VIDEO
    module: str | None = None
    duration_seconds: float | None = None
    source_url: str | None = None
    required: bool = True
    complete_at_percent: float | None = None
    chapters: tuple[Chapter, ...] = ()
    intro: Stretch | None = None
    outro: Stretch | None = None
    earlier_durations: tuple[float, ...] = ()
    lowered: tuple[ThresholdChange, ...] = ()

    @property
    def is_video(self) -> bool:
        """True for what has a place and a length."""
        return self.type == VIDEO


@dataclass(frozen=True)
class Course:
    """A course and its materials, in course order.

    ``former_materials`` left it, and keep their history for when they come back.
    """

    course_id: str
    title: str
    teacher_ids: tuple[str, ...]
    materials: tuple[Material, ...] = ()
    complete_at_percent: float | None = None
    former_materials: tuple[Material, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Material]:
        """The materials by their id, still in course order."""
        return {material.material_id: material for material in self.materials}

    def threshold_percent(self, material_id: str, *, default: float) -> float:
        """From which percentage a material counts as done: its own, the course's, *default*."""
        return self.threshold(material_id, default=default).percent

    def threshold(self, material_id: str, *, default: float) -> Threshold:
        """Like `threshold_percent`, with its history."""
        resolved = self._thresholds.get(default)
        if resolved is None:
            resolved = self._thresholds[default] = self._resolved(default)
        return resolved[material_id]

    @cached_property
    def _thresholds(self) -> dict[float, dict[str, Threshold]]:
        """The thresholds by the default they were resolved with, which is one per service."""
        return {}

    def _resolved(self, default: float) -> dict[str, Threshold]:
        of_course = default if self.complete_at_percent is None else self.complete_at_percent
        return {
            m.material_id: Threshold(
                of_course if m.complete_at_percent is None else m.complete_at_percent, m.lowered
            )
            for m in self.materials
        }

    @cached_property
    def has_lowered_thresholds(self) -> bool:
        """True when the history of a threshold may have completed a record."""
        return any(material.lowered for material in self.materials)

    @cached_property
    def video_ids(self) -> tuple[str, ...]:
        """The ids of the videos, in course order."""
        return tuple(m.material_id for m in self.materials if m.is_video)

    @cached_property
    def counted_ids(self) -> tuple[str, ...]:
        """The ids of the materials that count, in course order: all, where none is required."""
        required = tuple(m.material_id for m in self.materials if m.required)
        return required or tuple(self.by_id)
