"""`rebuild-analytics` makes the numbers that the service makes, by the same rules."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from progress_service.mongo.client import Database
from progress_service.settings import Settings
from progress_service.testing import COMMAND, environment
from tests.builders import SECRET, a_course_body, a_material_body, at, wire
from tests.conftest import CallerOf, put_course

COURSE, VIDEO = "/api/progress/analytics/course/react", "/api/progress/analytics/video/video-1"
STUDENTS = ("ana", "ben", "cora", "dan", "eve")
TWO = pytest.mark.settings(analytics_min_learners=2)


class Rebuild:
    """Runs the command on the database of the test."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        assert settings.mongodb_uri is not None
        self._folder = folder
        self._environment = environment(
            folder,
            PROGRESS_MONGODB_URI=settings.mongodb_uri.get_secret_value(),
            PROGRESS_MONGODB_DATABASE=settings.mongodb_database,
            PROGRESS_ANALYTICS_MIN_LEARNERS=str(settings.analytics_min_learners),
            PROGRESS_JWT_SECRET=SECRET,
        )

    async def __call__(self) -> str:
        result = await asyncio.to_thread(
            subprocess.run,
            [*COMMAND, "rebuild-analytics"],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return str(result.stdout)


@pytest.fixture
def rebuild(settings: Settings, tmp_path: Path) -> Rebuild:
    return Rebuild(settings, tmp_path)


@pytest.fixture
async def watched(service: httpx.AsyncClient, caller: CallerOf) -> None:
    """Five learners have watched 10, 20, 30, 40 and 50 of 60 seconds."""
    body = a_course_body(a_material_body("video-1", duration_seconds=60))
    await put_course(service, "react", body, students=STUDENTS)
    for number, student_id in enumerate(STUDENTS, 1):
        await watch(caller(student_id), until=10 * number)


async def watch(student: httpx.AsyncClient, *, until: int) -> None:
    report = {
        "watch_time": until,
        "total_duration": 60,
        "observed_at": wire(at(until - 3_600)),
        "session_id": "one",
        "played": [[0, until]],
        "played_seconds": until,
    }
    response = await student.post("/api/progress/video/video-1/watch-time", json=report)
    response.raise_for_status()


async def numbers(tom: httpx.AsyncClient) -> list[dict[str, Any]]:
    """What is published, without times."""
    found = [(await tom.get(address)).json() for address in (VIDEO, COURSE)]
    for each in (*found, *found[1]["materials"]):
        assert each.pop("as_of") is not None
    return found


@TWO
async def test_rebuild_from_nothing_equals_the_service(
    tom: httpx.AsyncClient, watched: None, database: Database, rebuild: Rebuild
):
    before = await numbers(tom)
    await database.analytics_releases.drop()

    output = await rebuild()

    stored = {each["_id"]: each async for each in database.analytics_releases.find()}
    assert {"react/", "react/video-1"} <= stored.keys()
    assert await numbers(tom) == before
    assert "2 videos and courses were counted, in 1 courses" in output


@TWO
async def test_rebuild_does_not_replace_what_must_stay(
    tom: httpx.AsyncClient,
    caller: CallerOf,
    watched: None,
    database: Database,
    rebuild: Rebuild,
):
    before = await numbers(tom)
    await watch(caller("ana"), until=60)

    await rebuild()

    assert await numbers(tom) == before
    [release] = await database.analytics_releases.find({"_id": "react/video-1"}).to_list(None)
    assert release["revision"] == 1


@TWO
async def test_only_a_rebuild_from_nothing_forgets_who_has_left(
    tom: httpx.AsyncClient,
    caller: CallerOf,
    service: httpx.AsyncClient,
    watched: None,
    database: Database,
    rebuild: Rebuild,
):
    """Viewers are 5, which reads as 6, and then 4."""

    async def viewers() -> int:
        found: int = (await numbers(tom))[0]["learners"]["viewers"]
        return found

    before = await viewers()
    (await service.delete("/api/catalog/courses/react/enrollments/dan")).raise_for_status()
    for student_id in ("ana", "ben"):
        await watch(caller(student_id), until=35)

    await rebuild()
    held = await viewers()
    await database.analytics_releases.drop()
    await rebuild()

    assert (before, held, await viewers()) == (6, 6, 4)
