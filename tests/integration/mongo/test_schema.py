"""The indexes: created once, and required before serving."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from progress_service.app import create_app
from progress_service.errors import StartupError
from progress_service.mongo import schema
from progress_service.mongo.client import Database, open_database
from tests.builders import a_settings
from tests.conftest import running


@pytest.fixture
async def empty(mongodb_uri: str) -> AsyncIterator[Database]:
    """An unprepared database."""
    async with open_database(mongodb_uri, f"empty_{uuid.uuid4().hex}") as database:
        yield database
        for name in await database.list_collection_names():
            await database.drop_collection(name)


async def indexes(database: Database) -> dict[str, Mapping[str, Any]]:
    return {
        name: await database[name].index_information()
        for name in sorted(await database.list_collection_names())
    }


async def test_prepare_is_idempotent(empty: Database):
    first = await schema.prepare(empty)
    once = await indexes(empty)

    assert await schema.prepare(empty) == first
    assert await indexes(empty) == once


async def test_prepared_database_may_be_served(empty: Database):
    await schema.prepare(empty)

    await schema.require(empty)


async def test_record_key_is_unique(empty: Database):
    await schema.prepare(empty)

    index = (await indexes(empty))["watch_progress"]["student_id_1_material_id_1"]
    assert index["unique"] is True
    assert index["key"] == [("student_id", 1), ("material_id", 1)]


async def test_report_moves_no_index_entry(empty: Database):
    """The indexes use only fields that never change after the insert."""
    await schema.prepare(empty)

    keys = {
        field
        for index in (await indexes(empty))["watch_progress"].values()
        for field, _ in index["key"]
    }
    assert keys <= {"_id", "student_id", "material_id", "course_id"}


async def test_unprepared_database_is_not_served(empty: Database, mongodb_uri: str):
    app = create_app(a_settings(mongodb_uri=mongodb_uri, mongodb_database=empty.name))

    with pytest.raises(StartupError, match="prepare-db"):
        async with running(app):
            pass


@pytest.mark.parametrize("collection", ["watch_progress", "courses", "enrollments"])
async def test_missing_index_is_named(empty: Database, collection: str):
    await schema.prepare(empty)
    await empty[collection].drop_indexes()

    with pytest.raises(StartupError, match=collection):
        await schema.require(empty)


async def test_index_that_is_not_unique_is_not_accepted(empty: Database):
    """Without uniqueness, first reports would create duplicates."""
    await schema.prepare(empty)
    await empty["watch_progress"].drop_indexes()
    await empty["watch_progress"].create_index([("student_id", 1), ("material_id", 1)])

    with pytest.raises(StartupError, match="watch_progress"):
        await schema.require(empty)


async def test_records_that_violate_the_index_are_a_startup_error(empty: Database):
    twice = [{"student_id": "ana", "material_id": "intro"} for _ in range(2)]
    await empty["watch_progress"].insert_many(twice)

    with pytest.raises(StartupError, match="watch_progress"):
        await schema.prepare(empty)


UNIQUE = [("student_id", 1), ("material_id", 1)]
ACCEPTED: dict[str, dict[str, Any]] = {
    "another name": {"name": "by_student"},
    "keys as the shell writes them": {"key": {name: 1.0 for name, _ in UNIQUE}},
    "other storage": {"storageEngine": {"wiredTiger": {}}},
}


@pytest.mark.parametrize("kind", ACCEPTED)
async def test_index_of_the_same_keys_is_accepted(kind: str, empty: Database):
    index = {"name": "theirs", "key": dict(UNIQUE), "unique": True, **ACCEPTED[kind]}
    await empty.command({"createIndexes": "watch_progress", "indexes": [index]})

    await schema.prepare(empty)

    await schema.require(empty)
    assert len((await indexes(empty))["watch_progress"]) == 2


async def test_indexes_of_enrolments_under_other_names_are_accepted(empty: Database):
    keys = [("student_id", 1), ("course_id", 1)]
    await empty["enrollments"].create_index(keys, unique=True, name="who_where")
    await empty["enrollments"].create_index(keys[::-1], unique=True, name="where_who")

    await schema.prepare(empty)

    await schema.require(empty)
    assert len((await indexes(empty))["enrollments"]) == 3


NOT_ENOUGH: dict[str, dict[str, Any]] = {
    "not unique": {},
    "not unique, another name": {"name": "by_student"},
    "sparse": {"unique": True, "sparse": True},
    "partial": {"unique": True, "partialFilterExpression": {"course_id": "react"}},
    "another collation": {"unique": True, "collation": {"locale": "de"}},
    "descending": {"unique": True, "keys": [("student_id", 1), ("material_id", -1)]},
    "other way round": {"unique": True, "keys": UNIQUE[::-1]},
}


@pytest.mark.parametrize("kind", NOT_ENOUGH)
async def test_database_prepared_beside_another_index_may_be_served(kind: str, empty: Database):
    given = dict(NOT_ENOUGH[kind])
    keys = given.pop("keys", UNIQUE)
    await empty["watch_progress"].create_index(keys, **given)
    with pytest.raises(StartupError, match="watch_progress"):
        await schema.require(empty)

    await schema.prepare(empty)

    await schema.require(empty)
    assert len((await indexes(empty))["watch_progress"]) == 3


async def test_index_that_conflicts_is_named(empty: Database):
    await empty["watch_progress"].create_index(UNIQUE, unique=True, hidden=True)

    with pytest.raises(StartupError, match="Drop that one"):
        await schema.prepare(empty)


@pytest.mark.parametrize(
    ("collection", "key"), [("watch_progress", "material_id"), ("enrollments", "course_id")]
)
async def test_duplicates_of_a_key_name_the_remedy(collection: str, key: str, empty: Database):
    await empty[collection].insert_many([{"student_id": "ana", key: "one"} for _ in range(2)])

    with pytest.raises(StartupError, match="prepare-db --migrate"):
        await schema.prepare(empty)
