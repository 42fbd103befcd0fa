"""Materials of more courses than one query is asked for."""

from __future__ import annotations

import pytest

from progress_service.catalog import service
from progress_service.catalog.service import CatalogService
from progress_service.catalog.store import CatalogStore
from progress_service.mongo.client import Database
from tests.builders import NOON, a_course, a_video


@pytest.mark.parametrize("max_asked", [1, 3, 7, 1_000])
async def test_courses_of_many_materials_are_all_found(
    max_asked: int, database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(service, "MAX_ASKED", max_asked)
    store = CatalogStore(database)
    for number in range(5):
        videos = [a_video(f"video-{number}-{each}") for each in range(4)]
        await store.put_course(a_course(f"course-{number}", *videos))
    catalog = CatalogService(store, clock=lambda: NOON)
    ids = [f"video-{number}-{each}" for each in range(4) for number in range(5)]

    found = await catalog.courses_of([*ids, "nowhere", *ids])
    again = await catalog.courses_of(ids)

    assert {mid: course.course_id for mid, course in found.items()} == {
        mid: f"course-{mid.split('-')[1]}" for mid in ids
    }
    assert again == found
