"""Permission is checked at the write, so concurrent changes equal some sequential order."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progress_service.catalog.cache import CatalogCache
from progress_service.catalog.service import CatalogService
from progress_service.clock import Clock
from progress_service.errors import Conflict, Forbidden, NotFound
from progress_service.mongo.client import Database
from progress_service.mongo.schema import COURSES, ENROLLMENTS, REMOVED_COURSES
from tests.builders import NOON, a_course, a_video
from tests.composition import Composition, compose

ROUNDS = 40


@pytest.fixture
def worker(database: Database) -> Composition:
    return compose(database)


@pytest.fixture
def catalog(worker: Composition) -> CatalogService:
    return worker.catalog


class Interrupted:
    """A collection or store that runs *before* just ahead of the first call of *method*."""

    def __init__(self, real: Any, method: str, before: Callable[[], Awaitable[object]]) -> None:
        self._real = real
        self._method = method
        self._before: Callable[[], Awaitable[object]] | None = before

    def __getattr__(self, name: str) -> Any:
        if name != self._method:
            return getattr(self._real, name)

        async def interrupted(*args: Any, **options: Any) -> Any:
            if self._before is not None:
                before, self._before = self._before, None
                await before()
            return await getattr(self._real, name)(*args, **options)

        return interrupted


async def outcome(change: Awaitable[object]) -> str:
    """``done``, or the code of the error."""
    try:
        await change
    except (Forbidden, NotFound, Conflict) as error:
        return error.code
    return "done"


async def teachers(database: Database, collection: str = COURSES) -> list[str] | None:
    course = await database[collection].find_one({"_id": "react"})
    return course["teacher_ids"] if course else None


async def test_concurrent_first_puts_give_the_course_to_one_teacher(
    catalog: CatalogService, database: Database
):
    for number in range(ROUNDS):
        course_id = f"course-{number}"
        names = ("tom", "eve")
        puts = [
            catalog.put_course(
                a_course(course_id, a_video(f"v-{number}"), teacher_ids=(name,)), teacher_id=name
            )
            for name in names
        ]

        outcomes = await asyncio.gather(*map(outcome, puts))

        assert sorted(outcomes) == ["done", "not_teacher"]
        stored = await database[COURSES].find_one({"_id": course_id})
        assert stored is not None
        assert stored["teacher_ids"] == [names[outcomes.index("done")]]


async def test_first_put_loses_to_a_concurrent_one(
    catalog: CatalogService, worker: Composition, database: Database
):
    async def eve_puts() -> None:
        other = compose(database).catalog
        await other.put_course(a_course(teacher_ids=("eve",)), teacher_id="eve")

    store: Any = worker.catalog_courses
    store._courses = Interrupted(store._courses, "insert_one", eve_puts)

    assert await outcome(catalog.put_course(a_course(), teacher_id="tom")) == "not_teacher"
    assert await teachers(database) == ["eve"]


async def test_put_by_a_teacher_removed_meanwhile_is_rejected(
    catalog: CatalogService, worker: Composition, database: Database
):
    await catalog.put_course(a_course(), teacher_id=None)

    async def remove_teacher() -> None:
        other = compose(database).catalog
        await other.put_course(a_course(teacher_ids=("eve",)), teacher_id=None)

    store: Any = worker.catalog_courses
    store._courses = Interrupted(store._courses, "replace_one", remove_teacher)
    put = catalog.put_course(a_course(title="React again"), teacher_id="tom")

    assert await outcome(put) == "not_teacher"
    assert await teachers(database) == ["eve"]


async def test_delete_by_a_teacher_removed_meanwhile_is_rejected(
    catalog: CatalogService, worker: Composition, database: Database
):
    await catalog.put_course(a_course(), teacher_id=None)

    async def remove_teacher() -> None:
        other = compose(database).catalog
        await other.put_course(a_course(teacher_ids=("eve",)), teacher_id=None)

    store: Any = worker.catalog_courses
    store._courses = Interrupted(store._courses, "delete_one", remove_teacher)

    assert await outcome(catalog.delete_course("react", teacher_id="tom")) == "not_teacher"
    assert await teachers(database) == ["eve"]
    assert await teachers(database, REMOVED_COURSES) is None


async def test_first_put_does_not_take_over_a_course_put_and_removed_meanwhile(
    catalog: CatalogService, worker: Composition, database: Database
):
    async def eve_puts_and_removes() -> None:
        other = compose(database).catalog
        await other.put_course(a_course(teacher_ids=("eve",)), teacher_id="eve")
        await other.delete_course("react", teacher_id="eve")

    store: Any = worker.catalog_courses
    store._courses = Interrupted(store._courses, "insert_one", eve_puts_and_removes)

    assert await outcome(catalog.put_course(a_course(), teacher_id="tom")) == "not_teacher"
    assert await teachers(database) is None
    assert await teachers(database, REMOVED_COURSES) == ["eve"]


async def test_first_put_over_a_material_taken_meanwhile_is_a_conflict(
    catalog: CatalogService, worker: Composition, database: Database
):
    async def eve_takes_the_material() -> None:
        other = compose(database).catalog
        await other.put_course(
            a_course("vue", a_video("intro"), teacher_ids=("eve",)), teacher_id="eve"
        )

    store: Any = worker.catalog_courses
    store._courses = Interrupted(store._courses, "insert_one", eve_takes_the_material)

    assert await outcome(catalog.put_course(a_course(), teacher_id="tom")) == "material_taken"
    assert await teachers(database) is None


@pytest.mark.parametrize("method", ["enroll_if", "unenroll_if"])
async def test_enrolments_are_not_changed_by_a_teacher_removed_meanwhile(
    worker: Composition, database: Database, method: str
):
    service = worker.catalog
    await service.put_course(a_course(), teacher_id=None)
    await service.enroll("react", ["ana"], teacher_id=None)

    async def remove_teacher() -> None:
        await service.put_course(a_course(teacher_ids=("eve",)), teacher_id=None)

    interrupted: Any = Interrupted(worker.enrollments, method, remove_teacher)
    late = CatalogService(
        worker.catalog_courses, interrupted, CatalogCache(), clock=Clock(lambda: NOON)
    )
    change = (
        late.unenroll("react", "ana", teacher_id="tom")
        if method == "unenroll_if"
        else late.enroll("react", ["ben", "eva"], teacher_id="tom")
    )

    assert await outcome(change) == "not_teacher"
    assert await service.students_of("react", after=None, limit=9, teacher_id=None) == ["ana"]


async def test_enrolments_of_the_same_students_by_two_teachers_succeed(
    catalog: CatalogService, database: Database
):
    await catalog.put_course(a_course(teacher_ids=("tom", "eve")), teacher_id=None)
    for number in range(ROUNDS):
        students = [f"s{number}-{n}" for n in range(5)]
        outcomes = await asyncio.gather(
            *(
                outcome(catalog.enroll("react", students, teacher_id=name))
                for name in ("tom", "eve")
            )
        )

        assert outcomes == ["done", "done"]

    assert await database[ENROLLMENTS].count_documents({}) == 5 * ROUNDS


async def test_enrolment_keeps_the_existing_progress(catalog: CatalogService, database: Database):
    await catalog.put_course(a_course(), teacher_id=None)
    await catalog.enroll("react", ["ana"], teacher_id=None)
    await database[ENROLLMENTS].update_one({"student_id": "ana"}, {"$set": {"progress": 40.0}})

    await catalog.enroll("react", ["ana", "ben", "ben"], teacher_id="tom")

    progress = {e["student_id"]: e["progress"] async for e in database[ENROLLMENTS].find()}
    assert progress == {"ana": 40.0, "ben": 0.0}


# -- any concurrent changes --------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A put with *teachers*, or (``None``) a removal, by a teacher or (``None``) a service."""

    by: str | None
    teachers: tuple[str, ...] | None

    def run(self, catalog: CatalogService) -> Awaitable[None]:
        if self.teachers is None:
            return catalog.delete_course("react", teacher_id=self.by)
        return catalog.put_course(a_course(teacher_ids=self.teachers), teacher_id=self.by)


