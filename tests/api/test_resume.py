"""The resume position over HTTP, and the reports that must not move it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.builders import a_body, a_course_body, a_material_body, at, wire
from tests.conftest import CallerOf, FakeClock, put_course

RESUME = "/api/progress/video/intro/resume"


async def watch(caller: httpx.AsyncClient, position: float, **given: Any) -> None:
    body = a_body(watch_time=position, **given)
    (await caller.post("/api/progress/video/intro/watch-time", json=body)).raise_for_status()


async def resume(caller: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await caller.get(RESUME, params=query)).raise_for_status().json()
    return found


@pytest.fixture
async def chaptered(service: httpx.AsyncClient) -> None:
    """Tom's course with chapters, an intro and an outro in its first video."""
    intro = a_material_body(
        "intro",
        chapters=[{"start_seconds": 0, "title": "One"}, {"start_seconds": 300, "title": "Two"}],
        intro={"start_seconds": 0, "end_seconds": 20},
        outro={"start_seconds": 570, "end_seconds": 600},
    )
    await put_course(service, "react", a_course_body(intro, a_material_body("hooks")))


async def test_resume_of_an_unwatched_video_is_its_start(ana: httpx.AsyncClient, course: Any):
    assert await resume(ana) == {
        "resume_at": 0,
        "reason": "start",
        "rewind_seconds": 0,
        "watch_time": 0,
        "chapter": None,
        "skip": {"intro": None, "outro": None},
        "alternatives": [],
        "next": {"material_id": "hooks", "title": "Hooks", "type": "video"},
    }


async def test_resume_response_has_all_fields(
    ana: httpx.AsyncClient, chaptered: None, clock: FakeClock
):
    await watch(ana, 200, device_id="laptop", played=[[0, 200]], played_seconds=200)
    clock.advance(60)
    await watch(ana, 400, device_id="phone", played=[[200, 400]], played_seconds=200)
    clock.advance(600)

    assert await resume(ana) == {
        "resume_at": 395,
        "reason": "resume",
        "rewind_seconds": 5,
        "watch_time": 400,
        "chapter": {"start_seconds": 300, "title": "Two"},
        "skip": {
            "intro": {"start_seconds": 0, "end_seconds": 20},
            "outro": {"start_seconds": 570, "end_seconds": 600},
        },
        "alternatives": [
            {
                "device_id": "laptop",
                "watch_time": 200,
                "last_watched": wire(at(0)),
                "age_seconds": 660,
            }
        ],
        "next": {"material_id": "hooks", "title": "Hooks", "type": "video"},
    }


async def test_resume_chapter_contains_the_resume_position(ana: httpx.AsyncClient, chaptered: None):
    await watch(ana, 308)

    response = await resume(ana)

    assert (response["resume_at"], response["reason"]) == (300, "chapter")
    assert response["chapter"]["title"] == "Two"


@pytest.mark.parametrize(("skip_intro", "resume_at"), [(True, 20), (False, 0)])
async def test_resume_skips_the_intro_if_skip_intro_is_set(
    ana: httpx.AsyncClient, chaptered: None, skip_intro: bool, resume_at: float
):
    await watch(ana, 600)

    response = await resume(ana, skip_intro=skip_intro)

    assert (response["resume_at"], response["reason"]) == (resume_at, "replay")


async def test_resume_next_is_the_first_incomplete_material(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await ana.post("/api/progress/video/hooks/watch-time", json=a_body(watch_time=600))

    assert (await resume(ana))["next"] == {
        "material_id": "notes",
        "title": "Notes",
        "type": "reading",
    }


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("nowhere", 404, "video_not_found"),
        ("notes", 404, "video_not_found"),
        ("foreign", 403, "not_enrolled"),
        ("a b", 422, "invalid"),
    ],
)
async def test_resume_of_an_unavailable_video_is_rejected(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    course: Any,
    path: str,
    status: int,
    code: str,
):
    await put_course(service, "vue", a_course_body(a_material_body("foreign")), students=())

    response = await ana.get(f"/api/progress/video/{path}/resume")

    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_resume_alternatives_exclude_other_students(
    ana: httpx.AsyncClient, caller: CallerOf, service: httpx.AsyncClient, course: Any
):
    await service.put("/api/catalog/courses/react/enrollments/ben")
    await watch(caller("ben"), 300, device_id="laptop")

    response = await resume(ana)

    assert (response["reason"], response["alternatives"]) == ("start", [])


# -- reports that must not move the position ---------------------------------------------------


@pytest.mark.parametrize("kind", ["heartbeat", "pause", "seek", "ended", "flush"])
@pytest.mark.parametrize("position", [0, 2.9])
async def test_zero_position_during_load_does_not_move_the_position(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock, kind: str, position: float
):
    """Players report the start while they load or unload."""
    await watch(ana, 300, device_id="laptop")
    clock.advance(10)

    await watch(ana, position, kind=kind, device_id="phone", session_id="s", played_seconds=0)

    response = await resume(ana)
    assert (response["resume_at"], response["watch_time"]) == (300, 300)


@pytest.mark.parametrize("kind", ["heartbeat", "pause", "flush"])
async def test_repeated_report_of_a_paused_tab_does_not_move_the_position(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock, kind: str
):
    """The tab repeats its position and the time of the pause, not the current time."""
    paused = {
        "kind": kind,
        "device_id": "laptop",
        "session_id": "morning",
        "observed_at": wire(at(0)),
        "played": [[0, 100]],
        "played_seconds": 100,
    }
    await watch(ana, 100, **paused)
    for minute in range(1, 6):
        clock.advance(60)
        await watch(ana, 100 + 60 * minute, device_id="phone", session_id="walk")
        await watch(ana, 100, **paused)

    response = await resume(ana)

    assert (response["watch_time"], response["reason"]) == (400, "resume")
    assert [(a["device_id"], a["age_seconds"]) for a in response["alternatives"]] == [
        ("laptop", 300)
    ]


async def test_late_offline_event_does_not_move_the_position(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock
):
    """A phone that was offline for days sends its queued event."""
    await watch(ana, 400, device_id="laptop")
    clock.advance(days=3)
    event = {
        "event_id": "e",
        "video_id": "intro",
        **a_body(watch_time=100, device_id="phone", observed_at=wire(at(days=-4))),
    }

    await ana.post("/api/progress/events", json={"sent_at": wire(at(days=3)), "events": [event]})

    assert (await resume(ana))["watch_time"] == 400


async def test_short_playback_from_a_stale_position_does_not_hide_the_further_one(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock
):
    await watch(ana, 400, device_id="laptop", played=[[0, 400]], played_seconds=400)
    clock.advance(3_600)
    await watch(ana, 110, device_id="phone", played=[[100, 110]], played_seconds=10)

    response = await resume(ana)

    assert (response["resume_at"], response["reason"]) == (395, "further")
    assert [a["device_id"] for a in response["alternatives"]] == ["phone"]
