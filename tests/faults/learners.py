"""Learners as clients of the service over HTTP; each call is recorded."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from progress_service.testing import ServiceProcess

from .history import Call, History, Key, Outcome, Reading
from .service import CLIENT_SECONDS

DURATION_SECONDS = 600.0
VIDEOS = 3
PAUSE_SECONDS = 0.05
RECONNECT_SECONDS = 0.5
Body = dict[str, Any]


@dataclass(frozen=True)
class Course:
    """A course of its own for each test, so that histories do not mix."""

    course_id: str
    student_ids: Sequence[str]

    @property
    def video_ids(self) -> list[str]:
        """In course order."""
        return [f"{self.course_id}-video-{number}" for number in range(VIDEOS)]

    def without(self, student_id: str) -> Course:
        """The course without one of its students."""
        return replace(self, student_ids=[s for s in self.student_ids if s != student_id])


async def put_course(service: ServiceProcess, course_id: str, *, students: int) -> Course:
    """Put the course and its enrolments over HTTP, as another service does."""
    course = Course(course_id, [f"{course_id}-student-{number}" for number in range(students)])
    materials = [
        {"material_id": vid, "type": "video", "title": vid, "duration_seconds": DURATION_SECONDS}
        for vid in course.video_ids
    ]
    body = {"title": course_id, "teacher_ids": [], "materials": materials}
    path = f"/api/catalog/courses/{course_id}"
    async with a_client(service, service.headers("catalogue", "service")) as http:
        (await http.put(path, json=body)).raise_for_status()
        enrolled = {"student_ids": course.student_ids}
        (await http.put(f"{path}/enrollments", json=enrolled)).raise_for_status()
    return course


def a_client(
    service: ServiceProcess, headers: dict[str, str], *, url: str | None = None
) -> httpx.AsyncClient:
    """A client with a generous timeout and a connection of its own."""
    return httpx.AsyncClient(
        base_url=url or service.address, headers=headers, timeout=CLIENT_SECONDS
    )


def now() -> datetime:
    """The time in UTC and whole milliseconds, as players send it."""
    time_now = datetime.now(UTC)
    return time_now.replace(microsecond=time_now.microsecond // 1_000 * 1_000)


@dataclass
class Learner:
    """One device of one student: reports, repeats reports without a response, and reads."""

    http: httpx.AsyncClient
    history: History
    student_id: str
    device_id: str
    video_ids: Sequence[str]
    random: random.Random
    played: dict[str, list[list[float]]] = field(default_factory=dict)
    pause_seconds: float = PAUSE_SECONDS

    async def watch(self, stop: asyncio.Event) -> None:
        """Run until *stop*; the last call is completed."""
        while not stop.is_set():
            video_id = self.random.choice(self.video_ids)
            if self.random.random() < 0.25:
                await self.read(video_id)
            else:
                body = self.a_report(video_id)
                outcome = await self.report(video_id, body)
                while outcome == "unknown" and self.random.random() < 0.5 and not stop.is_set():
                    outcome = await self.report(video_id, body)
            await asyncio.sleep(self.random.uniform(0, 2 * self.pause_seconds))

    async def report(self, video_id: str, body: Body) -> Outcome:
        """Send one report and record it."""
        sent_at = time.monotonic()
        try:
            response = await self.http.post(f"/api/progress/video/{video_id}/watch-time", json=body)
            status = response.status_code
        except httpx.TransportError:
            status = None
        responded_at = time.monotonic()
        key, outcome = (self.student_id, video_id), _outcome_of(status)
        if status is None:
            await asyncio.sleep(RECONNECT_SECONDS)
        call = Call(self.device_id, key, body, outcome, sent_at, responded_at, status)
        self.history.entries.append(call)
        return outcome

    async def read(self, video_id: str) -> None:
        """Read one status and record it if there was one."""
        try:
            response = await self.http.get(f"/api/progress/video/{video_id}/status")
        except httpx.TransportError:
            return
        if response.status_code == 200:
            key = self.student_id, video_id
            self.history.entries.append(Reading(self.device_id, key, response.json()))

    def a_report(self, video_id: str) -> Body:
        """Mostly a heartbeat; sometimes at the start, a restart, at the end, late, or invalid."""
        draw = self.random.random()
        position = round(self.random.uniform(3, 470), 3)
        kind, observed_at = "heartbeat", now()
        if draw < 0.05:
            position = 0.0  # a loading player
        elif draw < 0.08:
            position, kind = 0.0, "restart"
        elif draw < 0.10:
            position, kind = round(self.random.uniform(480, DURATION_SECONDS), 3), "ended"
        elif draw < 0.15:
            observed_at -= timedelta(seconds=self.random.randint(1, 3_600))
        elif draw < 0.17:
            position = DURATION_SECONDS + 2  # rejected: past the end by more than rounding
        return {
            "watch_time": position,
            "total_duration": DURATION_SECONDS,
            "observed_at": observed_at.isoformat(),
            "kind": kind,
            "device_id": self.device_id,
            "played": self._play_on(video_id),
        }

    def _play_on(self, video_id: str) -> list[list[float]]:
        """The session's spans so far and a new one; a new session after a while."""
        start = round(self.random.uniform(0, DURATION_SECONDS - 10), 1)
        spans = self.played.setdefault(video_id, [])
        if len(spans) >= 5:
            spans.clear()
        spans.append([start, round(start + self.random.uniform(0.5, 5), 1)])
        return [list(span) for span in spans]


