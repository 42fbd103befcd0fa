"""Analytics of videos without a length, other materials, empty classes and unknown ids."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.test_foreign_records import get
from tests.builders import a_body, a_course_body, a_material_body
from tests.conftest import CallerOf, put_course

pytestmark = pytest.mark.settings(analytics_min_learners=1)

VIDEO = "/api/progress/analytics/video"
COURSE = "/api/progress/analytics/course"
CSV = {"Accept": "text/csv"}


async def watch(student: httpx.AsyncClient, video_id: str, **given: Any) -> None:
    path = f"/api/progress/video/{video_id}/watch-time"
    (await student.post(path, json=a_body(**given))).raise_for_status()


def is_not_found(response: httpx.Response) -> bool:
    """True when the response is a problem with the status 404."""
    is_json = response.headers["content-type"] == "application/problem+json"
    return is_json and response.status_code == response.json()["status"] == 404


async def counted_with(service: httpx.AsyncClient, duration_seconds: float) -> Any:
    """The analytics of the video ``intro`` once they have that length."""
    async with asyncio.timeout(30):
        while True:
            video = await get(service, "analytics/video/intro")
            if video["duration_seconds"] == duration_seconds and not video["suppressed"]:
                return video
            await asyncio.sleep(0.05)


async def test_video_without_a_length_is_suppressed(
    service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    body = a_course_body(a_material_body("talk", duration_seconds=None), a_material_body("intro"))
    await put_course(service, "react", body)
    await watch(ana, "talk", watch_time=300, played=[[0, 300]], session_id="s")
    await watch(ana, "intro", watch_time=300, played=[[0, 300]], session_id="s")

    video = await get(service, "analytics/video/talk")
    whole = await get(service, "analytics/course/react")

    assert (video["suppressed"], video["duration_seconds"], video["as_of"]) == (True, None, None)
    assert video["learners"] == {"enrolled": None, "viewers": None, "completed": None}
    assert video["curves"]["heat"] == []
    assert video["drop_offs"] == []
    talk, intro = whole["materials"]
    assert (talk["video_id"], talk["suppressed"], talk["duration_seconds"]) == ("talk", True, None)
    assert (intro["video_id"], intro["suppressed"], intro["starts"]) == ("intro", False, 1)
    assert whole["learners"]["started"] == 1
    for table in ("curves", "totals", "drop_offs", "replay_peaks"):
        csv = await service.get(f"{VIDEO}/talk", params={"table": table}, headers=CSV)
        assert csv.status_code == 200
        assert csv.text.count("\r\n") == (2 if table == "totals" else 1)


async def test_video_that_gets_a_length_is_counted(
    service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    await put_course(
        service, "react", a_course_body(a_material_body("intro", duration_seconds=None))
    )
    await watch(ana, "intro", watch_time=300, played=[[0, 300]], session_id="s")
    assert (await get(service, "analytics/video/intro"))["suppressed"] is True

    await put_course(service, "react", a_course_body())

    video = await counted_with(service, 600)
    assert video["learners"]["viewers"] == 1
    assert video["average_percentage_viewed"] == 50


@pytest.mark.parametrize("kind", ["reading", "audio"])
async def test_other_material_has_no_analytics(
    kind: str, service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    other = {"material_id": "notes", "type": kind, "title": "Notes"}
    await put_course(service, "react", a_course_body(a_material_body("intro"), other))
    (await ana.post("/api/progress/material/notes/complete")).raise_for_status()

    response = await service.get(f"{VIDEO}/notes")
    whole = await get(service, "analytics/course/react")

    assert is_not_found(response)
    assert [row["video_id"] for row in whole["materials"]] == ["intro"]
    assert whole["progress_histogram"][5]["learners"] == 1
    assert whole["last_7_days"]["completed_a_material"] == 1


async def test_course_without_videos_has_analytics(
    service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    notes = {"material_id": "notes", "type": "reading", "title": "Notes"}
    await put_course(service, "react", a_course_body(notes))
    (await ana.post("/api/progress/material/notes/complete")).raise_for_status()

    whole = await get(service, "analytics/course/react")

    assert whole["materials"] == []
    assert whole["learners"]["enrolled"] in (1, None)
    csv = await service.get(f"{COURSE}/react", headers=CSV)
    assert csv.text.count("\r\n") == 1


async def test_removed_video_has_no_analytics(service: httpx.AsyncClient, ana: httpx.AsyncClient):
    await put_course(service, "react", a_course_body())
    await watch(ana, "intro", watch_time=300)
    assert (await get(service, "analytics/video/intro"))["learners"]["viewers"] == 1

    await put_course(service, "react", a_course_body(a_material_body("hooks")))

    assert is_not_found(await service.get(f"{VIDEO}/intro"))
    whole = await get(service, "analytics/course/react")
    assert [row["video_id"] for row in whole["materials"]] == ["hooks"]


async def test_removed_course_has_no_analytics(service: httpx.AsyncClient, ana: httpx.AsyncClient):
    await put_course(service, "react", a_course_body())
    await get(service, "analytics/course/react")

    (await service.delete("/api/catalog/courses/react")).raise_for_status()

    assert is_not_found(await service.get(f"{COURSE}/react"))
    assert is_not_found(await service.get(f"{VIDEO}/intro"))


async def test_unknown_ids_are_not_found(service: httpx.AsyncClient, tom: httpx.AsyncClient):
    for client in (service, tom):
        assert is_not_found(await client.get(f"{VIDEO}/nothing"))
        assert is_not_found(await client.get(f"{COURSE}/nothing"))


async def test_course_without_students_publishes_nothing_wrong(service: httpx.AsyncClient):
    await put_course(service, "react", a_course_body(), students=())

    video = await get(service, "analytics/video/intro")
    whole = await get(service, "analytics/course/react")

    for shown in (video, whole, *whole["materials"]):
        if shown["suppressed"]:
            assert set(shown["learners"].values()) == {None}
        else:
            assert set(shown["learners"].values()) == {0}
    assert video["average_percentage_viewed"] is None
    assert video["completion_rate_of_enrolled"] is None
    assert video["cohorts"] == whole["cohorts"] == []


@pytest.mark.parametrize(
    ("length", "parts"), [(0.5, 1), (1, 1), (1.5, 2), (12 * 3600, 100), (86_400, 100)]
)
async def test_very_short_and_very_long_videos(
    length: float, parts: int, service: httpx.AsyncClient, caller: CallerOf
):
    body = a_course_body(a_material_body("intro", duration_seconds=length))
    await put_course(service, "react", body, students=("ana", "bob", "carl"))
    half = length / 2
    for name, end in (("ana", length), ("bob", half)):
        await watch(
            caller(name),
            "intro",
            watch_time=end,
            total_duration=length,
            played=[[0, end]],
            session_id="s",
            played_seconds=end,
        )

    video = await get(service, "analytics/video/intro")

    viewers = 2 if half >= 3 else 0
    completed = 2 if half <= 1 else 1  # The last second completes a video.
    assert video["duration_seconds"] == length
    assert video["learners"] == {"enrolled": 3, "viewers": viewers, "completed": completed}
    assert video["starts"] == (length >= 1) + (half >= 1)
    assert video["views"] == 2
    assert video["watch_seconds_total"] == pytest.approx(1.5 * length)
    curves = video["curves"]
    assert {len(curves[name]) for name in curves if name != "part_seconds"} == {parts}
    assert curves["part_seconds"] * parts == pytest.approx(length)
    assert curves["heat"][0] == 2
    assert curves["heat"][-1] == (1 if parts > 1 else 2)
    if viewers:
        assert curves["retention"] == [1.0] * 50 + [0.5] * 50
        assert curves["survival"] == [1.0] * 50 + [0.5] * 50
        assert curves["exits"] == [0.0] * 50 + [0.5] + [0.0] * 49


async def test_new_length_changes_the_parts(service: httpx.AsyncClient, ana: httpx.AsyncClient):
    await put_course(service, "react", a_course_body())
    await watch(ana, "intro", watch_time=300, played=[[0, 300]], session_id="s")
    assert (await get(service, "analytics/video/intro"))["average_percentage_viewed"] == 50

    body = a_course_body(a_material_body("intro", duration_seconds=40))
    await put_course(service, "react", body)

    video = await counted_with(service, 40)
    assert video["average_percentage_viewed"] == 100
    assert video["curves"]["heat"] == [1] * 40


async def test_spans_beyond_a_new_end_count_nowhere(
    service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    body = a_course_body(a_material_body("intro", duration_seconds=9_000))
    await put_course(service, "react", body)
    played = [[0, 60], [6_000, 6_600]]
    await watch(ana, "intro", watch_time=6_600, total_duration=9_000, played=played, session_id="s")

    await put_course(service, "react", a_course_body())

    video = await counted_with(service, 600)
    assert video["curves"]["heat"] == [1] * 10 + [0] * 90
    assert video["curves"]["retention"] == [1.0] * 10 + [0.0] * 90
