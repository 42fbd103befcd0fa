"""Each completion gives one event, whatever dies between the writes and whoever notices it."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import pytest

from progress_service.catalog.enrollments import Enrollment
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.catalog.service import CatalogService
from progress_service.courses.service import CoursesService
from progress_service.courses.store import CoursesStore
from progress_service.courses.totals import EnrollmentTotals
from progress_service.domain.outbox_events import OutboxEvent
from progress_service.errors import Unavailable
from progress_service.mongo.client import Database
from progress_service.outbox.store import OutboxStore
from progress_service.progress.merge import CompletionMark, ReportChange
from progress_service.progress.service import CompletionChanged
from progress_service.progress.store import ProgressStore
from tests.builders import a_course, a_reading, a_report, a_video, at
from tests.composition import compose
from tests.conftest import FakeClock

COURSE = a_course("react", a_video("intro"), a_video("hooks"), a_reading("notes"))


class DiedError(Exception):
    """The process died here."""


@dataclass
class Process:
    """One process; ``dies_at`` counts down its writes to the one before or after which it dies."""

    database: Database
    dies_at: float = float("inf")
    dies_after: bool = False
    writes: int = field(default=0)

    async def _around(self, write: Callable[[], Awaitable[object]]) -> object:
        self.writes += 1
        if self.writes == self.dies_at and not self.dies_after:
            raise DiedError
        result = await write()
        if self.writes == self.dies_at:
            raise DiedError
        return result

    @property
    def totals(self) -> EnrollmentTotals:
        process, outbox = self, OutboxStore(self.database)

        class Enrollments(EnrollmentsStore):
            async def write_totals(self, enrollment: Enrollment, **key: str) -> bool:
                write = partial(super().write_totals, enrollment, **key)
                return bool(await process._around(write))

        async def add_events(events: Sequence[OutboxEvent]) -> None:
            await process._around(partial(outbox.add, events))

        enrollments = Enrollments(self.database)
        store = CoursesStore(enrollments, ProgressStore(self.database))
        return EnrollmentTotals(store, enrollments, add_events=add_events)

    async def notify(self, material_id: str, *, undone: bool = False) -> None:
        change = CompletionChanged("ana", frozenset({material_id}), COURSE, undone=undone)
        await self.totals.completion_changed(change)


@pytest.fixture
async def catalog(database: Database, clock: FakeClock) -> CatalogService:
    catalog = compose(database, clock).catalog
    await catalog.put_course(COURSE, teacher_id=None)
    await catalog.enroll(COURSE.course_id, ["ana"], teacher_id=None)
    return catalog


async def report(database: Database, material_id: str, *, when: datetime) -> None:
    change = ReportChange(
        "ana",
        material_id,
        COURSE.course_id,
        a_report(position_seconds=600.0, observed_at=when),
        COURSE.thresholds[material_id],
    )
    await ProgressStore(database).save_many([change])


async def mark(database: Database, material_id: str, *, done: bool, when: datetime) -> None:
    await ProgressStore(database).save_many(
        [CompletionMark("ana", material_id, COURSE.course_id, done, when)]
    )


async def stored_events(database: Database) -> list[tuple[str, str | None]]:
    """The type and the material of each event, in order."""
    found = await database["outbox"].find({"kind": "event"}).to_list(None)
    return sorted((one["type"], one["data"].get("material_id", "")) for one in found)


ALL = [
    ("course.completed", ""),
    ("video.completed", "hooks"),
    ("video.completed", "intro"),
]


async def complete_course(process: Process, database: Database) -> None:
    for number, material_id in enumerate(("intro", "hooks")):
        await report(database, material_id, when=at(number))
        await process.notify(material_id)
    await mark(database, "notes", done=True, when=at(9))
    await process.notify("notes")


async def test_each_video_and_the_course_give_one_event(
    database: Database, catalog: CatalogService
):
    await complete_course(Process(database), database)

    assert await stored_events(database) == ALL
    course = await database["outbox"].find_one({"type": "course.completed"})
    assert course is not None
    assert course["data"]["completed_at"] == at(9).replace(tzinfo=None)


@pytest.mark.parametrize("dies_after", [False, True])
@pytest.mark.parametrize("dies_at", [1, 2, 3, 4, 5, 6])
async def test_process_that_dies_loses_and_doubles_no_event(
    database: Database, catalog: CatalogService, dies_at: int, dies_after: bool
):
    with pytest.raises(DiedError):
        await complete_course(Process(database, dies_at, dies_after), database)

    await complete_course(Process(database), database)

    assert await stored_events(database) == ALL


async def test_read_repairs_what_a_dead_process_left(database: Database, catalog: CatalogService):
    for number, material_id in enumerate(("intro", "hooks")):
        await report(database, material_id, when=at(number))
    await mark(database, "notes", done=True, when=at(9))
    with pytest.raises(DiedError):
        await Process(database, dies_at=2).notify("notes")
    totals = Process(database).totals
    worker = compose(database)
    service = CoursesService(worker.courses_store, totals, worker.catalog)

    await service.progress(student_id="ana", course_id=COURSE.course_id)
    await service.progress(student_id="ana", course_id=COURSE.course_id)

    assert await stored_events(database) == ALL


async def test_event_that_cannot_be_stored_fails_the_request(
    database: Database, catalog: CatalogService
):
    async def add_events(_: Sequence[OutboxEvent]) -> None:
        raise Unavailable("The database does not respond.")

    worker = compose(database)
    totals = EnrollmentTotals(worker.courses_store, worker.enrollments, add_events=add_events)
    await report(database, "intro", when=at())

    with pytest.raises(Unavailable):
        await totals.completion_changed(CompletionChanged("ana", frozenset({"intro"}), COURSE))

    enrollment = await database["enrollments"].find_one({})
    assert enrollment is not None
    assert enrollment["completed_ids"] == []


async def test_completion_after_an_unmark_is_another_event(
    database: Database, catalog: CatalogService
):
    process = Process(database)
    await report(database, "intro", when=at())
    await process.notify("intro")
    await mark(database, "intro", done=False, when=at(10))
    await process.notify("intro", undone=True)
    await report(database, "intro", when=at(20))
    await process.notify("intro")

    assert await stored_events(database) == [("video.completed", "intro")] * 2


@pytest.mark.parametrize("seed", range(12))
async def test_any_order_of_work_and_deaths_gives_one_event_per_completion(
    database: Database, catalog: CatalogService, seed: int
):
    """Two processes complete and reopen materials, and die at random; each client then repeats."""
    draw = random.Random(seed)
    completions: set[tuple[str, int]] = set()
    unmarks = dict.fromkeys(COURSE.video_ids, 0)
    for step in range(25):
        material_id = draw.choice(COURSE.video_ids)
        process = Process(database, draw.choice([1, 2, float("inf")]), draw.random() < 0.5)
        undone = draw.random() < 0.3
        if undone:
            await mark(database, material_id, done=False, when=at(step))
            unmarks[material_id] = step
        else:
            await report(database, material_id, when=at(step))
            completions.add((material_id, unmarks[material_id]))
        try:
            await process.notify(material_id, undone=undone)
        except DiedError:
            await Process(database).notify(material_id, undone=undone)

    found = await database["outbox"].find({"type": "video.completed"}).to_list(None)
    assert len(found) == len(completions)
