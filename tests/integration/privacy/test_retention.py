"""Retention on a real database: what it removes, what stays, and races with reports."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from progress_service.domain.catalog import Threshold
from progress_service.mongo.client import Database
from progress_service.mongo.schema import (
    ENROLLMENTS,
    FORMER_ENROLLMENTS,
    OUTBOX,
    RETENTION,
    WATCH_PROGRESS,
    XAPI_STATEMENTS,
)
from progress_service.privacy import retention_store
from progress_service.privacy.retention import Retention, RetentionReport
from progress_service.privacy.retention_store import Removal, RetentionStore
from progress_service.privacy.retention_turns import RetentionTurns
from progress_service.progress.merge import ReportChange
from progress_service.progress.reader import ProgressReader
from tests.builders import NOON, a_course, a_report
from tests.composition import Composition, compose
from tests.integration.privacy.conftest import DAYS, OLD, RECENT, an_old_record, days_ago


@pytest.fixture
async def worker(database: Database) -> Composition:
    """Ana is enrolled in the course `react`."""
    worker = compose(database)
    await worker.catalog_courses.put_course(a_course())
    await worker.enrollments.enroll("react", ["ana"], at=NOON)
    return worker


@pytest.fixture
def retention(database: Database, worker: Composition) -> Retention:
    return Retention(
        RetentionStore(database),
        ProgressReader(database),
        worker.catalog,
        retain_days=DAYS,
        on_completion_changed=worker.totals.completion_changed,
        share_of_database=1.0,
    )


async def records(database: Database) -> list[dict[str, Any]]:
    return await database[WATCH_PROGRESS].find().sort("_id").to_list(None)


async def everything(database: Database) -> dict[str, Any]:
    return {
        name: await database[name].find().sort("_id").to_list(None)
        for name in await database.list_collection_names()
    }


def counts(report: RetentionReport) -> dict[str, int]:
    """What the report has done."""
    return {name: count for name, count in asdict(report).items() if count}


async def test_old_record_is_removed(database: Database, retention: Retention):
    await database[WATCH_PROGRESS].insert_one(an_old_record())

    report = await retention.run()

    assert await records(database) == []
    assert counts(report) == {"records_removed": 1}


async def test_recent_record_stays(database: Database, retention: Retention):
    await database[WATCH_PROGRESS].insert_one(an_old_record(stored_at=RECENT))
    before = await everything(database)

    report = await retention.run()

    assert await everything(database) == before
    assert counts(report) == {}


async def test_completed_record_is_stripped(database: Database, retention: Retention):
    record = an_old_record(
        completed_at=OLD, furthest_time=600.0, devices=[], note="of another program"
    )
    made = await database[WATCH_PROGRESS].insert_one(dict(record))

    report = await retention.run()

    kept = ("student_id", "material_id", "course_id", "completed_at", "stored_at")
    assert counts(report) == {"records_stripped": 1}
    [remaining] = await records(database)
    assert remaining == {
        "_id": made.inserted_id,
        **{name: remaining[name] for name in kept},
    }
    assert remaining["completed_at"].replace(tzinfo=UTC) == OLD
    assert remaining["stored_at"].replace(tzinfo=UTC) == OLD


async def test_second_run_changes_nothing(database: Database, retention: Retention):
    await database[WATCH_PROGRESS].insert_many(
        [an_old_record("intro", completed_at=OLD), an_old_record("hooks")]
    )
    await retention.run()
    before = await everything(database)

    report = await retention.run()

    assert counts(report) == {}
    assert await everything(database) == before


async def test_completion_goes_with_the_enrolment(
    database: Database, retention: Retention, worker: Composition
):
    await database[WATCH_PROGRESS].insert_one(an_old_record(completed_at=OLD))
    await retention.run()
    await worker.catalog.unenroll("react", "ana", teacher_id=None)

    report = await retention.run()

    assert await records(database) == []
    assert counts(report) == {"records_removed": 1}


async def test_record_completed_by_rule_stays_completed(
    database: Database, retention: Retention, worker: Composition
):
    """Its percentage reaches the threshold; nobody stored the completion."""
    await database[WATCH_PROGRESS].insert_one(
        {
            "student_id": "ana",
            "material_id": "intro",
            "course_id": "react",
            "watch_time": 590,
            "total_duration": 600,
            "progress_percentage": 98.33,
            "last_watched": OLD.isoformat(),
        }
    )
    before = await worker.courses.progress(student_id="ana", course_id="react")

    await retention.run()

    after = await worker.courses.progress(student_id="ana", course_id="react")
    assert before.totals.completed_ids == after.totals.completed_ids == ("intro",)
    [record] = await records(database)
    assert "watch_time" not in record


async def test_totals_follow_removed_records_and_completions_stay(
    database: Database, retention: Retention, worker: Composition
):
    await database[WATCH_PROGRESS].insert_many(
        [an_old_record("intro", completed_at=OLD), an_old_record("hooks", furthest_percentage=60.0)]
    )
    await database[ENROLLMENTS].update_one(
        {}, {"$set": {"completed_ids": ["intro"], "progress": 53.33, "completed_at": OLD}}
    )

    await retention.run()

    [enrollment] = await database[ENROLLMENTS].find().to_list(None)
    assert enrollment["completed_ids"] == ["intro"]
    assert enrollment["progress"] == 33.33
    assert enrollment["completed_at"].replace(tzinfo=UTC) == OLD


async def test_old_sessions_are_removed_from_recent_record(
    database: Database, retention: Retention
):
    session = {"played_seconds": 5.0, "spans": {"0_0": [0.0, 5.0]}}
    old, recent = {**session, "observed_at": OLD}, {**session, "observed_at": RECENT}
    records_before = [
        an_old_record("a", stored_at=RECENT, sessions={"one": old, "two": recent}),
        an_old_record("b", stored_at=RECENT, sessions={"one": old}),
        an_old_record("c", stored_at=RECENT, sessions={"two": recent}),
        an_old_record("d", stored_at=RECENT, sessions="of another program"),
        an_old_record(
            "e", stored_at=RECENT, sessions={"odd": 7, "undated": {"observed_at": "old"}}
        ),
    ]
    await database[WATCH_PROGRESS].insert_many(records_before)

    report = await retention.run()

    found = {each["material_id"]: each.get("sessions", {}) for each in await records(database)}
    assert counts(report) == {"records_without_old_sessions": 2}
    assert found["a"].keys() == {"two"}
    assert found["b"] == {}
    assert found["c"].keys() == {"two"}
    assert found["d"] == "of another program"
    assert found["e"].keys() == {"odd", "undated"}


async def test_dry_run_counts_and_changes_nothing(
    database: Database, retention: Retention, worker: Composition
):
    session = {"played_seconds": 5.0, "spans": {}, "observed_at": OLD}
    await database[WATCH_PROGRESS].insert_many(
        [
            an_old_record("intro", completed_at=OLD),
            an_old_record("hooks"),
            an_old_record("notes", stored_at=RECENT, sessions={"one": session}),
        ]
    )
    await database[FORMER_ENROLLMENTS].insert_one({"_id": "ben/react", "ended_at": OLD})
    await database[OUTBOX].insert_one({"_id": "e", "kind": "event", "created_at": OLD})
    await database[XAPI_STATEMENTS].insert_one({"_id": "s", "stored_at": OLD})
    before = await everything(database)

    promised = await retention.run(is_dry_run=True)
    after = await everything(database)
    done = await retention.run()

    assert after == before
    assert promised == done
    assert counts(done) == dict.fromkeys(
        (
            "records_removed",
            "records_stripped",
            "records_without_old_sessions",
            "former_enrollments_removed",
            "events_removed",
            "statements_removed",
        ),
        1,
    )


async def test_events_are_removed_when_they_have_ended(database: Database, retention: Retention):
    event = {"kind": "event", "created_at": OLD}
    delivery = {"kind": "delivery", "created_at": OLD, "status": "delivered"}
    await database[OUTBOX].insert_many(
        [
            {**event, "_id": "routed"},
            {**event, "_id": "unrouted", "route_at": OLD},
            {**event, "_id": "recent", "created_at": RECENT},
            {**delivery, "_id": "ended", "last_attempt_at": OLD},
            {**delivery, "_id": "never tried"},
            {**delivery, "_id": "pending", "due_at": OLD},
            {**delivery, "_id": "tried again", "last_attempt_at": RECENT},
            {"_id": "lease", "until": OLD},
        ]
    )

    await retention.run()

    assert sorted(await database[OUTBOX].distinct("_id")) == [
        "lease",
        "pending",
        "recent",
        "tried again",
        "unrouted",
    ]


async def test_statements_and_ended_enrolments_are_removed(
    database: Database, retention: Retention
):
    def said(at: datetime) -> str:
        return f'{{"timestamp": "{at.isoformat()}"}}'

    await database[XAPI_STATEMENTS].insert_many(
        [
            {"_id": "old", "stored_at": OLD},
            {"_id": "recent", "stored_at": RECENT, "statement": said(OLD)},
            {"_id": "old, of an earlier version", "statement": said(OLD)},
            {"_id": "recent, of an earlier version", "statement": said(RECENT)},
            {"_id": "unreadable", "statement": "{"},
        ]
    )
    await database[FORMER_ENROLLMENTS].insert_many(
        [
            {"_id": "old/react", "ended_at": OLD, "active_at": RECENT},
            {"_id": "recent/react", "ended_at": RECENT},
            {"_id": "undated/react"},
            {"_id": "earlier version/react", "enrolled_at": OLD},
        ]
    )

    await retention.run()

    assert sorted(await database[XAPI_STATEMENTS].distinct("_id")) == [
        "recent",
        "recent, of an earlier version",
        "unreadable",
    ]
    assert sorted(await database[FORMER_ENROLLMENTS].distinct("_id")) == [
        "recent/react",
        "undated/react",
    ]


async def test_report_that_comes_between_is_not_lost(
    database: Database, retention: Retention, worker: Composition, monkeypatch: pytest.MonkeyPatch
):
    """Records are touched after they were read, and before they are removed or stripped."""
    await database[WATCH_PROGRESS].insert_many(
        [an_old_record("intro"), an_old_record("hooks", completed_at=OLD)]
    )
    apply = RetentionStore.apply

    async def report_first(
        self: RetentionStore, collection: str, removals: list[Removal]
    ) -> tuple[int, int]:
        for material_id in ("intro", "hooks"):
            report = a_report(position_seconds=300.0)
            change = ReportChange("ana", material_id, "react", report, Threshold(80.0))
            assert await worker.progress.save_many([change]) == [False]
        return await apply(self, collection, removals)

    monkeypatch.setattr(RetentionStore, "apply", report_first)

    report = await retention.run()

    assert counts(report) == {}
    assert [record["watch_time"] for record in await records(database)] == [300.0, 300.0]


async def test_records_of_other_programs_are_dated_by_what_they_have(
    database: Database, retention: Retention
):
    plain = {"student_id": "ana", "watch_time": 5, "total_duration": 600}
    old_id = ObjectId.from_datetime(OLD)
    await database[WATCH_PROGRESS].insert_many(
        [
            {**plain, "material_id": "old text", "last_watched": OLD.isoformat()},
            {**plain, "material_id": "recent text", "last_watched": RECENT.isoformat()},
            {**plain, "material_id": "recent number", "last_watched": RECENT.timestamp()},
            {**plain, "material_id": "new id"},
            {**plain, "material_id": "old id", "_id": old_id},
            {**plain, "material_id": "undated", "_id": "ana/undated"},
            {**plain, "material_id": "several", "student_id": ["ana"], "stored_at": OLD},
            {**plain, "material_id": 7, "stored_at": OLD},
        ]
    )

    report = await retention.run()

    left = {record["material_id"] for record in await records(database)}
    assert left == {"recent text", "recent number", "new id", "undated", "several", 7}
    assert counts(report) == {"records_removed": 2, "unreadable": 2}


async def test_pages_reach_every_record_whatever_its_id(
    database: Database, retention: Retention, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(retention_store, "PAGE_DOCUMENTS", 2)
    ids: list[Any] = [1, 2.5, "a", "b", {"c": 1}, True, None, OLD, ObjectId()]
    await database[WATCH_PROGRESS].insert_many(
        [an_old_record(f"m-{number}", _id=each) for number, each in enumerate(ids)]
    )

    report = await retention.run()

    assert await records(database) == []
    assert counts(report) == {"records_removed": len(ids)}


# -- turns -------------------------------------------------------------------------------------


async def test_turn_is_taken_by_one_process_once_a_day(database: Database):
    mine, other = RetentionTurns(database), RetentionTurns(database)

    assert await mine.take() is not None
    assert await other.take() is None
    await mine.finish()
    assert await mine.take() is None
    assert await other.take() is None

    await database[RETENTION].update_one({}, {"$set": {"finished_at": days_ago(1.01)}})
    assert await other.take() is not None


async def test_turn_continues_where_another_process_stopped(
    database: Database, retention: Retention
):
    ids = [ObjectId() for _ in range(3)]
    await database[WATCH_PROGRESS].insert_many(
        [an_old_record(f"m-{number}", _id=each) for number, each in enumerate(ids)]
    )
    stopped, next_process = RetentionTurns(database), RetentionTurns(database)
    await stopped.take()
    await stopped.note(ids[0])
    await stopped.abandon()

    after = await next_process.take()
    report = await retention.run(after=after, on_page=next_process.note)
    await next_process.finish()

    assert after == ids[0]
    assert counts(report) == {"records_removed": 2}
    [run] = await database[RETENTION].find().to_list(None)
    assert "after" not in run


async def test_turn_stores_no_id_of_another_program(database: Database):
    turns = RetentionTurns(database)
    await turns.take()

    await turns.note("ana/intro")

    [run] = await database[RETENTION].find().to_list(None)
    assert "ana" not in str(run)
