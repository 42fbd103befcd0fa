"""The status of many videos in one request."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from progress_service.settings import Settings
from tests.builders import a_body, a_course_body, a_material_body, brief, without_spans
from tests.conftest import CallerOf, Commands, put_course

BATCH = "/api/progress/videos/batch"


async def read_batch(client: httpx.AsyncClient, *video_ids: str) -> dict[str, Any]:
    response = await client.post(BATCH, json={"video_ids": list(video_ids)})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_batch_has_each_status_without_its_spans(ana: httpx.AsyncClient, course: Any):
    await ana.post("/api/progress/video/intro/watch-time", json=a_body(played=[[0, 100]]))

    batch = await read_batch(ana, "intro", "hooks")

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


async def test_video_id_sent_twice_is_returned_once(ana: httpx.AsyncClient, course: Any):
    batch = await read_batch(ana, "hooks", "nowhere", "intro", "hooks", "nowhere")

    assert list(batch["progress"]) == ["hooks", "intro"]
    assert batch["unavailable"] == ["nowhere"]


async def test_unavailable_videos_are_listed_without_an_error(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await put_course(service, "vue", a_course_body(a_material_body("secret")), students=())

    batch = await read_batch(ana, "intro", "nowhere", "secret", "notes")

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
async def test_malformed_video_id_is_listed_without_an_error(
    ana: httpx.AsyncClient, course: Any, malformed: str
):
    batch = await read_batch(ana, malformed, "intro", malformed)

    assert list(batch["progress"]) == ["intro"]
    assert batch["unavailable"] == [malformed]


async def test_batch_of_malformed_ids_lists_them_in_order(ana: httpx.AsyncClient, course: Any):
    batch = await read_batch(ana, *MALFORMED, "nowhere", *MALFORMED)

    assert batch == {"progress": {}, "unavailable": [*MALFORMED, "nowhere"]}


@pytest.mark.parametrize("video_id", [None, 7, True, [], {}, ["intro"]])
async def test_video_id_of_another_type_is_rejected_with_its_field(
    ana: httpx.AsyncClient, course: Any, video_id: Any
):
    response = await ana.post(BATCH, json={"video_ids": ["intro", video_id]})

    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["video_ids.1"]


async def test_batch_spans_several_courses(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await put_course(service, "vue", a_course_body(a_material_body("refs")))

    assert list((await read_batch(ana, "refs", "intro"))["progress"]) == ["refs", "intro"]


async def test_batch_of_500_ids_succeeds(ana: httpx.AsyncClient, course: Any):
    batch = await read_batch(ana, *(f"video-{n}" for n in range(500)))

    assert len(batch["unavailable"]) == 500


async def test_batch_of_unknown_videos_succeeds(caller: CallerOf):
    assert await read_batch(caller("nobody"), "nowhere") == {
        "progress": {},
        "unavailable": ["nowhere"],
    }


# -- number of database commands ---------------------------------------------------------------

VIDEOS = [f"video-{n}" for n in range(300)]


@pytest.fixture
async def long_course(commands: Commands, ana: httpx.AsyncClient, service: httpx.AsyncClient):
    """A course of 300 videos with a report for each."""
    body = a_course_body(*(a_material_body(video_id) for video_id in VIDEOS))
    await put_course(service, "long", body)
    for video_id in VIDEOS:
        await ana.post(f"/api/progress/video/{video_id}/watch-time", json=a_body())


@pytest.mark.parametrize("endpoint", ["batch", "course"])
async def test_status_of_300_videos_takes_at_most_four_commands(
    commands: Commands, long_course: None, settings: Settings, caller: CallerOf, endpoint: str
):
    for _ in range(2):
        with commands.counted(settings.mongodb_database) as sent:
            progress = await read(caller("ana"), endpoint)

        assert len(progress) == 300
        assert all(status["watch_time"] == 125.5 for status in progress.values())
        assert 1 <= len(sent) <= 4, sent


async def test_cached_course_takes_one_command(
    commands: Commands, long_course: None, settings: Settings, ana: httpx.AsyncClient
):
    await read(ana, "course")

    with commands.counted(settings.mongodb_database) as sent:
        await read(ana, "course")

    assert sent == ["aggregate"]


async def read(client: httpx.AsyncClient, endpoint: str) -> Any:
    if endpoint == "batch":
        return (await read_batch(client, *VIDEOS))["progress"]
    return (await client.get("/api/progress/course/long")).json()["progress"]["videos"]
