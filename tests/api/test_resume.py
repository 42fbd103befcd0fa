"""Where to go on in a video, over HTTP; and what must never move that place."""

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
    return (await caller.get(RESUME, params=query)).raise_for_status().json()


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


async def test_what_was_never_watched_starts_at_the_start(ana: httpx.AsyncClient, course: Any):
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


async def test_all_of_an_answer(ana: httpx.AsyncClient, chaptered: None, clock: FakeClock):
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


async def test_the_chapter_is_that_of_the_place_one_lands_at(
    ana: httpx.AsyncClient, chaptered: None
):
    await watch(ana, 308)

    answer = await resume(ana)

    assert (answer["resume_at"], answer["reason"]) == (300, "chapter")
    assert answer["chapter"]["title"] == "Two"


@pytest.mark.parametrize(("skip_intro", "place"), [(True, 20), (False, 0)])
async def test_an_intro_is_skipped_unless_told_otherwise(
    ana: httpx.AsyncClient, chaptered: None, skip_intro: bool, place: float
):
    await watch(ana, 600)

    answer = await resume(ana, skip_intro=skip_intro)

    assert (answer["resume_at"], answer["reason"]) == (place, "replay")


async def test_the_next_is_the_first_that_is_not_done(
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
async def test_a_video_that_cannot_be_watched_has_no_place(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    course: Any,
    path: str,
    status: int,
    code: str,
):
    await put_course(service, "vue", a_course_body(a_material_body("foreign")), students=())

    answer = await ana.get(f"/api/progress/video/{path}/resume")

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_places_of_others_are_no_alternatives(
    ana: httpx.AsyncClient, caller: CallerOf, service: httpx.AsyncClient, course: Any
):
    await service.put("/api/catalog/courses/react/enrollments/ben")
    await watch(caller("ben"), 300, device_id="laptop")

    answer = await resume(ana)

    assert (answer["reason"], answer["alternatives"]) == ("start", [])


# -- what never moves a place ------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["heartbeat", "pause", "seek", "ended", "flush"])
@pytest.mark.parametrize("position", [0, 2.9])
async def test_a_zero_position_during_load_does_not_move_the_place(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock, kind: str, position: float
):
    """Players report the start while they load or unload."""
    await watch(ana, 300, device_id="laptop")
    clock.advance(10)

    await watch(ana, position, kind=kind, device_id="phone", session_id="s", played_seconds=0)

    answer = await resume(ana)
    assert (answer["resume_at"], answer["watch_time"]) == (300, 300)


@pytest.mark.parametrize("kind", ["heartbeat", "pause", "flush"])
async def test_a_paused_tab_repeating_itself_does_not_move_the_place(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock, kind: str
):
    """It says again and again where the playhead was brought to, and when: then, not now."""
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

    answer = await resume(ana)

    assert (answer["watch_time"], answer["reason"]) == (400, "resume")
    assert [(a["device_id"], a["age_seconds"]) for a in answer["alternatives"]] == [("laptop", 300)]


async def test_a_stale_local_copy_handed_in_late_does_not_move_the_place(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock
):
    """A phone comes back from a drawer and uploads what it kept."""
    await watch(ana, 400, device_id="laptop")
    clock.advance(days=3)
    kept = {
        "event_id": "e",
        "video_id": "intro",
        **a_body(watch_time=100, device_id="phone", observed_at=wire(at(days=-4))),
    }

    await ana.post("/api/progress/events", json={"sent_at": wire(at(days=3)), "events": [kept]})

    assert (await resume(ana))["watch_time"] == 400


async def test_a_stale_local_copy_that_plays_a_little_does_not_hide_the_further_place(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock
):
    await watch(ana, 400, device_id="laptop", played=[[0, 400]], played_seconds=400)
    clock.advance(3_600)
    await watch(ana, 110, device_id="phone", played=[[100, 110]], played_seconds=10)

    answer = await resume(ana)

    assert (answer["resume_at"], answer["reason"]) == (395, "further")
    assert [a["device_id"] for a in answer["alternatives"]] == ["phone"]
