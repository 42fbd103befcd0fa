"""How often the list of courses asks the database, where no service asks beside it."""

from __future__ import annotations

import pytest

from progress_service.catalog.service import CatalogService
from progress_service.catalog.store import CatalogStore
from progress_service.courses.service import CoursesService
from progress_service.courses.store import CoursesStore
from progress_service.mongo.client import Database
from progress_service.progress.merge import Seen
from progress_service.progress.store import ProgressStore
from tests.builders import NOON, a_course, a_report, a_video
from tests.conftest import Commands


@pytest.mark.parametrize("number", [1, 9, 40])
async def test_list_of_courses_takes_two_round_trips_whatever_their_number(
    commands: Commands, database: Database, number: int
):
    store = CatalogStore(database)
    catalog = CatalogService(store, clock=lambda: NOON)
    courses = CoursesService(CoursesStore(database), catalog, complete_at_percent=80)
    names = [f"course-{index}" for index in range(number)]
    for name in names:
        await store.put_course(a_course(name, a_video(f"v-{name}")))
        await store.enroll(name, ["ana"], at=NOON)
    seen = [Seen("ana", f"v-{name}", name, a_report(), 80.0) for name in names]
    await ProgressStore(database).save_many(seen)

    with commands.counted(database.name) as cold:
        page, _ = await courses.courses_of("ana", after=None, limit=200)
    with commands.counted(database.name) as warm:
        await courses.courses_of("ana", after=None, limit=200)

    assert len(page.courses) == number
    assert cold == ["aggregate", "find"]
    assert warm == ["aggregate"]
