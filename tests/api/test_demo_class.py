"""The demo class as stored: what its teacher sees of it, and what repeating changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from progress_service.cli.demo_class import store_class
from progress_service.demo.believable_class import Learner, believable_class
from progress_service.demo.course import COURSE, COURSE_ID, STUDENT_ID, TEACHER_ID
from progress_service.demo.plans import DROP_OFFS, REPLAY_PEAK
from progress_service.demo.viewing import LENGTHS, READING_ID
from progress_service.domain.catalog import COMPLETE_AT_PERCENT
from progress_service.mongo.client import Database
from progress_service.mongo.schema import ENROLLMENTS, WATCH_PROGRESS
from tests.builders import a_body
from tests.class_model import model
from tests.conftest import CallerOf
from tests.demo_class import UNTIL, bodies_of, is_at

ANALYTICS = "/api/progress/analytics"


def a_class(students: int = 40, *, days: int = 14, seed: int = 7) -> list[Learner]:
    return believable_class(students, days=days, seed=seed, until=UNTIL)


async def store(database: Database, learners: Sequence[Learner]) -> int:
    return await store_class(database, learners, default_percent=COMPLETE_AT_PERCENT)


async def stored(database: Database) -> Mapping[str, list[dict[str, Any]]]:
    """All records and enrolments, with every field."""
    return {
        name: await database[name].find({}).sort("_id", 1).to_list(None)
        for name in (WATCH_PROGRESS, ENROLLMENTS)
    }


def without_stamps(found: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The documents by learner and material, without what is new in one that is stored again."""
    new = ("_id", "stored_at", "active_at", "changed_at")
    documents = [
        {name: value for name, value in each.items() if name not in new}
        for each in (*found[WATCH_PROGRESS], *found[ENROLLMENTS])
    ]
    return sorted(documents, key=lambda each: (each["student_id"], each.get("material_id", "")))


@pytest.fixture
def teacher(caller: CallerOf, demo: None) -> httpx.AsyncClient:
    return caller(TEACHER_ID, "teacher")


async def video_analytics(teacher: httpx.AsyncClient, video_id: str) -> dict[str, Any]:
    response = await teacher.get(f"{ANALYTICS}/video/{video_id}")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


# -- what the teacher sees ---------------------------------------------------------------------


@pytest.mark.parametrize(("students", "days"), [(40, 14), (200, 30)])
@pytest.mark.settings(analytics_min_learners=5)
async def test_teacher_sees_the_planted_places(
    teacher: httpx.AsyncClient, database: Database, students: int, days: int
):
    await store(database, a_class(students, days=days))

    videos = {vid: await video_analytics(teacher, vid) for vid in COURSE.video_ids}

    for place in DROP_OFFS:
        (found,) = videos[place.video_id]["drop_offs"]
        assert is_at(place, found["at_seconds"])
    peak, *_ = videos[REPLAY_PEAK.video_id]["replay_peaks"]
    assert is_at(REPLAY_PEAK, peak["at_seconds"])
    assert videos[REPLAY_PEAK.video_id]["drop_offs"] == []


@pytest.mark.settings(analytics_min_learners=1)
async def test_numbers_are_those_of_the_reports(teacher: httpx.AsyncClient, database: Database):
    learners = a_class(60)
    await store(database, learners)

    for video_id in COURSE.video_ids:
        found = await video_analytics(teacher, video_id)

        bodies = {STUDENT_ID: [], **bodies_of(learners, video_id)}
        for name, value in model(bodies, length=LENGTHS[video_id]).items():
            if isinstance(value, dict):
                for key, numbers in value.items():
                    assert found[name][key] == pytest.approx(numbers), (video_id, name, key)
            else:
                assert found[name] == pytest.approx(value), (video_id, name)


@pytest.mark.settings(analytics_min_learners=5)
async def test_teacher_sees_a_course_in_all_stages(teacher: httpx.AsyncClient, database: Database):
    await store(database, a_class(200, days=30))

    response = await teacher.get(f"{ANALYTICS}/course/{COURSE_ID}")

    course = response.json()
    assert response.status_code == 200, response.text
    assert course["learners"]["enrolled"] > course["learners"]["started"] > 150
    assert 0 < course["learners"]["completed"] < course["learners"]["started"]
    assert len(course["cohorts"]) >= 2
    assert sum(tenth["learners"] > 0 for tenth in course["progress_histogram"]) >= 3


async def test_learner_of_the_class_has_own_progress(
    caller: CallerOf, demo: None, database: Database
):
    learners = a_class(20)
    await store(database, learners)
    done = next(
        learner
        for learner in learners
        if any(visit.material_id == READING_ID for visit in learner.visits)
        and any(
            visit.material_id == "state" and visit.played[-1][1] > 0.8 * LENGTHS["state"]
            for visit in learner.visits
        )
    )

    response = await caller(done.student_id).get(f"/api/progress/course/{COURSE_ID}")

    progress = response.json()["progress"]
    assert progress["overall_progress"] == 100.0
    enrollment = await database[ENROLLMENTS].find_one({"student_id": done.student_id})
    assert enrollment is not None
    assert enrollment["progress"] == 100.0
    assert enrollment["completed_at"] is not None


# -- again -------------------------------------------------------------------------------------


async def test_repeating_changes_nothing(database: Database, demo: None):
    learners = a_class(40)
    assert await store(database, learners) == 40
    before = await stored(database)

    again = await store(database, learners)
    later = believable_class(40, days=3, seed=99, until=UNTIL + timedelta(days=5))
    other = await store(database, later)

    assert (again, other) == (0, 0)
    assert await stored(database) == before


async def test_larger_class_adds_the_missing_learners(database: Database, demo: None):
    await store(database, a_class(20))
    before = await stored(database)

    added = await store(database, a_class(50))

    after = await stored(database)
    assert added == 30
    for name, documents in before.items():
        assert [each for each in after[name] if each in documents] == documents
    assert len(after[ENROLLMENTS]) == len(before[ENROLLMENTS]) + 30


async def test_run_that_was_stopped_is_completed(database: Database, demo: None):
    learners = a_class(20)
    await store(database, learners)
    before = await stored(database)
    await database[ENROLLMENTS].delete_many({"student_id": {"$gte": "demo-011"}})
    await database[WATCH_PROGRESS].delete_many({"student_id": {"$gte": "demo-016"}})

    assert await store(database, learners) == 10

    assert without_stamps(await stored(database)) == without_stamps(before)


async def test_progress_of_the_demo_student_stays(
    ana: httpx.AsyncClient, demo: None, database: Database
):
    path = "/api/progress/video/welcome"
    body = a_body(watch_time=40, total_duration=LENGTHS["welcome"])
    (await ana.post(f"{path}/watch-time", json=body)).raise_for_status()
    before = (await ana.get(f"{path}/status")).json()

    await store(database, a_class())

    assert (await ana.get(f"{path}/status")).json() == before
    assert await database[ENROLLMENTS].count_documents({"student_id": STUDENT_ID}) == 1
