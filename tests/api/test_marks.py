"""Marking materials as complete, and unmarking them."""

from __future__ import annotations

from typing import Any

import httpx

from progress_service.mongo.client import Database
from tests.builders import a_body, at, wire
from tests.conftest import FakeClock

INTRO = "/api/progress/material/intro/complete"
NOTES = "/api/progress/material/notes/complete"


async def test_marked_reading_is_complete(ana: httpx.AsyncClient, course: Any):
    response = await ana.post(NOTES)

    assert response.json() == {
        "material_id": "notes",
        "completed": True,
        "completed_at": wire(at()),
    }


async def test_mark_repeated_keeps_the_first_time(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock
):
    await ana.post(NOTES)
    clock.advance(60)

    response = await ana.post(NOTES)

    assert response.json()["completed_at"] == wire(at())


async def test_unmarked_reading_is_incomplete(ana: httpx.AsyncClient, course: Any):
    await ana.post(NOTES)

    response = await ana.delete(NOTES)

    assert response.json() == {"material_id": "notes", "completed": False, "completed_at": None}


async def test_unmark_without_a_mark_succeeds(ana: httpx.AsyncClient, course: Any):
    responses = [await ana.delete(NOTES) for _ in range(2)]

    assert [response.json()["completed"] for response in responses] == [False, False]


async def test_unmark_withdraws_a_completion_by_a_report(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock
):
    await ana.post("/api/progress/video/intro/watch-time", json=a_body(watch_time=600))
    clock.advance(60)

    await ana.delete(INTRO)

    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert (status["completed"], status["completed_at"], status["watch_time"]) == (False, None, 600)


async def test_report_observed_before_an_unmark_does_not_complete_again(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock
):
    clock.advance(60)
    await ana.delete(INTRO)
    old = a_body(watch_time=600, observed_at=wire(at(30)))

    await ana.post("/api/progress/video/intro/watch-time", json=old)

    assert not (await ana.get("/api/progress/video/intro/status")).json()["completed"]


async def test_report_after_an_unmark_completes_again(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock
):
    await ana.delete(INTRO)
    clock.advance(60)

    await ana.post("/api/progress/video/intro/watch-time", json=a_body(watch_time=600))

    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert status["completed_at"] == wire(at(60))


async def test_marked_video_has_no_position(ana: httpx.AsyncClient, course: Any):
    await ana.post(INTRO)

    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert (status["completed"], status["watch_time"], status["last_watched"]) == (True, 0, None)


async def test_marks_and_unmarks_end_with_the_last(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    """The clock is stopped, so all of this happens within one millisecond."""
    for _ in range(5):
        await ana.post(NOTES)
        await ana.delete(NOTES)
    last = await ana.post(NOTES)

    assert last.json()["completed"] is True
    assert await database["watch_progress"].count_documents({}) == 1
