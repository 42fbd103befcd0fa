"""The inventory declares every field of every document that the service stores.

One scenario uses every feature; then every document of every collection is compared.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from progress_service.app import create_app
from progress_service.domain.catalog import Threshold
from progress_service.imports.checkpoints import Checkpoint, CheckpointStore
from progress_service.mongo import change_stream
from progress_service.mongo.client import Database
from progress_service.mongo.schema import (
    ERASURES,
    OUTBOX,
    RETENTION,
    WATCH_PROGRESS,
    XAPI_STATEMENTS,
)
from progress_service.privacy.declarations import ANYTHING_BELOW
from progress_service.privacy.personal_data import INVENTORY, undeclared_paths
from progress_service.progress.merge import ReportChange
from progress_service.progress.scratch import scratch_records
from tests.builders import (
    NOON,
    a_body,
    a_course_body,
    a_material_body,
    a_report,
    a_settings,
    a_token,
    at,
    bearer,
    wire,
)
from tests.conftest import put_course, running
from tests.record_store import scripted_record_store
from tests.webhook_receiver import Receiver, a_receiver

WAIT_SECONDS = 30.0
Undeclared = dict[str, list[str]]


async def undeclared_in(database: Database) -> Undeclared:
    """By collection, the paths that no field declares."""
    found: Undeclared = {}
    for name in await database.list_collection_names():
        async for document in database[name].find():
            if paths := undeclared_paths(name, document):
                found[name] = sorted({*found.get(name, []), *paths})
    return found


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with a_receiver() as receiver:
        yield receiver


@pytest.fixture
async def app(
    mongodb_uri: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FastAPI]:
    """With every optional feature, and the real clock."""
    monkeypatch.setattr(change_stream, "MAX_AWAIT_MILLISECONDS", 10)
    async with scripted_record_store() as store:
        settings = a_settings(
            mongodb_uri=mongodb_uri,
            mongodb_database=database.name,
            webhooks_allow_private_addresses=True,
            xapi_endpoint=store.endpoint,
            analytics_min_learners=1,
            retain_days=100,
        )
        async with running(create_app(settings)) as app:
            yield app


class Scenario:
    """Uses every feature that stores anything."""

    def __init__(self, app: FastAPI, database: Database, receiver: Receiver) -> None:
        self._database = database
        self._receiver = receiver
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)

        def caller(subject: str, role: Any) -> httpx.AsyncClient:
            headers = bearer(a_token(subject, role))
            return httpx.AsyncClient(
                transport=transport, base_url="http://service", headers=headers
            )

        self.ana, self.tom = caller("ana", "student"), caller("tom", "teacher")
        self.service = caller("importer", "service")

    async def ok(self, call: Any) -> httpx.Response:
        response: httpx.Response = await call
        assert response.is_success, response.text
        return response

    async def put_catalogue(self) -> None:
        """A course with everything, also a history; a removed one; a webhook."""
        everything = {
            "module": "Basics",
            "source_url": "https://cdn.example/intro.mp4",
            "chapters": [{"start_seconds": 0, "title": "Hello"}],
            "intro": {"start_seconds": 0, "end_seconds": 8},
            "outro": {"start_seconds": 590, "end_seconds": 600},
            "complete_at_percent": 90,
        }
        materials = [
            a_material_body("intro", **everything),
            a_material_body("hooks"),
            a_material_body("left-out"),
            {"material_id": "notes", "type": "reading", "title": "Notes"},
        ]
        await put_course(self.service, "react", a_course_body(*materials))
        materials[0] |= {"complete_at_percent": 70, "duration_seconds": 630}
        del materials[2]
        await put_course(self.service, "react", a_course_body(*materials), students=())
        await put_course(self.service, "gone", a_course_body(a_material_body("old")), students=())
        await self.ok(self.service.delete("/api/catalog/courses/gone"))
        hook = {"url": self._receiver.url, "events": ["video.completed", "course.completed"]}
        await self.ok(self.service.put("/api/webhooks/certificates", json=hook))

    async def test_webhook(self) -> None:
        """A test event, and a replay of everything."""
        address = "/api/webhooks/certificates"
        await self.ok(self.service.post(f"{address}/test"))
        await self.ok(self.service.post(f"{address}/replay", json={"since": wire(at(days=-1))}))

    async def watch(self) -> None:
        """Reports of every kind, plain and full, on more than one device."""
        kinds = ("heartbeat", "pause", "seek", "restart", "flush")
        for number, kind in enumerate(kinds):
            await self._report(
                watch_time=number * 40.0 + 1,
                kind=kind,
                device_id=f"device-{number}",
                session_id=f"session.{number}",
                played=[[number * 40.0, number * 40.0 + 1]],
                played_seconds=2.0,
            )
        await self._report()
        await self._report(watch_time=629, kind="ended", session_id="session.4")
        await self._report(watch_time=1, kind="restart")
        spans = [[number * 1.15, number * 1.15 + 0.05] for number in range(521)]
        for start in range(0, len(spans), 180):  # more than are stored one by one
            played = spans[start : start + 180]
            await self._report("hooks", watch_time=10, played=played, session_id="fine")

    async def _report(self, video_id: str = "intro", **given: Any) -> None:
        length = 630 if video_id == "intro" else 600
        body = {**a_body(**given), "total_duration": length}
        address = f"/api/progress/video/{video_id}/watch-time"
        await self.ok(self.ana.post(address, json=body))

    async def send_events(self) -> None:
        """Offline events, one of them too old for a position."""
        events = [
            {"event_id": f"e-{days}", "video_id": "hooks", **a_body(watch_time=50)}
            | {"observed_at": wire(at(days=-days)), "session_id": f"offline-{days}"}
            for days in (1, 400)
        ]
        body = {"sent_at": wire(NOON), "events": events}
        await self.ok(self.ana.post("/api/progress/events", json=body))

    async def mark(self) -> None:
        """Marks by the student and by a service, and unmarks by both."""
        mine = "/api/progress/material/{}/complete"
        for material_id in ("notes", "intro"):
            await self.ok(self.ana.delete(mine.format(material_id)))
            await self.ok(self.ana.post(mine.format(material_id)))
        theirs = "/api/progress/students/ana/material/{}/complete"
        await self.ok(self.service.post(theirs.format("hooks"), json={}))
        await self.ok(self.service.delete(theirs.format("hooks")))
        await self._report("hooks", watch_time=60)
        await self.ok(self.service.post(theirs.format("hooks"), json={}))
        await self.ok(self.ana.put("/api/progress/continue-watching/react/dismissed"))

    async def import_rows(self) -> None:
        """An import, a dry run, and what both store while they run."""
        row = {"student_id": "ana", "video_id": "hooks", "observed_at": wire(at(-60))}
        rows = json.dumps({**row, "watch_time": 570, "total_duration": 600})
        headers = {"Content-Type": "application/x-ndjson"}
        for dry_run in ("true", "false"):
            address = f"/api/progress/import?dry_run={dry_run}"
            await self.ok(self.service.post(address, content=rows, headers=headers))
        await CheckpointStore(self._database).write("of-a-file", Checkpoint(rows=1))

    async def read_numbers(self) -> None:
        """What teachers read, which is stored as releases."""
        await self.ok(self.tom.get("/api/progress/analytics/course/react"))
        await self.ok(self.tom.get("/api/progress/analytics/video/intro"))
        await self.ok(self.service.get("/api/progress/course/react/students"))

    async def pause_and_leave(self) -> None:
        """Preferences, and an enrolment that ends; then the student comes back."""
        preferences = {"history": "paused"}
        await self.ok(self.ana.put("/api/progress/me/preferences", json=preferences))
        await self._report(watch_time=20)
        enrollment = "/api/catalog/courses/react/enrollments/ana"
        await self.ok(self.service.delete(enrollment))
        await self.ok(self.service.put(enrollment))

    async def erase(self) -> None:
        """Everything about the student, while it runs and afterwards."""
        await self.ok(self.ana.delete("/api/progress/me"))

    async def wait_until_erased(self) -> None:
        """Until every step of the erasure is done."""
        async with asyncio.timeout(WAIT_SECONDS * 2):
            while (await self.ok(self.ana.delete("/api/progress/me"))).status_code != 200:
                await asyncio.sleep(0.5)

    async def wait_for_deliveries(self) -> None:
        """Until the webhook and the record store have everything."""
        await self._receiver.wait_for(lambda: bool(self._receiver.of_type("course.completed")))

        async def is_done() -> bool:
            statements = await self._database[XAPI_STATEMENTS].count_documents({})
            # Sessions that were hidden are reported after a minute.
            due = {"kind": "delivery", "due_at": {"$exists": True}}
            pending = await self._database[OUTBOX].count_documents(due)
            runs = await self._database[RETENTION].count_documents({"finished_at": {"$gt": NOON}})
            return bool(statements and not pending and runs)

        async with asyncio.timeout(WAIT_SECONDS):
            while not await is_done():
                await asyncio.sleep(0.05)


async def test_every_stored_field_is_declared(app: FastAPI, database: Database, receiver: Receiver):
    scenario = Scenario(app, database, receiver)
    steps: list[Callable[[], Any]] = [
        scenario.put_catalogue,
        scenario.watch,
        scenario.send_events,
        scenario.mark,
        scenario.import_rows,
        scenario.read_numbers,
        scenario.wait_for_deliveries,
        scenario.test_webhook,
        scenario.pause_and_leave,
    ]

    for step in steps:
        await step()
        assert await undeclared_in(database) == {}, step.__name__

    async with scratch_records(database) as copies:  # as a dry run does for a while
        change = ReportChange("ana", "hooks", "react", a_report(), Threshold(80.0))
        await copies.save([change])
        assert await undeclared_in(database) == {}
        collections = await database.list_collection_names()
    unused = {
        each.collection
        for each in INVENTORY
        if not any(name.startswith(each.collection) for name in collections)
    }
    of_commands = {"doctor_probes", "watch_progress_unreadable", "enrollments_unreadable"}
    assert unused <= {"erasures", *of_commands}
    await _assert_scenario_is_complete(database)
    await scenario.erase()
    assert await undeclared_in(database) == {}
    await scenario.wait_until_erased()
    assert await undeclared_in(database) == {}
    assert ERASURES in await database.list_collection_names()


async def _assert_scenario_is_complete(database: Database) -> None:
    """Each field of a record was really stored, so that none is declared in vain."""
    stored: set[str] = set()
    for document in await database[WATCH_PROGRESS].find().to_list(None):
        stored |= document.keys()
    records = next(each for each in INVENTORY if each.collection == WATCH_PROGRESS)
    assert stored == {each.path.split(".")[0] for each in records.fields}


async def test_undeclared_field_is_found_in_every_collection(database: Database):
    strict = [each for each in INVENTORY if all(f.path != ANYTHING_BELOW for f in each.fields)]
    for each in strict:
        name = f"{each.collection}1_x" if each.is_prefix else each.collection
        kind = {"kind": each.document_kind} if each.document_kind else {}
        await database[name].insert_one({"_id": each.retained, **kind, "email": "a@b.example"})

    found = await undeclared_in(database)

    assert found.keys() == {
        f"{each.collection}1_x" if each.is_prefix else each.collection for each in strict
    }
    assert all(paths == ["email"] for paths in found.values())


async def test_unknown_collection_is_found(database: Database):
    await database["visits"].insert_one({"_id": 1, "address": "192.0.2.1"})

    assert await undeclared_in(database) == {"visits": ["_id", "address"]}


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ({"devices": [{"device_id": "a"}, {"address": "192.0.2.1"}]}, "devices.address"),
        ({"sessions": {"one": {"agent": "Firefox"}}}, "sessions.one.agent"),
        ({"sessions": {"one": {"spans": {"0_0": {"where": 1}}}}}, "sessions.one.spans.0_0.where"),
        ({"marked_by": {"name": "Tom"}}, "marked_by.name"),
        ({"watch_time": {"seconds": 1}}, "watch_time.seconds"),
        ({"note": None}, "note"),
        ({"notes": []}, "notes"),
        ({"more": {}}, "more"),
    ],
)
async def test_undeclared_field_is_found_inside_documents(
    database: Database, field: dict[str, Any], path: str
):
    await database[WATCH_PROGRESS].insert_one({"student_id": "ana", "material_id": "a", **field})

    assert await undeclared_in(database) == {WATCH_PROGRESS: [path]}
