"""A stored record by the current catalogue: whether it is completed, and its position.

Everything that shows a record shows its current state, so that all of them agree.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from progress_service.domain.catalog import Course, Material, Threshold
from progress_service.domain.intervals import clip_spans
from progress_service.domain.progress import (
    PERCENT_EPSILON,
    ROUNDING_SECONDS,
    DevicePosition,
    Progress,
)
from progress_service.plausible_time import EARLIEST_TIME


def current_state(progress: Progress, material: Material, threshold: Threshold) -> Progress:
    """*progress* by the length and the threshold that *material* has today."""
    is_open = progress.completed_at is None
    may_be_done = is_open and progress.reached_percent + PERCENT_EPSILON >= threshold.lowest_percent
    new_length = material.duration_seconds
    if new_length == progress.duration_seconds:
        new_length = None
    if not (may_be_done or new_length is not None) or not material.is_video:
        return progress  # the case of most of them, and lists have hundreds
    if may_be_done and (rule := completed_by_rule(progress, threshold)):
        progress = progress._replace(completed_at=rule.completed_at, stored_at=rule.stored_at)
    is_untouched = not progress.duration_seconds and not progress.position_seconds
    if new_length is None or is_untouched:  # or marked by hand, and never watched
        return progress
    return _with_length(progress, new_length)


def current_state_in(progress: Progress, course: Course) -> Progress:
    """`current_state` of a record of *course*; of another material, the record as stored."""
    material = course.by_id.get(progress.material_id)
    if material is None:
        return progress
    return current_state(progress, material, course.thresholds[material.material_id])


class CompletionByRule(NamedTuple):
    """When a rule completed a record, and when that counts as its newest change."""

    completed_at: datetime
    stored_at: datetime | None


def completed_by_rule(progress: Progress, threshold: Threshold) -> CompletionByRule | None:
    """How a change of *threshold* completed a record that no report completed.

    A lowered threshold completes what was stored before, at the moment it was lowered, and a later
    higher one takes nothing away. What reaches today's threshold without such a change (the setting
    was lowered, or the record was written by other software) is dated by its newest position.
    """
    reached = progress.reached_percent + PERCENT_EPSILON
    stored_at = progress.stored_at
    for change in threshold.lowered:
        if reached >= change.percent and (stored_at is None or stored_at <= change.stored_until):
            return CompletionByRule(change.at, change.stored_until)
    if reached < threshold.percent:
        return None
    return CompletionByRule(progress.observed_at or stored_at or EARLIEST_TIME, stored_at)


def _with_length(progress: Progress, length_seconds: float) -> Progress:
    position = min(progress.position_seconds, length_seconds)
    return progress._replace(
        position_seconds=position,
        duration_seconds=length_seconds,
        percent=round(position / length_seconds * 100, 2),
        watched_seconds=min(progress.watched_seconds, length_seconds),
        watched_spans=clip_spans(progress.watched_spans, end_seconds=length_seconds),
        devices=_devices_within(progress, length_seconds),
        is_shortened=_is_beyond(progress.position_seconds, length_seconds),
    )


def _devices_within(progress: Progress, length_seconds: float) -> tuple[DevicePosition, ...]:
    """The positions within the length; that of the device that set the stored one always stays."""
    newest = progress.device_position
    return tuple(
        replace(position, position_seconds=min(position.position_seconds, length_seconds))
        for position in progress.devices
        if position == newest or not _is_beyond(position.position_seconds, length_seconds)
    )


def _is_beyond(position_seconds: float, length_seconds: float) -> bool:
    return position_seconds > length_seconds + ROUNDING_SECONDS
