"""Learners who watch, as clients of the service over HTTP; each call is written down."""

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

from .history import Call, History, Key, Outcome, Reading
from .service import CLIENT_SECONDS, Service, bearer

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
        """The course as far as the other students are concerned."""
        return replace(self, student_ids=[s for s in self.student_ids if s != student_id])


async def put_course(service: Service, course_id: str, *, students: int) -> Course:
    """Put the course and its enrolments over HTTP, as another service does."""
    course = Course(course_id, [f"{course_id}-student-{number}" for number in range(students)])
    materials = [
        {"material_id": vid, "type": "video", "title": vid, "duration_seconds": DURATION_SECONDS}
        for vid in course.video_ids
    ]
    body = {"title": course_id, "teacher_ids": [], "materials": materials}
    path = f"/api/catalog/courses/{course_id}"
    async with a_client(service, bearer("catalogue", "service")) as http:
        (await http.put(path, json=body)).raise_for_status()
        enrolled = {"student_ids": course.student_ids}
        (await http.put(f"{path}/enrollments", json=enrolled)).raise_for_status()
    return course


def a_client(
    service: Service, headers: dict[str, str], *, url: str | None = None
) -> httpx.AsyncClient:
    """A client with the deadline of a patient one, and a connection of its own."""
    return httpx.AsyncClient(base_url=url or service.url, headers=headers, timeout=CLIENT_SECONDS)


def now() -> datetime:
    """In UTC and whole milliseconds, as players say it."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)


@dataclass
class Learner:
    """One device of one student: reports, repeats what was not answered, and looks."""

    http: httpx.AsyncClient
    history: History
    student_id: str
    device_id: str
    video_ids: Sequence[str]
    random: random.Random
    played: dict[str, list[list[float]]] = field(default_factory=dict)
    pause_seconds: float = PAUSE_SECONDS

    async def watch(self, stop: asyncio.Event) -> None:
        """Go on until *stop*; the last call is finished."""
        while not stop.is_set():
            video_id = self.random.choice(self.video_ids)
            if self.random.random() < 0.25:
                await self.look(video_id)
            else:
                body = self.a_report(video_id)
                outcome = await self.report(video_id, body)
                while outcome == "unknown" and self.random.random() < 0.5 and not stop.is_set():
                    outcome = await self.report(video_id, body)
            await asyncio.sleep(self.random.uniform(0, 2 * self.pause_seconds))

    async def report(self, video_id: str, body: Body) -> Outcome:
        """One call, written down."""
        sent_at = time.monotonic()
        try:
            answer = await self.http.post(f"/api/progress/video/{video_id}/watch-time", json=body)
            status = answer.status_code
        except httpx.TransportError:
            status = None
        answered_at = time.monotonic()
        key, outcome = (self.student_id, video_id), _outcome_of(status)
        if status is None:
            await asyncio.sleep(RECONNECT_SECONDS)
        call = Call(self.device_id, key, body, outcome, sent_at, answered_at, status)
        self.history.entries.append(call)
        return outcome

    async def look(self, video_id: str) -> None:
        """One status, written down when there was one."""
        try:
            answer = await self.http.get(f"/api/progress/video/{video_id}/status")
        except httpx.TransportError:
            return
        if answer.status_code == 200:
            key = self.student_id, video_id
            self.history.entries.append(Reading(self.device_id, key, answer.json()))

    def a_report(self, video_id: str) -> Body:
        """Mostly on; sometimes back, to the start, late, to the end, or nonsense."""
        chance = self.random.random()
        position = round(self.random.uniform(3, 470), 3)
        kind, observed_at = "heartbeat", now()
        if chance < 0.05:
            position = 0.0  # a player that loads
        elif chance < 0.08:
            position, kind = 0.0, "restart"
        elif chance < 0.10:
            position, kind = round(self.random.uniform(480, DURATION_SECONDS), 3), "ended"
        elif chance < 0.15:
            observed_at -= timedelta(seconds=self.random.randint(1, 3_600))
        elif chance < 0.17:
            position = DURATION_SECONDS + 2  # refused: past the end by more than rounding
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
    """Somewhere in the video, now; with what a phone says."""
    return {
        "watch_time": position_seconds,
        "total_duration": DURATION_SECONDS,
        "observed_at": now().isoformat(),
        "device_id": "phone",
        "played": [[0, position_seconds]],
    }


@asynccontextmanager
async def a_learner(
    service: Service,
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
    async with a_client(service, bearer(student_id, "student"), url=url) as http:
        yield Learner(
            *(http, history, student_id, name, course.video_ids, random.Random(name)),
            pause_seconds=pause_seconds,
        )


@asynccontextmanager
async def learners(
    service: Service, course: Course, *, devices: int = 2, pause_seconds: float = PAUSE_SECONDS
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
class Looks:
    """What one student saw who only looks: seconds each answer took, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """How many statuses were shown."""
        return len(self.seconds)

    def __str__(self) -> str:
        slowest = max(self.seconds, default=0)
        return f"{self.answered} looks, slowest {slowest:.1f} s, {len(self.failed)} failed"


@asynccontextmanager
async def looking(
    service: Service,
    student_id: str,
    course: Course,
    *,
    whole_course: bool = False,
    pause_seconds: float = 0.25,
) -> AsyncIterator[Looks]:
    """*student_id* looks at the first video, or the course, again and again."""
    looks, stop = Looks(), asyncio.Event()
    video, all_of_it = f"video/{course.video_ids[0]}/status", f"course/{course.course_id}"
    path = f"/api/progress/{all_of_it if whole_course else video}"

    async def look(http: httpx.AsyncClient) -> None:
        while not stop.is_set():
            started = time.monotonic()
            try:
                (await http.get(path)).raise_for_status()
            except httpx.HTTPError as error:
                looks.failed.append(f"{error!r} after {time.monotonic() - started:.1f} s")
            else:
                looks.seconds.append(time.monotonic() - started)
            await asyncio.sleep(pause_seconds)

    async with a_client(service, bearer(student_id, "student")) as http:
        task = asyncio.create_task(look(http))
        try:
            yield looks
        finally:
            stop.set()
            await task


async def read_back(service: Service, keys: set[Key]) -> dict[Key, dict[str, Any]]:
    """The status of each key as the API gives it now."""
    statuses = {}
    for student_id in {student_id for student_id, _ in keys}:
        video_ids = sorted(video_id for student, video_id in keys if student == student_id)
        async with a_client(service, bearer(student_id, "student")) as http:
            for video_id in video_ids:
                answer = await http.get(f"/api/progress/video/{video_id}/status")
                answer.raise_for_status()
                statuses[student_id, video_id] = answer.json()
    return statuses
