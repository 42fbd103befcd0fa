"""The upgrade of records of earlier versions."""

from __future__ import annotations

from typing import Any

import pytest

from progress_service.mongo.client import Database
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.progress.projections import IN_SUMMARY
from progress_service.progress.upgrade import add_watched_seconds
from tests.builders import a_report, brief
from tests.integration.progress.conftest import Records

KEY = {"student_id": "student-0", "material_id": "intro"}


async def a_record_without_total(records: Records, database: Database) -> None:
    await records.new().merge(a_report(played=((0.0, 10.0), (20.0, 30.5))))
    await database[WATCH_PROGRESS].update_one(KEY, {"$unset": {"watched_seconds": ""}})


async def test_watched_seconds_are_added_once(records: Records, database: Database):
    await a_record_without_total(records, database)
    await records.new().merge(a_report())  # without spans

    assert await add_watched_seconds(database) == 1
    assert await add_watched_seconds(database) == 0

    found = await records.store.read_many("student-0", ["intro"], fields=IN_SUMMARY)
    assert found["intro"].watched_seconds == 20.5


async def test_watched_seconds_of_a_status_are_correct_before_the_upgrade(
    records: Records, database: Database
):
    await a_record_without_total(records, database)

    [progress] = await records.store.read_each([("student-0", "intro")])

    assert progress.watched_seconds == 20.5


async def test_record_with_more_spans_than_the_maximum_moves_to_the_grid(
    records: Records, database: Database
):
    record = records.new()
    await record.merge(a_report(duration_seconds=7_200.0))
    many = [[4.0 * n, 4.0 * n + 2.5] for n in range(1_500)]
    await database[WATCH_PROGRESS].update_one(KEY, {"$set": {"watched_spans": many}})

    before = await record.read()
    progress = await record.merge(a_report(duration_seconds=7_200.0, played=((7_000.0, 7_200.0),)))

    assert before.watched_spans == ((0, 5_990.4),)  # read on the grid
    assert progress.watched_spans == ((0, 5_990.4), (6_998.4, 7_200))
    document = await record.document()
    assert len(document["watched_spans"]) == 2


ODD_SPANS: list[Any] = [
    "garbage",
    {"0": [1, 2]},
    [["a", "b"]],
    [[0, 5], "garbage"],
    [[0, 5], None],
    [[], [0, 5]],
    [{"start": 0}],
]


@pytest.mark.parametrize("spans", ODD_SPANS, ids=brief)
async def test_upgrade_continues_after_records_of_other_software(
    spans: Any, records: Records, database: Database
):
    await a_record_without_total(records, database)
    odd = {"student_id": "other", "material_id": "intro", "watched_spans": spans}
    await database[WATCH_PROGRESS].insert_one(odd)

    assert await add_watched_seconds(database) == 1