def _outcome_of(status: int | None) -> Outcome:
    if status is None or status >= 500:
        return "unknown"
    return "failed" if status >= 400 else "ok"


def a_plain_report(position_seconds: float) -> Body:
    """A report of a phone at a position of the video, now."""
    return {
        "watch_time": position_seconds,
        "total_duration": DURATION_SECONDS,
        "observed_at": now().isoformat(),
        "device_id": "phone",
        "played": [[0, position_seconds]],
    }


@asynccontextmanager
async def a_learner(
    service: ServiceProcess,
    history: History,
    course: Course,
    student_id: str,
    *,
    number: int = 0,
    pause_seconds: float = PAUSE_SECONDS,
    url: str | None = None,
) -> AsyncIterator[Learner]:
    """A device of *student_id*, at *url* or at the service itself."""
    name = f"{student_id}-device-{number}"
    async with a_client(service, service.headers(student_id, "student"), url=url) as http:
        yield Learner(
            *(http, history, student_id, name, course.video_ids, random.Random(name)),
            pause_seconds=pause_seconds,
        )


@asynccontextmanager
async def learners(
    service: ServiceProcess,
    course: Course,
    *,
    devices: int = 2,
    pause_seconds: float = PAUSE_SECONDS,
) -> AsyncIterator[History]:
    """Every student of *course* watches on *devices* devices while the block runs."""
    history, stop = History(), asyncio.Event()
    async with AsyncExitStack() as stack:
        watching = []
        for student_id in course.student_ids:
            for number in range(devices):
                learner = a_learner(
                    *(service, history, course, student_id),
                    number=number,
                    pause_seconds=pause_seconds,
                )
                watch = (await stack.enter_async_context(learner)).watch(stop)
                watching.append(asyncio.create_task(watch))
        try:
            yield history
        finally:
            stop.set()
            await asyncio.gather(*watching)


@dataclass
class ReadOutcomes:
    """The reads of one student: the duration of each in seconds, and the errors."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """The number of successful reads."""
        return len(self.seconds)

    def __str__(self) -> str:
        slowest = max(self.seconds, default=0)
        return f"{self.count} reads, slowest {slowest:.1f} s, {len(self.failed)} failed"


@asynccontextmanager
async def polling(
    service: ServiceProcess,
    student_id: str,
    course: Course,
    *,
    whole_course: bool = False,
    pause_seconds: float = 0.25,
) -> AsyncIterator[ReadOutcomes]:
    """*student_id* polls the status of the first video, or the course."""
    reads, stop = ReadOutcomes(), asyncio.Event()
    video, all_of_it = f"video/{course.video_ids[0]}/status", f"course/{course.course_id}"
    path = f"/api/progress/{all_of_it if whole_course else video}"

    async def read(http: httpx.AsyncClient) -> None:
        while not stop.is_set():
            started = time.monotonic()
            try:
                (await http.get(path)).raise_for_status()
            except httpx.HTTPError as error:
                reads.failed.append(f"{error!r} after {time.monotonic() - started:.1f} s")
            else:
                reads.seconds.append(time.monotonic() - started)
            await asyncio.sleep(pause_seconds)

    async with a_client(service, service.headers(student_id, "student")) as http:
        task = asyncio.create_task(read(http))
        try:
            yield reads
        finally:
            stop.set()
            await task


async def read_back(service: ServiceProcess, keys: set[Key]) -> dict[Key, dict[str, Any]]:
    """The status of each key, as the API returns it now."""
    statuses = {}
    for student_id in {student_id for student_id, _ in keys}:
        video_ids = sorted(video_id for student, video_id in keys if student == student_id)
        async with a_client(service, service.headers(student_id, "student")) as http:
            for video_id in video_ids:
                response = await http.get(f"/api/progress/video/{video_id}/status")
                response.raise_for_status()
                statuses[student_id, video_id] = response.json()
    return statuses
