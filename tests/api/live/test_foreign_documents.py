"""Sockets while other programs write documents to the collections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bson import Decimal128, ObjectId
from bson.datetime_ms import DatetimeMS
from pymongo import MongoClient
from pymongo.database import Database

from tests.api.live.conftest import Learner

Documents = dict[str, list[dict[str, Any]]]


@pytest.fixture
def foreign_database(mongodb_uri: str, live_database: str) -> Iterator[Database[dict[str, Any]]]:
    """The database, as another program writes to it."""
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        database = client[live_database]
        yield database
        for name in ("watch_progress", "courses", "enrollments"):
            database[name].delete_many({"foreign": True})


def malformed_documents(learner: Learner) -> Documents:
    return {
        "watch_progress": [
            {"student_id": 7, "material_id": ObjectId()},
            {"student_id": [learner.id], "material_id": "x"},
            {"student_id": {"a": 1}},
            {"user": "somebody"},
            {"student_id": learner.id, "material_id": 5},
            {"student_id": learner.id, "material_id": "odd", "watch_time": "garbage"},
            {
                "student_id": learner.id,
                "material_id": "late",
                "watch_time": DatetimeMS(1_831_000_000_000_000),
            },
        ],
        "courses": [
            {"name": "theirs"},
            {"_id": 7, "title": "theirs"},
            {"_id": {"year": 2026}},
            {"_id": "odd course", "title": 5},
        ],
        "enrollments": [
            {"student_id": "x", "course_id": "y"},
            {"_id": 5, "student_id": 7, "course_id": ObjectId()},
            {"_id": "no-slash"},
            {"_id": {"a": 1}, "student_id": "z", "user": 1},
        ],
    }


async def test_foreign_documents_cause_no_resync(
    ana: Learner, foreign_database: Database[dict[str, Any]]
):
    resyncs = await ana.live.metric("progress_resyncs_total")
    async with ana.listening() as listener:
        for collection, documents in malformed_documents(ana).items():
            marked = [{**document, "foreign": True} for document in documents]
            foreign_database[collection].insert_many(marked)
            foreign_database[collection].update_many({"foreign": True}, {"$set": {"changed": 1}})
            foreign_database[collection].delete_many({"foreign": True})

        await ana.report()
        frame = await listener.first("progress", videoId=ana.video())
        async with ana.live.caller("importer", "service") as service:
            path = f"/api/catalog/courses/{ana.course_id}/enrollments/{ana.id}"
            (await service.delete(path)).raise_for_status()
        await listener.first("course", enrolled=False)

    assert frame["watchTime"] == 125.5
    assert "resync" not in {frame["type"] for frame in listener.received}
    assert await ana.live.metric("progress_resyncs_total") == resyncs


async def test_foreign_write_reaches_the_sockets(
    ana: Learner, foreign_database: Database[dict[str, Any]]
):
    async with ana.listening() as listener:
        foreign_database["watch_progress"].insert_one(
            {
                "student_id": ana.id,
                "material_id": ana.video(),
                "watch_time": Decimal128("570"),
                "total_duration": "600",
                "progress_percentage": 95,
                "last_watched": "2024-10-14T10:30:00Z",
                "foreign": True,
            }
        )

        frame = await listener.first("progress")

        assert (frame["watchTime"], frame["completed"]) == (570, True)
        assert frame["lastWatched"] == "2024-10-14T10:30:00Z"
        await ana.report(watch_time=60)
        frame = await listener.first("progress", watchTime=60)
        assert frame["completed"] is True


async def test_foreign_enrolment_is_sent_and_can_end(
    ana: Learner, foreign_database: Database[dict[str, Any]]
):
    foreign_database["enrollments"].delete_one({"student_id": ana.id})
    async with ana.listening() as listener:
        foreign_database["enrollments"].insert_one(
            {"student_id": ana.id, "course_id": ana.course_id, "foreign": True}
        )
        await listener.first("course", courseId=ana.course_id, enrolled=True)
        await ana.report(watch_time=590)
        assert await listener.first("course", completedIds=[ana.video()])

        async with ana.live.caller("importer", "service") as service:
            path = f"/api/catalog/courses/{ana.course_id}/enrollments/{ana.id}"
            (await service.delete(path)).raise_for_status()
        async with ana.live.caller(ana.id) as caller:
            response = await caller.get(f"/api/progress/course/{ana.course_id}")

    assert response.status_code == 403
    assert "resync" not in {frame["type"] for frame in listener.received}


async def test_socket_catches_up_past_malformed_records(
    ana: Learner, foreign_database: Database[dict[str, Any]]
):
    await ana.report()
    documents = malformed_documents(ana)["watch_progress"]
    foreign_database["watch_progress"].insert_many(
        [{**document, "foreign": True} for document in documents]
    )

    async with ana.listening() as listener:
        assert (await listener.first("progress", videoId=ana.video()))["watchTime"] == 125.5
        await ana.report(watch_time=130)
        assert await listener.first("progress", watchTime=130)
