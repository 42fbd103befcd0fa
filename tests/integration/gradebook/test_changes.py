"""A client that replays the changes of a course holds exactly what is stored, whatever happens."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from progress_service.catalog import enrollment_activity
from progress_service.catalog.enrollments import ACTIVE_AT, CHANGED_AT
from progress_service.domain.catalog import Course
from progress_service.domain.gradebook import MARGIN, MAX_NAMED
from progress_service.domain.progress import Report
from progress_service.errors import Unavailable
from progress_service.gradebook import page_reading
from progress_service.mongo.client import Database
from progress_service.mongo.schema import ENROLLMENTS, OUTBOX, WATCH_PROGRESS
from progress_service.progress.merge import Change, CompletionMark, ReportChange
from progress_service.progress.service import CompletionChanged
from tests.builders import NOON, FakeTime, a_course, a_report, a_video
from tests.integration.gradebook.worker import Copy, Worker, a_worker

STUDENTS = [f"student-{number}" for number in range(12)]
VIDEOS = ["one", "two"]
LONG_AGO = timedelta(hours=-1)


BOTH = a_course("react", *map(a_video, VIDEOS))
LOWERED = [replace(BOTH, complete_at_percent=percent) for percent in (60.0, 40.0, 80.0)]
OPTIONAL = [a_course("react", a_video("one"), a_video("two", required=False)), BOTH]


async def put(worker: Worker, course: Course = BOTH) -> None:
    await worker.services.catalog.put_course(course, teacher_id=None)


async def age(database: Database, *, by: timedelta = LONG_AGO) -> None:
    """Everything that is stored was stored earlier: outside of every margin."""
    stamps = [
        (ENROLLMENTS, ACTIVE_AT),
        (ENROLLMENTS, CHANGED_AT),
        (WATCH_PROGRESS, "stored_at"),
    ]
    for collection, name in stamps:
        earlier = {"$add": [f"${name}", int(by.total_seconds() * 1_000)]}
        await database[collection].update_many(
            {name: {"$type": "date"}}, [{"$set": {name: earlier}}]
        )


async def report(
    worker: Worker, student_id: str, *, percent: float = 50.0, video_id: str = "one"
) -> bool | Exception:
    course = await worker.services.catalog.course("react")
    made = Report(6.0 * percent, 600.0, datetime.now(UTC))
    change = ReportChange(student_id, video_id, "react", made, course.thresholds[video_id])
    [stored] = await worker.progress.save_many([change])
    if change.completes:
        changed = CompletionChanged(student_id, frozenset((video_id,)), course)
        await worker.services.totals.completion_changed(changed)
    return stored


@pytest.fixture
async def worker(database: Database) -> Worker:
    """A worker, and a class in a course; everybody was enrolled an hour ago."""
    worker = a_worker(database)
    await put(worker)
    await worker.services.enrollments.enroll("react", STUDENTS, at=NOON)
    await age(database)
    return worker


@pytest.fixture
async def copy(worker: Worker) -> Copy:
    """A copy of the course, from before all changes."""
    copy = Copy("react")
    await copy.read_list(worker.gradebook)
    return copy


async def everybody(worker: Worker) -> dict[str, Any]:
    copy = Copy("react")
    await copy.read_list(worker.gradebook)
    return copy.rows


async def test_change_long_before_the_cursor_is_not_sent(worker: Worker, copy: Copy):
    assert await copy.read_list(worker.gradebook) == []


async def test_each_report_is_sent_although_activity_is_written_once(
    worker: Worker, copy: Copy, database: Database
):
    for percent in (10.0, 20.0, 30.0):
        await report(worker, "student-3", percent=percent)
        assert await copy.read_list(worker.gradebook) == ["student-3"]
        await age(database, by=-MARGIN * 2)  # the cursor is younger than all of it

    assert copy.rows == await everybody(worker)


async def test_report_is_sent_when_its_activity_was_written_before_the_cursor(
    worker: Worker, database: Database
):
    await report(worker, "student-3")
    await age(database, by=timedelta(seconds=-enrollment_activity.REPEAT_SECONDS))
    copy = Copy("react")
    await copy.read_list(worker.gradebook)

    await report(worker, "student-3", percent=60.0)  # notes no activity

    assert await copy.read_list(worker.gradebook) == ["student-3"]
    assert copy.rows == await everybody(worker)


async def test_activity_without_a_change_is_not_sent(worker: Worker, database: Database):
    await report(worker, "student-3")
    await age(database, by=-MARGIN * 2)
    copy = Copy("react")
    await copy.read_list(worker.gradebook)
    copy.cursor = None if copy.cursor is None else _without_names(copy)

    assert await copy.read_list(worker.gradebook) == []


def _without_names(copy: Copy) -> Any:
    assert copy.cursor is not None
    return type(copy.cursor)("react", copy.cursor.at_ms, copy.cursor.rules)


async def test_report_that_a_killed_process_stored_is_sent_once_it_is_repeated(
    worker: Worker, copy: Copy, database: Database
):
    """The process ended between the record and the activity, so nobody has acknowledged it."""
    course = await worker.services.catalog.course("react")
    change = ReportChange("student-3", "one", "react", a_report(), course.thresholds["one"])
    await worker.services.progress.save_many([change])  # notes no activity
    await age(database)
    await copy.read_list(worker.gradebook)

    await a_worker(database).progress.save_many([change])  # changes no record

    assert await copy.read_list(worker.gradebook) == ["student-3"]
    assert copy.rows == await everybody(worker)


async def test_failed_activity_makes_the_outcome_unknown_and_is_repeated(
    worker: Worker, copy: Copy, monkeypatch: pytest.MonkeyPatch
):
    async def fail(*_: Any, **__: Any) -> None:
        raise Unavailable("The database does not respond.")

    with monkeypatch.context() as patch:
        patch.setattr(enrollment_activity, "upsert_each", fail)
        with pytest.raises(Unavailable):
            await report(worker, "student-3")
    await report(worker, "student-3")

    assert await copy.read_list(worker.gradebook) == ["student-3"]


async def test_student_who_returns_is_active_again(worker: Worker, copy: Copy, database: Database):
    """The process that noted their activity notes it no second time."""
    await report(worker, "student-3")
    await worker.services.catalog.unenroll("react", "student-3", teacher_id=None)
    await worker.services.catalog.enroll("react", ["student-3"], teacher_id=None)
    await copy.read_list(worker.gradebook)

    await report(worker, "student-3", percent=70.0)

    assert await copy.read_list(worker.gradebook) == ["student-3"]
    assert copy.rows == await everybody(worker)


async def test_completed_course_is_sent_when_the_enrolment_is_written_later(
    worker: Worker, copy: Copy, database: Database
):
    """The record and its enrolment are two writes; the cursor may lie between them."""
    course = await worker.services.catalog.course("react")
    for video_id in VIDEOS:
        await report(worker, "student-3", percent=100.0, video_id=video_id)
    await copy.read_list(worker.gradebook)
    mark = CompletionMark("student-3", "one", "react", False, datetime.now(UTC))
    await worker.progress.save_many([mark])
    await age(database)
    await copy.read_list(worker.gradebook)
    assert copy.rows["student-3"].completed_at is not None

    changed = CompletionChanged("student-3", frozenset(("one",)), course, undone=True)
    await worker.services.totals.completion_changed(changed)
    await copy.read_list(worker.gradebook)

    assert copy.rows["student-3"].completed_at is None
    assert copy.rows == await everybody(worker)


async def test_enrolment_that_another_program_adds_is_sent(
    worker: Worker, copy: Copy, database: Database
):
    now = datetime.now(UTC)
    foreign = {"student_id": "other", "course_id": "react", "enrolled_at": now}
    await database[ENROLLMENTS].insert_one(foreign)

    assert await copy.read_list(worker.gradebook) == ["other"]


async def test_more_recent_changes_than_a_cursor_names_are_sent_twice(
    worker: Worker, database: Database
):
    many = [f"new-{number:04}" for number in range(MAX_NAMED + 50)]
    await worker.services.enrollments.enroll("react", many, at=NOON)
    copy = Copy("react")
    await copy.read_list(worker.gradebook)

    again = await copy.read_list(worker.gradebook)

    assert len(again) == 50
    assert copy.rows == await everybody(worker)


async def test_page_ends_early_where_it_takes_too_much_work(
    worker: Worker, database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(page_reading, "MAX_RECORDS", 12)
    monkeypatch.setattr("progress_service.gradebook.service.BATCH_RECORDS", 2)
    copy = Copy("react")

    first = await copy.read_page(worker.gradebook)
    while first.next is not None and copy.cursor is None:
        await copy.read_page(worker.gradebook)

    assert 0 < len(first.rows) < len(STUDENTS)
    assert sorted(copy.rows) == sorted(STUDENTS)


async def test_unchanged_students_make_empty_pages(
    worker: Worker, copy: Copy, database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(page_reading, "MAX_RECORDS", 12)
    monkeypatch.setattr("progress_service.gradebook.service.BATCH_RECORDS", 2)
    two_minutes_ago = datetime.now(UTC) - timedelta(minutes=2)
    await database[ENROLLMENTS].update_many({}, {"$set": {ACTIVE_AT: two_minutes_ago}})
    await report(worker, "student-9")

    first = await copy.read_page(worker.gradebook)
    rest = await copy.read_list(worker.gradebook) if first.next else []

    assert (first.rows, first.next is not None) == ((), True)
    assert rest == ["student-9"]


# -- anything at once --------------------------------------------------------------------------


class Class:
    """Changes of everything that a row depends on, at random."""

    def __init__(
        self, workers: list[Worker], chance: random.Random, courses: Sequence[Course]
    ) -> None:
        self.workers = workers
        self.chance = chance
        self.courses = itertools.cycle(courses)

    async def change(self) -> None:
        worker, student_id = self.chance.choice(self.workers), self.chance.choice(STUDENTS)
        kinds: list[Callable[[Worker, str], Awaitable[None]]] = [
            self.report,
            self.report,
            self.report,
            self.mark,
            self.unenroll,
            self.enroll,
        ]
        await self.chance.choice(kinds)(worker, student_id)

    async def report(self, worker: Worker, student_id: str) -> None:
        percent = self.chance.uniform(0, 100)
        await report(worker, student_id, percent=percent, video_id=self.chance.choice(VIDEOS))

    async def mark(self, worker: Worker, student_id: str) -> None:
        course = await worker.services.catalog.course("react")
        done, video_id = self.chance.random() < 0.5, self.chance.choice(VIDEOS)
        mark: Change = CompletionMark(
            student_id, video_id, "react", done, datetime.now(UTC), course.thresholds[video_id]
        )
        await worker.progress.save_many([mark])
        changed = CompletionChanged(student_id, frozenset((video_id,)), course, undone=not done)
        await worker.services.totals.completion_changed(changed)

    async def enroll(self, worker: Worker, student_id: str) -> None:
        await worker.services.catalog.enroll("react", [student_id], teacher_id=None)

    async def unenroll(self, worker: Worker, student_id: str) -> None:
        await worker.services.catalog.unenroll("react", student_id, teacher_id=None)

    async def put(self) -> None:
        course = next(self.courses)
        await put(self.workers[0], course)
        for worker in self.workers:  # as a change event does
            worker.services.cache.invalidate_course("react")


@pytest.mark.parametrize("seed", range(6))
async def test_replayed_pages_give_the_stored_state_while_writers_run(
    seed: int, database: Database, worker: Worker
):
    chance = random.Random(seed)
    workers = [worker, a_worker(database)]
    of_class, copy = Class(workers, chance, LOWERED), Copy("react")

    async def write() -> None:
        for _ in range(25):
            await of_class.change()

    async def read() -> None:
        while not all(writer.done() for writer in writers):
            reader = chance.choice(workers).gradebook
            await copy.read_page(reader, limit=chance.choice([1, 2, 5]))
            if chance.random() < 0.1:
                await of_class.put()

    writers = [asyncio.create_task(write()) for _ in range(3)]
    await asyncio.gather(read(), *writers)
    await copy.read_list(worker.gradebook, limit=3)  # the rest of a list
    await copy.read_list(worker.gradebook, limit=3)

    assert copy.rows == await everybody(worker)


@pytest.mark.parametrize("seed", range(4))
async def test_replayed_lists_give_the_stored_state_after_pauses(
    seed: int, database: Database, worker: Worker, monkeypatch: pytest.MonkeyPatch
):
    """Time passes between changes and lists, so that stamps lie on all sides of the margins."""
    chance, processes = random.Random(seed), FakeTime()
    monkeypatch.setattr(enrollment_activity, "time", processes)
    workers = [a_worker(database), a_worker(database)]
    of_class, copy = Class(workers, chance, OPTIONAL), Copy("react")

    async def let_pass(pause: timedelta) -> None:
        processes.now += pause.total_seconds()
        await _let_pass(database, copy, pause)

    pauses = [timedelta(), MARGIN / 2, MARGIN, MARGIN * 2, timedelta(minutes=5)]
    for _ in range(12):
        for _ in range(chance.randint(0, 3)):
            await of_class.change()
            await let_pass(chance.choice(pauses))
        if chance.random() < 0.2:
            await of_class.put()
        await copy.read_list(workers[0].gradebook, limit=chance.choice([1, 3, 50]))
        assert copy.rows == await everybody(workers[0])
        await let_pass(chance.choice(pauses))


async def _let_pass(database: Database, copy: Copy, time: timedelta) -> None:
    """As if *time* had passed since everything that happened so far."""
    await age(database, by=-time)
    await database["former_enrollments"].update_many(
        {}, [{"$set": {"ended_at": {"$add": ["$ended_at", -int(time.total_seconds() * 1_000)]}}}]
    )
    if copy.cursor is not None:
        earlier = copy.cursor.at_ms - int(time.total_seconds() * 1_000)
        copy.cursor = type(copy.cursor)("react", earlier, copy.cursor.rules, copy.cursor.seen)


# -- repairs -----------------------------------------------------------------------------------


async def completed_in_enrolments(database: Database) -> list[str]:
    found = await database[ENROLLMENTS].find({"completed_ids": "one"}).to_list(None)
    return sorted(document["student_id"] for document in found)


async def test_completion_by_a_lowered_threshold_gives_its_event(
    worker: Worker, database: Database
):
    await report(worker, "student-3", percent=65.0)
    await put(worker, LOWERED[0])

    await everybody(worker)
    await everybody(worker)

    assert await completed_in_enrolments(database) == ["student-3"]
    assert await database[OUTBOX].count_documents({"student_id": "student-3"}) == 1


async def test_repairs_for_one_page_are_bounded(
    worker: Worker, database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(page_reading, "MAX_REPAIRS", 1)
    for student_id in ("student-3", "student-4"):
        await report(worker, student_id, percent=65.0)
    await put(worker, LOWERED[0])

    first = await everybody(worker)
    once = await completed_in_enrolments(database)
    second = await everybody(worker)

    assert first == second
    assert once == ["student-3"]
    assert await completed_in_enrolments(database) == ["student-3", "student-4"]
