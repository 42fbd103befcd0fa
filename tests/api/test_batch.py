"""The status of many videos at once."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from progress_service.settings import Settings
from tests.builders import a_body, a_course_body, a_material_body, brief, without_spans
from tests.conftest import CallerOf, Commands, put_course

BATCH = "/api/progress/videos/batch"


async def ask(who: httpx.AsyncClient, *video_ids: str) -> dict[str, Any]:
    answer = await who.post(BATCH, json={"video_ids": list(video_ids)})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_batch_has_each_status_without_its_spans(ana: httpx.AsyncClient, course: Any):
    await ana.post("/api/progress/video/intro/watch-time", json=a_body(played=[[0, 100]]))

    batch = await ask(ana, "intro", "hooks")

    assert batch["progress"]["intro"]["watched_seconds"] == 100
    assert batch == {
        "progress": {
            video_id: without_spans(
                (await ana.get(f"/api/progress/video/{video_id}/status")).json()
            )
            for video_id in ("intro", "hooks")
        },
        "unavailable": [],
    }


async def test_an_id_asked_twice_is_answered_once(ana: httpx.AsyncClient, course: Any):
    batch = await ask(ana, "hooks", "nowhere", "intro", "hooks", "nowhere")

    assert list(batch["progress"]) == ["hooks", "intro"]
    assert batch["unavailable"] == ["nowhere"]


async def test_what_cannot_be_watched_is_listed_and_no_error(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await put_course(service, "vue", a_course_body(a_material_body("secret")), students=())

    batch = await ask(ana, "intro", "nowhere", "secret", "notes")

    assert list(batch["progress"]) == ["intro"]
    assert batch["unavailable"] == ["nowhere", "secret", "notes"]


MALFORMED = [
    "",
    " ",
    "a b",
    "-a",
    "$a",
    "a/b",
    "../intro",
    "a" * 129,
    "a" * 10_000,
    "ä",
    "intro\n",
    "\x00",
    "<script>",
]


@pytest.mark.parametrize("malformed", MALFORMED, ids=brief)
async def test_malformed_id_in_a_batch_is_listed_and_no_error(
    ana: httpx.AsyncClient, course: Any, malformed: str
):
    batch = await ask(ana, malformed, "intro", malformed)

    assert list(batch["progress"]) == ["intro"]
    assert batch["unavailable"] == [malformed]


async def test_batch_of_malformed_ids_alone_is_answered_in_order(
    ana: httpx.AsyncClient, course: Any
):
    batch = await ask(ana, *MALFORMED, "nowhere", *MALFORMED)

    assert batch == {"progress": {}, "unavailable": [*MALFORMED, "nowhere"]}


@pytest.mark.parametrize("video_id", [None, 7, True, [], {}, ["intro"]])
async def test_what_is_no_text_in_a_batch_is_named(
    ana: httpx.AsyncClient, course: Any, video_id: Any
):
    answer = await ana.post(BATCH, json={"video_ids": ["intro", video_id]})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["video_ids.1"]


async def test_a_batch_reaches_over_several_courses(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await put_course(service, "vue", a_course_body(a_material_body("refs")))

    assert list((await ask(ana, "refs", "intro"))["progress"]) == ["refs", "intro"]


async def test_five_hundred_ids_are_answered(ana: httpx.AsyncClient, course: Any):
    batch = await ask(ana, *(f"video-{n}" for n in range(500)))

    assert len(batch["unavailable"]) == 500


async def test_a_batch_of_nothing_known_is_answered(caller: CallerOf):
    assert await ask(caller("nobody"), "nowhere") == {"progress": {}, "unavailable": ["nowhere"]}


# -- in how many commands ----------------------------------------------------------------------

VIDEOS = [f"video-{n}" for n in range(300)]


@pytest.fixture
async def long_course(commands: Commands, ana: httpx.AsyncClient, service: httpx.AsyncClient):
    """A course of 300 videos, all of them begun."""
    body = a_course_body(*(a_material_body(video_id) for video_id in VIDEOS))
    await put_course(service, "long", body)
    for video_id in VIDEOS:
        await ana.post(f"/api/progress/video/{video_id}/watch-time", json=a_body())


@pytest.mark.parametrize("asked", ["batch", "course"])
async def test_three_hundred_videos_take_at_most_four_commands(
    commands: Commands, long_course: None, settings: Settings, caller: CallerOf, asked: str
):
    for _ in range(2):
        with commands.counted(settings.mongodb_database) as sent:
            progress = await read(caller("ana"), asked)

        assert len(progress) == 300
        assert all(status["watch_time"] == 125.5 for status in progress.values())
        assert 1 <= len(sent) <= 4, sent


async def test_a_known_course_takes_one_command(
    commands: Commands, long_course: None, settings: Settings, ana: httpx.AsyncClient
):
    await read(ana, "course")

    with commands.counted(settings.mongodb_database) as sent:
        await read(ana, "course")

    assert sent == ["aggregate"]


async def read(who: httpx.AsyncClient, asked: str) -> dict[str, Any]:
    if asked == "batch":
        return (await ask(who, *VIDEOS))["progress"]
    return (await who.get("/api/progress/course/long")).json()["progress"]["videos"]
