"""The history of a course: earlier lengths and thresholds that reports may still refer to.

A course is replaced as a whole, also by software that does not know its history.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from progress_service.domain.catalog import MAX_MATERIALS, Course, Material, ThresholdChange

MAX_EARLIER_DURATIONS = 5
MAX_THRESHOLD_CHANGES = 20
MAX_FORMER_MATERIALS = MAX_MATERIALS


def with_history(
    course: Course,
    predecessor: Course | None,
    *,
    default_percent: float,
    at: datetime,
    stored_until: datetime,
) -> Course:
    """*course* with the history of the *predecessor* that it replaces.

    Args:
        course: as its editor put it, without a history.
        predecessor: the course under its id until now, or as it was removed.
        default_percent: the threshold of materials and courses that name none.
        at: the moment of the change.
        stored_until: the same moment by the clock of the database.
    """
    if predecessor is None:
        return course
    earlier = {m.material_id: m for m in (*predecessor.former_materials, *predecessor.materials)}

    def threshold_percent(of: Course, material: Material) -> float:
        own = material.complete_at_percent
        percent = of.complete_at_percent if own is None else own
        return default_percent if percent is None else percent

    def succeed(material: Material) -> Material:
        before = earlier.get(material.material_id)
        if before is None:
            return material
        percent = threshold_percent(course, material)
        lowered = before.lowered
        if percent < threshold_percent(predecessor, before):
            lowered = (*lowered, ThresholdChange(percent, at, stored_until))
        return replace(
            material,
            earlier_durations=_earlier_durations(material, before),
            lowered=lowered[-MAX_THRESHOLD_CHANGES:],
        )

    materials = tuple(map(succeed, course.materials))
    former = _former_materials(predecessor, kept_ids={m.material_id for m in materials})
    return replace(course, materials=materials, former_materials=former)


def _earlier_durations(material: Material, before: Material) -> tuple[float, ...]:
    known = [before.duration_seconds, *before.earlier_durations]
    lengths = dict.fromkeys(seconds for seconds in known if seconds is not None)
    others = [seconds for seconds in lengths if seconds != material.duration_seconds]
    return tuple(others[:MAX_EARLIER_DURATIONS])


def _former_materials(predecessor: Course, *, kept_ids: set[str]) -> tuple[Material, ...]:
    """The materials that left the course, the newest first, should they come back."""

    def in_short(material: Material) -> Material:
        own = material.complete_at_percent
        return Material(
            material.material_id,
            title="",
            type=material.type,
            duration_seconds=material.duration_seconds,
            complete_at_percent=predecessor.complete_at_percent if own is None else own,
            earlier_durations=material.earlier_durations,
            lowered=material.lowered,
        )

    def left(materials: Iterable[Material]) -> list[Material]:
        return [m for m in materials if m.material_id not in kept_ids]

    just_now = [in_short(material) for material in left(predecessor.materials)]
    kept_ids = kept_ids | {material.material_id for material in just_now}
    before = left(predecessor.former_materials)
    return (*just_now, *before)[:MAX_FORMER_MATERIALS]
