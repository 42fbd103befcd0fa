"""Each finding about the database, provoked on a real one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pymongo
import pytest
from bson import ObjectId

from progress_service.clock import Clock
from progress_service.doctor import examination
from progress_service.doctor.findings import Finding
from progress_service.mongo import client, schema
from progress_service.mongo.client import Database, open_database
from progress_service.mongo.mongod import Member, start_set
from tests.mongods import ROOT, address_of, mongod_with, mongod_with_users, replicated_mongod
from tests.processes import frozen

from .conftest import Examine, of_check, only
from .proxies import altering, slow, uri_of, with_number

HOUR_MILLISECONDS = 3_600_000


async def test_prepared_database_has_only_the_findings_of_a_private_mongod(
    examined: Examine, database: Database, mongodb_uri: str
):
    findings = await examined(uri=mongodb_uri, mongodb_database=database.name)

    bad = {finding.check for finding in findings if finding.status not in ("ok", "skipped")}
    assert bad - {"write_latency", "disk"} == {"version", "replica_set"}  # of this machine


async def test_version_past_its_end_of_life_is_a_warning(found: Examine):
    finding = only(await found("version"))

    assert (finding.status, "6.0" in finding.finding) == ("warning", True)
    assert finding.remedy is not None
    assert "8.0.21" in finding.remedy


async def test_replica_set_of_one_is_a_warning(found: Examine):
    finding = only(await found("replica_set"))

    assert finding.status == "warning"
    assert "a set of one" in finding.finding


# -- indexes and documents ---------------------------------------------------------------------


async def test_indexes_of_a_prepared_database_are_all_there(found: Examine):
    assert only(await found("indexes")).status == "ok"


async def test_dropped_index_is_an_error(found: Examine, database: Database):
    await database[schema.OUTBOX].drop_index("route_at_1")

    finding = only(await found("indexes"))

    assert finding.status == "error"
    assert "outbox.route_at_1" in finding.finding
    assert "prepare-db" in str(finding.remedy)


async def test_index_with_other_options_is_an_error(found: Examine, database: Database):
    records = database[schema.WATCH_PROGRESS]
    await records.drop_indexes()
    await records.create_index([("student_id", 1), ("material_id", 1)], name="seed_index")

    finding = only(await found("indexes"))

    assert finding.status == "error"
    assert "watch_progress.seed_index has other options" in finding.finding
    assert "dropIndex('seed_index')" in str(finding.remedy)


def a_seed_record(**given: Any) -> dict[str, Any]:
    return {
        "student_id": "secret-student",
        "material_id": "intro",
        "course_id": "react",
        "watch_time": 125.5,
        "total_duration": 600,
        "progress_percentage": 20.92,
        "last_watched": "2024-10-14T10:30:00Z",
        **given,
    }


async def test_record_of_another_program_is_a_warning(found: Examine, database: Database):
    await database[schema.WATCH_PROGRESS].insert_one(a_seed_record())

    records, enrollments = await found("old_documents")

    assert (records.status, enrollments.status) == ("warning", "ok")
    assert "1 records" in records.finding
    assert "prepare-db --migrate" in str(records.remedy)
    assert "secret-student" not in str(records)


async def test_enrollment_with_a_foreign_id_is_a_warning(found: Examine, database: Database):
    enrollment = {"_id": ObjectId(), "student_id": "ana", "course_id": "react"}
    await database[schema.ENROLLMENTS].insert_one(enrollment)

    records, enrollments = await found("old_documents")

    assert (records.status, enrollments.status) == ("ok", "warning")
    assert "1 enrolments" in enrollments.finding


async def test_duplicates_without_a_unique_index_are_an_error(found: Examine, database: Database):
    records = database[schema.WATCH_PROGRESS]
    await records.drop_indexes()
    await records.insert_many([a_seed_record(), a_seed_record(watch_time=130)])

    first, *_ = await found("old_documents")

    assert first.status == "error"
    assert "1 keys have several records" in first.finding
    assert "prepare-db --migrate" in str(first.remedy)


# -- time --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("off", "status"),
    [
        (timedelta(seconds=0), "ok"),
        (timedelta(seconds=3), "warning"),
        (timedelta(seconds=-3), "warning"),
        (timedelta(hours=1), "error"),
        (timedelta(hours=-1), "error"),
    ],
)
async def test_clock_of_this_machine_is_compared_with_the_database(
    found: Examine, off: timedelta, status: str
):
    finding = only(await found("clock", clock=Clock(lambda: datetime.now(UTC) + off)))

    assert finding.status == status
    if off:
        assert ("ahead of" if off > timedelta() else "behind") in finding.finding


async def test_clock_of_the_database_that_is_wrong_is_an_error(found: Examine, mongodb_uri: str):
    later = with_number("localTime", lambda ms: ms + HOUR_MILLISECONDS, of_type="q")

    async with altering(mongodb_uri, later) as port:
        finding = only(await found("clock", uri=uri_of(port)))

    assert finding.status == "error"
    assert "behind the database" in finding.finding


async def test_slow_link_makes_writes_slow(found: Examine, mongodb_uri: str, database: Database):
    async with slow(mongodb_uri, seconds=0.1, requests_with=b"doctor_probes") as port:
        finding = only(await found("write_latency", uri=uri_of(port)))

    assert finding.status in ("warning", "error")
    assert schema.DOCTOR_PROBES not in await database.list_collection_names()


async def test_check_that_does_not_end_is_an_error_and_the_others_run(
    found: Examine, examined: Examine, mongodb_uri: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(examination, "CHECK_SECONDS", 1.0)

    async with slow(mongodb_uri, seconds=30.0, requests_with=b"buildInfo") as port:
        findings = await examined(uri=uri_of(port))

    assert "did not end within" in only(of_check("version", findings)).finding
    assert only(of_check("disk", findings)).status != "error"


# -- what is full ------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "status"), [(0.5, "ok"), (0.85, "warning"), (0.97, "error")])
async def test_full_disk_is_found(found: Examine, mongodb_uri: str, share: float, status: str):
    used = with_number("fsUsedSize", lambda _: share * 1e12, of_type="d")
    total = with_number("fsTotalSize", lambda _: 1e12, of_type="d")

    async with altering(mongodb_uri, lambda message: total(used(message))) as port:
        finding = only(await found("disk", uri=uri_of(port)))

    assert finding.status == status
    assert f"{share:.0%} full" in finding.finding


async def test_small_oplog_that_is_full_is_a_warning(examined: Examine):
    with replicated_mongod("--oplogSize", "1") as socket:
        with pymongo.MongoClient[dict[str, Any]](address_of(socket)) as root:
            for _ in range(8):
                root["progress"]["filler"].insert_many([{"text": "x" * 100_000} for _ in range(10)])

        finding = only(of_check("oplog_window", await examined(uri=address_of(socket))))

    assert finding.status == "warning"
    assert "reaches back 0.0 h" in finding.finding
    assert "replSetResizeOplog" in str(finding.remedy)


# -- no replica set, no response ---------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver looks for a server for 1.5 s, not 5 s."""
    monkeypatch.setattr(client, "OPERATION_SECONDS", 1.5)


