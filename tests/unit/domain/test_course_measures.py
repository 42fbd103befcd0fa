"""The published measures of a class and a course."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.course_counts import CourseCounts, LearnerInCourse, count_learner
from progress_service.domain.course_measures import CourseMeasures, measure_course
from progress_service.domain.k_anonymity import KAnonymity
from tests.builders import NOON

moments = st.none() | st.integers(0, 30).map(lambda days: NOON - timedelta(days=days))
learners_in_course = st.builds(
    LearnerInCourse,
    percent=st.floats(0, 100),
    has_started=st.booleans(),
    completed_at=moments,
    last_watched=moments,
    newest_completion=moments,
)
classes = st.lists(learners_in_course, max_size=30)


def count(learners: list[LearnerInCourse]) -> CourseCounts:
    return sum((count_learner(one, now=NOON) for one in learners), CourseCounts())


@given(learners=classes)
def test_course_measures_are_exact_with_k_1(learners: list[LearnerInCourse]):
    found = measure_course(count(learners), KAnonymity(1))

    days = [f"{one.completed_at:%Y-%m-%d}" for one in learners if one.completed_at]
    assert not found.suppressed
    assert found.enrolled == len(learners) == sum(found.tenths)
    assert found.started == sum(one.has_started for one in learners)
    assert found.completed == len(days)
    assert found.completed_on == tuple((day, days.count(day)) for day in sorted(set(days)))


@given(learners=classes, k=st.integers(2, 10))
def test_course_counts_are_multiples_of_k(learners: list[LearnerInCourse], k: int):
    counts = count(learners)
    found = measure_course(counts, KAnonymity(k))

    if counts.started < k:
        assert found == CourseMeasures()
        return
    numbers = [found.enrolled, found.started, found.completed, found.active, found.finishing]
    numbers += [*found.tenths, *(number for _, number in found.completed_on)]
    assert all(number is not None and number % k == 0 for number in numbers)
    assert all(number for _, number in found.completed_on)


@pytest.mark.parametrize(("percent", "tenth"), [(0, 0), (9.99, 0), (10, 1), (99.99, 9), (100, 9)])
def test_learners_are_counted_in_the_tenth_of_their_progress(percent: float, tenth: int):
    tenths = count_learner(LearnerInCourse(percent=percent), now=NOON).tenths

    assert [index for index, number in enumerate(tenths) if number] == [tenth]


def test_recent_learners_were_active_in_the_last_seven_days():
    week = timedelta(days=7)
    recent = LearnerInCourse(last_watched=NOON - week + timedelta(seconds=1))
    earlier = LearnerInCourse(last_watched=NOON - week)

    assert [count_learner(one, now=NOON).active for one in (recent, earlier)] == [1, 0]


def test_completions_of_a_day_are_told_of_at_least_k_learners():
    counts = CourseCounts(started=20, completed_on={"2026-11-20": 4, "2026-11-21": 5})

    assert measure_course(counts, KAnonymity(5)).completed_on == (("2026-11-21", 5),)


def test_progress_of_those_who_started_does_not_show_in_the_tenth_of_the_others():
    """Who has not started is known: rounded together, the first tenth would tell the rest."""
    none_left = CourseCounts(enrolled=20, started=8, tenths=(12, 0, 0, 0, 0, 0, 0, 0, 0, 8))
    one_left = CourseCounts(enrolled=20, started=8, tenths=(13, 0, 0, 0, 0, 0, 0, 0, 0, 7))

    told = [measure_course(each, KAnonymity(5)).tenths for each in (none_left, one_left)]

    assert told[0] == told[1] == (10, 0, 0, 0, 0, 0, 0, 0, 0, 10)


def test_finishing_is_told_of_at_least_k_active_learners():
    counts = CourseCounts(enrolled=20, started=20, active=3, finishing=3)

    assert measure_course(counts, KAnonymity(5)).finishing == 0


@given(learners=st.lists(learners_in_course, min_size=3, max_size=9))
def test_departures_let_no_course_count_fall(learners: list[LearnerInCourse]):
    before, after = count(learners), count(learners[:-2])

    kept = after.without_departures(before)

    assert (kept.started, kept.completed) == (before.started, before.completed)
    assert kept.completed_on == before.completed_on
    assert kept.enrolled == after.enrolled
