"""The measures of a class and a course, computed from its counts and told k-anonymously."""

from __future__ import annotations

from dataclasses import dataclass

from progress_service.domain.course_counts import CourseCounts
from progress_service.domain.k_anonymity import KAnonymity


@dataclass(frozen=True, slots=True)
class CourseMeasures:
    """What is told of a class and a course; ``None`` where nothing may be told.

    ``tenths`` has a number of learners for each tenth of the course progress, and ``completed_on``
    dates with the learners who completed the course on them, in order.
    """

    suppressed: bool = True
    enrolled: int | None = None
    started: int | None = None
    completed: int | None = None
    active: int | None = None
    finishing: int | None = None
    tenths: tuple[int, ...] = ()
    completed_on: tuple[tuple[str, int], ...] = ()


def measure_course(counts: CourseCounts, told: KAnonymity) -> CourseMeasures:
    """The measures of *counts*, as they may be *told*."""
    if not told.may_tell(counts.started):
        return CourseMeasures()
    return CourseMeasures(
        suppressed=False,
        enrolled=told.count(counts.enrolled),
        started=told.count(counts.started),
        completed=told.count(counts.completed),
        active=told.count(counts.active),
        finishing=told.count(counts.finishing),
        tenths=tuple(told.count(number) for number in counts.tenths),
        completed_on=tuple(
            (date, rounded)
            for date, number in sorted(counts.completed_on.items())
            if (rounded := told.count(number))
        ),
    )
