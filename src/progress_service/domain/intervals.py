"""Spans of media seconds: union, total, grid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

Span = tuple[float, float]
"""(start, end) in seconds, start ≤ end."""


JOIN_GAP_SECONDS = 1.0  # Players report the edge of a span late by up to a tick.
MAX_STORED_SPANS = 500  # No player makes so many; beyond it a record stays on a grid.
GRID_CELLS = 500
MIN_CELL_SHARE = 0.5  # The share of a cell that must be seen for it to count.
EPSILON_SECONDS = 1e-9  # Exactly half of a cell may be a little less in binary.


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was seen of a video. ``grid_seconds``: the length of its grid, once it has one."""

    spans: tuple[Span, ...] = ()
    grid_seconds: float | None = None


def merge_spans(spans: Iterable[Span], *, join_gap_seconds: float = 0.0) -> tuple[Span, ...]:
    """Cover the same seconds with as few spans as possible.

    Args:
        spans: (start, end) pairs in seconds, in any order; they may overlap.
        join_gap_seconds: neighbours at most this far apart become one.

    Returns:
        Disjoint spans sorted by start; none for none.

    Source: HTML Standard, "normalized TimeRanges object".
    """
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start - merged[-1][1] <= join_gap_seconds:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def snap_spans(
    spans: Iterable[Span], *, length_seconds: float, cells: int = GRID_CELLS
) -> tuple[Span, ...]:
    """*spans* on a grid of equal *cells* over *length_seconds*.

    A cell counts as a whole when at least half of it lies in *spans*. The union of two results
    over the same length lies on the same grid, so it needs no rounding and never grows beyond it.

    Args:
        spans: (start, end) pairs in seconds, any order; what lies beyond the length is ignored.
        length_seconds: the length of the grid, above 0.

    Returns:
        Disjoint spans of whole cells, sorted by start.
    """
    cell_seconds = length_seconds / cells
    partly_seen: defaultdict[int, float] = defaultdict(float)
    runs: list[tuple[int, int]] = []  # of whole cells: first, and the one after the last
    for start, end in clip_spans(merge_spans(spans), end_seconds=length_seconds):
        first = min(int(start / cell_seconds), cells - 1)
        last = min(int(end / cell_seconds), cells - 1)
        if first == last:
            partly_seen[first] += end - start
            continue
        partly_seen[first] += (first + 1) * cell_seconds - start
        partly_seen[last] += end - last * cell_seconds
        runs.append((first + 1, last))
    enough_seconds = cell_seconds * MIN_CELL_SHARE - EPSILON_SECONDS
    runs += [(cell, cell + 1) for cell, seen in partly_seen.items() if seen >= enough_seconds]
    return tuple(
        (first * length_seconds / cells, end * length_seconds / cells)
        for first, end in merge_spans((first, end) for first, end in runs if first < end)
    )


def add_spans(coverage: Coverage, spans: Iterable[Span], *, length_seconds: float) -> Coverage:
    """*coverage* united with *spans*; at most `MAX_STORED_SPANS` of them.

    A result with more is snapped to a grid, and stays on it. On a grid, *spans* are snapped by
    themselves. A grid is as long as the longest length it was used with.
    """
    if coverage.grid_seconds is None:
        fine = merge_spans([*coverage.spans, *spans], join_gap_seconds=JOIN_GAP_SECONDS)
        if len(fine) <= MAX_STORED_SPANS:
            return Coverage(fine)
        return Coverage(snap_spans(fine, length_seconds=length_seconds), length_seconds)
    grid_seconds = max(coverage.grid_seconds, length_seconds)
    added = snap_spans(
        merge_spans(spans, join_gap_seconds=JOIN_GAP_SECONDS), length_seconds=grid_seconds
    )
    held = coverage.spans
    if grid_seconds != coverage.grid_seconds:
        held = snap_spans(held, length_seconds=grid_seconds)
    return Coverage(merge_spans([*held, *added]), grid_seconds)


def unite(coverage: Coverage, added: Coverage, *, length_seconds: float) -> Coverage:
    """The union of both; on a grid if one of them is."""
    if added.grid_seconds is not None and coverage.grid_seconds is None:
        snapped = snap_spans(coverage.spans, length_seconds=length_seconds)
        coverage = Coverage(snapped, length_seconds)
    return add_spans(coverage, added.spans, length_seconds=length_seconds)


def total_seconds(spans: Iterable[Span]) -> float:
    """Seconds covered by disjoint *spans*."""
    return sum(end - start for start, end in spans)


def clip_spans(spans: Iterable[Span], *, end_seconds: float) -> tuple[Span, ...]:
    """The parts of *spans* before *end_seconds*."""
    return tuple((start, min(end, end_seconds)) for start, end in spans if start <= end_seconds)
