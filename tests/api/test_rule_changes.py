"""Existing progress when a replaced course changes thresholds or durations."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.builders import a_body, a_course_body, a_material_body, at, wire
from tests.conftest import FakeClock, put_course


async def put(service: httpx.AsyncClient, *materials: dict[str, Any], **given: Any) -> None:
    await put_course(service, "react", a_course_body(*materials, **given))


async def watch(ana: httpx.AsyncClient, position: float, **given: Any) -> None:
    body = a_body(**{"watch_time": position, **given})
    response = await ana.post("/api/progress/video/intro/watch-time", json=body)
    assert response.status_code == 200, response.text


async def completions(ana: httpx.AsyncClient) -> dict[str, Any]:
    """The completion of the video, as every endpoint returns it."""
    status = (await ana.get("/api/progress/video/intro/status")).json()
    batch = await ana.post("/api/progress/videos/batch", json={"video_ids": ["intro"]})
    course = (await ana.get("/api/progress/course/react")).json()["progress"]
    changes = (await ana.get("/api/progress/changes")).json()["changes"]
    resume = (await ana.get("/api/progress/video/intro/resume")).json()
    cards = (await ana.get("/api/progress/continue-watching")).json()["items"]
    return {
        "status": status["completed_at"],
        "batch": batch.json()["progress"]["intro"]["completed_at"],
        "course": course["videos"]["intro"]["completed_at"],
        "completed_ids": course["materials"]["completed_ids"],
        "course_completed_at": course["completed_at"],
        "overall_progress": course["overall_progress"],
        "changes": [change["completed"] for change in changes],
        "resume": resume["reason"],
        "cards": [card["reason"] for card in cards],
    }


COMPLETED_AT_TEN = {
    "status": wire(at(10)),
    "batch": wire(at(10)),
    "course": wire(at(10)),
    "completed_ids": ["intro"],
    "course_completed_at": wire(at(10)),
    "overall_progress": 100,
    "changes": [True],
    "resume": "replay",
    "cards": [],
}

LOWERED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "of the course": (
        {"complete_at_percent": 90},
        {"complete_at_percent": 80},
    ),
    "of the material": (
        {"materials": [a_material_body(complete_at_percent=90)]},
        {"materials": [a_material_body(complete_at_percent=85)]},
    ),
    "of the course instead of the material": (
        {"materials": [a_material_body(complete_at_percent=90)]},
        {"complete_at_percent": 70},
    ),
    "to the setting": (
        {"complete_at_percent": 90},
        {},
    ),
}


@pytest.mark.parametrize("case", LOWERED)
async def test_lowered_threshold_completes_what_was_reached(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, clock: FakeClock, case: str
):
    before, after = (a_course_body(a_material_body()) | given for given in LOWERED[case])
    await put_course(service, "react", before)
    await watch(ana, 510)
    assert (await completions(ana))["status"] is None
    clock.advance(10)

    await put_course(service, "react", after)

    clock.advance(60)
    assert await completions(ana) == COMPLETED_AT_TEN


async def test_raised_threshold_withdraws_no_completion(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, clock: FakeClock
):
    await put(service, a_material_body(), complete_at_percent=90)
    await watch(ana, 510)
    clock.advance(10)
    await put(service, a_material_body(), complete_at_percent=80)
    clock.advance(10)

    await put(service, a_material_body(), complete_at_percent=95)

    assert await completions(ana) == COMPLETED_AT_TEN


async def test_raised_threshold_applies_to_later_reports(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, clock: FakeClock
):
    await put(service, a_material_body(), complete_at_percent=90)
    await put(service, a_material_body(), complete_at_percent=80)
    await put(service, a_material_body(), complete_at_percent=90)

    await watch(ana, 510)

    assert (await completions(ana))["status"] is None


@pytest.mark.parametrize("position", [30, 400, 595])
async def test_completion_by_a_lowered_threshold_keeps_its_date(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, clock: FakeClock, position: float
):
    await put(service, a_material_body(), complete_at_percent=90)
    await watch(ana, 510)
    clock.advance(10)
    await put(service, a_material_body(), complete_at_percent=80)
    clock.advance(60)

    await watch(ana, position)
    await put(service, a_material_body(), complete_at_percent=95)
    await ana.post("/api/progress/material/intro/complete")

    assert (await completions(ana))["status"] == wire(at(10))


async def test_unmark_withdraws_a_completion_by_a_lowered_threshold(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, clock: FakeClock
):
    await put(service, a_material_body(), complete_at_percent=90)
    await watch(ana, 510)
    clock.advance(10)
    await put(service, a_material_body(), complete_at_percent=80)
    clock.advance(10)

    await ana.delete("/api/progress/material/intro/complete")
    await put(service, a_material_body(), complete_at_percent=70)

    completion = await completions(ana)
    assert (
        completion["status"],
        completion["completed_ids"],
        completion["course_completed_at"],
    ) == (None, [], None)


async def test_threshold_lowered_after_an_unmark_applies_to_later_reports(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, clock: FakeClock
):
    await put(service, a_material_body(), complete_at_percent=90)
    await watch(ana, 510)
    clock.advance(5)
    await ana.delete("/api/progress/material/intro/complete")
    clock.advance(5)
    await watch(ana, 420)

    await put(service, a_material_body(), complete_at_percent=80)
    not_yet = (await completions(ana))["status"]
    await put(service, a_material_body(), complete_at_percent=70)

    assert not_yet is None
    assert await completions(ana) == COMPLETED_AT_TEN


async def test_threshold_history_survives_a_removed_material_and_course(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, clock: FakeClock
):
    await put(service, a_material_body(), complete_at_percent=90)
    await watch(ana, 510)
    await put(service, a_material_body("hooks"), complete_at_percent=60)
    await service.delete("/api/catalog/courses/react")
    clock.advance(10)

    await put(service, a_material_body(), complete_at_percent=80)

    assert await completions(ana) == COMPLETED_AT_TEN


async def test_changes_include_completions_by_a_lowered_threshold(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    videos = [a_material_body(), a_material_body("hooks"), a_material_body("refs")]
    await put(service, *videos, complete_at_percent=90)
    await watch(ana, 510)
    await ana.post("/api/progress/video/hooks/watch-time", json=a_body(watch_time=60))
    before = (await ana.get("/api/progress/changes")).json()["cursor"]

    await put(service, *videos, complete_at_percent=80)

    changes = (await ana.get("/api/progress/changes", params={"since": before})).json()
    again = (await ana.get("/api/progress/changes", params={"since": changes["cursor"]})).json()
    assert [(c["videoId"], c["completed"]) for c in changes["changes"]] == [("intro", True)]
    assert again["changes"] == []


# -- duration ----------------------------------------------------------------------------------


async def status_of(ana: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await ana.get("/api/progress/video/intro/status")).json()
    return found


async def test_report_with_an_earlier_duration_is_clipped_to_the_current_one(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    await put(service, a_material_body(duration_seconds=600))
    await put(service, a_material_body(duration_seconds=300))

    await watch(ana, 200, played=[[0, 100], [290, 400], [410, 420]])

    status = await status_of(ana)
    assert (status["watch_time"], status["total_duration"]) == (200, 300)
    assert status["watched_spans"] == [[0, 100], [290, 300]]
    assert status["completed"] is False


@pytest.mark.parametrize("kind", ["heartbeat", "ended"])
async def test_report_at_the_end_of_an_earlier_duration_completes_nothing(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, kind: str
):
    await put(service, a_material_body(duration_seconds=300))
    await put(service, a_material_body(duration_seconds=600))

    await watch(ana, 300, total_duration=300, kind=kind)

    status = await status_of(ana)
    assert (status["watch_time"], status["progress_percentage"]) == (300, 50)
    assert status["completed"] is False


async def test_earlier_durations_are_accepted_up_to_five(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    durations = [100, 200, 300, 400, 500, 600, 700]
    for duration in durations:
        await put(service, a_material_body(duration_seconds=duration))

    reports = [a_body(watch_time=1, total_duration=duration) for duration in durations]
    codes = [
        (await ana.post("/api/progress/video/intro/watch-time", json=report)).status_code
        for report in reports
    ]

    assert codes == [422, 200, 200, 200, 200, 200, 200]


async def test_earlier_duration_survives_a_removed_material_and_course(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    await put(service, a_material_body(duration_seconds=600))
    await put(service, a_material_body("hooks"))
    await service.delete("/api/catalog/courses/react")
    await put(service, a_material_body(duration_seconds=None))
    await put(service, a_material_body(duration_seconds=300))

    await watch(ana, 100, total_duration=600)

    assert (await status_of(ana))["total_duration"] == 300


async def test_position_beyond_the_end_is_clipped_everywhere(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    await put(service, a_material_body(duration_seconds=600))
    await watch(ana, 400, device_id="phone")

    await put(service, a_material_body(duration_seconds=300))

    course = (await ana.get("/api/progress/course/react")).json()["progress"]
    status = await status_of(ana)
    [change] = (await ana.get("/api/progress/changes")).json()["changes"]
    [card] = (await ana.get("/api/progress/continue-watching")).json()["items"]
    for numbers in (course["videos"]["intro"], status, card):
        assert (numbers["watch_time"], numbers["total_duration"]) == (300, 300)
        assert numbers["progress_percentage"] == 100
    assert (change["watchTime"], change["totalDuration"]) == (300, 300)
    assert (change["progressPercentage"], change["deviceId"]) == (100, "phone")
    assert status["completed"] is False


async def resume_of(ana: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await ana.get("/api/progress/video/intro/resume")).json()
    return found


async def test_resume_in_a_shortened_video_is_the_first_unwatched_gap(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    await put(service, a_material_body(duration_seconds=600))
    await watch(ana, 350, device_id="tv", observed_at=wire(at(-60)))
    await watch(ana, 400, device_id="phone", played=[[0, 100], [120, 400]])

    await put(service, a_material_body(duration_seconds=300))

    resume = await resume_of(ana)
    [card] = (await ana.get("/api/progress/continue-watching")).json()["items"]
    assert (resume["resume_at"], resume["reason"]) == (100, "shortened")
    assert resume["watch_time"] == 300
    assert resume["alternatives"] == []
    assert card["reason"] == "gaps"


async def test_resume_in_a_fully_watched_shortened_video_offers_the_next_one(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    await put(service, a_material_body(duration_seconds=600), a_material_body("hooks"))
    await watch(ana, 400, played=[[0, 400]])

    await put(service, a_material_body(duration_seconds=300), a_material_body("hooks"))

    resume = await resume_of(ana)
    assert (resume["resume_at"], resume["reason"]) == (0, "shortened")
    assert resume["next"]["material_id"] == "hooks"


async def test_video_unmarked_at_its_end_resumes_at_the_start(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, clock: FakeClock
):
    await put(service, a_material_body(), a_material_body("hooks"))
    await watch(ana, 600, played=[[0, 600]], kind="ended")
    clock.advance(60)

    await ana.delete("/api/progress/material/intro/complete")

    resume = await resume_of(ana)
    [card] = (await ana.get("/api/progress/continue-watching")).json()["items"]
    assert (resume["resume_at"], resume["reason"]) == (0, "rewatch")
    assert (card["material_id"], card["reason"]) == ("intro", "rewatch")


# -- played to the end -------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["watch-time", "events"])
@pytest.mark.parametrize(
    ("known", "own", "threshold"),
    [(126, 125.4, 100), (10, 7.9, 80), (600, 588, 100), (600, 612, 100), (None, 125.4, 100)],
)
async def test_video_played_to_its_end_is_complete(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    path: str,
    known: float | None,
    own: float,
    threshold: float,
):
    video = a_material_body(duration_seconds=known, complete_at_percent=threshold)
    await put(service, video)

    report = a_body(watch_time=own, total_duration=own, kind="ended", played=[[0, own]])
    if path == "events":
        event = {"event_id": "one", "video_id": "intro", **report}
        batch = {"sent_at": wire(at()), "events": [event]}
        response = await ana.post("/api/progress/events", json=batch)
        assert response.json()["results"][0]["status"] == "applied"
    else:
        await watch(ana, **{"position": own, **report})

    status, completion = await status_of(ana), await completions(ana)
    assert (status["completed"], status["progress_percentage"]) == (True, 100)
    assert (completion["overall_progress"], completion["resume"]) == (100, "replay")


@pytest.mark.parametrize("beyond", [0.02, 1])
async def test_position_and_spans_up_to_a_second_beyond_the_end_are_clipped(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, beyond: float
):
    await put(service, a_material_body())

    await watch(ana, 600 + beyond, played=[[0, 600 + beyond]])

    status = await status_of(ana)
    assert (status["watch_time"], status["watched_spans"]) == (600, [[0, 600]])


async def test_position_further_beyond_the_end_is_rejected(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    await put(service, a_material_body())

    body = a_body(watch_time=601.1)
    response = await ana.post("/api/progress/video/intro/watch-time", json=body)

    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["watch_time"]


async def test_position_beyond_the_longest_video_is_clipped(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    await put(service, a_material_body(duration_seconds=86_400))

    await watch(ana, 86_400.5, total_duration=86_400)

    assert (await status_of(ana))["watch_time"] == 86_400


# -- clocks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("observed_at", ["1970-01-01T00:00:20Z", "2014-12-31T23:59:59Z"])
async def test_completion_by_a_device_without_a_clock_is_dated_now(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, observed_at: str
):
    await put(service, a_material_body())

    await watch(ana, 600, observed_at=observed_at)

    status = await status_of(ana)
    assert (status["completed_at"], status["last_watched"]) == (wire(at()), wire(at()))


@pytest.mark.parametrize(
    ("sent_at", "observed_at", "expected"),
    [
        (wire(at()), "1970-01-01T00:00:20Z", wire(at())),
        (wire(at()), "2014-12-31T23:59:59Z", wire(at())),
        ("1970-01-01T00:01:00Z", "1970-01-01T00:00:20Z", wire(at(-40))),
        ("1970-01-01T00:01:00Z", wire(at(-40)), wire(at())),
    ],
    ids=["1970", "2014", "clock starts in 1970", "clock was lost later"],
)
async def test_event_of_a_device_without_a_clock_is_dated_by_its_batch(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    sent_at: str,
    observed_at: str,
    expected: str,
):
    await put(service, a_material_body())
    event = a_body(watch_time=600, event_id="one", video_id="intro", observed_at=observed_at)

    for _ in range(2):
        batch = {"sent_at": sent_at, "events": [event]}
        await ana.post("/api/progress/events", json=batch)

    assert (await status_of(ana))["completed_at"] == expected
