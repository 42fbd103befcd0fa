"""What is counted of a group of learners and one video. Groups that share no learner add up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from operator import add
from typing import Any

MAX_PARTS = 100
VIEWER_SECONDS = 3.0  # Played, or without spans the position.
START_SECONDS = 1.0
VIEW_SECONDS = 30.0  # Or half of a shorter video.
MIN_PART_SHARE = 0.5  # The share of a part that must be in the spans for it to count as seen.


def part_count(duration_seconds: float) -> int:
    """The number of equal parts that the curves of a video of that length have."""
    return min(MAX_PARTS, math.ceil(duration_seconds))


def view_seconds(duration_seconds: float) -> float:
    """How long a session plays to count as a view."""
    return min(VIEW_SECONDS, duration_seconds / 2)


@dataclass(frozen=True, slots=True)
class ClassCounts:
    """Sums over a group of learners.

    Curves have a number for each part, in order. ``seen`` counts viewers who have seen the part,
    ``heat`` sessions that played it, ``replayers`` learners with more than one of these, ``exits``
    viewers without completion whose newest position lies in it, and ``survival`` viewers whose
    furthest position is at its end or beyond. ``watched_shares`` is the sum of viewers' watched
    shares of the length; ``players`` are learners with a session of some length.
    """

    enrolled: int = 0
    viewers: int = 0
    completed: int = 0
    completed_viewers: int = 0
    players: int = 0
    starts: int = 0
    views: int = 0
    watch_seconds: float = 0.0
    watched_shares: float = 0.0
    seen: tuple[int, ...] = ()
    heat: tuple[int, ...] = ()
    replayers: tuple[int, ...] = ()
    exits: tuple[int, ...] = ()
    survival: tuple[int, ...] = ()

    def __add__(self, other: ClassCounts) -> ClassCounts:
        """The counts of both groups; one without curves adds nothing to curves."""
        pairs = ((getattr(self, name), getattr(other, name)) for name in self.__slots__)
        return ClassCounts(*(_added(one, two) for one, two in pairs))

    def without_departures(self, before: ClassCounts) -> ClassCounts:
        """No number below *before* that only learners who leave make fall."""
        pairs = ((getattr(self, name), getattr(before, name)) for name in self.__slots__)
        larger = ClassCounts(*(_larger(one, two) for one, two in pairs))
        return replace(larger, enrolled=self.enrolled, exits=self.exits)

    def without_moves(self, before: ClassCounts) -> ClassCounts:
        """No number below *before* that learners who move in the video make fall."""
        return replace(self, exits=_larger(self.exits, before.exits))

    def portions(self) -> list[tuple[int, int]]:
        """The numbers of learners that only grow, each with the learners it is a part of."""
        of_viewers = (self.completed_viewers, *self.seen, *self.survival)
        return [(self.completed, self.known), *((number, self.viewers) for number in of_viewers)]

    @property
    def known(self) -> int:
        """The learners who watched or completed the video."""
        return self.viewers + self.completed - self.completed_viewers

    @property
    def replays(self) -> tuple[int, ...]:
        """For each part, how often it was played again."""
        return tuple(max(0, heat - seen) for heat, seen in zip(self.heat, self.seen, strict=True))

    @property
    def still_there(self) -> tuple[int, ...]:
        """For each part, the viewers who reached its start."""
        return (self.viewers, *self.survival[:-1])


def _added(one: Any, two: Any) -> Any:
    if not isinstance(one, tuple):
        return one + two
    if not (one and two):
        return one or two
    return tuple(map(add, one, two))


def _larger(one: Any, two: Any) -> Any:
    if not isinstance(one, tuple):
        return max(one, two)
    if len(one) != len(two):  # A video of another length, or nobody's curve.
        return one
    return tuple(map(max, one, two))


def running_totals(steps: Sequence[int]) -> tuple[int, ...]:
    """The curve that rises and falls by *steps*."""
    return tuple(accumulate(steps))
