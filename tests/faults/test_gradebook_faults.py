"""A gradebook that follows a course misses no change, whichever process dies meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from progress_service.catalog.enrollments import ACTIVE_AT, CHANGED_AT
from progress_service.mongo.schema import ENROLLMENTS
from progress_service.testing import ServiceProcess

from .conftest import RecordMeasurement
from .history import History
from .history_checks import assert_consistent, until_healthy
from .learners import Course, a_client, learners, put_course
from .replica_set import ReplicaSet

pytestmark = pytest.mark.faults

KILLS = 3
RETRY_SECONDS = 0.1


@dataclass
class Follower:
    """Another service that holds a copy of the gradebook of a course."""

    http: httpx.AsyncClient
    course_id: str
    rows: dict[str, Any] = field(default_factory=dict)
    cursor: str | None = None
    lists: int = 0

    async def read_list(self, *, limit: int = 7) -> None:
        """Read all pages of a list, each until there is a response."""
        query: dict[str, Any] = {"limit": limit}
        if self.cursor is not None:
            query["changed_since"] = self.cursor
        page = await self._page(query)
        while page["next"] is not None:
            page = await self._page({**query, "after": page["next"]})
        self.cursor = page["cursor"]
        self.lists += 1

    async def _page(self, query: dict[str, Any]) -> dict[str, Any]:
        path = f"/api/progress/course/{self.course_id}/students"
        while True:
            try:
                response = await self.http.get(path, params=query)
            except httpx.TransportError:
                response = None
            if response is not None and response.status_code == 200:
                page: dict[str, Any] = response.json()
                self.rows |= {row["student_id"]: row for row in page["students"]}
                return page
            assert response is None or response.status_code == 503, response.text
            await asyncio.sleep(RETRY_SECONDS)

    async def follow(self, stop: asyncio.Event) -> None:
        """Read lists until *stop*."""
        while not stop.is_set():
            await self.read_list()


@asynccontextmanager
async def following(service: ServiceProcess, course: Course) -> AsyncIterator[Follower]:
    """A follower that reads lists while the block runs, and one more at its end."""
    stop = asyncio.Event()
    async with a_client(service, service.headers("gradebook", "service")) as http:
        follower = Follower(http, course.course_id)
        await follower.read_list()
        task = asyncio.create_task(follower.follow(stop))
        try:
            yield follower
        finally:
            stop.set()
            await task
        await follower.read_list()


async def everybody(service: ServiceProcess, course: Course) -> dict[str, Any]:
    """The rows of all students, without a cursor."""
    async with a_client(service, service.headers("gradebook", "service")) as http:
        reader = Follower(http, course.course_id)
        await reader.read_list()
        return reader.rows


def age_enrolments(replica_set: ReplicaSet, course: Course) -> None:
    """They began an hour ago, so that nothing but activity shows that a student changed."""
    stamp = datetime.now(UTC) - timedelta(hours=1)
    with MongoClient[dict[str, Any]](replica_set.uri) as client:
        client["progress"][ENROLLMENTS].update_many(
            {"course_id": course.course_id}, {"$set": {ACTIVE_AT: stamp, CHANGED_AT: stamp}}
        )


async def reports_of_everybody(history: History, course: Course) -> None:
    """Return once every student has had a report acknowledged that was sent from now on."""
    started, missing = time.monotonic(), set(course.student_ids)
    while missing:
        await history.next_ok(within_seconds=60)
        missing -= {c.key[0] for c in history.calls if c.outcome == "ok" and c.sent_at > started}


async def test_service_killed_under_load_hides_no_change(
    service: ServiceProcess, replica_set: ReplicaSet, record_measurement: RecordMeasurement
):
    course = await put_course(service, "followed", students=20)
    age_enrolments(replica_set, course)

    async with (
        following(service, course) as follower,
        learners(service, course, devices=1, pause_seconds=0.01) as history,
    ):
        for _ in range(KILLS):
            await history.next_ok()
            service.kill()
            service.start()
            await until_healthy(service)
            await reports_of_everybody(history, course)

    record_measurement(
        f"{await assert_consistent(history, service, replica_set, course)}; {follower.lists} lists"
    )
    assert follower.rows == await everybody(service, course)
    assert all(row["last_watched"] for row in follower.rows.values())


async def test_change_of_primary_under_load_hides_no_change(
    service: ServiceProcess, replica_set: ReplicaSet, record_measurement: RecordMeasurement
):
    course = await put_course(service, "failed-over", students=20)
    age_enrolments(replica_set, course)

    async with (
        following(service, course) as follower,
        learners(service, course, devices=1, pause_seconds=0.01) as history,
    ):
        await reports_of_everybody(history, course)
        await asyncio.to_thread(replica_set.step_down)
        await reports_of_everybody(history, course)
        killed = await asyncio.to_thread(replica_set.primary)
        replica_set.kill(killed)
        await reports_of_everybody(history, course)
        replica_set.restart(killed)
        await asyncio.to_thread(replica_set.settle)

    record_measurement(
        f"{await assert_consistent(history, service, replica_set, course)}; {follower.lists} lists"
    )
    assert follower.rows == await everybody(service, course)
