"""The measures of a class and a course, computed from its counts and rounded for privacy."""

from __future__ import annotations

from dataclasses import dataclass

from progress_service.domain.course_counts import CourseCounts
from progress_service.domain.k_anonymity import KAnonymity


@dataclass(frozen=True, slots=True)
class CourseMeasures:
    """The published measures; ``None`` where nothing may be published.

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


def measure_course(counts: CourseCounts, privacy: KAnonymity) -> CourseMeasures:
    """The measures of *counts*, as they may be published with *privacy*."""
    if not privacy.may_publish(counts.started):
        return CourseMeasures()
    return CourseMeasures(
        suppressed=False,
        enrolled=privacy.count(counts.enrolled),
        started=privacy.count(counts.started),
        completed=privacy.count(counts.completed),
        active=privacy.count(counts.active),
        finishing=privacy.count(counts.finishing),
        tenths=tuple(privacy.count(number) for number in counts.tenths),
        completed_on=tuple(
            (date, rounded)
            for date, number in sorted(counts.completed_on.items())
            if (rounded := privacy.count(number))
        ),
    )
