"""The export of everything that is stored about a student."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from bson import DatetimeMS, Int64, MaxKey, ObjectId, Regex
from bson.decimal128 import Decimal128
from fastapi import FastAPI

from progress_service.edge.services import service_in
from progress_service.errors import Unavailable
from progress_service.mongo.client import Database
from progress_service.mongo.schema import ENROLLMENTS, OUTBOX, WATCH_PROGRESS, XAPI_STATEMENTS
from progress_service.privacy.declarations import StoredData
from progress_service.privacy.service import ExportService
from progress_service.privacy.store import DOCUMENTS_AT_ONCE, PersonalDataStore
from tests.builders import NOON, a_body, a_course_body, a_material_body, wire
from tests.conftest import CallerOf, put_course

MINE = "/api/progress/me/export"


def lines_of(response: httpx.Response) -> list[dict[str, Any]]:
    """The lines of an export."""
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


def of_kind(kind: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["kind"] == kind]


async def test_export_of_nobody_has_first_and_last_line(service: httpx.AsyncClient):
    response = await service.get("/api/progress/students/nobody/export")

    assert lines_of(response) == [
        {
            "kind": "export",
            "student_id": "nobody",
            "exported_at": "2026-11-22T12:00:00.000Z",
            "version": 1,
        },
        {"kind": "end", "lines": 1},
    ]


async def test_export_is_a_file_of_json_lines(ana: httpx.AsyncClient, course: dict[str, Any]):
    response = await ana.get(MINE)

    assert response.headers["Content-Type"] == "application/x-ndjson"
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")


async def test_export_has_record_with_devices_and_sessions(
    ana: httpx.AsyncClient, course: dict[str, Any]
):
    report = a_body(
        device_id="ipad-1",
        session_id="first.session",
        played=[[0, 125.5]],
        observed_at=wire(NOON),
        kind="pause",
    )
    await ana.post("/api/progress/video/intro/watch-time", json=report)

    [record] = of_kind("progress", lines_of(await ana.get(MINE)))

    assert record["material_id"] == "intro"
    assert record["course_id"] == "react"
    assert record["watch_time"] == 125.5
    assert record["watched_spans"] == [[0, 125.5]]
    assert record["completed"] is False
    [device] = record["devices"]
    assert (device["device_id"], device["session_id"]) == ("ipad-1", "first.session")
    [session] = record["sessions"]
    assert session["session_id"] == "first.session"
    assert session["spans"] == [[0, 125.5]]


async def test_export_has_enrollments_and_preferences(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: dict[str, Any]
):
    await ana.put("/api/progress/me/preferences", json={"history": "paused"})
    before = lines_of(await ana.get(MINE))
    await service.delete("/api/catalog/courses/react/enrollments/ana")
    after = lines_of(await ana.get(MINE))

    [enrollment] = of_kind("enrollment", before)
    assert enrollment["course_id"] == "react"
    assert of_kind("enrollment", after) == []
    [former] = of_kind("former_enrollment", after)
    assert former["ended_at"]
    [preferences] = of_kind("preferences", after)
    assert preferences["history"] == "paused"


async def test_export_has_nothing_of_others(
    ana: httpx.AsyncClient,
    caller: CallerOf,
    service: httpx.AsyncClient,
    course: dict[str, Any],
    database: Database,
):
    await service.put("/api/catalog/courses/react/enrollments/ana.b")
    await caller("ana.b").post("/api/progress/video/intro/watch-time", json=a_body())
    await database.watch_progress.insert_one(
        {"student_id": ["ana", "ben"], "material_id": "hooks", "watch_time": 1.0}
    )

    lines = lines_of(await ana.get(MINE))

    assert [line["kind"] for line in lines] == ["export", "enrollment", "end"]
    assert lines[-1]["lines"] == len(lines) - 1


async def test_service_gets_what_student_gets(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: dict[str, Any]
):
    await ana.post("/api/progress/video/intro/watch-time", json=a_body(watch_time=590))

    mine = lines_of(await ana.get(MINE))
    theirs = lines_of(await service.get("/api/progress/students/ana/export"))

    assert mine == theirs
    assert {"progress", "event", "enrollment"} <= {line["kind"] for line in mine}


# -- large histories, and reports meanwhile ----------------------------------------------------


async def test_export_of_large_history_is_sent_in_small_parts(
    app: FastAPI, ana: httpx.AsyncClient, database: Database
):
    records = [
        {
            "student_id": "ana",
            "material_id": f"video-{number:04}",
            "watch_time": 1.0,
            "total_duration": 600.0,
            "stored_at": NOON,
        }
        for number in range(3_000)
    ]
    await database[WATCH_PROGRESS].insert_many(records)

    lines = lines_of(await ana.get(MINE))
    parts = [part async for part in service_in(app, ExportService).export("ana")]

    ids = [line["material_id"] for line in of_kind("progress", lines)]
    assert sorted(ids) == [record["material_id"] for record in records]
    assert lines[-1] == {"kind": "end", "lines": 3_001}
    assert max(part.count(b"\n") for part in parts) <= DOCUMENTS_AT_ONCE + 1


async def test_export_while_reports_run_has_everything_acknowledged_before(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    videos = [f"video-{number}" for number in range(60)]
    await put_course(service, "many", a_course_body(*map(a_material_body, videos)))
    for position, video_id in enumerate(videos, start=3):
        body = a_body(watch_time=position)
        await ana.post(f"/api/progress/video/{video_id}/watch-time", json=body)
    is_over = asyncio.Event()

    async def go_on_watching() -> None:
        position = 100
        while not is_over.is_set():
            position += 1
            body = a_body(watch_time=position, kind="pause")
            video_id = videos[position % len(videos)]
            await ana.post(f"/api/progress/video/{video_id}/watch-time", json=body)

    watching = asyncio.create_task(go_on_watching())
    for _ in range(5):
        found = of_kind("progress", lines_of(await ana.get(MINE)))
        positions = {line["material_id"]: line["watch_time"] for line in found}
        assert positions.keys() == set(videos)
        assert len(found) == len(videos)
        assert all(positions[each] >= at for at, each in enumerate(videos, start=3))
    is_over.set()
    await watching


# -- errors ------------------------------------------------------------------------------------


async def test_export_that_fails_at_once_is_a_problem(
    ana: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    _fail_at(monkeypatch, WATCH_PROGRESS)

    response = await ana.get(MINE)

    assert (response.status_code, response.json()["code"]) == (503, "unavailable")


async def test_export_that_fails_later_has_no_end(
    ana: httpx.AsyncClient, course: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    await ana.post("/api/progress/video/intro/watch-time", json=a_body())
    _fail_at(monkeypatch, XAPI_STATEMENTS)

    lines = lines_of(await ana.get(MINE))

    assert lines[0]["kind"] == "export"
    assert of_kind("progress", lines)
    assert of_kind("end", lines) == []


def _fail_at(monkeypatch: pytest.MonkeyPatch, collection: str) -> None:
    """Let the database fail when this collection is read."""
    read = PersonalDataStore.documents

    async def documents(
        self: PersonalDataStore, data: StoredData, student_id: str
    ) -> AsyncIterator[list[dict[str, Any]]]:
        if data.collection == collection:
            raise Unavailable("The database does not respond.")
        async for page in read(self, data, student_id):
            yield page

    monkeypatch.setattr(PersonalDataStore, "documents", documents)


@pytest.mark.parametrize("student_id", ["ana/x", "a b", "%00", "%ED%A0%80", "x" * 256])
async def test_export_of_what_is_no_user_id_is_rejected(
    service: httpx.AsyncClient, student_id: str
):
    response = await service.get(f"/api/progress/students/{student_id}/export")

    assert response.status_code in {404, 422}


@pytest.mark.parametrize("student_id", ["auth0|5f7c", "a+b@c.example", "x" * 255, ".*", "$ne"])
async def test_export_of_any_user_id_finds_that_user(
    caller: CallerOf, service: httpx.AsyncClient, student_id: str
):
    await caller(student_id).put("/api/progress/me/preferences", json={"history": "on"})

    address = httpx.URL("/api/progress/students/").join(
        httpx.URL(path=f"/api/progress/students/{student_id}/export")
    )
    lines = lines_of(await service.get(address))

    assert [line["kind"] for line in lines] == ["export", "preferences", "end"]
    assert lines[0]["student_id"] == student_id


# -- documents of other programs ---------------------------------------------------------------


async def test_export_reads_records_of_other_programs(ana: httpx.AsyncClient, database: Database):
    watched = datetime(2025, 3, 1, 12, tzinfo=UTC)
    await database[WATCH_PROGRESS].insert_one(
        {
            "student_id": "ana",
            "material_id": "intro",
            "course_id": 7,
            "watch_time": "120",
            "total_duration": Decimal128("600"),
            "progress_percentage": 20,
            "last_watched": int(watched.timestamp()),
            "devices": [{"device_id": "old-phone"}, "broken"],
            "sessions": {"s": {"played_seconds": 1}},
            "kind": "of another program",
            "note": "mine",
        }
    )

    [record] = of_kind("progress", lines_of(await ana.get(MINE)))

    assert record["watch_time"] == 120
    assert record["total_duration"] == 600
    assert record["last_watched"] == "2025-03-01T12:00:00.000Z"
    assert record["devices"] == record["sessions"] == []
    assert record["course_id"] == 7
    assert record["note"] == "mine"


async def test_export_leaves_out_and_logs_unreadable_records(
    ana: httpx.AsyncClient, database: Database, caplog: pytest.LogCaptureFixture
):
    made = await database[WATCH_PROGRESS].insert_one(
        {"student_id": "ana", "material_id": ["secret"], "watch_time": 1}
    )

    lines = lines_of(await ana.get(MINE))

    assert [line["kind"] for line in lines] == ["export", "end"]
    assert str(made.inserted_id) in caplog.text
    assert "secret" not in caplog.text


ODD_VALUES = {
    "number": float("nan"),
    "large": Int64(2**60),
    "decimal": Decimal128("NaN"),
    "date": DatetimeMS(2**60),
    "bytes": b"\x00\xff",
    "pattern": Regex("^a", "i"),
    "key": MaxKey(),
    "id": ObjectId("5f7c8ec7a1b2c3d4e5f60718"),
    "nested": {"a.b": [{"": None}]},
    "text": "line\nbreak \u0000 \x85 \u2028 \u2029 😀",
}


async def test_export_writes_any_value_as_json(ana: httpx.AsyncClient, database: Database):
    odd = {"student_id": "ana", "odd": ODD_VALUES}
    await database[ENROLLMENTS].insert_one({**odd, "course_id": "a", "completed_ids": 7})
    await database[OUTBOX].insert_many([{**odd, "kind": "event"}, {**odd, "kind": "delivery"}])
    await database[XAPI_STATEMENTS].insert_many(
        [{**odd, "statement": text} for text in ("{", '{"id": "x"}', 7, "[" * 2_000)]
    )
    await database["preferences"].insert_one({"_id": "ana", "odd": ODD_VALUES})

    lines = lines_of(await ana.get(MINE))

    assert lines[-1]["lines"] == len(lines) - 1 == 9
    odd_values = [line["odd"] for line in lines if "odd" in line]
    assert all(values == odd_values[0] for values in odd_values)
    assert odd_values[0] == {
        "number": "nan",
        "large": 2**60,
        "decimal": "NaN",
        "date": str(2**60),
        "bytes": "00ff",
        "pattern": odd_values[0]["pattern"],
        "key": "MaxKey()",
        "id": "5f7c8ec7a1b2c3d4e5f60718",
        "nested": {"a.b": [{"": None}]},
        "text": ODD_VALUES["text"],
    }


# -- limits ------------------------------------------------------------------------------------


@pytest.mark.settings(read_rate="5/minute")
async def test_export_counts_what_it_reads(ana: httpx.AsyncClient, database: Database):
    await database[WATCH_PROGRESS].insert_many(
        [{"student_id": "ana", "material_id": f"m-{n}", "watch_time": 1} for n in range(400)]
    )

    assert lines_of(await ana.get(MINE))[-1] == {"kind": "end", "lines": 401}
    assert (await ana.get(MINE)).status_code == 429
