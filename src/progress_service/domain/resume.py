"""Where to start next time. The rules in order, each number beside its rule."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from progress_service.domain.catalog import Chapter, Course, Material, Segment
from progress_service.domain.intervals import Span, clip_spans, merge_spans
from progress_service.domain.progress import DevicePosition, Progress

Reason = Literal[
    "start",
    "resume",
    "chapter",
    "intro",
    "replay",
    "rewatch",
    "next",
    "gap",
    "shortened",
    "further",
]

END_SECONDS = 2.0  # Closer to the end than this, nothing is left to watch.
GAP_SECONDS = 10.0  # Shorter gaps are seeks.
REWINDS: tuple[tuple[timedelta, float], ...] = (  # How long ago → seconds to watch again.
    (timedelta(seconds=15), 0.0),
    (timedelta(minutes=5), 2.0),
    (timedelta(hours=1), 5.0),
    (timedelta(days=1), 10.0),
    (timedelta(days=7), 15.0),
)
LONGEST_REWIND_SECONDS = 30.0
MAX_REWIND_PERCENT = 5.0  # Of the length: short clips need little.
CHAPTER_SNAP_SECONDS = 10.0  # A chapter that was just begun starts over.
EPSILON_SECONDS = 1e-6  # 16.1 − 14.1 is 2 s, and slightly more in binary.
FURTHER_SECONDS = 30.0  # A position this much further on…
FURTHER_PLAYED_SECONDS = 120.0  # …wins over one of a device that has just started, unaware of it.


@dataclass(frozen=True, slots=True)
class Resume:
    """Where to go on, and why. ``position_seconds`` is the exact position it was computed from."""

    resume_at_seconds: float
    reason: Reason
    position_seconds: float = 0.0
    alternatives: tuple[DevicePosition, ...] = ()

    @property
    def rewind_seconds(self) -> float:
        """How far before the exact position; 0 when it is not before it."""
        if self.reason in ("start", "replay", "rewatch", "gap", "shortened"):
            return 0.0
        return round(max(0.0, self.position_seconds - self.resume_at_seconds), 3)


def resume(
    progress: Progress,
    video: Material,
    *,
    now: datetime,
    threshold_percent: float,
    skip_intro: bool = True,
) -> Resume:
    """Where to start *video* next time, by the current state of the record."""
    is_untouched = progress.observed_at is None and not progress.position_seconds
    if is_untouched and not progress.is_completed:
        return Resume(0.0, "start")
    offered = _offered_position(progress)
    others = sorted(
        (position for position in progress.devices if position != offered),
        key=lambda position: position.observed_at,
        reverse=True,
    )
    if offered is None or offered.observed_at == progress.observed_at:
        found = _from_newest(progress, video, now, threshold_percent, skip_intro)
    else:
        age = now - offered.observed_at
        known = _with_length(video, progress)
        found = _resumed(offered.position_seconds, age, known, skip_intro)
        found = replace(found, reason="further")
    return replace(found, alternatives=tuple(others))


def _from_newest(
    progress: Progress, video: Material, now: datetime, threshold_percent: float, skip_intro: bool
) -> Resume:
    position_seconds = progress.position_seconds
    if progress.is_completed and not is_rewatching(progress, threshold_percent):
        return Resume(_start(video, skip_intro), "replay", position_seconds)
    if is_unmarked_at_end(progress, video):
        return Resume(_start(video, skip_intro), "rewatch", position_seconds)
    if progress.is_shortened:
        gap = None if progress.is_completed else first_unwatched_gap(progress, video)
        return Resume(gap[0] if gap else _start(video, skip_intro), "shortened", position_seconds)
    if is_at_end(progress, video):
        gap = None if progress.is_completed else first_unwatched_gap(progress, video)
        if gap:
            return Resume(gap[0], "gap", position_seconds)
        return Resume(position_seconds, "next", position_seconds)
    # A position without a date, from another program, may be of any age.
    age = now - progress.observed_at if progress.observed_at else timedelta.max
    return _resumed(position_seconds, age, _with_length(video, progress), skip_intro)


def _start(video: Material, skip_intro: bool) -> float:
    intro = opening_intro(video) if skip_intro else None
    return min(intro.end_seconds, video.duration_seconds or math.inf) if intro else 0.0


def _resumed(position_seconds: float, age: timedelta, video: Material, skip_intro: bool) -> Resume:
    chapter = chapter_at(video, position_seconds)
    earliest = chapter.start_seconds if chapter else 0.0
    into_chapter = position_seconds - earliest
    if chapter is not None and into_chapter <= CHAPTER_SNAP_SECONDS + EPSILON_SECONDS:
        target, reason = earliest, "chapter"
    else:
        target, reason = max(earliest, position_seconds - _rewind_seconds(age, video)), "resume"
    intro = video.intro
    if skip_intro and intro and intro.start_seconds <= target < intro.end_seconds:
        target, reason = intro.end_seconds, "intro"
    # The catalogue may be wrong: an intro beyond the length.
    target = min(target, video.duration_seconds or target)
    return Resume(round(target, 3), reason, position_seconds)  # type: ignore[arg-type]


def _rewind_seconds(age: timedelta, video: Material) -> float:
    rewind = next((s for within, s in REWINDS if age <= within), LONGEST_REWIND_SECONDS)
    if video.duration_seconds is None:
        return rewind
    return min(rewind, video.duration_seconds * MAX_REWIND_PERCENT / 100)


def _offered_position(progress: Progress) -> DevicePosition | None:
    """The position to go on from: the newest, unless its device did not know of a further one.

    A phone with a stale copy starts where it was last week, although the laptop was further on.
    """
    newest = progress.device_position
    if newest is None or newest.played_seconds is None or newest.furthest_seconds is None:
        return newest
    if progress.is_completed:  # watched again on purpose
        return newest
    if newest.played_seconds >= FURTHER_PLAYED_SECONDS:
        return newest
    further = [
        position
        for position in progress.devices
        if position.position_seconds > newest.furthest_seconds + FURTHER_SECONDS
    ]
    return max(further, key=lambda position: position.position_seconds, default=newest)


def _with_length(video: Material, progress: Progress) -> Material:
    length = video.duration_seconds or progress.duration_seconds
    return video if video.duration_seconds else replace(video, duration_seconds=length)


def is_rewatching(progress: Progress, threshold_percent: float) -> bool:
    """Completed, and then watched again from an earlier position."""
    return (
        progress.completed_at is not None
        and progress.observed_at is not None
        and progress.observed_at > progress.completed_at
        and progress.percent < threshold_percent
        and progress.duration_seconds - progress.position_seconds > END_SECONDS
    )


def is_unmarked_at_end(progress: Progress, video: Material) -> bool:
    """Played to the end, and then marked as not done, to be watched again."""
    unmarked_at, observed_at = progress.unmarked_at, progress.observed_at
    return (
        not progress.is_completed
        and unmarked_at is not None
        and observed_at is not None
        and observed_at <= unmarked_at
        and is_at_end(progress, video)
    )


def is_at_end(progress: Progress, video: Material) -> bool:
    """In the outro, or within `END_SECONDS` of the end."""
    position_seconds, outro = progress.position_seconds, video.outro
    if outro is not None and outro.start_seconds <= position_seconds <= outro.end_seconds:
        return True
    return progress.duration_seconds - position_seconds <= END_SECONDS + EPSILON_SECONDS


def opening_intro(video: Material) -> Segment | None:
    """The intro, when it is the first thing in *video*."""
    intro = video.intro
    return intro if intro is not None and intro.start_seconds <= END_SECONDS else None


def chapter_at(video: Material, position_seconds: float) -> Chapter | None:
    """The chapter that *position_seconds* lies in."""
    begun = [c for c in video.chapters if c.start_seconds <= position_seconds]
    return max(begun, key=lambda chapter: chapter.start_seconds, default=None)


def first_unwatched_gap(progress: Progress, video: Material) -> Span | None:
    """The first gap of at least `GAP_SECONDS`; ``None`` when there are no spans."""
    if not progress.watched_spans:
        return None
    end = video.outro.start_seconds if video.outro else progress.duration_seconds
    seen = clip_spans(merge_spans(progress.watched_spans), end_seconds=end)
    edges = [(0.0, 0.0), *seen, (end, end)]
    if intro := opening_intro(video):
        edges = list(merge_spans([*edges, (0.0, intro.end_seconds)]))
    gaps = ((a[1], b[0]) for a, b in pairwise(edges))
    return next((gap for gap in gaps if gap[1] - gap[0] >= GAP_SECONDS - EPSILON_SECONDS), None)


def next_unfinished(
    course: Course, done_ids: set[str] | frozenset[str], *, after: str
) -> Material | None:
    """The next open material behind *after* in course order, else the first open one."""
    ids = list(course.by_id)
    turn = ids.index(after) + 1
    for material_id in [*ids[turn:], *ids[: turn - 1]]:
        if material_id not in done_ids:
            return course.by_id[material_id]
    return None
