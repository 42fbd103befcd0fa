"""The database round trips of the course list, without concurrent requests."""

from __future__ import annotations

import pytest

from progress_service.domain.catalog import Threshold
from progress_service.mongo.client import Database
from progress_service.progress.merge import ReportChange
from tests.builders import NOON, a_course, a_report, a_video
from tests.composition import compose
from tests.conftest import Commands


@pytest.mark.parametrize("number", [1, 9, 40])
async def test_course_list_takes_two_round_trips_for_any_number_of_courses(
    commands: Commands, database: Database, number: int
):
    worker = compose(database)
    names = [f"course-{index}" for index in range(number)]
    for name in names:
        await worker.catalog_courses.put_course(a_course(name, a_video(f"v-{name}")))
        await worker.enrollments.enroll(name, ["ana"], at=NOON)
    changes = [
        ReportChange("ana", f"v-{name}", name, a_report(), Threshold(80.0)) for name in names
    ]
    await worker.progress.save_many(changes)

    with commands.counted(database.name) as cold:
        page, _ = await worker.courses.courses_of("ana", after=None, limit=200)
    with commands.counted(database.name) as warm:
        await worker.courses.courses_of("ana", after=None, limit=200)

    assert len(page.courses) == number
    assert cold == ["aggregate", "find"]
    assert warm == ["aggregate"]
