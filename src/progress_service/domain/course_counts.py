"""What is counted of a group of learners and a course. Groups that share no learner add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import add

TENTHS = 10
RECENT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LearnerInCourse:
    """One learner's state in a course. ``newest_completion`` is of any material."""

    percent: float = 0.0
    has_started: bool = False
    completed_at: datetime | None = None
    last_watched: datetime | None = None
    newest_completion: datetime | None = None


@dataclass(frozen=True, slots=True)
class CourseCounts:
    """Sums over a group of learners.

    ``tenths`` has the number of learners for each tenth of the course progress, 100 % in the last.
    ``completed_on`` has the learners who completed the course on each date, in UTC. ``active`` and
    ``finishing`` are those who watched, and who completed a material, in the last seven days.
    """

    enrolled: int = 0
    started: int = 0
    completed: int = 0
    active: int = 0
    finishing: int = 0
    tenths: tuple[int, ...] = (0,) * TENTHS
    completed_on: Mapping[str, int] = field(default_factory=dict)

    @property
    def viewers(self) -> int:
        """The learners that the other numbers are about."""
        return self.started

    def portions(self) -> list[tuple[int, int]]:
        """The numbers of learners that only grow, each with the learners it is a part of."""
        return [(self.completed, max(self.started, self.completed))]

    def __add__(self, other: CourseCounts) -> CourseCounts:
        """The counts of both groups."""
        return CourseCounts(
            self.enrolled + other.enrolled,
            self.started + other.started,
            self.completed + other.completed,
            self.active + other.active,
            self.finishing + other.finishing,
            tuple(map(add, self.tenths, other.tenths)),
            dict(Counter(self.completed_on) + Counter(other.completed_on)),
        )

    def without_departures(self, before: CourseCounts) -> CourseCounts:
        """No number below *before* that only learners who leave make fall."""
        days = {**self.completed_on, **before.completed_on}
        return replace(
            self,
            started=max(self.started, before.started),
            completed=max(self.completed, before.completed),
            completed_on={
                day: max(self.completed_on.get(day, 0), before.completed_on.get(day, 0))
                for day in days
            },
        )

    def without_moves(self, before: CourseCounts) -> CourseCounts:
        """No number below *before* that learners who progress make fall."""
        return replace(self, tenths=tuple(map(max, self.tenths, before.tenths)))


def count_learner(learner: LearnerInCourse, *, now: datetime) -> CourseCounts:
    """One learner, as the smallest group."""
    completed_at = learner.completed_at
    tenth = min(int(learner.percent / 100 * TENTHS), TENTHS - 1)
    return CourseCounts(
        enrolled=1,
        started=int(learner.has_started),
        completed=int(completed_at is not None),
        active=int(_is_recent(learner.last_watched, now)),
        finishing=int(_is_recent(learner.newest_completion, now)),
        tenths=tuple(int(tenth == index) for index in range(TENTHS)),
        completed_on={}
        if learner.completed_at is None
        else {f"{learner.completed_at:%Y-%m-%d}": 1},
    )


def _is_recent(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at < RECENT
