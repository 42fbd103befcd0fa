"""No frequent query scans a collection or sorts in memory; those of a student seek by the student.

The commands are recorded as the driver sends them, so the plans are those of the real queries.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo.monitoring
import pytest

from progress_service.domain.catalog import Threshold
from progress_service.mongo import schema
from progress_service.mongo.client import Database, open_database
from progress_service.progress.merge import ReportChange
from progress_service.progress.projections import IN_SUMMARY
from progress_service.progress.store import ProgressStore
from tests.builders import NOON, a_course, a_report, a_video
from tests.composition import compose
from tests.integration.gradebook.worker import a_worker

STUDENTS = [f"student-{number}" for number in range(20)]
VIDEOS = [f"video-{number}" for number in range(20)]
RECORDED = frozenset({"find", "aggregate"})


class QueryRecorder(pymongo.monitoring.CommandListener):
    """The queries sent to one database."""

    def __init__(self) -> None:
        self.database_name: str | None = None
        self.commands: list[dict[str, Any]] = []

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        if event.database_name == self.database_name and event.command_name in RECORDED:
            self.commands.append(dict(event.command))

    def succeeded(self, event: pymongo.monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None:
        pass


@pytest.fixture(scope="module")
def recorder() -> QueryRecorder:
    listener = QueryRecorder()
    pymongo.monitoring.register(listener)
    return listener


@pytest.fixture
async def database(recorder: QueryRecorder, mongodb_uri: str) -> AsyncIterator[Database]:
    """Twenty students in one course of twenty videos, each with a report about each."""
    name = "test_explain_plans"
    async with open_database(mongodb_uri, name) as database:
        await schema.prepare(database)
        worker = compose(database)
        catalog = worker.catalog_courses
        await catalog.put_course(a_course("react", *map(a_video, VIDEOS)))
        await catalog.put_course(a_course("other", a_video("elsewhere")))
        await worker.enrollments.enroll("react", STUDENTS, at=NOON)
        changes = [
            ReportChange(s, v, "react", a_report(), Threshold(80.0))
            for s in STUDENTS
            for v in VIDEOS
        ]
        await ProgressStore(database).save_many(changes)
        recorder.database_name, recorder.commands = name, []
        yield database
        await database.client.drop_database(name)


Query = Callable[[Database], Awaitable[Any]]

OF_A_STUDENT: dict[str, Query] = {
    "one status": lambda db: ProgressStore(db).read_each([("student-3", "video-3")]),
    "several statuses": lambda db: ProgressStore(db).read_each(
        [(student, video) for student in STUDENTS[:4] for video in VIDEOS[:4]]
    ),
    "a batch": lambda db: ProgressStore(db).read_many("student-3", VIDEOS, fields=IN_SUMMARY),
    "a course": lambda db: compose(db).courses_store.read(
        student_id="student-3", course_id="react", material_ids=VIDEOS
    ),
    "my courses": lambda db: compose(db).courses_store.read_all("student-3"),
    "changes": lambda db: ProgressStore(db).read_changed("student-3", since=NOON),
    "all changes": lambda db: ProgressStore(db).read_changed("student-3", since=None),
    "an enrolment": lambda db: compose(db).enrollments.enrolled_in("student-3", ["react"]),
}

OF_THE_CATALOGUE: dict[str, Query] = {
    "a course by id": lambda db: compose(db).catalog_courses.course("react"),
    "the courses of materials": lambda db: compose(db).catalog_courses.courses_with(
        ["video-3", "elsewhere"]
    ),
    "listeners who are enrolled": lambda db: compose(db).enrollments.enrolled_among(
        "react", STUDENTS
    ),
    "courses with a lowered threshold": lambda db: compose(db).catalog.materials_lowered_since(
        "student-3", NOON
    ),
    "the first page of enrolments": lambda db: compose(db).enrollments.students_of(
        "react", after=None, limit=5
    ),
    "a later page of enrolments": lambda db: compose(db).enrollments.students_of(
        "react", after="student-3", limit=5
    ),
    "a page of a gradebook": lambda db: a_worker(db).gradebook.page("react", limit=5),
    "changes of a gradebook": lambda db: _changes_of_a_gradebook(db),
}


async def _changes_of_a_gradebook(database: Database) -> None:
    """The second page of a list, with each kind of query: enrolled, ended, changed, records."""
    worker = a_worker(database)
    first = await worker.gradebook.page("react", limit=5)
    await worker.services.catalog.unenroll("react", "student-0", teacher_id=None)
    stale = datetime.now(UTC) - timedelta(minutes=2)
    await database[schema.ENROLLMENTS].update_many(
        {}, {"$set": {"active_at": stale, "changed_at": stale}}
    )
    page = await worker.gradebook.page("react", limit=5, changed_since=first.cursor)
    assert page.ended_ids == ("student-0",)
    assert len(page.rows) == 5


@pytest.mark.parametrize("name", OF_A_STUDENT)
async def test_query_of_a_student_seeks_by_the_student(
    name: str, database: Database, recorder: QueryRecorder
):
    await OF_A_STUDENT[name](database)

    plans = await _plans(database, recorder)

    scans = [stage for plan in plans for stage in _stages(plan)]
    assert not {stage["stage"] for stage in scans} & {"COLLSCAN", "SORT"}
    seeks = [stage["indexBounds"] for stage in scans if "indexBounds" in stage]
    assert seeks
    assert all(_is_narrow(bounds) for bounds in seeks), seeks


@pytest.mark.parametrize("name", OF_THE_CATALOGUE)
async def test_query_of_the_catalogue_seeks_an_index(
    name: str, database: Database, recorder: QueryRecorder
):
    await OF_THE_CATALOGUE[name](database)

    stages = [stage for plan in await _plans(database, recorder) for stage in _stages(plan)]

    names = {stage["stage"] for stage in stages}
    assert not names & {"COLLSCAN", "SORT"}
    assert names & {"IXSCAN", "IDHACK"}


async def test_write_of_a_report_seeks_one_key(database: Database):
    key = {"student_id": "student-3", "material_id": "video-3"}
    update = {"q": key, "u": [{"$set": {"watch_time": 1.0}}], "upsert": True}
    command = {"update": schema.WATCH_PROGRESS, "updates": [update]}

    plan = await database.command({"explain": command, "verbosity": "executionStats"})

    assert "COLLSCAN" not in {stage["stage"] for stage in _stages(plan["queryPlanner"])}
    assert plan["executionStats"]["totalKeysExamined"] == 1


def _is_narrow(bounds: dict[str, list[str]]) -> bool:
    """The first field of the index is the student, or an `_id` that begins with one."""
    first, ranges = next(iter(bounds.items()))
    return first in {"student_id", "_id"} and all("student-" in one for one in ranges)


async def _plans(database: Database, recorder: QueryRecorder) -> list[dict[str, Any]]:
    """The winning plans of the recorded queries; the pipeline of a union has its own plan."""
    assert recorder.commands
    plans = []
    for command in recorder.commands:
        for part in _subdocuments(command):
            explained = await database.command({"explain": part, "verbosity": "queryPlanner"})
            plans.append(explained)
    return plans


def _subdocuments(command: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """*command* as it can be explained, and the pipeline of each union in it."""
    explainable = (
        "find",
        "filter",
        "projection",
        "sort",
        "limit",
        "aggregate",
        "pipeline",
        "cursor",
    )
    yield {name: command[name] for name in explainable if name in command}
    for stage in command.get("pipeline", ()):
        if union := stage.get("$unionWith"):
            yield {"aggregate": union["coll"], "pipeline": union["pipeline"], "cursor": {}}


def _stages(plan: Any) -> Iterator[dict[str, Any]]:
    """Every stage of the winning plans in *plan*."""
    if isinstance(plan, dict):
        if "stage" in plan:
            yield plan
        for name, part in plan.items():
            if name != "rejectedPlans":
                yield from _stages(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from _stages(part)
