"""The clock of the database, and reads that contain every write before a moment."""

from __future__ import annotations

from datetime import UTC

import pytest
from pymongo.write_concern import WriteConcern

from progress_service.mongo.client import Database
from progress_service.mongo.server_time import find_after, read_server_time

MEGABYTE = 1_048_576


async def test_server_time_is_that_of_stamps(database: Database):
    before = await read_server_time(database)
    await database["stamps"].update_one({"_id": 1}, [{"$set": {"at": "$$NOW"}}], upsert=True)
    after = await read_server_time(database)

    [document] = await database["stamps"].find().to_list(None)

    assert before.now <= document["at"].replace(tzinfo=UTC) <= after.now
    assert before.operation_time < after.operation_time


async def test_read_waits_for_a_write_that_the_majority_may_not_have(database: Database):
    unsafe = database["records"].with_options(write_concern=WriteConcern(w=1, j=False))
    for number in range(50):
        await unsafe.insert_one({"_id": number})
        now = await read_server_time(database)

        found = await find_after(database, "records", {"_id": number}, after=now, fields={"_id": 1})

        assert found == [{"_id": number}]


@pytest.mark.parametrize(
    ("sort", "limit", "expected"),
    [({"_id": 1}, 0, 40), ({"_id": 1}, 30, 30), (None, 0, 40)],
)
async def test_result_of_more_than_one_batch_is_complete(
    database: Database, sort: dict[str, int] | None, limit: int, expected: int
):
    for number in range(40):
        await database["large"].insert_one({"_id": number, "text": "x" * MEGABYTE})
    now = await read_server_time(database)

    found = await find_after(
        database, "large", {}, after=now, fields={"text": 1}, sort=sort, limit=limit
    )

    assert sorted(document["_id"] for document in found) == list(range(expected))
