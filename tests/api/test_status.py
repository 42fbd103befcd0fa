"""Where a student stands with one video."""

from __future__ import annotations

from typing import Any

import httpx

from tests.builders import a_body, at, wire

STATUS = "/api/progress/video/intro/status"
WATCH_TIME = "/api/progress/video/intro/watch-time"


async def test_the_seeds_report_gives_the_seeds_status(ana: httpx.AsyncClient, course: Any):
    answer = await ana.post(WATCH_TIME, json=a_body(observed_at="2024-10-14T10:30:00Z"))

    assert answer.json() == {"message": "Watch time updated"}
    status = (await ana.get(STATUS)).json()
    assert status["watch_time"] == 125.5
    assert status["total_duration"] == 600
    assert status["progress_percentage"] == 20.92
    assert status["last_watched"] == "2024-10-14T10:30:00Z"


async def test_a_video_never_watched_has_zeros_and_nulls(ana: httpx.AsyncClient, course: Any):
    answer = await ana.get(STATUS)

    assert answer.status_code == 200
    assert answer.json() == {
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


async def test_a_report_without_a_time_was_observed_now(ana: httpx.AsyncClient, course: Any):
    await ana.post(WATCH_TIME, json=a_body())

    assert (await ana.get(STATUS)).json()["last_watched"] == wire(at())
