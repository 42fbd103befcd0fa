"""``prepare-db --migrate``: documents of other software are rewritten, and nothing is lost."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pymongo
import pytest
from bson import Decimal128, ObjectId

from progress_service.catalog.enrollments_migration import migrate_enrollments
from progress_service.mongo import schema
from progress_service.mongo.client import Database, open_database
from progress_service.mongo.schema import ENROLLMENTS, WATCH_PROGRESS
from progress_service.progress.migration import migrate_records
from progress_service.progress.store import ProgressStore
from tests.processes import run, started

SEEN_AT = datetime(2024, 10, 14, 10, 30, tzinfo=UTC)


@pytest.fixture
async def unprepared(mongodb_uri: str) -> AsyncIterator[Database]:
    """A database of other software, without our indexes."""
    async with open_database(mongodb_uri, f"foreign_{uuid.uuid4().hex}") as database:
        yield database
        with pymongo.timeout(None):  # A killed process may have left a transaction.
            for name in await database.list_collection_names():
                await database.drop_collection(name)


def a_record(student_id: Any = "ana", material_id: Any = "intro", **given: Any) -> dict[str, Any]:
    """The seven fields, at 95 % of ten minutes."""
    defaults = {
        "_id": ObjectId(),
        "student_id": student_id,
        "material_id": material_id,
        "course_id": "react",
        "watch_time": 570.0,
        "total_duration": 600,
        "progress_percentage": Decimal128("95"),
        "last_watched": "2024-10-14T10:30:00Z",
    }
    return {**defaults, **given}


def minutes(number: float) -> datetime:
    return SEEN_AT + timedelta(minutes=number)


async def all_of(database: Database, collection: str = WATCH_PROGRESS) -> list[dict[str, Any]]:
    return await database[collection].find({}).sort([("_id", 1)]).to_list(None)


def command(database: Database, uri: str, folder: Path, *arguments: str) -> Any:
    given = {"PROGRESS_MONGODB_URI": uri, "PROGRESS_MONGODB_DATABASE": database.name}
    return run(folder, "prepare-db", *arguments, settings=given, timeout_seconds=120)


async def test_old_record_is_rewritten_with_its_position_and_its_other_fields(unprepared: Database):
    await unprepared[WATCH_PROGRESS].insert_one(a_record(note="foreign"))

    counts = await migrate_records(unprepared, dry_run=False)

    assert (counts.rewritten, counts.merged) == (1, 0)
    [record] = await all_of(unprepared)
    assert record["note"] == "foreign"
    assert (record["watch_time"], record["total_duration"]) == (570.0, 600.0)
    assert record["progress_percentage"] == record["furthest_percentage"] == 95.0
    assert record["last_watched"] == SEEN_AT.replace(tzinfo=None)
    assert record["stored_at"] == SEEN_AT.replace(tzinfo=None)


async def test_migration_does_not_change_what_is_read(database: Database):
    await database[WATCH_PROGRESS].insert_many(
        [
            a_record(),
            a_record(material_id="hooks", last_watched=None),
            a_record(material_id="odd", watch_time="?", devices=["?"]),
        ]
    )
    store = ProgressStore(database)
    keys = [("ana", name) for name in ("intro", "hooks", "odd")]
    before = await store.read_each(keys), await store.read_changed("ana", since=None)

    await migrate_records(database, dry_run=False)

    assert (await store.read_each(keys), await store.read_changed("ana", since=None)) == before


async def test_migration_is_idempotent(unprepared: Database):
    await unprepared[WATCH_PROGRESS].insert_many(
        [a_record(), a_record(), a_record("ben"), a_record(7, ObjectId()), a_record(material_id={})]
    )
    await migrate_records(unprepared, dry_run=False)
    once = await all_of(unprepared)

    counts = await migrate_records(unprepared, dry_run=False)

    assert (counts.rewritten, counts.merged, counts.unreadable) == (0, 0, 1)
    assert await all_of(unprepared) == once


async def test_duplicates_are_merged_by_the_rules_of_reports(unprepared: Database):
    device = {
        "ranks": True,
        "watch_time": 60.0,
        "furthest_time": 60.0,
        "played_seconds": None,
        "session_id": None,
        "playing": False,
    }
    await unprepared[WATCH_PROGRESS].insert_many(
        [
            a_record(watched_spans=[[0, 100]], last_watched=minutes(0)),
            a_record(
                watch_time=60.0,
                progress_percentage=10.0,
                last_watched=minutes(9),
                watched_spans=[[50, 200]],
                devices=[{**device, "device_id": "phone", "observed_at": minutes(9)}],
            ),
            a_record(
                watch_time=0.0,
                progress_percentage=0.0,
                last_watched=minutes(99),
                devices=[{**device, "device_id": "phone", "observed_at": minutes(5)}],
            ),
        ]
    )

    counts = await migrate_records(unprepared, dry_run=False)
    await schema.prepare(unprepared)

    assert (counts.rewritten, counts.merged) == (0, 2)
    [record] = await all_of(unprepared)
    assert (record["watch_time"], record["last_watched"]) == (60, minutes(9).replace(tzinfo=None))
    assert record["furthest_percentage"] == 95
    assert record["watched_spans"] == [[0, 200]]
    assert [each["observed_at"] for each in record["devices"]] == [minutes(9).replace(tzinfo=None)]


async def test_unmark_among_duplicates_removes_earlier_completions(unprepared: Database):
    own = {"stored_at": SEEN_AT, "furthest_percentage": 95.0, "progress_percentage": 95.0}
    await unprepared[WATCH_PROGRESS].insert_many(
        [
            a_record(**own, last_watched=minutes(0), completed_at=minutes(0)),
            a_record(**own, last_watched=minutes(0), completed_at=None, unmarked_at=minutes(5)),
        ]
    )

    await migrate_records(unprepared, dry_run=False)

    [record] = await all_of(unprepared)
    assert record["completed_at"] is None
    assert record["unmarked_at"] == minutes(5).replace(tzinfo=None)


@pytest.mark.parametrize("seed", range(4))
async def test_duplicates_merge_equally_in_any_order(seed: int, unprepared: Database):
    chance = random.Random(seed)
    records = [
        a_record(
            watch_time=float(chance.randrange(0, 600)),
            progress_percentage=None,
            last_watched=minutes(chance.randrange(0, 5)),
            watched_spans=[[s := chance.randrange(0, 500), s + chance.randrange(1, 90)]],
            **({"completed_at": minutes(chance.randrange(0, 9))} if chance.random() < 0.5 else {}),
        )
        for _ in range(6)
    ]
    results = []
    for _ in range(3):
        chance.shuffle(records)
        await unprepared[WATCH_PROGRESS].drop()
        await unprepared[WATCH_PROGRESS].insert_many(
            [{**record, "_id": number} for number, record in enumerate(records)]
        )
        await migrate_records(unprepared, dry_run=False)
        results += await all_of(unprepared)

    assert results == [results[0]] * 3


async def test_keys_of_other_types_become_text(unprepared: Database):
    student, video = ObjectId(), ObjectId()
    await unprepared[WATCH_PROGRESS].insert_many(
        [a_record(student, video), a_record(7, "intro"), a_record("7", "intro", watch_time=580.0)]
    )

    counts = await migrate_records(unprepared, dry_run=False)

    assert (counts.rewritten, counts.merged) == (1, 1)
    keys = {(each["student_id"], each["material_id"]) for each in await all_of(unprepared)}
    assert keys == {(str(student), str(video)), ("7", "intro")}


async def test_documents_without_a_key_are_moved_when_they_prevent_the_index(
    unprepared: Database,
):
    keyless = [{"_id": number, "user": "x", "video": "y"} for number in range(3)]
    await unprepared[WATCH_PROGRESS].insert_many([*keyless, a_record()])

    counts = await migrate_records(unprepared, dry_run=False)
    await schema.prepare(unprepared)

    assert (counts.unreadable, counts.set_aside) == (3, 3)
    assert await all_of(unprepared, "watch_progress_unreadable") == keyless
    assert len(await all_of(unprepared)) == 1


async def test_foreign_enrolments_get_our_id_and_keep_their_fields(unprepared: Database):
    foreign = {"_id": ObjectId(), "student_id": "ana", "course_id": "react", "paid": True}
    other = {**foreign, "_id": ObjectId(), "enrolled_at": SEEN_AT, "completed_ids": ["intro"]}
    await unprepared[ENROLLMENTS].insert_many([foreign, other])

    counts = await migrate_enrollments(unprepared, dry_run=False)
    await schema.prepare(unprepared)

    assert (counts.rewritten, counts.merged) == (0, 1)
    assert await all_of(unprepared, ENROLLMENTS) == [
        {
            "_id": "ana/react",
            "student_id": "ana",
            "course_id": "react",
            "paid": True,
            "enrolled_at": SEEN_AT.replace(tzinfo=None),
            "completed_ids": ["intro"],
            "progress": 0.0,
            "completed_at": None,
            "revision": 0,
        }
    ]
    again = await migrate_enrollments(unprepared, dry_run=False)
    assert (again.rewritten, again.merged) == (0, 0)


async def test_prepare_db_reports_old_documents_and_a_dry_run_changes_nothing(
    unprepared: Database, mongodb_uri: str, tmp_path: Path
):
    await unprepared[WATCH_PROGRESS].insert_many([a_record(), a_record(), a_record("ben")])
    await unprepared[WATCH_PROGRESS].insert_one({"_id": "odd", "watch_time": 5})
    await unprepared[ENROLLMENTS].insert_one({"student_id": "ana", "course_id": "react"})
    before = await all_of(unprepared), await all_of(unprepared, ENROLLMENTS)

    plain = command(unprepared, mongodb_uri, tmp_path)
    assert plain.returncode == 1
    assert "prepare-db --migrate" in plain.stderr
    dry = command(unprepared, mongodb_uri, tmp_path, "--migrate", "--dry-run")
    assert (await all_of(unprepared), await all_of(unprepared, ENROLLMENTS)) == before
    real = command(unprepared, mongodb_uri, tmp_path, "--migrate")
    again = command(unprepared, mongodb_uri, tmp_path)

    assert (dry.returncode, real.returncode, again.returncode) == (0, 0, 0)
    assert "1 documents would be rewritten, 1 duplicates would be merged; 1 cannot" in dry.stdout
    assert "1 documents rewritten, 1 duplicates merged; 1 cannot be read" in real.stdout
    assert real.stderr == dry.stderr == "watch_progress: odd cannot be read\n"
    assert "enrollments: 1 documents rewritten, 0 duplicates merged" in real.stdout
    assert "watch_progress: 1 documents are of another shape" in again.stdout
    assert "enrollments: " not in again.stdout


@pytest.fixture
async def short_transactions(unprepared: Database) -> AsyncIterator[None]:
    """The server aborts the transactions of a killed process after seconds, not a minute."""
    admin, name = unprepared.client.admin, "transactionLifetimeLimitSeconds"
    original = (await admin.command({"getParameter": 1, name: 1}))[name]
    await admin.command({"setParameter": 1, name: 3})
    yield
    await admin.command({"setParameter": 1, name: original})


@pytest.mark.parametrize("seed", range(2))
async def test_killed_migration_continues_where_it_stopped(
    seed: int,
    unprepared: Database,
    mongodb_uri: str,
    tmp_path: Path,
    short_transactions: None,
):
    students, videos = 60, 20
    keys = [(f"student-{s}", f"video-{v}") for s in range(students) for v in range(videos)]
    await unprepared[WATCH_PROGRESS].insert_many(
        [a_record(*key) for key in keys]
        + [a_record(*key, watch_time=60.0, last_watched=minutes(9)) for key in keys[::2]]
    )
    await unprepared[ENROLLMENTS].insert_many(
        [{"student_id": f"student-{s}", "course_id": "react"} for s in range(students)]
    )
    environment = {
        "PROGRESS_MONGODB_URI": mongodb_uri,
        "PROGRESS_MONGODB_DATABASE": unprepared.name,
    }
    goals = [students * videos // 4, students * videos // 2][: seed + 1]
    for goal in goals:
        with started(tmp_path, "prepare-db", "--migrate", settings=environment) as process:
            await _until_rewritten(unprepared, goal, process)
            process.kill()
            process.wait()

    result = command(unprepared, mongodb_uri, tmp_path, "--migrate")

    assert (result.returncode, result.stderr) == (0, "")
    records = {(each["student_id"], each["material_id"]): each for each in await all_of(unprepared)}
    assert len(await all_of(unprepared)) == len(records) == len(keys)
    assert {each["furthest_percentage"] for each in records.values()} == {95}
    assert all(records[key]["watch_time"] == 60 for key in keys[::2])
    assert all(records[key]["watch_time"] == 570 for key in keys[1::2])
    enrolled = {each["_id"] for each in await all_of(unprepared, ENROLLMENTS)}
    assert enrolled == {f"student-{s}/react" for s in range(students)}


async def _until_rewritten(database: Database, goal: int, process: Any) -> None:
    """Return when *goal* records are rewritten, or the process has ended."""
    while process.poll() is None:
        if await database[WATCH_PROGRESS].count_documents({"stored_at": {"$exists": True}}) >= goal:
            return
        await asyncio.sleep(0)
