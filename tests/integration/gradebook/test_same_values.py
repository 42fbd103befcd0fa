"""A row of the gradebook has the values that the student gets from the course, to the digit."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bson import Decimal128, Int64
from hypothesis import given, settings
from hypothesis import strategies as st

from progress_service.domain.catalog import Course, Material
from progress_service.domain.gradebook import GradebookRow
from progress_service.domain.progress import Report
from progress_service.mongo.client import Database
from progress_service.mongo.schema import ENROLLMENTS, WATCH_PROGRESS
from progress_service.progress.merge import Change, CompletionMark, ReportChange
from progress_service.progress.service import CompletionChanged
from tests.builders import NOON, a_course, a_reading, a_video, at
from tests.integration.gradebook.worker import Copy, Worker, a_worker

STUDENTS = ["Zoe", "ana", "ben", "auth0|é"]
NAMES = ["one", "two", "three", "four"]
numbers = itertools.count()

lengths = st.sampled_from([None, 60.0, 300.0, 600.0, 601.5])
thresholds = st.sampled_from([None, 30.0, 50.0, 79.99, 80.0, 100.0])
materials = st.lists(
    st.builds(
        lambda name, is_video, length, percent, required: (
            a_video(name, duration_seconds=length, complete_at_percent=percent, required=required)
            if is_video
            else a_reading(name, required=required)
        ),
        st.sampled_from(NAMES),
        st.booleans(),
        lengths,
        thresholds,
        st.booleans(),
    ),
    unique_by=lambda material: material.material_id,
    max_size=4,
)
percents = st.sampled_from([0.0, 0.4, 33.33, 45.5, 50.0, 79.994, 80.0, 99.9, 100.0])
reports = st.tuples(
    st.just("report"),
    st.sampled_from(STUDENTS),
    st.sampled_from(NAMES),
    percents,
    st.integers(0, 60),
)
marks = st.tuples(
    st.sampled_from(["mark", "unmark"]),
    st.sampled_from(STUDENTS),
    st.sampled_from(NAMES),
    st.just(0.0),
    st.integers(0, 60),
)
numbers_of_others: st.SearchStrategy[Any] = st.sampled_from(
    [0, 95, Int64(80), 81.5, "45.5", Decimal128("77.7"), None, "x", [], float("nan"), {"a": 1}]
)
foreign_records = st.fixed_dictionaries(
    {
        "student_id": st.sampled_from(STUDENTS),
        "material_id": st.sampled_from(NAMES),
    },
    optional={
        "course_id": st.sampled_from(["react", 7, None]),
        "watch_time": numbers_of_others,
        "total_duration": st.sampled_from([600, 300.0, "600", None, 0]),
        "progress_percentage": numbers_of_others,
        "last_watched": st.sampled_from(
            [NOON, "2026-11-22T10:30:00Z", 1_732_271_400, None, "soon", at(days=-9)]
        ),
        "completed_at": st.sampled_from([NOON, None, "yesterday"]),
        "stored_at": st.sampled_from([NOON, "2026-11-20", None]),
        "watched_seconds": numbers_of_others,
    },
)
enrollments_of_others = st.fixed_dictionaries(
    {},
    optional={
        "enrolled_at": st.sampled_from([NOON, "2024-05-06T07:08:09Z", None, "x", 1_700_000_000]),
        "completed_at": st.sampled_from([None, at(-60), "2026-01-01", 5.5]),
        "completed_ids": st.sampled_from([[], ["one", 3], None, "one"]),
        "progress": numbers_of_others,
        "revision": st.sampled_from([0, "x", None, 7]),
    },
)


class World:
    """One course of its own in a shared database."""

    def __init__(self, worker: Worker, database: Database) -> None:
        self.worker = worker
        self.database = database
        self.number = next(numbers)
        self.course_id = f"course-{self.number}"
        self.course: Course | None = None

    def name(self, material_id: str) -> str:
        return f"{material_id}-{self.number}"

    async def put(self, held: list[Material], percent: float | None) -> None:
        renamed = [replace(m, material_id=self.name(m.material_id)) for m in held]
        course = a_course(self.course_id, complete_at_percent=percent)
        await self.worker.services.catalog.put_course(
            replace(course, materials=tuple(renamed)), teacher_id=None
        )
        self.course = await self.worker.services.catalog.course(self.course_id)

    async def change(
        self, kind: str, student_id: str, name: str, percent: float, minute: int
    ) -> None:
        assert self.course is not None
        material = self.course.by_id.get(self.name(name))
        if material is None or (kind == "report" and not material.is_video):
            return
        threshold = self.course.thresholds[material.material_id]
        key = (student_id, material.material_id, self.course_id)
        moment = at(minutes=minute)
        change: Change
        if kind == "report":
            length = material.duration_seconds or 600.0
            report = Report(length * percent / 100, length, moment)
            change = ReportChange(*key, report, threshold)
        else:
            change = CompletionMark(
                *key, kind == "mark", moment, threshold if material.is_video else None
            )
        [stored] = await self.worker.progress.save_many([change])
        assert not isinstance(stored, Exception)
        changed = CompletionChanged(
            student_id,
            frozenset((material.material_id,)),
            self.course,
            undone=kind == "unmark",
        )
        if kind != "report" or (isinstance(change, ReportChange) and change.completes):
            await self.worker.services.totals.completion_changed(changed)

    async def write_as_another_program(
        self, records: list[dict[str, Any]], enrollments: list[dict[str, Any]]
    ) -> None:
        for record in records:
            key = {
                "student_id": record["student_id"],
                "material_id": self.name(record["material_id"]),
            }
            await self.database[WATCH_PROGRESS].replace_one(key, {**record, **key}, upsert=True)
        for student_id, fields in zip(STUDENTS, enrollments, strict=False):
            key = {"student_id": student_id, "course_id": self.course_id}
            await self.database[ENROLLMENTS].replace_one(key, {**fields, **key}, upsert=True)

    async def rows_of_students(self) -> dict[str, GradebookRow]:
        """Each student's own view of the course."""
        rows = {}
        for student_id in STUDENTS:
            status = await self.worker.services.courses.progress(
                student_id=student_id, course_id=self.course_id
            )
            totals = status.totals
            rows[student_id] = GradebookRow(
                student_id=student_id,
                enrolled_at=None,
                overall_percent=totals.overall_percent,
                completed_ids=totals.completed_ids,
                last_observed_at=totals.last_observed_at,
                completed_at=status.completed_at,
            )
        return rows


