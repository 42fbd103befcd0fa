"""The export of everything that is stored about a student."""

from __future__ import annotations

import json
from typing import Any

import httpx

from progress_service.mongo.client import Database
from tests.builders import NOON, a_body, wire
from tests.conftest import CallerOf

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
