"""Preferences over HTTP: while the history is paused, only completions are stored."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from progress_service.app import create_app
from progress_service.mongo.client import Database
from progress_service.mongo.schema import ENROLLMENTS, OUTBOX, WATCH_PROGRESS
from progress_service.settings import Settings
from tests.builders import NOON, a_body, a_token, at, bearer, wire
from tests.conftest import CallerOf, FakeClock, running

PREFERENCES = "/api/progress/me/preferences"
WATCH_TIME = "/api/progress/video/intro/watch-time"
FULL = {"device_id": "ipad-1", "session_id": "s-1", "played": [[0, 125.5]], "played_seconds": 125.5}


async def pause(caller: httpx.AsyncClient) -> None:
    response = await caller.put(PREFERENCES, json={"history": "paused"})
    assert response.status_code == 200, response.text


async def report(caller: httpx.AsyncClient, **given: Any) -> None:
    response = await caller.post(WATCH_TIME, json=a_body(**given))
    assert (response.status_code, response.json()) == (200, {"message": "Watch time updated"})


async def stored(database: Database) -> list[dict[str, Any]]:
    """Everything about what was watched, and the enrolments."""
    return [
        document
        for name in (WATCH_PROGRESS, ENROLLMENTS, OUTBOX)
        async for document in database[name].find({"_id": {"$ne": "lease"}}).sort("_id")
    ]


async def test_preferences_are_on_by_default(ana: httpx.AsyncClient):
    assert (await ana.get(PREFERENCES)).json() == {"history": "on", "changed_at": None}


async def test_preferences_keep_the_time_of_a_repeated_choice(ana: httpx.AsyncClient):
    first = (await ana.put(PREFERENCES, json={"history": "paused"})).json()
    again = (await ana.put(PREFERENCES, json={"history": "paused"})).json()

    assert first["history"] == "paused"
    assert first["changed_at"]
    assert again == first == (await ana.get(PREFERENCES)).json()


async def test_preferences_are_of_one_student(ana: httpx.AsyncClient, caller: CallerOf):
    await pause(ana)

    assert (await caller("ben").get(PREFERENCES)).json()["history"] == "on"


@pytest.mark.parametrize(
    "body", [{}, {"history": "off"}, {"history": True}, {"history": "on", "student_id": "ben"}, []]
)
async def test_preferences_that_are_invalid_are_rejected(ana: httpx.AsyncClient, body: Any):
    response = await ana.put(PREFERENCES, json=body)

    assert response.status_code == 422
    assert response.json()["errors"]


async def test_paused_history_stores_no_report(
    ana: httpx.AsyncClient, course: dict[str, Any], database: Database
):
    await report(ana)
    before, status = (
        await stored(database),
        (await ana.get("/api/progress/video/intro/status")).json(),
    )
    await pause(ana)

    await report(ana, **{**FULL, "watch_time": 300})
    await report(ana, watch_time=1, kind="restart")
    await report(ana, watch_time=310, kind="flush", session_id="s-1")

    assert await stored(database) == before
    assert (await ana.get("/api/progress/video/intro/status")).json() == status


async def test_paused_history_stores_completion_alone(
    ana: httpx.AsyncClient, course: dict[str, Any], database: Database
):
    await pause(ana)

    await report(ana, **{**FULL, "watch_time": 590, "observed_at": wire(NOON), "kind": "ended"})

    [record] = await database[WATCH_PROGRESS].find().to_list(None)
    assert record.keys() == {
        "_id",
        "student_id",
        "material_id",
        "course_id",
        "completed_at",
        "stored_at",
    }
    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert status["completed"] is True
    assert status["completed_at"] == wire(NOON)
    assert (status["watch_time"], status["last_watched"]) == (0, None)


async def test_paused_history_notes_no_activity(
    ana: httpx.AsyncClient, course: dict[str, Any], database: Database
):
    [before] = await database[ENROLLMENTS].find().to_list(None)
    await pause(ana)

    await report(ana, watch_time=590)

    [after] = await database[ENROLLMENTS].find().to_list(None)
    assert after["active_at"] == before["active_at"]
    assert after["completed_ids"] == ["intro"]


async def test_paused_history_shows_other_devices_completion_alone(
    ana: httpx.AsyncClient, course: dict[str, Any]
):
    await report(ana)
    await pause(ana)
    cursor = (await ana.get("/api/progress/changes")).json()["cursor"]

    await report(ana, **{**FULL, "watch_time": 300})
    silent = (await ana.get("/api/progress/changes", params={"since": cursor})).json()
    await report(ana, watch_time=590)
    told = (await ana.get("/api/progress/changes", params={"since": silent["cursor"]})).json()

    assert [change["completed"] for change in silent["changes"]] in ([], [False])
    assert all(change["watchTime"] == 125.5 for change in silent["changes"])
    [completed] = told["changes"]
    assert (completed["completed"], completed["watchTime"]) == (True, 125.5)


@pytest.mark.settings(xapi_endpoint="http://127.0.0.1:9/xAPI")
async def test_paused_history_sends_completion_and_no_session(
    ana: httpx.AsyncClient, course: dict[str, Any], database: Database
):
    await pause(ana)

    await report(ana, watch_time=590, session_id="s-1", kind="ended")

    types = await database[OUTBOX].distinct("type", {"kind": "event"})
    assert types == ["video.completed"]


async def test_paused_history_applies_events(
    ana: httpx.AsyncClient, course: dict[str, Any], database: Database
):
    await pause(ana)
    before = await stored(database)
    events = [
        {"event_id": "e-1", "video_id": "intro", **a_body(**FULL)},
        {"event_id": "e-2", "video_id": "unknown", **a_body()},
    ]

    response = await ana.post(
        "/api/progress/events", json={"sent_at": wire(NOON), "events": events}
    )

    results = response.json()["results"]
    assert [result["status"] for result in results] == ["applied", "rejected"]
    assert await stored(database) == before


async def test_paused_history_stores_completion_of_event(
    ana: httpx.AsyncClient, course: dict[str, Any]
):
    await pause(ana)
    event = {"event_id": "e", "video_id": "intro", **a_body(watch_time=590), "session_id": "s-1"}

    await ana.post("/api/progress/events", json={"sent_at": wire(NOON), "events": [event]})

    totals = (await ana.get("/api/progress/course/react")).json()["progress"]
    assert totals["materials"]["completed_ids"] == ["intro"]
    assert totals["videos"]["intro"]["watch_time"] == 0


@pytest.mark.parametrize("is_dry_run", [True, False])
async def test_paused_history_imports_completion_alone(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    course: dict[str, Any],
    database: Database,
    is_dry_run: bool,
):
    await pause(ana)
    row = {"student_id": "ana", "observed_at": wire(at(-60)), "total_duration": 600}
    rows = [
        {**row, "video_id": "intro", "watch_time": 100},
        {**row, "video_id": "hooks", "watch_time": 100, "completed_at": wire(at(-90))},
        {"student_id": "ana", "video_id": "notes", "completed_at": wire(at(-90))},
    ]

    response = await service.post(
        "/api/progress/import",
        params={"dry_run": is_dry_run},
        content="\n".join(map(json.dumps, rows)),
        headers={"Content-Type": "application/x-ndjson"},
    )

    statuses = [json.loads(line)["status"] for line in response.text.splitlines()]
    assert statuses == ["unchanged", "applied", "applied"]
    records = await database[WATCH_PROGRESS].find().sort("material_id").to_list(None)
    assert [record["material_id"] for record in records] == (
        [] if is_dry_run else ["hooks", "notes"]
    )
    assert all("watch_time" not in record for record in records)


async def test_paused_history_stores_marks(ana: httpx.AsyncClient, course: dict[str, Any]):
    await pause(ana)

    marked = await ana.post("/api/progress/material/notes/complete")
    unmarked = await ana.delete("/api/progress/material/notes/complete")

    assert marked.json()["completed"] is True
    assert unmarked.json()["completed"] is False


async def test_resumed_history_stores_the_next_report(
    ana: httpx.AsyncClient, course: dict[str, Any]
):
    await pause(ana)
    await report(ana, watch_time=100)
    await ana.put(PREFERENCES, json={"history": "on"})

    await report(ana, watch_time=200)

    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert status["watch_time"] == 200


async def test_paused_history_holds_in_other_processes(
    app: FastAPI,
    ana: httpx.AsyncClient,
    settings: Settings,
    clock: FakeClock,
    course: dict[str, Any],
):
    """The other one has read the preferences before; its change stream invalidates them."""
    async with running(create_app(settings, now=clock)) as other:
        transport = httpx.ASGITransport(other)
        headers = bearer(a_token("ana"))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://other", headers=headers
        ) as there:
            await report(there, watch_time=100)
            await pause(ana)
            position = 101.0
            while await _stores(there, position):
                position += 1
                assert position < 1_000, "the other process never learned of it"
            assert not await _stores(there, position + 1)


async def _stores(caller: httpx.AsyncClient, position: float) -> bool:
    """Whether a report of this position changes the status."""
    await report(caller, watch_time=position * 0.4)
    status = (await caller.get("/api/progress/video/intro/status")).json()
    return bool(status["watch_time"] == position * 0.4)


async def test_foreign_preferences_are_the_defaults(
    ana: httpx.AsyncClient, course: dict[str, Any], database: Database
):
    await database["preferences"].insert_one({"_id": "ana", "history": ["paused"], "changed_at": 7})

    await report(ana, watch_time=200)

    assert (await ana.get(PREFERENCES)).json() == {"history": "on", "changed_at": None}
    assert (await ana.get("/api/progress/video/intro/status")).json()["watch_time"] == 200
