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


def measure_course(
    counts: CourseCounts, privacy: KAnonymity, *, is_cohort: bool = False
) -> CourseMeasures:
    """The measures of *counts*, as they may be published with *privacy*.

    A cohort has no tenths. Learners move from one to the next, so that the class minus a cohort
    could be nobody in a tenth at one time and tell who was there at another.
    """
    if not privacy.may_publish(counts.started):
        return CourseMeasures()
    started, completed = counts.started, counts.completed
    return CourseMeasures(
        suppressed=False,
        enrolled=privacy.count(counts.enrolled),
        started=privacy.count(started),
        completed=privacy.count(completed, of=max(started, completed)),
        active=privacy.count(counts.active),
        finishing=_finishing(counts, privacy),
        tenths=() if is_cohort and privacy.k > 1 else _tenths(counts, privacy),
        # It is known who did something on a day: fewer than k might be all of them.
        completed_on=tuple(
            (date, privacy.count(number))
            for date, number in sorted(counts.completed_on.items())
            if number >= privacy.k
        ),
    )


def _finishing(counts: CourseCounts, privacy: KAnonymity) -> int:
    """Of those who were active, if they are enough."""
    active = max(counts.active, counts.finishing)
    return privacy.count(counts.finishing, of=active) if privacy.may_publish(active) else 0


def _tenths(counts: CourseCounts, privacy: KAnonymity) -> tuple[int, ...]:
    """Rounded for those who have started; it is known who has not."""
    if privacy.k == 1:
        return counts.tenths
    first, *later = counts.tenths
    idle = max(0, min(first, counts.enrolled - counts.started))
    active = counts.enrolled - idle
    told = [privacy.count(number, of=active) for number in (first - idle, *later)]
    return (told[0] + privacy.count(idle), *told[1:])
