"""Spans of media seconds: cover, total, gaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Span = tuple[float, float]
"""(start, end) in seconds, start ≤ end."""


JOIN_GAP_SECONDS = 1.0  # Players report the edge of a stretch late by up to a tick.
MAX_FINE_SPANS = 500  # Above this a record is about fragments nobody looks at one by one…
COARSE_JOIN_GAP_SECONDS = 10.0  # …so those close together are told as one.


def merge_spans(spans: Iterable[Span], *, join_gap_seconds: float = 0.0) -> tuple[Span, ...]:
    """Cover the same seconds with as few spans as possible.

    Args:
        spans: (start, end) pairs in seconds, any order, overlaps welcome.
        join_gap_seconds: neighbours at most this far apart become one.

    Returns:
        Disjoint spans sorted by start. Nothing in, nothing out.

    Source: HTML Standard, "normalized TimeRanges object".
    """
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start - merged[-1][1] <= join_gap_seconds:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def coarse_when_many(spans: Sequence[Span]) -> tuple[Span, ...]:
    """*spans*, sorted and disjoint; above `MAX_FINE_SPANS` those close together are joined."""
    if len(spans) <= MAX_FINE_SPANS:
        return tuple(spans)
    return merge_spans(spans, join_gap_seconds=COARSE_JOIN_GAP_SECONDS)


def total_seconds(spans: Iterable[Span]) -> float:
    """Seconds covered by disjoint *spans*."""
    return sum(end - start for start, end in spans)


def clip_spans(spans: Iterable[Span], *, end_seconds: float) -> tuple[Span, ...]:
    """The parts of *spans* that lie before *end_seconds*."""
    return tuple((start, min(end, end_seconds)) for start, end in spans if start <= end_seconds)