@settings(max_examples=60)
@given(
    first=materials,
    then=materials,
    percents=st.tuples(thresholds, thresholds),
    changes=st.lists(reports | marks, max_size=14),
    later=st.lists(reports | marks, max_size=5),
    records=st.lists(foreign_records, max_size=4),
    enrollments=st.lists(enrollments_of_others, max_size=2),
    limit=st.integers(1, 5),
)
async def test_gradebook_has_the_values_of_course_progress(
    database: Database,
    first: list[Material],
    then: list[Material],
    percents: tuple[float | None, float | None],
    changes: list[Any],
    later: list[Any],
    records: list[dict[str, Any]],
    enrollments: list[dict[str, Any]],
    limit: int,
):
    world = World(a_worker(database), database)
    await world.put(first, percents[0])
    await world.worker.services.enrollments.enroll(world.course_id, STUDENTS, at=NOON)
    await world.write_as_another_program(records, enrollments)
    for change in changes:
        await world.change(*change)
    await world.put(then, percents[1])
    for change in later:
        await world.change(*change)

    before, after = Copy(world.course_id), Copy(world.course_id)
    await before.read_list(world.worker.gradebook, limit=limit)
    expected = await world.rows_of_students()
    ids = await after.read_list(world.worker.gradebook, limit=limit)

    assert ids == sorted(STUDENTS)
    for copy in (before, after):
        without_date = {sid: replace(row, enrolled_at=None) for sid, row in copy.rows.items()}
        assert without_date == expected


async def test_enrolment_of_another_program_has_its_date_or_none(database: Database):
    world = World(a_worker(database), database)
    await world.put([a_video("one")], None)
    fields = [{"enrolled_at": "2024-05-06T07:08:09Z"}, {"enrolled_at": "x"}, {}]
    await world.write_as_another_program([], fields)
    copy = Copy(world.course_id)

    await copy.read_list(world.worker.gradebook)

    dates = [copy.rows[student_id].enrolled_at for student_id in STUDENTS[:3]]
    assert [date and date.isoformat() for date in dates] == [
        "2024-05-06T07:08:09+00:00",
        None,
        None,
    ]


@pytest.mark.parametrize("student_id", [7, None, ["ben", "cleo"], {"id": "ana"}])
async def test_enrolment_and_record_without_a_textual_student_are_left_out(
    database: Database, student_id: Any
):
    world = World(a_worker(database), database)
    await world.put([a_video("one")], None)
    await world.worker.services.enrollments.enroll(world.course_id, ["ana"], at=NOON)
    odd = {"student_id": student_id, "course_id": world.course_id, "enrolled_at": NOON}
    await database[ENROLLMENTS].insert_one(odd)
    record = {"student_id": student_id, "material_id": world.name("one"), "watch_time": 599.0}
    await database[WATCH_PROGRESS].insert_one(record | {"total_duration": 600.0})
    copy = Copy(world.course_id)

    assert await copy.read_list(world.worker.gradebook, limit=1) == ["ana"]
    assert copy.rows["ana"].overall_percent == 0.0
    assert copy.rows["ana"].enrolled_at == NOON + timedelta()
