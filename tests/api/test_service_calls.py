"""What other services read and change for one student."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from progress_service.mongo.client import Database
from tests.builders import a_body, a_course_body, a_material_body, at, wire
from tests.conftest import CallerOf, FakeClock, put_course

ANA = "/api/progress/students/ana"
INTRO = f"{ANA}/material/intro/complete"
NOTES = f"{ANA}/material/notes/complete"


async def record_of(database: Database, material_id: str = "notes") -> dict[str, Any]:
    query = {"student_id": "ana", "material_id": material_id}
    found = await database["watch_progress"].find_one(query)
    assert found is not None
    return found


async def report(ana: httpx.AsyncClient, **given: Any) -> None:
    path = "/api/progress/video/intro/watch-time"
    (await ana.post(path, json=a_body(**given))).raise_for_status()


# -- reading -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["course/react", "video/intro/status", "video/hooks/status"])
async def test_service_reads_what_the_student_reads(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any, path: str
):
    await report(ana, watch_time=480, device_id="ipad", session_id="s-1", played=[[0, 100]])
    await ana.post("/api/progress/material/notes/complete")

    response = await service.get(f"{ANA}/{path}")

    assert response.status_code == 200
    assert response.json() == (await ana.get(f"/api/progress/{path}")).json()


@pytest.mark.parametrize(
    ("path", "status"),
    [("course/none", 404), ("video/none/status", 404), ("video/notes/status", 404)],
)
async def test_service_gets_the_error_of_the_student(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any, path: str, status: int
):
    own, response = await ana.get(f"/api/progress/{path}"), await service.get(f"{ANA}/{path}")

    assert response.status_code == own.status_code == status
    assert response.json()["code"] == own.json()["code"]


@pytest.mark.parametrize("path", ["course/react", "video/intro/status"])
async def test_student_without_an_enrolment_is_not_enrolled_for_services_too(
    service: httpx.AsyncClient, course: Any, path: str
):
    response = await service.get(f"/api/progress/students/eve/{path}")

    assert (response.status_code, response.json()["code"]) == (403, "not_enrolled")


async def test_read_by_a_service_repairs_a_stale_enrolment(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any, database: Database
):
    await report(ana, watch_time=600)
    stale = {"$set": {"completed_ids": [], "progress": 0.0, "completed_at": None}}
    await database["enrollments"].update_one({"student_id": "ana"}, stale)

    await service.get(f"{ANA}/course/react")

    held = await database["enrollments"].find_one({"student_id": "ana"})
    assert held is not None
    assert held["completed_ids"] == ["intro"]


@pytest.mark.parametrize("role", ["student", "teacher"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "course/react"),
        ("GET", "video/intro/status"),
        ("POST", "material/notes/complete"),
        ("DELETE", "material/notes/complete"),
    ],
)
async def test_only_services_may_name_a_student(
    caller: CallerOf, course: Any, role: Any, method: str, path: str
):
    for subject in ("ana", "tom"):
        response = await caller(subject, role).request(method, f"{ANA}/{path}")

        assert (response.status_code, response.json()["code"]) == (403, "wrong_role")


@pytest.mark.parametrize("student_id", ["auth0|5f7c8ec7", "ana+b@example.org", "$where", "%C3%A9"])
async def test_student_id_of_any_provider_is_accepted(
    service: httpx.AsyncClient, course: Any, student_id: str
):
    await service.put(f"/api/catalog/courses/react/enrollments/{student_id}")
    base = f"/api/progress/students/{student_id}"

    marked = await service.post(f"{base}/material/notes/complete")

    assert marked.json()["completed"] is True
    progress = (await service.get(f"{base}/course/react")).json()["progress"]
    assert progress["materials"]["completed_ids"] == ["notes"]


@pytest.mark.parametrize("student_id", ["a%20b", "a%5Cb", "%00", "x" * 256, "%E2%80%8B"])
async def test_invalid_student_id_is_rejected_with_its_name(
    service: httpx.AsyncClient, course: Any, student_id: str
):
    for path in ("course/react", "video/intro/status"):
        response = await service.get(f"/api/progress/students/{student_id}/{path}")

        assert response.status_code == 422
        assert [error["field"] for error in response.json()["errors"]] == ["student_id"]


# -- marking -----------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [None, b"", b"{}", b'{"completed_at":null}'])
async def test_mark_without_a_time_completes_now(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any, body: bytes | None
):
    response = await service.post(NOTES, content=body)

    assert response.json() == {
        "material_id": "notes",
        "completed": True,
        "completed_at": wire(at()),
    }
    assert response.json() == (await ana.post("/api/progress/material/notes/complete")).json()


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/merge-patch+json"])
async def test_mark_with_a_time_is_dated_by_it(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any, content_type: str | None
):
    headers = {} if content_type is None else {"Content-Type": content_type}

    response = await service.post(
        INTRO, content=b'{"completed_at": "2026-11-20T11:00:00+01:00"}', headers=headers
    )

    assert response.json()["completed_at"] == "2026-11-20T10:00:00Z"
    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert (status["completed"], status["completed_at"]) == (True, "2026-11-20T10:00:00Z")
    assert (status["watch_time"], status["last_watched"]) == (0, None)


@pytest.mark.parametrize("kind", ["video", "reading", "quiz", "live-session"])
async def test_material_of_any_type_can_be_marked(service: httpx.AsyncClient, kind: str):
    await put_course(service, "any", a_course_body(a_material_body("one", type=kind)))

    response = await service.post(f"{ANA}/material/one/complete")

    assert response.json()["completed"] is True
    progress = (await service.get(f"{ANA}/course/any")).json()["progress"]
    assert progress["overall_progress"] == 100


async def test_marks_retain_the_earliest_time_in_any_order(service: httpx.AsyncClient, course: Any):
    times = [wire(at(-seconds)) for seconds in (50, 10, 90, 90, 20)]

    found = [
        (await service.post(NOTES, json={"completed_at": moment})).json()["completed_at"]
        for moment in times
    ]

    assert found == [wire(at(-s)) for s in (50, 50, 90, 90, 90)]


async def test_mark_before_a_report_dates_the_completion(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await report(ana, watch_time=600)

    response = await service.post(INTRO, json={"completed_at": wire(at(-3600))})

    assert response.json()["completed_at"] == wire(at(-3600))
    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert (status["completed_at"], status["watch_time"]) == (wire(at(-3600)), 600)


async def test_mark_after_an_unmark_counts_whatever_its_time(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any, clock: FakeClock
):
    await service.post(NOTES, json={"completed_at": wire(at(-60))})
    clock.advance(60)

    undone = await service.delete(NOTES)
    again = await service.post(NOTES, json={"completed_at": wire(at(-60))})

    assert undone.json() == {"material_id": "notes", "completed": False, "completed_at": None}
    assert (again.json()["completed"], again.json()["completed_at"]) == (True, wire(at(-60)))
    progress = (await ana.get("/api/progress/course/react")).json()["progress"]
    assert progress["materials"]["completed_ids"] == ["notes"]


async def test_mark_after_an_unmark_completes_again(
    service: httpx.AsyncClient, course: Any, clock: FakeClock
):
    await service.delete(NOTES)
    clock.advance(60)

    dated = await service.post(NOTES, json={"completed_at": wire(at(30))})
    await service.delete(NOTES)
    now = await service.post(NOTES)

    assert dated.json()["completed_at"] == wire(at(30))
    assert now.json()["completed"] is True


async def test_mark_by_a_service_completes_the_course(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any, database: Database
):
    for material_id in ("intro", "hooks", "notes"):
        body = {"completed_at": wire(at(-60))}
        await service.post(f"{ANA}/material/{material_id}/complete", json=body)

    progress = (await ana.get("/api/progress/course/react")).json()["progress"]
    held = await database["enrollments"].find_one({"student_id": "ana"})
    assert (progress["overall_progress"], progress["completed_at"]) == (100, wire(at(-60)))
    assert held is not None
    assert held["progress"] == 100


@pytest.mark.parametrize(
    "completed_at",
    [
        wire(at(5.001)),
        "2999-01-01T00:00:00Z",
        "2014-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "2026-11-22T11:00:00",
        "2026-11-22",
        "yesterday",
        1_763_805_600,
        "1763805600",
        True,
        [],
        {},
        "",
        "\ud800",
        "2026-11-22T11:00:00Z\0",
    ],
)
async def test_implausible_time_is_rejected_with_its_name(
    service: httpx.AsyncClient, course: Any, database: Database, completed_at: Any
):
    response = await service.post(NOTES, content=json.dumps({"completed_at": completed_at}))

    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] in (["completed_at"], ["body"])
    assert await database["watch_progress"].count_documents({}) == 0


async def test_time_a_little_ahead_is_accepted(service: httpx.AsyncClient, course: Any):
    response = await service.post(NOTES, json={"completed_at": wire(at(5))})

    assert response.json()["completed_at"] == wire(at(5))


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b'{"done": true}'])
async def test_body_of_another_form_is_rejected(
    service: httpx.AsyncClient, course: Any, database: Database, body: bytes
):
    response = await service.post(NOTES, content=body)

    assert response.status_code == 422
    assert await database["watch_progress"].count_documents({}) == 0


async def test_mark_for_a_student_without_an_enrolment_is_rejected(
    service: httpx.AsyncClient, course: Any
):
    responses = [
        await service.request(method, f"/api/progress/students/eve/material/{name}/complete")
        for method in ("POST", "DELETE")
        for name in ("notes", "none")
    ]

    codes = [(response.status_code, response.json()["code"]) for response in responses]
    assert codes == [(403, "not_enrolled"), (404, "material_not_found")] * 2


# -- who marked --------------------------------------------------------------------------------


def by(service: str, seconds: float = 0) -> dict[str, Any]:
    return {"at": at(seconds).replace(tzinfo=None), "service": service}


@pytest.mark.parametrize("name", ["importer", "$lms", "auth0|lms"])
async def test_service_is_stored_beside_its_mark(
    caller: CallerOf, course: Any, database: Database, name: str
):
    await caller(name, "service").post(NOTES)

    assert (await record_of(database))["marked_by"] == by(name)


async def test_mark_of_a_student_has_no_service(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await ana.post("/api/progress/material/notes/complete")
    await ana.delete("/api/progress/material/notes/complete")

    assert {"marked_by", "unmarked_by"}.isdisjoint(await record_of(database))


async def test_unmark_by_a_service_is_stored_with_its_id(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    course: Any,
    database: Database,
    clock: FakeClock,
):
    await service.post(NOTES)
    clock.advance(60)

    await service.delete(NOTES)
    after = await record_of(database)
    clock.advance(60)
    await ana.post("/api/progress/material/notes/complete")
    await ana.delete("/api/progress/material/notes/complete")

    held = await record_of(database)
    assert (after["marked_by"], after["unmarked_by"]) == (None, by("importer", 60))
    assert (held["marked_by"], held["unmarked_by"]) == (None, by("importer", 60))
    assert held["unmarked_at"] > held["unmarked_by"]["at"]


@pytest.mark.parametrize(
    "foreign",
    ["tom", 7, True, [], [by("x")], {"at": "now", "service": "x"}, {"at": at(), "service": 7}],
)
async def test_field_of_another_program_is_replaced_by_a_mark(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    course: Any,
    database: Database,
    foreign: Any,
):
    key = {"student_id": "ana", "material_id": "notes"}
    await database["watch_progress"].insert_one(
        {**key, "marked_by": foreign, "unmarked_by": foreign}
    )

    responses = [await service.post(NOTES), await service.delete(NOTES), await service.post(NOTES)]

    assert [response.json()["completed"] for response in responses] == [True, False, True]
    assert (await ana.get("/api/progress/course/react")).status_code == 200
    held = await record_of(database)
    assert (held["marked_by"]["service"], held["unmarked_by"]["service"]) == ("importer",) * 2


async def test_mark_merges_into_a_record_of_another_program(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any, database: Database
):
    await database["watch_progress"].insert_one(
        {
            "student_id": "ana",
            "material_id": "intro",
            "course_id": "react",
            "watch_time": 570,
            "total_duration": 600,
            "progress_percentage": 95,
            "last_watched": at(-60),
        }
    )

    later = await service.post(INTRO)
    earlier = await service.post(INTRO, json={"completed_at": wire(at(-90))})

    assert later.json()["completed_at"] == wire(at(-60))
    assert earlier.json()["completed_at"] == wire(at(-90))
    assert (await ana.get("/api/progress/video/intro/status")).json()["watch_time"] == 570


async def test_mark_reaches_the_students_changes(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    before = (await ana.get("/api/progress/changes")).json()["cursor"]

    await service.post(INTRO, json={"completed_at": wire(at(-timedelta(days=9).total_seconds()))})

    changes = (await ana.get("/api/progress/changes", params={"since": before})).json()["changes"]
    assert [(c["videoId"], c["completed"]) for c in changes] == [("intro", True)]


# -- the log -----------------------------------------------------------------------------------


async def test_every_call_by_a_service_is_logged_with_its_id(
    service: httpx.AsyncClient, course: Any
):
    calls = [
        ("GET", f"{ANA}/course/react", 200),
        ("GET", f"{ANA}/video/none/status", 404),
        ("POST", NOTES, 200),
        ("GET", "/api/catalog/courses", 200),
        ("DELETE", "/api/catalog/courses/react", 204),
        ("GET", "/api/progress/courses", 403),
    ]

    with capture_logs() as logged:
        for method, path, status in calls:
            assert (await service.request(method, path)).status_code == status

    lines = [line for line in logged if line["event"] == "request_completed"]
    assert [(line["method"], line["status"]) for line in lines] == [(m, s) for m, _, s in calls]
    assert {line["service"] for line in lines} == {"importer"}
    assert "ana" not in str(lines)
    assert service.headers["Authorization"].partition(" ")[2] not in str(logged)


@pytest.mark.parametrize("role", ["student", "teacher"])
async def test_id_of_a_person_is_never_logged(caller: CallerOf, course: Any, role: Any):
    with capture_logs() as logged:
        await caller("a-person", role).get("/api/catalog/courses/react")
        await caller("a-person", role).get("/api/catalog/courses/none")

    assert [line["event"] for line in logged] == ["request_completed"] * 2
    assert "a-person" not in str(logged)
