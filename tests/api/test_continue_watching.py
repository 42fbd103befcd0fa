"""Continue-watching cards, and how to dismiss them."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.builders import a_body, a_course_body, a_material_body, at, wire
from tests.conftest import CallerOf, FakeClock, put_course

CONTINUE_WATCHING = "/api/progress/continue-watching"
DISMISSED = f"{CONTINUE_WATCHING}/react/dismissed"


async def watch(caller: httpx.AsyncClient, video_id: str = "intro", **given: Any) -> None:
    path = f"/api/progress/video/{video_id}/watch-time"
    (await caller.post(path, json=a_body(**given))).raise_for_status()


async def cards(caller: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    response = (await caller.get(CONTINUE_WATCHING, params=query)).raise_for_status()
    items: list[dict[str, Any]] = response.json()["items"]
    return items


async def courses_of(caller: httpx.AsyncClient, **query: Any) -> list[str]:
    return [card["course_id"] for card in await cards(caller, **query)]


@pytest.fixture
async def three_courses(service: httpx.AsyncClient) -> None:
    """Ana is enrolled in a, b and c, each with the videos ``1-…`` and ``2-…``."""
    for name in "abc":
        videos = [a_material_body(f"1-{name}"), a_material_body(f"2-{name}")]
        await put_course(service, name, a_course_body(*videos))


async def test_cards_are_empty_before_the_first_report(ana: httpx.AsyncClient, course: Any):
    assert await cards(ana) == []


async def test_card_has_the_material_the_reason_and_the_position(
    ana: httpx.AsyncClient, course: Any
):
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


async def test_card_of_an_unwatched_video_has_its_duration_and_no_position(
    ana: httpx.AsyncClient, course: Any
):
    await watch(ana, watch_time=600)

    [card] = await cards(ana)

    assert (card["material_id"], card["reason"]) == ("hooks", "next_up")
    assert (card["watch_time"], card["total_duration"], card["last_watched"]) == (0, 600, None)


async def test_cards_are_one_per_course_newest_activity_first(
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


async def test_card_limit_returns_the_newest(
    ana: httpx.AsyncClient, three_courses: None, clock: FakeClock
):
    for video_id in ("1-a", "1-b", "1-c"):
        clock.advance(60)
        await watch(ana, video_id)

    assert await courses_of(ana, limit=2) == ["c", "b"]


@pytest.mark.parametrize("limit", ["0", "51", "-1", "many", "1.5"])
async def test_card_limit_that_is_invalid_is_rejected(ana: httpx.AsyncClient, limit: str):
    response = await ana.get(CONTINUE_WATCHING, params={"limit": limit})

    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "limit")


async def test_card_expires_after_90_days(ana: httpx.AsyncClient, course: Any, clock: FakeClock):
    await watch(ana)
    clock.advance(days=90)
    assert len(await cards(ana)) == 1

    clock.advance(1)

    assert await cards(ana) == []


async def test_ended_enrolment_has_no_card(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await watch(ana)

    await service.delete("/api/catalog/courses/react/enrollments/ana")

    assert await cards(ana) == []


async def test_removed_course_has_no_card(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await watch(ana)

    await service.delete("/api/catalog/courses/react")

    assert await cards(ana) == []


async def test_cards_of_other_students_are_not_returned(
    caller: CallerOf, ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await service.put("/api/catalog/courses/react/enrollments/ben")
    await watch(ana)

    assert await cards(caller("ben")) == []


# -- dismissed cards ---------------------------------------------------------------------------


async def test_dismissed_card_is_hidden_and_progress_is_unchanged(
    ana: httpx.AsyncClient, course: Any
):
    await watch(ana)
    before = (await ana.get("/api/progress/course/react")).json()

    response = await ana.put(DISMISSED)

    assert (response.status_code, response.content) == (204, b"")
    assert await cards(ana) == []
    assert (await ana.get("/api/progress/course/react")).json() == before


async def test_dismissal_hides_one_course_for_one_student(
    caller: CallerOf, ana: httpx.AsyncClient, service: httpx.AsyncClient, three_courses: None
):
    ben = caller("ben")
    await service.put("/api/catalog/courses/a/enrollments/ben")
    for client, video_id in ((ana, "1-a"), (ana, "1-b"), (ben, "1-a")):
        await watch(client, video_id)

    await ana.put(f"{CONTINUE_WATCHING}/a/dismissed")

    assert (await courses_of(ana), await courses_of(ben)) == (["b"], ["a"])


async def test_restored_card_is_listed_again(ana: httpx.AsyncClient, course: Any):
    await watch(ana)
    await ana.put(DISMISSED)

    response = await ana.delete(DISMISSED)

    assert response.status_code == 204
    assert await courses_of(ana) == ["react"]


async def test_dismissal_and_restoration_can_be_repeated(ana: httpx.AsyncClient, course: Any):
    calls = (ana.put, ana.put, ana.delete, ana.delete)

    assert [(await call(DISMISSED)).status_code for call in calls] == [204] * 4


@pytest.mark.parametrize("video_id", ["intro", "hooks"])
async def test_dismissed_card_returns_after_new_activity(
    ana: httpx.AsyncClient, course: Any, video_id: str
):
    await watch(ana)
    await ana.put(DISMISSED)
    await asyncio.sleep(0.01)

    await watch(ana, video_id, watch_time=200)

    assert await courses_of(ana) == ["react"]


async def test_dismissed_card_does_not_return_after_a_repeated_report(
    ana: httpx.AsyncClient, course: Any
):
    await watch(ana, observed_at=wire(at(-5)))
    await ana.put(DISMISSED)
    await asyncio.sleep(0.01)

    await watch(ana, observed_at=wire(at(-5)))

    assert await cards(ana) == []


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(("course_id", "status"), [("nowhere", 404), ("vue", 403), ("a%20b", 422)])
async def test_dismissal_requires_an_enrolment(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    method: str,
    course_id: str,
    status: int,
):
    await put_course(service, "vue", a_course_body(a_material_body("v")), students=())

    response = await ana.request(method, f"{CONTINUE_WATCHING}/{course_id}/dismissed")

    assert response.status_code == status
