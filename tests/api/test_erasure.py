"""Erasures over HTTP: by the student, by a service, and what is accepted afterwards."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from progress_service.mongo.client import Database
from progress_service.mongo.schema import PREFERENCES
from progress_service.privacy import erasure
from tests.builders import a_body, a_course_body, a_material_body
from tests.conftest import CallerOf, FakeClock, put_course
from tests.erased_data import places_of

REPORT = "/api/progress/video/intro/watch-time"
ME = "/api/progress/me"


@pytest.fixture(autouse=True)
def short_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    """One process writes in these tests, and it knows of each erasure at once."""
    monkeypatch.setattr(erasure, "FENCE_SECONDS", 0.05)


@pytest.fixture
def clock() -> FakeClock:
    """Erasures are stamped by the database, whose clock is the real one."""
    return FakeClock(datetime.now(UTC))


async def erase(client: httpx.AsyncClient, address: str = ME) -> dict[str, Any]:
    """Repeat the call until every step is done; return the last response."""
    for _ in range(500):
        response = await client.delete(address)
        if response.status_code != 202:
            break
        await asyncio.sleep(0.02)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def report(client: httpx.AsyncClient, **given: Any) -> httpx.Response:
    return await client.post(REPORT, json=a_body(**given))


async def send_events(client: httpx.AsyncClient, *times: datetime) -> list[dict[str, Any]]:
    """Send an event for each time; return the results."""
    events = [
        {"event_id": f"e{i}", "video_id": "intro", "observed_at": at.isoformat(), **a_body()}
        for i, at in enumerate(times)
    ]
    body = {"sent_at": max(times).isoformat(), "events": events}
    response = await client.post("/api/progress/events", json=body)
    response.raise_for_status()
    results: list[dict[str, Any]] = response.json()["results"]
    return results


async def test_erase_deletes_everything(
    ana: httpx.AsyncClient, course: dict[str, Any], database: Database
):
    (await report(ana, watch_time=590)).raise_for_status()
    (await ana.put(f"{ME}/preferences", json={"history": "paused"})).raise_for_status()
    assert {"watch_progress", "enrollments", "preferences", "outbox"} <= {
        *await places_of(database, "ana")
    }

    first = await ana.delete(ME)
    done = await erase(ana)

    assert first.status_code == 202
    assert first.json()["state"] == "erasing"
    assert "watch_progress" in first.json()["remaining"]
    assert first.json()["finished_at"] is None
    assert (done["state"], done["remaining"]) == ("erased", [])
    assert done["requested_at"] <= done["finished_at"]
    assert await places_of(database, "ana") == []
    assert (await ana.get("/api/progress/changes")).json()["changes"] == []


async def test_erasure_of_nothing_is_recorded(ana: httpx.AsyncClient, database: Database):
    done = await erase(ana)

    assert await erase(ana) == done
    assert await places_of(database, "ana") == []


async def test_erasure_can_be_followed_without_starting_one(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    missing = await ana.get(f"{ME}/erasure")
    done = await erase(ana)

    assert (missing.status_code, missing.json()["code"]) == (404, "erasure_not_found")
    assert "ana" not in missing.json()["detail"]
    assert (await ana.get(f"{ME}/erasure")).json() == done
    assert (await service.get("/api/progress/students/ana/erasure")).json() == done
    other = await service.get("/api/progress/students/bob/erasure")
    assert (other.status_code, other.json()["code"]) == (404, "erasure_not_found")


@pytest.mark.parametrize(
    "student_id",
    ["auth0|5f7c8ec7", "a+b@c", "an.*", "^ana$", "an", "anab", "$ana", "ána", "a" * 255],
)
async def test_service_erases_one_student_only(
    student_id: str, service: httpx.AsyncClient, caller: CallerOf, database: Database
):
    await put_course(service, "react", a_course_body(), students=("ana", student_id))
    for each in ("ana", student_id):
        (await report(caller(each), watch_time=590)).raise_for_status()
    path = httpx.URL("http://service").copy_with(path=f"/api/progress/students/{student_id}")

    await erase(service, str(path))

    others = await caller("ana").get("/api/progress/video/intro/status")
    assert others.json()["watch_time"] == 590
    left = await database["watch_progress"].distinct("student_id")
    assert left == ["ana"]
    assert await database["enrollments"].distinct("student_id") == ["ana"]


async def test_late_events_are_rejected(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: dict[str, Any], clock: FakeClock
):
    before = clock.now - timedelta(hours=1)
    await erase(ana)
    clock.now = datetime.now(UTC) + timedelta(seconds=30)

    [old, new] = await send_events(ana, before, clock.now)
    assert [(each["status"], each["code"], each["retry"]) for each in (old, new)] == [
        ("rejected", "erased", False)
    ] * 2
    plain = await report(ana)
    assert (plain.status_code, plain.json()["code"]) == (409, "erased")

    address = "/api/catalog/courses/react/enrollments/ana"
    (await service.put(address)).raise_for_status()
    [old, new] = await send_events(ana, before, clock.now)
    assert (old["status"], old["code"], old["retry"]) == ("rejected", "erased", False)
    assert new["status"] == "applied"
    clock.advance(2)
    late = await report(ana, observed_at=before.isoformat())
    assert (late.status_code, late.json()["code"]) == (409, "erased")
    clock.advance(2)
    assert (await report(ana, watch_time=77)).status_code == 200
    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert status["watch_time"] == 77


async def test_late_completions_and_imports_are_rejected(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: dict[str, Any], clock: FakeClock
):
    before = (clock.now - timedelta(hours=1)).isoformat()
    await erase(ana)
    clock.now = datetime.now(UTC) + timedelta(seconds=30)
    row = {"student_id": "ana", "video_id": "intro", "watch_time": 5, "total_duration": 600}

    async def import_row(**fields: Any) -> dict[str, Any]:
        response = await service.post("/api/progress/import", json=row | fields)
        found: dict[str, Any] = response.json()
        return found

    assert (await import_row(observed_at=before))["code"] == "erased"
    assert (await import_row(observed_at=clock.now.isoformat()))["code"] == "erased"
    (await service.put("/api/catalog/courses/react/enrollments/ana")).raise_for_status()
    assert (await import_row(observed_at=before))["code"] == "erased"
    assert (await import_row(observed_at=clock.now.isoformat()))["status"] == "applied"
    mark = "/api/progress/students/ana/material/intro/complete"
    late = await service.post(mark, json={"completed_at": before})
    assert (late.status_code, late.json()["code"]) == (409, "erased")
    assert (await service.post(mark)).status_code == 200
    assert (await ana.delete("/api/progress/material/intro/complete")).status_code == 200


async def test_nothing_is_accepted_while_an_erasure_runs(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    course: dict[str, Any],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(erasure, "FENCE_SECONDS", 600.0)
    (await ana.delete(ME)).raise_for_status()

    enrolment = await service.put("/api/catalog/courses/react/enrollments/ana")
    many = await service.put(
        "/api/catalog/courses/react/enrollments", json={"student_ids": ["bob", "ana"]}
    )
    assert enrolment.status_code == many.status_code == 503
    assert int(enrolment.headers["retry-after"]) >= 1
    for response in (
        await report(ana),
        await ana.post("/api/progress/material/intro/complete"),
        await ana.put(f"{ME}/preferences", json={"history": "paused"}),
    ):
        assert (response.status_code, response.json()["code"]) == (409, "erased")
    [result] = await send_events(ana, datetime.now(UTC))
    assert (result["code"], result["retry"]) == ("erased", False)
    assert await database[PREFERENCES].count_documents({}) == 0


async def test_second_erasure_starts_only_after_something_was_stored(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: dict[str, Any], database: Database
):
    first = await erase(ana)
    (await service.put("/api/catalog/courses/react/enrollments/ana")).raise_for_status()

    assert (await ana.delete(ME)).status_code == 202
    second = await erase(ana)

    assert second["requested_at"] > first["finished_at"]
    assert await places_of(database, "ana") == []


async def test_former_and_foreign_documents_are_erased(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: dict[str, Any], database: Database
):
    (await service.delete("/api/catalog/courses/react/enrollments/ana")).raise_for_status()
    await database["enrollments"].insert_one({"_id": "ana/other", "note": "no fields"})
    await database["enrollments"].insert_one({"_id": "anabel/other", "student_id": "anabel"})
    await database["watch_progress"].insert_one({"student_id": ["ana", "x"], "material_id": 7})
    await database["watch_progress_unreadable"].insert_one({"student_id": "ana"})
    await database["import_dry_run_1_ab"].insert_one({"student_id": "ana", "material_id": "m"})

    await erase(ana)

    left = await places_of(database, "ana")
    assert all(place.startswith("enrollments") for place in left)
    assert [each["_id"] async for each in database["enrollments"].find()] == ["anabel/other"]


async def test_other_roles_and_other_students_cannot_erase(
    ana: httpx.AsyncClient, tom: httpx.AsyncClient, service: httpx.AsyncClient
):
    for client, address in (
        (tom, ME),
        (tom, "/api/progress/students/ana"),
        (ana, "/api/progress/students/bob"),
        (service, ME),
    ):
        assert (await client.delete(address)).status_code == 403
        assert (await client.get(f"{address}/erasure")).status_code == 403


async def test_new_term_works_after_an_erasure(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: dict[str, Any], clock: FakeClock
):
    (await report(ana, watch_time=590)).raise_for_status()
    await erase(ana)
    clock.now = datetime.now(UTC) + timedelta(seconds=10)
    await put_course(service, "vue", a_course_body(a_material_body("next"), title="Vue"))

    address = "/api/progress/video/next/watch-time"
    (await ana.post(address, json=a_body(watch_time=300))).raise_for_status()

    courses = (await ana.get("/api/progress/courses")).json()["courses"]
    assert [each["course_id"] for each in courses] == ["vue"]
    assert (await ana.get("/api/progress/course/vue")).json()["progress"]["videos"]["next"][
        "watch_time"
    ] == 300