State = tuple[tuple[str, ...] | None, tuple[str, ...] | None]
"""The teachers of the course, and those of the course that was last removed."""


def applied(change: Change, state: State) -> tuple[str, State]:
    """The effect of a single change: the rule in its simplest form."""
    current, removed = state
    if change.teachers is None:
        if current is None:
            return "course_not_found", state
        if change.by is not None and change.by not in current:
            return "not_teacher", state
        return "done", (None, current)
    owners = [current] if current is not None else [change.teachers, removed or change.teachers]
    if change.by is not None and any(change.by not in owner for owner in owners):
        return "not_teacher", state
    return "done", (change.teachers, removed)


def possible(changes: list[Change], state: State) -> set[tuple[tuple[str, ...], State]]:
    """The outcomes of every order of *changes*."""
    found = set()
    for order in itertools.permutations(range(len(changes))):
        now, outcomes = state, [""] * len(changes)
        for index in order:
            outcomes[index], now = applied(changes[index], now)
        found.add((tuple(outcomes), now))
    return found


TEACHERS = st.sampled_from([("tom",), ("eve",), ("tom", "eve")])
CHANGES = st.builds(Change, by=st.sampled_from(["tom", "eve", None]), teachers=st.none() | TEACHERS)


@settings(max_examples=60)
@given(
    current=st.none() | TEACHERS,
    removed=st.none() | TEACHERS,
    changes=st.lists(CHANGES, min_size=2, max_size=4),
)
async def test_concurrent_changes_equal_some_sequential_order(
    catalog: CatalogService, database: Database, current: Any, removed: Any, changes: list[Change]
):
    await database[COURSES].delete_many({})
    await database[REMOVED_COURSES].delete_many({})
    if removed is not None:
        await catalog.put_course(a_course(teacher_ids=removed), teacher_id=None)
        await catalog.delete_course("react", teacher_id=None)
    if current is not None:
        await catalog.put_course(a_course(teacher_ids=current), teacher_id=None)

    outcomes = await asyncio.gather(*(outcome(change.run(catalog)) for change in changes))

    stored = await teachers(database), await teachers(database, REMOVED_COURSES)
    after: State = tuple(tuple(owners) if owners is not None else None for owners in stored)  # type: ignore[assignment]
    assert (tuple(outcomes), after) in possible(changes, (current, removed))
