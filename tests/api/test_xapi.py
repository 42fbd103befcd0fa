"""The xAPI export, for students and for services."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from progress_service.mongo.client import Database
from progress_service.xapi import routes as xapi_routes
from progress_service.xapi import service as xapi_service
from progress_service.xapi import vocabulary as terms
from tests.builders import a_body, a_course_body, a_material_body, at, wire
from tests.conftest import CallerOf, FakeClock, put_course

MINE = "/api/progress/me/xapi"
OF_ANA = "/api/progress/students/ana/xapi"
SESSION = "6f1d6f6e-53a1-4c1e-9d2b-0f8d7d1f9a10"


async def report(student: httpx.AsyncClient, video_id: str = "intro", **given: Any) -> None:
    path = f"/api/progress/video/{video_id}/watch-time"
    (await student.post(path, json=a_body(**given))).raise_for_status()


async def statements_of(
    client: httpx.AsyncClient, path: str = MINE, **query: Any
) -> list[dict[str, Any]]:
    """All statements, page by page."""
    statements: list[dict[str, Any]] = []
    while True:
        page = (await client.get(path, params=query)).raise_for_status().json()
        statements += page["statements"]
        if page["next"] is None:
            assert page["more"] == ""
            return statements
        query = {**query, "after": page["next"]}


def verbs_of(statements: list[dict[str, Any]]) -> list[str]:
    return [statement["verb"]["display"]["en-US"] for statement in statements]


async def test_export_of_a_student_without_progress_is_empty(ana: httpx.AsyncClient, course: Any):
    response = await ana.get(MINE)

    assert response.json() == {"statements": [], "more": "", "next": None}


async def test_completed_and_ended_session_are_exported_as_the_profile_says(
    ana: httpx.AsyncClient, course: Any
):
    await report(
        ana,
        watch_time=600,
        kind="ended",
        session_id=SESSION,
        device_id="ipad",
        played=[[0, 300], [420, 600]],
        played_seconds=500.5,
        observed_at=wire(at(0)),
    )

    completed, terminated = await statements_of(ana)

    assert completed["verb"]["id"] == terms.COMPLETED
    assert completed["actor"]["account"] == {
        "homePage": "https://progress-service.invalid",
        "name": "ana",
    }
    assert completed["object"] == {
        "objectType": "Activity",
        "id": "https://progress-service.invalid/courses/react/materials/intro",
        "definition": {"type": terms.VIDEO_TYPE, "name": {"und": "Intro"}},
    }
    assert completed["result"] == {
        "completion": True,
        "duration": "PT500.5S",
        "extensions": {
            terms.TIME: 600.0,
            terms.PROGRESS: 0.8,
            terms.PLAYED_SEGMENTS: "0.000[.]300.000[,]420.000[.]600.000",
        },
    }
    assert completed["context"]["extensions"] == {
        terms.LENGTH: 600.0,
        terms.COMPLETION_THRESHOLD: 0.8,
        terms.SESSION_ID: SESSION,
    }
    assert completed["timestamp"] == wire(at(0))
    assert terminated["verb"]["id"] == terms.TERMINATED
    assert "completion" not in terminated["result"]
    assert terminated["context"] == completed["context"]
    assert terminated["timestamp"] == wire(at(0))


async def test_timestamp_of_completed_is_that_of_the_status(ana: httpx.AsyncClient, course: Any):
    await report(ana, watch_time=500, observed_at="2026-11-22T11:59:58.123Z")

    status = (await ana.get("/api/progress/video/intro/status")).json()
    [completed] = await statements_of(ana)

    assert completed["timestamp"] == status["completed_at"]


async def test_services_get_the_same_statements(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await report(ana, watch_time=600, kind="ended", session_id=SESSION)

    mine = await ana.get(MINE)
    theirs = await service.get(OF_ANA)

    assert theirs.json() == mine.json()
    assert len(mine.json()["statements"]) == 2


async def test_each_session_is_one_statement_once_it_has_ended(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock
):
    await report(ana, watch_time=30, session_id="one", observed_at=wire(at(0)))
    clock.advance(59)
    await report(ana, watch_time=60, session_id="two", observed_at=wire(at(59)))
    before = await statements_of(ana)
    clock.advance(1)

    after_a_minute = await statements_of(ana)

    assert before == []
    [statement] = after_a_minute
    assert verbs_of(after_a_minute) == ["terminated"]
    assert statement["timestamp"] == wire(at(0))
    session_id = uuid.UUID(statement["context"]["extensions"][terms.SESSION_ID])
    assert (session_id.version, session_id.variant) == (4, uuid.RFC_4122)


async def test_reports_without_a_session_are_no_session(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock
):
    await report(ana, watch_time=30, played_seconds=30)
    clock.advance(hours=1)

    assert await statements_of(ana) == []


async def test_unmarked_completions_are_not_exported(ana: httpx.AsyncClient, course: Any):
    mark = "/api/progress/material/intro/complete"
    (await ana.post(mark)).raise_for_status()
    [first] = await statements_of(ana)
    (await ana.delete(mark)).raise_for_status()
    unmarked = await statements_of(ana)
    (await ana.post(mark)).raise_for_status()

    [second] = await statements_of(ana)

    assert unmarked == []
    assert second["id"] != first["id"]


async def test_readings_are_not_exported(ana: httpx.AsyncClient, course: Any):
    (await ana.post("/api/progress/material/notes/complete")).raise_for_status()

    assert await statements_of(ana) == []


async def test_completion_outlives_its_course(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await report(ana, watch_time=600)
    [before] = await statements_of(ana)
    (await service.delete("/api/catalog/courses/react")).raise_for_status()

    [after] = await statements_of(ana)

    assert after["id"] == before["id"]
    assert after["context"]["registration"] == before["context"]["registration"]
    assert "name" not in after["object"]["definition"]
    assert after["context"]["extensions"][terms.COMPLETION_THRESHOLD] == 0.8


async def test_threshold_of_the_material_is_stated(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    videos = (
        a_material_body("strict", complete_at_percent=100),
        a_material_body("odd", complete_at_percent=33.3333),
    )
    await put_course(service, "react", a_course_body(*videos))
    for video_id in ("strict", "odd"):
        await report(ana, video_id, watch_time=600)

    thresholds = [
        statement["context"]["extensions"][terms.COMPLETION_THRESHOLD]
        for statement in await statements_of(ana)
    ]

    assert thresholds == [0.333, 1.0]


# -- events ------------------------------------------------------------------------------------


async def session_ends(database: Database) -> list[dict[str, Any]]:
    found = await database["outbox"].find({"type": "session.ended"}).to_list(None)
    return [event["data"] for event in found]


async def test_without_a_record_store_sessions_are_no_events(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await report(ana, watch_time=600, kind="ended", session_id=SESSION)

    assert await session_ends(database) == []


@pytest.mark.settings(xapi_endpoint="http://127.0.0.1:9/xAPI")
@pytest.mark.parametrize(("kind", "is_end"), [("ended", True), ("flush", True), ("pause", False)])
async def test_with_a_record_store_the_end_of_a_session_is_an_event(
    ana: httpx.AsyncClient, course: Any, database: Database, kind: str, is_end: bool
):
    await report(ana, watch_time=100, kind=kind, session_id=SESSION)
    await report(ana, watch_time=100, kind=kind)

    expected = {
        "student_id": "ana",
        "course_id": "react",
        "material_id": "intro",
        "session_id": SESSION,
    }
    assert await session_ends(database) == ([expected] if is_end else [])


# -- pages -------------------------------------------------------------------------------------


@pytest.fixture
async def many(ana: httpx.AsyncClient, service: httpx.AsyncClient, clock: FakeClock) -> int:
    """Nine videos, of which each third is completed, with two sessions each; 3 + 18 statements."""
    names = [f"video-{number}" for number in range(9)]
    await put_course(service, "react", a_course_body(*map(a_material_body, names)))
    for number, name in enumerate(names):
        for session in ("one", "two"):
            position = 600 if number % 3 == 0 and session == "two" else 100
            await report(ana, name, watch_time=position, session_id=session)
    clock.advance(hours=1)
    return 21


@pytest.mark.parametrize("limit", [1, 2, 7, 20, 21, 22, 500])
async def test_pages_of_any_size_have_each_statement_once(
    ana: httpx.AsyncClient, many: int, limit: int
):
    whole = await statements_of(ana)

    in_pages = await statements_of(ana, limit=limit)

    assert in_pages == whole
    assert len({statement["id"] for statement in whole}) == len(whole) == many


async def test_pages_continue_behind_records_without_statements(
    ana: httpx.AsyncClient, many: int, monkeypatch: pytest.MonkeyPatch
):
    whole = await statements_of(ana)
    monkeypatch.setattr(xapi_service, "RECORDS_AT_ONCE", 2)
    monkeypatch.setattr(xapi_service, "MAX_RECORDS", 4)

    assert await statements_of(ana) == whole


@pytest.mark.settings(root_path="/learn")
async def test_more_is_the_address_of_the_next_page(ana: httpx.AsyncClient, many: int):
    first = (await ana.get(MINE, params={"limit": 20})).json()

    second = (await ana.get(first["more"].removeprefix("/learn"))).json()

    assert first["more"].startswith("/learn/api/progress/me/xapi?limit=20&after=")
    assert [len(first["statements"]), len(second["statements"])] == [20, 1]


@pytest.mark.parametrize("user_id", ["auth0|5f7c8ec7", "ana+1@school.example"])
async def test_more_for_a_service_names_the_student(
    service: httpx.AsyncClient, caller: CallerOf, course: Any, user_id: str
):
    path = f"/api/catalog/courses/react/enrollments/{user_id}"
    (await service.put(path)).raise_for_status()
    await report(caller(user_id), watch_time=600, kind="ended", session_id=SESSION)

    first = (
        await service.get(f"/api/progress/students/{user_id}/xapi", params={"limit": 1})
    ).json()
    second = (await service.get(first["more"])).json()

    assert [verbs_of(page["statements"]) for page in (first, second)] == [
        ["completed"],
        ["terminated"],
    ]


@pytest.mark.parametrize(
    "after",
    ["", "x", "WyJcdWQ4MDAiLCIiXQ", "WzEsMl0", "W10", "bnVsbA", "WyJhIl0", "é", "A" * 9_000],
)
async def test_other_cursors_are_rejected(ana: httpx.AsyncClient, after: str):
    response = await ana.get(MINE, params={"after": after})

    assert response.status_code == 422
    assert response.json()["code"] == "bad_cursor"
    assert response.json()["errors"][0]["field"] == "after"


@pytest.mark.parametrize("limit", ["0", "501", "x", "-1"])
async def test_limit_outside_its_range_is_rejected(ana: httpx.AsyncClient, limit: str):
    response = await ana.get(MINE, params={"limit": limit})

    assert response.status_code == 422


def test_limits_are_those_of_the_page():
    assert (xapi_routes.LISTED, xapi_routes.MAX_LISTED) == (100, 500)


# -- records of other programs -----------------------------------------------------------------


async def test_foreign_records_never_break_an_export(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await report(ana, "hooks", watch_time=600, session_id=SESSION, kind="ended")
    await database["watch_progress"].insert_many(
        [
            {"student_id": "ana", "material_id": ["more", "other"]},
            {"student_id": "ana", "material_id": 5},
            {"student_id": ["ana"], "material_id": "intro", "completed_at": 5},
            {"student_id": "ana", "material_id": "x" * 20_000, "completed_at": at(0)},
            {"student_id": "ana", "material_id": "a/b", "completed_at": at(0), "course_id": "c"},
            {
                "student_id": "ana",
                "material_id": "old",
                "course_id": "gone & away",
                "watch_time": 50,
                "total_duration": "60",
                "completed_at": at(0),
                "sessions": {
                    "odd id": {"observed_at": at(0), "played_seconds": 5, "spans": {}},
                    "-": {"observed_at": at(0), "played_seconds": 5, "spans": {}},
                    "fine": {"observed_at": at(0), "played_seconds": float("nan"), "spans": {}},
                    "bad": 5,
                    "late": {"observed_at": at(days=9e5), "played_seconds": 5, "spans": {}},
                },
            },
            {"student_id": "ana", "material_id": "unread", "watch_time": {"no": "number"}},
        ]
    )
    await database["xapi_statements"].insert_many(
        [{"student_id": "ana", "material_id": "hooks", "statement": 5}]
    )

    statements = await statements_of(ana)

    assert verbs_of(statements) == ["completed", "terminated", "completed"]
    assert statements[2]["context"]["extensions"][terms.LENGTH] == 60.0
    assert statements[2]["object"]["id"].endswith("/courses/gone%20%26%20away/materials/old")
