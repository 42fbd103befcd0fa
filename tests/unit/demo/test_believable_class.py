"""The demo class: deterministic, believable, and with the planted places."""

from __future__ import annotations

from datetime import timedelta

import pytest

from progress_service.cli.demo import DemoClass
from progress_service.demo.believable_class import Learner, believable_class
from progress_service.demo.course import COURSE
from progress_service.demo.plans import DROP_OFFS, FEWEST_STUDENTS, PLANS, REPLAY_PEAK
from progress_service.demo.viewing import LENGTHS
from progress_service.domain.class_measures import VideoMeasures, measure
from progress_service.domain.cohorts import cohort_of
from progress_service.domain.k_anonymity import KAnonymity
from tests.builders import NOON
from tests.demo_class import UNTIL, counts_of, is_at

SEEDS = range(5)


def a_class(students: int = 40, *, days: int = 14, seed: int = 7) -> list[Learner]:
    return believable_class(students, days=days, seed=seed, until=UNTIL)


def measures_of(learners: list[Learner], *, k: int) -> dict[str, VideoMeasures]:
    return {
        video_id: measure(
            counts_of(learners, video_id),
            KAnonymity(k),
            duration_seconds=LENGTHS[video_id],
            video=COURSE.by_id[video_id],
        )
        for video_id in COURSE.video_ids
    }


@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize("students", [FEWEST_STUDENTS, 100])
@pytest.mark.parametrize("seed", SEEDS)
def test_planted_places_stand_out(students: int, seed: int, k: int):
    measured = measures_of(a_class(students, seed=seed), k=k)

    found = [(vid, point.at_seconds) for vid in measured for point in measured[vid].drop_offs]
    assert [video_id for video_id, _ in found] == [place.video_id for place in DROP_OFFS]
    for place, (_, at_seconds) in zip(DROP_OFFS, found, strict=True):
        assert is_at(place, at_seconds)
    peaks = measured[REPLAY_PEAK.video_id].replay_peaks
    assert is_at(REPLAY_PEAK, peaks[0].at_seconds)


def test_places_are_in_videos_of_the_course_before_they_are_completed():
    for place in [*DROP_OFFS, REPLAY_PEAK]:
        assert 0 < place.at_seconds < 0.75 * LENGTHS[place.video_id]


def test_same_seed_and_end_give_the_same_class():
    assert a_class() == a_class()
    assert a_class() != a_class(seed=8)


def test_class_is_the_same_all_day():
    demo_class = DemoClass(20)

    assert demo_class.learners(now=NOON) == demo_class.learners(now=NOON + timedelta(hours=11))


def test_learner_does_not_depend_on_the_size_of_the_class():
    assert a_class(90)[:33] == a_class(33)


def test_class_of_nobody_is_empty():
    assert a_class(0) == []


@pytest.mark.parametrize("days", [1, 2, 14, 60])
@pytest.mark.parametrize("seed", SEEDS)
def test_everything_happens_in_order_within_the_days(days: int, seed: int):
    for learner in a_class(60, days=days, seed=seed):
        assert learner.enrolled_at >= UNTIL - timedelta(days=days)
        reports = [report for visit in learner.visits for report in visit.reports()]
        times = [report.observed_at for report in reports]
        assert times == sorted(times)
        assert all(learner.enrolled_at < at < UNTIL for at in times)


@pytest.mark.parametrize("seed", SEEDS)
def test_learners_are_enrolled_in_several_weeks(seed: int):
    assert len({cohort_of(one.enrolled_at) for one in a_class(seed=seed)}) >= 2
    month = a_class(200, days=30, seed=seed)
    assert len({cohort_of(one.enrolled_at) for one in month}) >= 3


def test_learners_differ_in_how_far_they_come():
    learners = a_class(200, days=30)
    completed = {video_id: counts_of(learners, video_id).completed for video_id in COURSE.video_ids}

    assert any(not learner.visits for learner in learners)
    assert 200 > completed["welcome"] > completed["components"] > completed["state"] > 50
    assert len({visit.device_id for one in learners for visit in one.visits}) > 200


def test_ids_are_unique_and_in_order():
    learners = a_class(200)

    assert [one.student_id for one in learners[:2]] == ["demo-001", "demo-002"]
    sessions = [visit.session_id for one in learners for visit in one.visits]
    assert len(set(sessions)) == len(sessions)


def test_each_plan_is_followed_by_one_learner_of_a_block():
    everyone = a_class(len(PLANS))

    unstarted = [learner for learner in everyone if not learner.visits]
    replaying = [
        learner
        for learner in everyone
        if sum(visit.material_id == REPLAY_PEAK.video_id for visit in learner.visits) > 1
    ]
    assert len(unstarted) == 1
    assert len(replaying) >= 5
