"""The enrolment is written by compare-and-set, so that two writers cannot undo each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from progress_service.catalog.service import CatalogService
from progress_service.catalog.store import CatalogStore
from progress_service.courses.service import CoursesService
from progress_service.courses.store import CoursesStore, Enrollment
from progress_service.domain.progress import Progress
from progress_service.mongo.client import Database
from progress_service.progress.service import CompletionChanged
from progress_service.progress.store import ProgressStore
from tests.builders import a_course, a_report, at
from tests.conftest import FakeClock
from tests.integration.progress.conftest import Record

COURSE = a_course()
WHOSE = {"student_id": "ana", "course_id": COURSE.course_id}


@pytest.fixture
async def catalog(database: Database, clock: FakeClock) -> CatalogService:
    catalog = CatalogService(CatalogStore(database), clock=clock)
    await catalog.put_course(COURSE, teacher_id=None)
    await catalog.enroll(COURSE.course_id, ["ana"], teacher_id=None)
    return catalog


async def finish(database: Database, material_id: str) -> None:
    """Store the record of a video watched to its end, and nothing else."""
    record = Record(
        ProgressStore(database),
        database["watch_progress"],
        student_id="ana",
        threshold_percent=80,
        material_id=material_id,
    )
    await record.take(a_report(position_seconds=600.0))


async def held(store: CoursesStore) -> Enrollment:
    enrollment, _ = await store.read(**WHOSE, material_ids=list(COURSE.by_id))
    assert enrollment is not None
    return enrollment


async def test_a_write_of_what_is_read_counts_the_revision(
    database: Database, catalog: CatalogService
):
    store = CoursesStore(database)
    wanted = replace(await held(store), completed_ids=("intro",), completed_at=at())

    assert await store.write(wanted, **WHOSE)

    assert await held(store) == replace(wanted, revision=1)


async def test_a_write_of_what_was_read_too_long_ago_changes_nothing(
    database: Database, catalog: CatalogService
):
    store = CoursesStore(database)
    stale = await held(store)
    await store.write(replace(stale, completed_ids=("intro",)), **WHOSE)
    newer = await held(store)

    assert not await store.write(replace(stale, completed_ids=("hooks",)), **WHOSE)

    assert await held(store) == newer


async def test_a_write_for_somebody_not_enrolled_enrols_nobody(
    database: Database, catalog: CatalogService
):
    store = CoursesStore(database)

    written = await store.write(await held(store), student_id="ben", course_id="react")

    assert not written
    assert await database["enrollments"].count_documents({}) == 1


class OvertakenStore(CoursesStore):
    """Between the first read and its write, another worker does what it is told to."""

    def __init__(self, database: Database, others: list) -> None:
        super().__init__(database)
        self._others = others

    async def read(self, **which: object) -> tuple[Enrollment | None, dict[str, Progress]]:
        found = await super().read(**which)  # type: ignore[arg-type]
        if self._others:
            await self._others.pop()()
        return found


def service_on(store: CoursesStore, catalog: CatalogService) -> CoursesService:
    return CoursesService(store, catalog, complete_at_percent=80)


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_who_is_overtaken_reads_again(
    database: Database, catalog: CatalogService, times: int
):
    async def other() -> None:
        await finish(database, "hooks")
        current = await held(CoursesStore(database))
        await CoursesStore(database).write(current, **WHOSE)

    store = OvertakenStore(database, [other] * times)
    await finish(database, "intro")

    await service_on(store, catalog).completion_changed(
        CompletionChanged("ana", frozenset({"intro"}), COURSE)
    )

    assert (await held(CoursesStore(database))).completed_ids == ("intro", "hooks")


async def test_a_reader_that_heals_does_not_undo_a_newer_completion(
    database: Database, catalog: CatalogService
):
    """It read before the other video was done, and writes after it was noted."""

    async def other() -> None:
        await finish(database, "hooks")
        change = CompletionChanged("ana", frozenset({"hooks"}), COURSE)
        await service_on(CoursesStore(database), catalog).completion_changed(change)

    await finish(database, "intro")
    store = OvertakenStore(database, [other])

    await service_on(store, catalog).progress(**WHOSE)

    assert (await held(CoursesStore(database))).completed_ids == ("intro", "hooks")


async def test_a_student_who_left_meanwhile_is_no_error(
    database: Database, catalog: CatalogService
):
    await finish(database, "intro")
    await catalog.unenroll("react", "ana", teacher_id=None)

    change = CompletionChanged("ana", frozenset({"intro"}), COURSE)
    await service_on(CoursesStore(database), catalog).completion_changed(change)

    assert await database["enrollments"].count_documents({}) == 0
