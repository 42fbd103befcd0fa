"""Courses of more materials than one query takes."""

from __future__ import annotations

import pytest

from progress_service.catalog import course_lookups
from progress_service.mongo.client import Database
from tests.builders import a_course, a_video
from tests.composition import compose


@pytest.mark.parametrize("max_in_query", [1, 3, 7, 1_000])
async def test_courses_of_many_materials_are_all_found(
    max_in_query: int, database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(course_lookups, "MAX_MATERIALS_IN_QUERY", max_in_query)
    worker = compose(database)
    for number in range(5):
        videos = [a_video(f"video-{number}-{each}") for each in range(4)]
        await worker.catalog_courses.put_course(a_course(f"course-{number}", *videos))
    ids = [f"video-{number}-{each}" for each in range(4) for number in range(5)]

    found = await worker.catalog.courses_of([*ids, "nowhere", *ids])
    again = await worker.catalog.courses_of(ids)

    assert {mid: course.course_id for mid, course in found.items()} == {
        mid: f"course-{mid.split('-')[1]}" for mid in ids
    }
    assert again == found
