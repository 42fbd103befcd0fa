"""Done by hand, and not done after all."""

from __future__ import annotations

from typing import Any

import httpx

from progress_service.mongo.client import Database
from tests.builders import a_body, at, wire
from tests.conftest import FakeClock

INTRO = "/api/progress/material/intro/complete"
NOTES = "/api/progress/material/notes/complete"


async def test_a_reading_is_done_when_marked(ana: httpx.AsyncClient, course: Any):
    answer = await ana.post(NOTES)

    assert answer.json() == {
        "material_id": "notes",
        "completed": True,
        "completed_at": wire(at()),
    }


async def test_marking_again_keeps_the_first_moment(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock
):
    await ana.post(NOTES)
    clock.advance(60)

    answer = await ana.post(NOTES)

    assert answer.json()["completed_at"] == wire(at())


async def test_what_is_unmarked_is_open(ana: httpx.AsyncClient, course: Any):
    await ana.post(NOTES)

    answer = await ana.delete(NOTES)

    assert answer.json() == {"material_id": "notes", "completed": False, "completed_at": None}


async def test_unmarking_what_was_never_marked_is_no_error(ana: httpx.AsyncClient, course: Any):
    answers = [await ana.delete(NOTES) for _ in range(2)]

    assert [answer.json()["completed"] for answer in answers] == [False, False]


async def test_unmarking_takes_back_what_a_report_completed(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock
):
    await ana.post("/api/progress/video/intro/watch-time", json=a_body(watch_time=600))
    clock.advance(60)

    await ana.delete(INTRO)

    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert (status["completed"], status["completed_at"], status["watch_time"]) == (False, None, 600)


async def test_a_report_kept_offline_before_the_unmark_does_not_bring_it_back(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock
):
    clock.advance(60)
    await ana.delete(INTRO)
    old = a_body(watch_time=600, observed_at=wire(at(30)))

    await ana.post("/api/progress/video/intro/watch-time", json=old)

    assert not (await ana.get("/api/progress/video/intro/status")).json()["completed"]


async def test_watching_to_the_end_after_an_unmark_completes_again(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock
):
    await ana.delete(INTRO)
    clock.advance(60)

    await ana.post("/api/progress/video/intro/watch-time", json=a_body(watch_time=600))

    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert status["completed_at"] == wire(at(60))


async def test_a_video_marked_by_hand_was_not_watched(ana: httpx.AsyncClient, course: Any):
    await ana.post(INTRO)

    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert (status["completed"], status["watch_time"], status["last_watched"]) == (True, 0, None)


async def test_mark_and_unmark_many_times_end_with_the_last(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    """The clock stands still: all of it happens within one millisecond."""
    for _ in range(5):
        await ana.post(NOTES)
        await ana.delete(NOTES)
    last = await ana.post(NOTES)

    assert last.json()["completed"] is True
    assert await database["watch_progress"].count_documents({}) == 1