async def test_standalone_node_is_an_error(examined: Examine):
    with mongod_with() as socket:
        findings = await examined(uri=address_of(socket))

    assert only(of_check("replica_set", findings)).status == "error"
    assert "single node" in only(of_check("replica_set", findings)).finding
    assert only(of_check("change_streams", findings)).status == "error"
    assert only(of_check("oplog_window", findings)).status == "skipped"
    assert only(of_check("clock", findings)).status == "ok"
    assert only(of_check("outbox", findings)).status == "ok"


def checks_of(findings: list[Finding]) -> list[str]:
    return [finding.check for finding in findings]


async def test_dead_database_is_one_error_and_the_other_checks_run(
    examined: Examine, impatient: None
):
    findings = await examined(uri="mongodb://127.0.0.1:1/?replicaSet=rs0")

    assert checks_of(findings) == ["settings", "secret", "key_set", "proxy", "database"]
    assert [finding.status for finding in findings] == ["ok", "ok", "ok", "ok", "error"]
    assert "nothing listens" in findings[-1].finding


async def test_missing_address_is_an_error(examined: Examine):
    finding = only(of_check("database", await examined(uri=None)))

    assert (finding.status, finding.finding) == ("error", "PROGRESS_MONGODB_URI is not set")


@pytest.mark.parametrize(
    "uri",
    ["postgres://user:hunter2@db", "mongodb://user:hun/ter2@db", "mongodb://user:hunter2@db:x"],
)
async def test_unusable_address_is_an_error_that_does_not_print_it(examined: Examine, uri: str):
    finding = only(of_check("database", await examined(uri=uri)))

    assert finding.status == "error"
    assert not {"hunter2", "hun", "ter2"} & set(str(finding).replace("'", " ").split())
    assert "hunter2" not in str(finding)


async def test_unknown_host_is_an_error(examined: Examine, impatient: None):
    finding = only(of_check("database", await examined(uri="mongodb://nowhere.invalid/")))

    assert finding.status == "error"
    assert "host name" in finding.finding


