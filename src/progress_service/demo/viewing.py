"""Which spans of the demo videos a learner plays in one visit after another."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from progress_service.demo.course import COURSE
from progress_service.demo.plans import Plan, PlantedPlace
from progress_service.domain.intervals import Span

READING_ID = "reading-list"
LENGTHS = {m.material_id: m.duration_seconds for m in COURSE.materials if m.duration_seconds}
Viewed = tuple[str, tuple[Span, ...]]
"""A material, and the spans that one visit plays of it; none of a reading."""

SKIPS_INTRO_SHARE = 0.25  # Of the visits that begin at the start.
LEAVES_IN_OUTRO_SHARE = 0.3
TWO_VISITS_SHARE = 0.3
REWIND_SECONDS = 1.0  # A player resumes a little earlier.
JITTER_SECONDS = 0.4  # Nobody leaves at the very same moment…
MAX_JITTER_SECONDS = 1.4  # …but all within the three parts around it.
REPLAY_SECONDS = 4.0  # Up to so much before a replayed place, and after it.


def viewed(plan: Plan, rng: Random) -> Iterator[Viewed]:
    """The visits of a learner with that *plan*, in order."""
    for index, video_id in enumerate(plan.finishes):
        yield from _to_the_end(video_id, rng)
        if plan.reads and index == 0:
            yield READING_ID, ()
    if plan.leaves_at is not None:
        yield _from_the_start(plan.leaves_at.video_id, _about(plan.leaves_at, rng), rng)
    if plan.leaves is not None:
        # Before 70 %, so that the video is not completed.
        yield _from_the_start(plan.leaves, rng.uniform(5, 0.7 * LENGTHS[plan.leaves]), rng)
    if plan.replays is not None:
        at = plan.replays.at_seconds
        start = rng.uniform(at - REPLAY_SECONDS, at + JITTER_SECONDS)
        end = rng.uniform(at + 1, at + 1 + REPLAY_SECONDS)
        yield plan.replays.video_id, (_rounded(start, end),)
    if plan.repeats is not None:
        yield from _to_the_end(plan.repeats, rng)


def _to_the_end(video_id: str, rng: Random) -> Iterator[Viewed]:
    """To the end or into the outro, at once or in two visits."""
    length, outro = LENGTHS[video_id], COURSE.by_id[video_id].outro
    end = length
    if outro is not None and rng.random() < LEAVES_IN_OUTRO_SHARE:
        end = rng.uniform(outro.start_seconds, length)
    if rng.random() < TWO_VISITS_SHARE:
        break_at = rng.uniform(0.3, 0.7) * length
        yield _from_the_start(video_id, break_at, rng)
        yield video_id, (_rounded(break_at - REWIND_SECONDS, end),)
    else:
        yield _from_the_start(video_id, end, rng)


def _from_the_start(video_id: str, end_seconds: float, rng: Random) -> Viewed:
    """From the start up to *end_seconds*; some skip the intro."""
    intro = COURSE.by_id[video_id].intro
    skips = rng.random() < SKIPS_INTRO_SHARE
    if intro is None or not skips or end_seconds < 2 * intro.end_seconds:
        return video_id, (_rounded(0.0, end_seconds),)
    before = _rounded(0.0, rng.uniform(1, 4))
    return video_id, (before, _rounded(intro.end_seconds, end_seconds))


def _about(place: PlantedPlace, rng: Random) -> float:
    jitter = rng.gauss(0, JITTER_SECONDS)
    bounded = max(-MAX_JITTER_SECONDS, min(jitter, MAX_JITTER_SECONDS))
    return place.at_seconds + 0.5 + bounded


def _rounded(start_seconds: float, end_seconds: float) -> Span:
    return round(start_seconds, 1), round(end_seconds, 1)
