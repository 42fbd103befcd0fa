"""Analytics over HTTP: exact with k = 1, and equal to a model in plain Python."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.builders import a_course_body, a_material_body, at, wire
from tests.class_model import model
from tests.conftest import CallerOf, put_course

VIDEO = "/api/progress/analytics/video/video-1"
EXACT = pytest.mark.settings(analytics_min_learners=1)


def reports_of(rng: random.Random, length: float) -> Iterator[dict[str, Any]]:
    """What the players of one learner report, in some sessions."""
    moment = rng.uniform(0, 1000)
    for session in range(rng.randint(0, 4)):
        position, played_seconds = rng.uniform(0, length) if session else 0.0, 0.0
        played: list[list[float]] = []
        for _ in range(rng.randint(1, 4)):
            end = min(length, position + rng.choice([0.5, 2, 7, length / 5, length]))
            played.append([round(position, 2), round(end, 2)])
            played_seconds += end - position
            moment += 30
            yield {
                "watch_time": round(end, 2),
                "total_duration": length,
                "observed_at": wire(at(moment - 100_000)),
                "session_id": f"session-{session}",
                "played": list(played),
                "played_seconds": round(played_seconds, 3),
            }
            position = rng.uniform(3, length) if rng.random() < 0.4 else end


@EXACT
@pytest.mark.parametrize("seed", range(6))
async def test_random_classes_equal_the_model(
    service: httpx.AsyncClient, caller: CallerOf, seed: int
):
    rng = random.Random(seed)
    length = rng.choice([9.5, 40, 61.3, 100, 600])
    video = a_material_body("video-1", duration_seconds=length)
    await put_course(service, "react", a_course_body(video))
    reports: dict[str, list[dict[str, Any]]] = {"ana": []}  # who is enrolled with the course
    for number in range(12):
        student_id = f"student-{number}"
        student = caller(student_id)
        await service.put(f"/api/catalog/courses/react/enrollments/{student_id}")
        reports[student_id] = list(reports_of(rng, length))
        shuffled = rng.sample(reports[student_id], len(reports[student_id]))
        for body in shuffled:
            response = await student.post("/api/progress/video/video-1/watch-time", json=body)
            assert response.status_code == 200, response.text

    response = await service.get(VIDEO)

    assert response.status_code == 200, response.text
    found, expected = response.json(), model(reports, length=length)
    assert found["suppressed"] is False
    for name, value in expected.items():
        if isinstance(value, dict):
            for key, numbers in value.items():
                assert found[name][key] == pytest.approx(numbers), (name, key)
        else:
            assert found[name] == pytest.approx(value), name
