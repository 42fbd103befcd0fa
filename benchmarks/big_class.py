"""A large class with its records and releases, beside a database connection of this process."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pymongo import MongoClient
from pymongo.write_concern import WriteConcern

from benchmarks import viewings
from benchmarks.environment import VIDEOS
from benchmarks.learners import COURSE_ID, enroll, student_id, video_id
from benchmarks.processes import Database, service
from benchmarks.records import multiply
from progress_service.analytics.counting import Counting
from progress_service.analytics.release_maker import ReleaseMaker, counted_video
from progress_service.analytics.releases import Releases
from progress_service.analytics.stale_videos import StaleVideos
from progress_service.analytics.store import AnalyticsStore
from progress_service.analytics.turns import Turns
from progress_service.catalog.cache import CatalogCache
from progress_service.catalog.class_members import ClassMember, ClassMembers
from progress_service.catalog.courses_store import CoursesStore
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.catalog.service import CatalogService
from progress_service.clock import Clock
from progress_service.domain.catalog import Course
from progress_service.mongo.client import open_database
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.progress.class_records import ClassRecords

DATABASE = "class"
K = 5
CACHE_SIZE = "2G"  # Of mongod; the private one has only 0.25 GB, to use little memory.
Result = TypeVar("Result")


def fill(database: Database, *, students: int) -> None:
    """Enrol the class, and insert a record of each student and video."""
    with service(database, DATABASE) as server:
        everyone = [student_id(number) for number in range(students)]
        enroll(server, students=everyone, videos=VIDEOS)
    with MongoClient[dict[str, Any]](database.uri) as client:
        cache = {"wiredTigerEngineRuntimeConfig": f"cache_size={CACHE_SIZE}"}
        client.admin.command({"setParameter": 1, **cache})
        records = client[DATABASE].get_collection(WATCH_PROGRESS, write_concern=WriteConcern(w=1))
        multiply(records, students=students, videos=VIDEOS, changes_of=viewings.of_class)
        client.admin.command("fsync")  # A checkpoint during the measurement would slow it.


class _UnpacedStore(AnalyticsStore):
    """Lets releases be made as fast as possible."""

    async def claim(self, seconds: float) -> float:  # noqa: ARG002 - any number of them
        return 0.0


@dataclass(slots=True)
class Stopwatch:
    """How long calls on the database take together."""

    seconds: float = 0.0

    async def run(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """What *call* returns."""
        began_at = time.monotonic()
        try:
            return await call()
        finally:
            self.seconds += time.monotonic() - began_at


@dataclass(frozen=True, slots=True)
class BigClass:
    """The class, and what counts it."""

    course: Course
    members: list[ClassMember]
    counting: Counting
    releases: Releases
    since: list[datetime] = field(default_factory=list)

    async def video_seconds(self, number: int) -> float:
        """The database's time for one release of a video."""
        video = counted_video(self.course, video_id(number))
        assert video is not None
        watch = Stopwatch()
        await self.counting.video(video, self.members, since=lambda _: self.since, run=watch.run)
        return watch.seconds

    async def course_seconds(self) -> float:
        """The database's time for one release of the course."""
        watch, now = Stopwatch(), datetime.now().astimezone()
        await self.counting.course(
            self.course, self.members, since=lambda _: self.since, now=now, run=watch.run
        )
        return watch.seconds

    async def release_all(self) -> float:
        """Make all releases without a pace; return how long that takes."""
        began_at = time.monotonic()
        await self.releases.rebuild(COURSE_ID)
        return time.monotonic() - began_at


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[BigClass]:
    """The class in *database*, which `fill` has filled."""
    async with open_database(database.uri, DATABASE) as connection:
        courses = CoursesStore(connection, default_percent=80.0)
        enrollments = EnrollmentsStore(connection)
        catalog = CatalogService(courses, enrollments, CatalogCache(), clock=Clock())
        counting = Counting(ClassRecords(connection), newest=K)
        members = ClassMembers(connection)
        store = _UnpacedStore(connection)
        maker = ReleaseMaker(store, counting, members, catalog, k=K)
        yield BigClass(
            await catalog.course(COURSE_ID),
            await members.of(COURSE_ID),
            counting,
            Releases(maker, catalog, StaleVideos(), Turns(connection)),
            [datetime.now().astimezone()],
        )
