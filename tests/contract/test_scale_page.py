"""What docs/scale.md says about dividing students agrees with the database."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from progress_service.mongo.client import Database

PAGE = Path("docs/scale.md").read_text()
PARTS = 16
STUDENTS = ["ana", "auth0|5f7c8ec7c33c6c004bbafe82", "a+b@example.org", "Zoë", "x" * 255]


def _code(language: str) -> str:
    block = re.search(rf"^ *```{language}\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE)
    assert block
    return re.sub("^ {3}", "", block[1], flags=re.MULTILINE)


def _functions() -> dict[str, Any]:
    defined: dict[str, Any] = {}
    exec(_code("python"), defined)  # the code of our own page
    return defined


async def test_hash_is_the_one_of_the_database(database: Database):
    await database.students.insert_many({"student_id": name} for name in STUDENTS)

    hashed = {"$project": {"student_id": 1, "hash": {"$toHashedIndexKey": "$student_id"}}}
    found = await database.students.aggregate([hashed]).to_list(None)

    shard_hash = _functions()["shard_hash"]
    assert {one["student_id"]: one["hash"] for one in found} == {
        name: shard_hash(name) for name in STUDENTS
    }


async def test_condition_selects_the_part_of_the_function(database: Database):
    """With events that have the key of a sharded collection."""
    names = [f"student-{number}" for number in range(500)]
    events = [
        {"ns": {"coll": "watch_progress"}, "documentKey": {"student_id": name}} for name in names
    ]
    await database.events.insert_many(events)

    selected = await database.events.aggregate(json.loads(_code("json"))).to_list(None)

    part_of = _functions()["part_of"]
    expected = [name for name in names if part_of(name, PARTS) == 7]
    assert [one["documentKey"]["student_id"] for one in selected] == expected
    assert expected


async def test_pipeline_opens_a_change_stream(database: Database):
    async with database.watch(json.loads(_code("json"))) as stream:
        assert await stream.try_next() is None


def test_parts_have_about_the_same_number_of_students():
    part_of = _functions()["part_of"]
    sizes = Counter(part_of(f"learner-{number}@school.example", PARTS) for number in range(16_000))

    assert len(sizes) == PARTS
    assert max(sizes.values()) < 1.15 * 1_000
