"""What there is to watch: courses, their materials and chapters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

VIDEO = "video"

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}$"
"""Ids of courses, materials, devices and sessions on the wire."""

COMPLETE_AT_PERCENT = 80.0  # Credits and outro need not be watched.


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
    """One thing to learn from. ``duration_seconds`` is the truth about a video's length."""

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

    @property
    def is_video(self) -> bool:
        """True for what has a place and a length."""
        return self.type == VIDEO


@dataclass(frozen=True)
class Course:
    """A course and its materials, in course order."""

    course_id: str
    title: str
    teacher_ids: tuple[str, ...]
    materials: tuple[Material, ...] = ()
    complete_at_percent: float | None = None

    @cached_property
    def by_id(self) -> dict[str, Material]:
        """The materials by their id, still in course order."""
        return {material.material_id: material for material in self.materials}

    def threshold_percent(self, material_id: str, *, default: float) -> float:
        """From which percentage a material counts as done: its own, the course's, *default*."""
        own = self._own_thresholds[material_id]
        return default if own is None else own

    @cached_property
    def _own_thresholds(self) -> dict[str, float | None]:
        of_course = self.complete_at_percent
        return {
            m.material_id: of_course if m.complete_at_percent is None else m.complete_at_percent
            for m in self.materials
        }

    @cached_property
    def video_ids(self) -> tuple[str, ...]:
        """The ids of the videos, in course order."""
        return tuple(m.material_id for m in self.materials if m.is_video)

    @cached_property
    def required_ids(self) -> tuple[str, ...]:
        """The ids of the materials that count, in course order."""
        return tuple(m.material_id for m in self.materials if m.required)