async def test_set_of_another_name_is_an_error(
    examined: Examine, impatient: None, mongodb_uri: str
):
    uri = mongodb_uri.replace("directConnection=true", "replicaSet=other")

    finding = only(of_check("database", await examined(uri=uri)))

    assert finding.status == "error"
    assert "another name" in finding.finding


async def test_frozen_node_is_an_error(examined: Examine, impatient: None, tmp_path: Path):
    member = Member(tmp_path)
    await asyncio.to_thread(start_set, [member])
    try:
        assert member.process is not None
        with frozen(member.process.pid):
            finding = only(of_check("database", await examined(uri=member.uri)))
    finally:
        member.stop()

    assert finding.status == "error"
    assert "does not respond" in finding.finding


# -- users -------------------------------------------------------------------------------------


async def test_database_that_requires_no_login_is_a_warning(found: Examine, mongodb_uri: str):
    async with altering(mongodb_uri, lambda message: message) as port:
        over_network = only(await found("privileges", uri=uri_of(port)))
    on_a_file = only(await found("privileges"))

    assert (over_network.status, on_a_file.status) == ("warning", "ok")
    assert "without a login" in over_network.finding


@pytest.fixture(scope="module")
def guarded() -> Iterator[Path]:
    """A mongod with users: ``reader``, ``writer``, and ``silent``, who has no change streams."""
    with mongod_with_users() as socket:
        with pymongo.MongoClient[dict[str, Any]](address_of(socket, ROOT)) as root:
            admin = root.admin
            resource = {"db": "progress", "collection": ""}
            actions = ["find", "insert", "update", "remove", "createIndex", "createCollection"]
            actions += ["dropCollection", "listCollections", "listIndexes", "dbStats", "collStats"]
            privilege = {"resource": resource, "actions": actions}
            admin.command("createRole", "silent", privileges=[privilege], roles=[])
            for user, role in (
                ("reader", {"role": "read", "db": "progress"}),
                ("writer", {"role": "readWrite", "db": "progress"}),
                ("silent", {"role": "silent", "db": "admin"}),
            ):
                admin.command("createUser", user, pwd="hunter2", roles=[role])
        yield socket


@pytest.fixture
async def prepared_guarded(guarded: Path) -> Path:
    async with open_database(address_of(guarded, ROOT), "progress") as database:
        await schema.prepare(database)
    return guarded


async def test_user_who_reads_and_writes_one_database_is_sufficient(
    examined: Examine, prepared_guarded: Path
):
    findings = await examined(uri=address_of(prepared_guarded, "writer:hunter2@"))

    assert only(of_check("privileges", findings)).status == "ok"
    assert only(of_check("indexes", findings)).status == "ok"
    assert only(of_check("change_streams", findings)).status == "ok"
    assert only(of_check("write_latency", findings)).status != "skipped"
    assert only(of_check("replica_set", findings)).status == "warning"  # a set of one
    oplog = only(of_check("oplog_window", findings))
    assert (oplog.status, "clusterMonitor" in str(oplog.remedy)) == ("skipped", True)


async def test_user_who_may_only_read_is_an_error(examined: Examine, prepared_guarded: Path):
    findings = await examined(uri=address_of(prepared_guarded, "reader:hunter2@"))

    finding = only(of_check("privileges", findings))
    assert finding.status == "error"
    assert {"insert", "update", "createIndex"} <= set(finding.finding.replace(",", "").split())
    assert "readWrite" in str(finding.remedy)
    assert only(of_check("write_latency", findings)).status == "skipped"


async def test_user_without_change_streams_is_an_error(examined: Examine, prepared_guarded: Path):
    findings = await examined(uri=address_of(prepared_guarded, "silent:hunter2@"))

    assert "changeStream" in only(of_check("privileges", findings)).finding
    assert only(of_check("change_streams", findings)).status == "error"


async def test_wrong_password_is_an_error_that_does_not_print_it(examined: Examine, guarded: Path):
    findings = await examined(uri=address_of(guarded, "writer:wrong-password@"))

    finding = only(of_check("database", findings))
    assert finding.status == "error"
    assert "rejects the user name or the password" in finding.finding
    assert "wrong-password" not in str(findings)
    assert findings[-1] is finding


async def test_missing_login_is_an_error(examined: Examine, guarded: Path):
    findings = await examined(uri=address_of(guarded))

    finding = only(of_check("privileges", findings))
    assert finding.status == "error"
    assert "requires a login" in finding.finding
