"""Who may change a course is decided when it is written: concurrent changes have some order."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progress_service.catalog.service import CatalogService
from progress_service.catalog.store import CatalogStore
from progress_service.errors import Conflict, Forbidden, NotFound
from progress_service.mongo.client import Database
from progress_service.mongo.schema import COURSES, ENROLLMENTS, REMOVED_COURSES
from tests.builders import NOON, a_course, a_video

ROUNDS = 40


@pytest.fixture
def store(database: Database) -> CatalogStore:
    return CatalogStore(database)


@pytest.fixture
def catalog(store: CatalogStore) -> CatalogService:
    return CatalogService(store, clock=lambda: NOON)


class Interrupted:
    """A collection or store; just before *method* is called first, something else happens."""

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
    """``done``, or the code of the refusal."""
    try:
        await change
    except (Forbidden, NotFound, Conflict) as error:
        return error.code
    return "done"


async def teachers(database: Database, collection: str = COURSES) -> list[str] | None:
    course = await database[collection].find_one({"_id": "react"})
    return course and course["teacher_ids"]


async def test_two_first_puts_of_one_course_let_one_teacher_have_it(
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


async def test_first_put_loses_to_one_that_came_while_it_looked(
    catalog: CatalogService, store: CatalogStore, database: Database
):
    async def eve_puts() -> None:
        other = CatalogService(CatalogStore(database), clock=lambda: NOON)
        await other.put_course(a_course(teacher_ids=("eve",)), teacher_id="eve")

    store._courses = Interrupted(store._courses, "insert_one", eve_puts)

    assert await outcome(catalog.put_course(a_course(), teacher_id="tom")) == "not_teacher"
    assert await teachers(database) == ["eve"]


async def test_put_of_a_teacher_dismissed_meanwhile_does_not_undo_it(
    catalog: CatalogService, store: CatalogStore, database: Database
):
    await catalog.put_course(a_course(), teacher_id=None)

    async def dismiss() -> None:
        other = CatalogService(CatalogStore(database), clock=lambda: NOON)
        await other.put_course(a_course(teacher_ids=("eve",)), teacher_id=None)

    store._courses = Interrupted(store._courses, "replace_one", dismiss)
    put = catalog.put_course(a_course(title="React again"), teacher_id="tom")

    assert await outcome(put) == "not_teacher"
    assert await teachers(database) == ["eve"]


async def test_delete_by_a_teacher_dismissed_meanwhile_removes_nothing(
    catalog: CatalogService, store: CatalogStore, database: Database
):
    await catalog.put_course(a_course(), teacher_id=None)

    async def dismiss() -> None:
        other = CatalogService(CatalogStore(database), clock=lambda: NOON)
        await other.put_course(a_course(teacher_ids=("eve",)), teacher_id=None)

    store._courses = Interrupted(store._courses, "delete_one", dismiss)

    assert await outcome(catalog.delete_course("react", teacher_id="tom")) == "not_teacher"
    assert await teachers(database) == ["eve"]
    assert await teachers(database, REMOVED_COURSES) is None


async def test_first_put_does_not_take_a_course_put_and_removed_meanwhile(
    catalog: CatalogService, store: CatalogStore, database: Database
):
    async def eve_puts_and_removes() -> None:
        other = CatalogService(CatalogStore(database), clock=lambda: NOON)
        await other.put_course(a_course(teacher_ids=("eve",)), teacher_id="eve")
        await other.delete_course("react", teacher_id="eve")

    store._courses = Interrupted(store._courses, "insert_one", eve_puts_and_removes)

    assert await outcome(catalog.put_course(a_course(), teacher_id="tom")) == "not_teacher"
    assert await teachers(database) is None
    assert await teachers(database, REMOVED_COURSES) == ["eve"]


async def test_first_put_over_a_material_taken_meanwhile_is_a_conflict(
    catalog: CatalogService, store: CatalogStore, database: Database
):
    async def eve_takes_the_material() -> None:
        other = CatalogService(CatalogStore(database), clock=lambda: NOON)
        await other.put_course(
            a_course("vue", a_video("intro"), teacher_ids=("eve",)), teacher_id="eve"
        )

    store._courses = Interrupted(store._courses, "insert_one", eve_takes_the_material)

    assert await outcome(catalog.put_course(a_course(), teacher_id="tom")) == "material_taken"
    assert await teachers(database) is None


@pytest.mark.parametrize("method", ["enroll_if", "unenroll"])
async def test_enrolments_by_a_teacher_dismissed_meanwhile_stay_as_they_are(
    store: CatalogStore, database: Database, method: str
):
    service = CatalogService(store, clock=lambda: NOON)
    await service.put_course(a_course(), teacher_id=None)
    await service.enroll("react", ["ana"], teacher_id=None)

    async def dismiss() -> None:
        await service.put_course(a_course(teacher_ids=("eve",)), teacher_id=None)

    late = CatalogService(Interrupted(store, method, dismiss), clock=lambda: NOON)  # type: ignore[arg-type]
    change = (
        late.unenroll("react", "ana", teacher_id="tom")
        if method == "unenroll"
        else late.enroll("react", ["ben", "eva"], teacher_id="tom")
    )

    assert await outcome(change) == "not_teacher"
    assert await service.students_of("react", after=None, limit=9, teacher_id=None) == ["ana"]


async def test_two_teachers_enrol_the_same_students_at_once(
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


async def test_enrolment_by_a_teacher_keeps_what_is_there(
    catalog: CatalogService, database: Database
):
    await catalog.put_course(a_course(), teacher_id=None)
    await catalog.enroll("react", ["ana"], teacher_id=None)
    await database[ENROLLMENTS].update_one({"student_id": "ana"}, {"$set": {"progress": 40.0}})

    await catalog.enroll("react", ["ana", "ben", "ben"], teacher_id="tom")

    progress = {e["student_id"]: e["progress"] async for e in database[ENROLLMENTS].find()}
    assert progress == {"ana": 40.0, "ben": 0.0}


# -- any three changes at once -----------------------------------------------------------------


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
"""Whose course it is, and whose it was when it was last removed."""


def applied(change: Change, state: State) -> tuple[str, State]:
    """What a change alone does: the rule in its plainest form."""
    held, removed = state
    if change.teachers is None:
        if held is None:
            return "course_not_found", state
        if change.by is not None and change.by not in held:
            return "not_teacher", state
        return "done", (None, held)
    owners = [held] if held is not None else [change.teachers, removed or change.teachers]
    if change.by is not None and any(change.by not in owner for owner in owners):
        return "not_teacher", state
    return "done", (change.teachers, removed)


def possible(changes: list[Change], state: State) -> set[tuple[tuple[str, ...], State]]:
    """Every outcome that some order of *changes* has."""
    found = set()
    for order in itertools.permutations(range(len(changes))):
        now, told = state, [""] * len(changes)
        for index in order:
            told[index], now = applied(changes[index], now)
        found.add((tuple(told), now))
    return found


TEACHERS = st.sampled_from([("tom",), ("eve",), ("tom", "eve")])
CHANGES = st.builds(Change, by=st.sampled_from(["tom", "eve", None]), teachers=st.none() | TEACHERS)


@settings(max_examples=60)
@given(
    held=st.none() | TEACHERS,
    removed=st.none() | TEACHERS,
    changes=st.lists(CHANGES, min_size=2, max_size=4),
)
async def test_changes_at_once_come_out_as_in_some_order(
    catalog: CatalogService, database: Database, held: Any, removed: Any, changes: list[Change]
):
    await database[COURSES].delete_many({})
    await database[REMOVED_COURSES].delete_many({})
    if removed is not None:
        await catalog.put_course(a_course(teacher_ids=removed), teacher_id=None)
        await catalog.delete_course("react", teacher_id=None)
    if held is not None:
        await catalog.put_course(a_course(teacher_ids=held), teacher_id=None)

    told = await asyncio.gather(*(outcome(change.run(catalog)) for change in changes))

    kept = await teachers(database), await teachers(database, REMOVED_COURSES)
    after: State = tuple(tuple(owners) if owners is not None else None for owners in kept)  # type: ignore[assignment]
    assert (tuple(told), after) in possible(changes, (held, removed))
