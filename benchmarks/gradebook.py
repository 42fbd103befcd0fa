"""Pages of the gradebook of a large class: everybody, and what changed since a cursor."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import httpx
from pymongo import MongoClient
from pymongo.write_concern import WriteConcern

from benchmarks.environment import Effort, temporary_folder
from benchmarks.figures import Figure
from benchmarks.learners import COURSE_ID, enroll, student_id, token, video_id
from benchmarks.processes import Database, Server, mongod, service
from benchmarks.records import multiply
from progress_service.domain.gradebook import GradebookCursor
from progress_service.gradebook.routes import LISTED, MAX_LISTED
from progress_service.mongo.schema import ENROLLMENTS, WATCH_PROGRESS

PAGE_MS = 300
MANY_VIDEOS, FEW_VIDEOS = 100, 10
FEW_STUDENTS = 20
MAX_PAGES = 10
CACHE_SIZE = "2G"  # Of mongod; the private one has only 0.25 GB, to use little memory.
BEFORE, AFTER = timedelta(hours=-1), timedelta(minutes=1)
JUST_BEFORE = timedelta(minutes=-2)
PATH = f"/api/progress/course/{COURSE_ID}/students"


def measure(effort: Effort) -> list[Figure]:
    """The rows for the gradebook."""
    with temporary_folder() as folder, mongod(folder / "data") as database:
        return [
            figure
            for videos in (FEW_VIDEOS, MANY_VIDEOS)
            for figure in _with_videos(database, effort, videos)
        ]


def _with_videos(database: Database, effort: Effort, videos: int) -> Iterator[Figure]:
    name = f"gradebook_{videos}"
    with service(database, name) as server, MongoClient[dict[str, Any]](database.uri) as client:
        students = [student_id(number) for number in range(effort.class_size)]
        enroll(server, students=students, videos=videos)
        cache = {"wiredTigerEngineRuntimeConfig": f"cache_size={CACHE_SIZE}"}
        client.admin.command({"setParameter": 1, **cache})
        records = client[name].get_collection(WATCH_PROGRESS, write_concern=WriteConcern(w=1))
        multiply(records, students=effort.class_size, videos=videos)
        client.admin.command("fsync")  # A checkpoint during the measurement would slow it.
        with _gradebook(server, client[name]) as gradebook:
            yield from _figures(gradebook, effort, videos, students)


def _figures(
    gradebook: _Gradebook, effort: Effort, videos: int, students: list[str]
) -> Iterator[Figure]:
    size = f"{effort.class_size:,} × {videos}"
    cases: dict[str, Mapping[timedelta, list[str]]] = {
        "nobody changed": {},
        "all active until 2 minutes before, none changed": {JUST_BEFORE: students},
        f"{FEW_STUDENTS} changed": {AFTER: students[:: len(students) // FEW_STUDENTS]},
        "all changed": {AFTER: students},
    }
    for limit in (LISTED, MAX_LISTED):
        yield _figure(f"all students of {size}, limit {limit}", gradebook.pages(limit=limit))
    for case, active in cases.items():
        cursor = gradebook.changed(active, students)
        for limit in (LISTED, MAX_LISTED):
            pages = gradebook.pages(limit=limit, changed_since=cursor)
            yield _figure(f"changes of {size}, {case}, limit {limit}", pages)


@dataclass(frozen=True, slots=True)
class _Page:
    took_ms: float
    rows: int


@dataclass(frozen=True, slots=True)
class _Gradebook:
    http: httpx.Client
    database: Any
    rules: str

    def pages(self, **query: Any) -> list[_Page]:
        """The first pages of a list."""
        pages: list[_Page] = []
        after: dict[str, str] = {}
        while len(pages) < MAX_PAGES:
            began_at = time.monotonic()
            response = self.http.get(PATH, params={**query, **after}).raise_for_status()
            took_ms = 1_000 * (time.monotonic() - began_at)
            page = response.json()
            pages.append(_Page(took_ms, len(page["students"])))
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        return pages

    def changed(self, active: Mapping[timedelta, list[str]], everybody: list[str]) -> str:
        """Write when students were active, relative to a cursor, and return the cursor."""
        now = datetime.now(UTC)
        self._stamp(everybody, now + BEFORE, video_id(0))
        for offset, students in active.items():
            self._stamp(students, now + offset, video_id(0) if offset > timedelta() else None)
        return GradebookCursor.at(now, course_id=COURSE_ID, rules=self.rules).encode()

    def _stamp(self, students: list[str], at: datetime, video: str | None) -> None:
        of_them = {"student_id": {"$in": students}}
        stamps = {"active_at": at, "changed_at": at + BEFORE}
        self.database[ENROLLMENTS].update_many(of_them, {"$set": stamps})
        if video is not None:
            change = {"$set": {"stored_at": at}}
            self.database[WATCH_PROGRESS].update_many({**of_them, "material_id": video}, change)


@contextmanager
def _gradebook(server: Server, database: Any) -> Iterator[_Gradebook]:
    bearer = {"Authorization": f"Bearer {token('importer', 'service')}"}
    with httpx.Client(base_url=server.url, headers=bearer, timeout=60) as http:
        first = http.get(PATH, params={"limit": 1}).raise_for_status().json()
        cursor = GradebookCursor.decode(first["cursor"], course_id=COURSE_ID)
        yield _Gradebook(http, database, cursor.rules)


def _figure(work: str, pages: list[_Page]) -> Figure:
    times = [page.took_ms for page in pages]
    return Figure(
        work,
        f"{median(times):.0f} ms a page; slowest of {len(times)}: {max(times):.0f} ms",
        f"{max(page.rows for page in pages)} rows at most",
        goal=f"≤ {PAGE_MS} ms",
        is_reached=max(times) <= PAGE_MS,
    )
