"""Courses, their materials and chapters."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

VIDEO = "video"

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}$"
"""Ids of courses, materials, devices and sessions on the wire."""

MAX_MATERIALS = 2_000  # Of a course.
FINGERPRINT_BYTES = 12
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
    """A named part of a video; it lasts until the next chapter."""

    start_seconds: float
    title: str


@dataclass(frozen=True, slots=True)
class Segment:
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
    intro: Segment | None = None
    outro: Segment | None = None
    earlier_durations: tuple[float, ...] = ()
    lowered: tuple[ThresholdChange, ...] = ()

    @property
    def is_video(self) -> bool:
        """True for a material with a position and a length."""
        return self.type == VIDEO


@dataclass(frozen=True)
class Course:
    """A course and its materials, in course order.

    ``former_materials`` left it, and keep their history for when they come back.
    ``default_percent`` is the threshold of materials where neither they nor the course name one.
    """

    course_id: str
    title: str
    teacher_ids: tuple[str, ...]
    materials: tuple[Material, ...] = ()
    complete_at_percent: float | None = None
    former_materials: tuple[Material, ...] = ()
    default_percent: float = COMPLETE_AT_PERCENT

    @cached_property
    def by_id(self) -> dict[str, Material]:
        """The materials by their id, still in course order."""
        return {material.material_id: material for material in self.materials}

    @cached_property
    def thresholds(self) -> dict[str, Threshold]:
        """By material id: its own threshold, else the course's, else the default."""
        of_course = self.complete_at_percent
        default = self.default_percent if of_course is None else of_course
        return {
            m.material_id: Threshold(
                default if m.complete_at_percent is None else m.complete_at_percent, m.lowered
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

    @cached_property
    def rules_fingerprint(self) -> str:
        """The same for two forms of a course only if they compute the same progress of a student.

        It covers the order, types and lengths of the materials, which are required, and thresholds.
        """
        digest = hashlib.blake2b(digest_size=FINGERPRINT_BYTES)
        for m in self.materials:
            rule = self.thresholds[m.material_id]
            lowered = [(change.percent, change.at, change.stored_until) for change in rule.lowered]
            of_material = (m.material_id, m.is_video, m.duration_seconds, m.required)
            digest.update(repr((of_material, rule.percent, lowered)).encode())
        return digest.hexdigest()
