"""Drop-offs and replay peaks: the places of a video where a class differs from its usual course."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from progress_service.domain.class_counts import ClassCounts

WINDOW_PARTS = 3
MIN_DROP_SHARE = 0.05
MIN_LEARNERS_LOST = 5
MIN_REPLAY_SHARE = 0.1  # Of the viewers.
DEVIATIONS = 3  # Median absolute deviations above the median.
END_SHARE = 0.05  # The end of a video, where leaving is no drop-off.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """A range of parts, from ``first`` up to ``end`` (exclusive), and its most prominent part."""

    first: int
    end: int
    peak: int


def drop_offs(counts: ClassCounts, *, k: int) -> list[TurningPoint]:
    """Where viewers leave, most of them first.

    At least k left and at least k stayed, so that neither group is smaller.
    """
    exits, still_there = counts.exits, counts.still_there

    def share(window: range) -> float:
        there = still_there[window.start]
        return sum(exits[part] for part in window) / there if there else 0.0

    def is_large(window: range) -> bool:
        lost = sum(exits[part] for part in window)
        stayed = still_there[window.start] - lost
        return lost >= max(MIN_LEARNERS_LOST, k) and (k == 1 or stayed >= k)

    # Where leaving is usual, the last parts are: they are no part of the usual course.
    usable = int(len(exits) * (1 - END_SHARE) + _ROUNDING)
    found = _prominent(usable, share, is_large, at_least=MIN_DROP_SHARE)
    points = [_point(window, exits) for window in found]
    return sorted(points, key=lambda point: (-sum(exits[point.first : point.end]), point.first))


def replay_peaks(counts: ClassCounts, *, k: int) -> list[TurningPoint]:
    """Where viewers play again, most replays first; at least k learners did."""
    replays, replayers = counts.replays, counts.replayers

    def mean(window: range) -> float:
        return sum(replays[part] for part in window) / len(window)

    def is_large(window: range) -> bool:
        return max(replayers[part] for part in window) >= k

    found = _prominent(
        len(replays), mean, is_large, at_least=max(MIN_REPLAY_SHARE * counts.viewers, _ROUNDING)
    )
    points = [_point(window, replays) for window in found]
    return sorted(points, key=lambda point: (-replays[point.peak], point.first))


def _prominent(
    parts: int,
    value: Callable[[range], float],
    is_large: Callable[[range], bool],
    *,
    at_least: float,
) -> list[range]:
    """The windows that stand out, those that overlap or touch merged."""
    size = min(WINDOW_PARTS, parts)
    windows = [range(first, first + size) for first in range(parts - size + 1)] if size else []
    if not windows:
        return []
    values = [value(window) for window in windows]
    middle = median(values)
    deviation = median(abs(each - middle) for each in values)
    limit = max(at_least, middle + DEVIATIONS * deviation) - _ROUNDING
    merged: list[range] = []
    for window, each in zip(windows, values, strict=True):
        if (
            each < limit
            or (each <= middle + _ROUNDING and len(windows) > 1)
            or not is_large(window)
        ):
            continue
        if merged and window.start <= merged[-1].stop:
            merged[-1] = range(merged[-1].start, window.stop)
        else:
            merged.append(window)
    return merged


def _point(window: range, curve: Sequence[int]) -> TurningPoint:
    peak = max(window, key=lambda part: (curve[part], -part))
    return TurningPoint(window.start, window.stop, peak)
