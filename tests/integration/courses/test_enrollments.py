"""Enrolments are written by compare-and-set, so two writers cannot overwrite each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypedDict

import pytest

from progress_service.catalog.enrollments import Enrollment
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.catalog.service import CatalogService
from progress_service.courses.service import CoursesService
from progress_service.courses.store import CoursesStore
from progress_service.courses.totals import EnrollmentTotals
from progress_service.domain.progress import Progress
from progress_service.mongo.client import Database
from progress_service.outbox.store import OutboxStore
from progress_service.progress.service import CompletionChanged
from progress_service.progress.store import ProgressStore
from tests.builders import a_course, a_report, at
from tests.composition import compose
from tests.conftest import FakeClock
from tests.integration.progress.conftest import Record

COURSE = a_course()


class Key(TypedDict):
    """Which enrolment."""

    student_id: str
    course_id: str


KEY: Key = {"student_id": "ana", "course_id": COURSE.course_id}


@pytest.fixture
async def catalog(database: Database, clock: FakeClock) -> CatalogService:
    catalog = compose(database, clock).catalog
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
    await record.merge(a_report(position_seconds=600.0))


async def stored_enrollment(database: Database) -> Enrollment:
    enrollment, _ = await compose(database).courses_store.read(
        **KEY, material_ids=list(COURSE.by_id)
    )
    assert enrollment is not None
    return enrollment


async def test_write_of_current_totals_increments_the_revision(
    database: Database, catalog: CatalogService
):
    store = EnrollmentsStore(database)
    updated = replace(
        await stored_enrollment(database), completed_ids=("intro",), completed_at=at()
    )

    assert await store.write_totals(updated, **KEY)

    assert await stored_enrollment(database) == replace(updated, revision=1)


async def test_write_of_stale_totals_changes_nothing(database: Database, catalog: CatalogService):
    store = EnrollmentsStore(database)
    stale = await stored_enrollment(database)
    await store.write_totals(replace(stale, completed_ids=("intro",)), **KEY)
    newer = await stored_enrollment(database)

    assert not await store.write_totals(replace(stale, completed_ids=("hooks",)), **KEY)

    assert await stored_enrollment(database) == newer


async def test_write_for_a_student_not_enrolled_creates_no_enrolment(
    database: Database, catalog: CatalogService
):
    written = await EnrollmentsStore(database).write_totals(
        await stored_enrollment(database), student_id="ben", course_id="react"
    )

    assert not written
    assert await database["enrollments"].count_documents({}) == 1


class OvertakenStore(CoursesStore):
    """Runs the changes of *others* between a read and its write."""

    def __init__(self, database: Database, others: list[Callable[[], Awaitable[object]]]) -> None:
        super().__init__(EnrollmentsStore(database), ProgressStore(database))
        self._others = others

    async def read(self, **which: object) -> tuple[Enrollment | None, dict[str, Progress]]:
        found = await super().read(**which)  # type: ignore[arg-type]
        if self._others:
            await self._others.pop()()
        return found


def totals_on(store: CoursesStore, database: Database) -> EnrollmentTotals:
    add_events = OutboxStore(database).add
    return EnrollmentTotals(store, compose(database).enrollments, add_events=add_events)


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_overtaken_write_reads_again(database: Database, catalog: CatalogService, times: int):
    async def other() -> None:
        await finish(database, "hooks")
        await EnrollmentsStore(database).write_totals(await stored_enrollment(database), **KEY)

    store = OvertakenStore(database, [other] * times)
    await finish(database, "intro")

    await totals_on(store, database).completion_changed(
        CompletionChanged("ana", frozenset({"intro"}), COURSE)
    )

    assert (await stored_enrollment(database)).completed_ids == ("intro", "hooks")


async def test_repair_does_not_overwrite_a_newer_completion(
    database: Database, catalog: CatalogService
):
    """It reads before the other video is completed, and writes after that is stored."""

    async def other() -> None:
        await finish(database, "hooks")
        change = CompletionChanged("ana", frozenset({"hooks"}), COURSE)
        await compose(database).totals.completion_changed(change)

    await finish(database, "intro")
    store = OvertakenStore(database, [other])

    service = CoursesService(store, totals_on(store, database), compose(database).catalog)
    await service.progress(**KEY)

    assert (await stored_enrollment(database)).completed_ids == ("intro", "hooks")


async def test_completion_of_a_student_unenrolled_meanwhile_is_no_error(
    database: Database, catalog: CatalogService
):
    await finish(database, "intro")
    await catalog.unenroll("react", "ana", teacher_id=None)

    change = CompletionChanged("ana", frozenset({"intro"}), COURSE)
    await compose(database).totals.completion_changed(change)

    assert await database["enrollments"].count_documents({}) == 0
