"""Cards of what to go on with, and how to put one away."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.builders import a_body, a_course_body, a_material_body, at, wire
from tests.conftest import CallerOf, FakeClock, put_course

SHELF = "/api/progress/continue-watching"
DISMISSED = f"{SHELF}/react/dismissed"


async def watch(caller: httpx.AsyncClient, video_id: str = "intro", **given: Any) -> None:
    path = f"/api/progress/video/{video_id}/watch-time"
    (await caller.post(path, json=a_body(**given))).raise_for_status()


async def cards(caller: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    return (await caller.get(SHELF, params=query)).raise_for_status().json()["items"]


async def courses_of(caller: httpx.AsyncClient, **query: Any) -> list[str]:
    return [card["course_id"] for card in await cards(caller, **query)]


@pytest.fixture
async def three_courses(service: httpx.AsyncClient) -> None:
    """Ana is in a, b and c, each with the videos ``1-…`` and ``2-…``."""
    for name in "abc":
        videos = [a_material_body(f"1-{name}"), a_material_body(f"2-{name}")]
        await put_course(service, name, a_course_body(*videos))


async def test_who_watched_nothing_has_no_cards(ana: httpx.AsyncClient, course: Any):
    assert await cards(ana) == []


async def test_a_card_says_what_and_why(ana: httpx.AsyncClient, course: Any):
    await watch(ana)

    assert await cards(ana) == [
        {
            "course_id": "react",
            "material_id": "intro",
            "title": "Intro",
            "reason": "in_progress",
            "watch_time": 125.5,
            "total_duration": 600,
            "progress_percentage": 20.92,
            "last_watched": wire(at(0)),
        }
    ]


async def test_a_card_of_something_new_has_its_length_and_no_time(
    ana: httpx.AsyncClient, course: Any
):
    await watch(ana, watch_time=600)

    [card] = await cards(ana)

    assert (card["material_id"], card["reason"]) == ("hooks", "next_up")
    assert (card["watch_time"], card["total_duration"], card["last_watched"]) == (0, 600, None)


async def test_one_card_a_course_the_newest_activity_first(
    ana: httpx.AsyncClient, three_courses: None, clock: FakeClock
):
    for video_id in ("1-a", "1-c", "1-b", "2-a"):
        clock.advance(60)
        await watch(ana, video_id)

    assert [(c["course_id"], c["material_id"]) for c in await cards(ana)] == [
        ("a", "2-a"),
        ("b", "1-b"),
        ("c", "1-c"),
    ]


async def test_the_limit_keeps_the_newest(
    ana: httpx.AsyncClient, three_courses: None, clock: FakeClock
):
    for video_id in ("1-a", "1-b", "1-c"):
        clock.advance(60)
        await watch(ana, video_id)

    assert await courses_of(ana, limit=2) == ["c", "b"]


@pytest.mark.parametrize("limit", ["0", "51", "-1", "many", "1.5"])
async def test_a_limit_that_makes_no_sense_is_refused(ana: httpx.AsyncClient, limit: str):
    answer = await ana.get(SHELF, params={"limit": limit})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "limit")


async def test_after_ninety_days_a_card_goes(ana: httpx.AsyncClient, course: Any, clock: FakeClock):
    await watch(ana)
    clock.advance(days=90)
    assert len(await cards(ana)) == 1

    clock.advance(1)

    assert await cards(ana) == []


async def test_a_course_one_left_has_no_card(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await watch(ana)

    await service.delete("/api/catalog/courses/react/enrollments/ana")

    assert await cards(ana) == []


async def test_a_removed_course_has_no_card(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await watch(ana)

    await service.delete("/api/catalog/courses/react")

    assert await cards(ana) == []


async def test_cards_are_ones_own(
    caller: CallerOf, ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await service.put("/api/catalog/courses/react/enrollments/ben")
    await watch(ana)

    assert await cards(caller("ben")) == []


# -- dismissed ---------------------------------------------------------------------------------


async def test_a_dismissed_card_is_gone_and_progress_is_not(ana: httpx.AsyncClient, course: Any):
    await watch(ana)
    before = (await ana.get("/api/progress/course/react")).json()

    answer = await ana.put(DISMISSED)

    assert (answer.status_code, answer.content) == (204, b"")
    assert await cards(ana) == []
    assert (await ana.get("/api/progress/course/react")).json() == before


async def test_a_dismissal_hides_one_course_for_one_student(
    caller: CallerOf, ana: httpx.AsyncClient, service: httpx.AsyncClient, three_courses: None
):
    ben = caller("ben")
    await service.put("/api/catalog/courses/a/enrollments/ben")
    for who, video_id in ((ana, "1-a"), (ana, "1-b"), (ben, "1-a")):
        await watch(who, video_id)

    await ana.put(f"{SHELF}/a/dismissed")

    assert (await courses_of(ana), await courses_of(ben)) == (["b"], ["a"])


async def test_a_restored_card_is_back(ana: httpx.AsyncClient, course: Any):
    await watch(ana)
    await ana.put(DISMISSED)

    answer = await ana.delete(DISMISSED)

    assert answer.status_code == 204
    assert await courses_of(ana) == ["react"]


async def test_both_may_be_repeated(ana: httpx.AsyncClient, course: Any):
    calls = (ana.put, ana.put, ana.delete, ana.delete)

    assert [(await call(DISMISSED)).status_code for call in calls] == [204] * 4


@pytest.mark.parametrize("video_id", ["intro", "hooks"])
async def test_new_activity_brings_a_dismissed_card_back(
    ana: httpx.AsyncClient, course: Any, video_id: str
):
    await watch(ana)
    await ana.put(DISMISSED)
    await asyncio.sleep(0.01)

    await watch(ana, video_id, watch_time=200)

    assert await courses_of(ana) == ["react"]


async def test_a_repeat_is_no_new_activity(ana: httpx.AsyncClient, course: Any):
    await watch(ana, observed_at=wire(at(-5)))
    await ana.put(DISMISSED)
    await asyncio.sleep(0.01)

    await watch(ana, observed_at=wire(at(-5)))

    assert await cards(ana) == []


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(("course_id", "status"), [("nowhere", 404), ("vue", 403), ("a%20b", 422)])
async def test_a_card_of_a_course_one_is_not_in_cannot_be_dismissed(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    method: str,
    course_id: str,
    status: int,
):
    await put_course(service, "vue", a_course_body(a_material_body("v")), students=())

    answer = await ana.request(method, f"{SHELF}/{course_id}/dismissed")

    assert answer.status_code == status
