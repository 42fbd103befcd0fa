"""The status of one video."""

from __future__ import annotations

from typing import Any

import httpx

from tests.builders import a_body, at, wire

STATUS = "/api/progress/video/intro/status"
WATCH_TIME = "/api/progress/video/intro/watch-time"


async def test_status_after_the_example_report_matches_the_guide(
    ana: httpx.AsyncClient, course: Any
):
    response = await ana.post(WATCH_TIME, json=a_body(observed_at="2024-10-14T10:30:00Z"))

    assert response.json() == {"message": "Watch time updated"}
    status = (await ana.get(STATUS)).json()
    assert status["watch_time"] == 125.5
    assert status["total_duration"] == 600
    assert status["progress_percentage"] == 20.92
    assert status["last_watched"] == "2024-10-14T10:30:00Z"


async def test_status_of_an_unwatched_video_is_zeros_and_nulls(ana: httpx.AsyncClient, course: Any):
    response = await ana.get(STATUS)

    assert response.status_code == 200
    assert response.json() == {
        "watch_time": 0,
        "total_duration": 0,
        "progress_percentage": 0,
        "last_watched": None,
        "completed": False,
        "completed_at": None,
        "complete_at_percent": 80,
        "watched_seconds": 0,
        "watched_spans": [],
    }


async def test_report_without_observed_at_is_dated_now(ana: httpx.AsyncClient, course: Any):
    await ana.post(WATCH_TIME, json=a_body())

    assert (await ana.get(STATUS)).json()["last_watched"] == wire(at())
