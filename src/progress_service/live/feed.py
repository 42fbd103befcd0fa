"""Change streams → frames: tells the hub what changed, and the catalogue what to forget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Any, Self

from progress_service.catalog.enrollments import to_enrollment
from progress_service.catalog.service import CatalogService
from progress_service.domain.cursor import Cursor
from progress_service.domain.progress import Progress
from progress_service.errors import ServiceError
from progress_service.live.frames import CompletedFrame, CourseFrame, PlayingFrame, ProgressFrame
from progress_service.live.hub import Hub
from progress_service.mongo.changes import LOST, ChangeStream, Event
from progress_service.mongo.schema import COURSES, ENROLLMENTS, WATCH_PROGRESS
from progress_service.mongo.unreadable import UnreadableLog
from progress_service.observability import get_logger
from progress_service.progress.documents import UnreadableError, to_progress

CATALOG_LOOK_SECONDS = 0.1  # Courses change rarely; waiting for it costs a third of every report.
PLAYING_FRESH = timedelta(seconds=30)  # An older place is no news of somebody watching now.

RESTART_SECONDS = 1.0

log = get_logger("feed")
OpenStream = Callable[..., ChangeStream]
OnEnrollmentChanged = Callable[[str, str], None]
"""Told the student and the course."""


class Feed:
    """Follows the database while entered. Progress is followed from the first listener on."""

    def __init__(
        self,
        open_stream: OpenStream,
        hub: Hub,
        catalog: CatalogService,
        *,
        on_enrollment_changed: OnEnrollmentChanged,
    ) -> None:
        self._open_stream = open_stream
        self._hub = hub
        self._catalog = catalog
        self._on_enrollment_changed = on_enrollment_changed
        self._unreadable = UnreadableLog()
        self._stack = AsyncExitStack()
        self._progress_followed: asyncio.Task[None] | None = None
        self._has_followed_catalog = False

    async def __aenter__(self) -> Self:
        await self._stack.__aenter__()
        self._spawn(self._for_ever(self._follow_catalog))
        self._spawn(self._for_ever(self._hub.sweep))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def follow_progress(self) -> None:
        """Return when changes of progress are followed: from then on nothing is missed."""
        if self._progress_followed is None:
            opened = asyncio.Event()
            self._spawn(self._for_ever(partial(self._follow_progress, opened)))
            self._progress_followed = asyncio.ensure_future(_wait(opened))
        await asyncio.shield(self._progress_followed)

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._stack.push_async_callback(_end, task)

    async def _for_ever(self, follow: Callable[[], Awaitable[None]]) -> None:
        """Begin again after a failure nobody expected."""
        while True:
            try:
                await follow()
            except Exception as error:
                log.error("feed_failed", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(RESTART_SECONDS)

    async def _follow_catalog(self) -> None:
        collections, look_every = [COURSES, ENROLLMENTS], CATALOG_LOOK_SECONDS
        async with self._open_stream(collections, look_every_seconds=look_every) as stream:
            self._catalog.forget_all()  # what was remembered before the stream stood
            if self._has_followed_catalog:
                self._hub.resync()  # a stream before this one failed
            self._has_followed_catalog = True
            async for events in stream:
                for event in events:
                    await self._catalog_changed(event)

    async def _follow_progress(self, opened: asyncio.Event) -> None:
        # Spans are many, and no frame has them.
        async with self._open_stream([WATCH_PROGRESS], without_fields=["watched_spans"]) as stream:
            if opened.is_set():
                self._hub.resync()  # a stream before this one failed
            opened.set()
            async for events in stream:
                for event in events:
                    await self._progress_changed(event)

    # -- progress ------------------------------------------------------------------------------

    async def _progress_changed(self, event: Event) -> None:
        if event is LOST:
            self._hub.resync()
            return
        document = event.get("fullDocument")
        student_id = document.get("student_id") if document else None
        sockets = self._hub.of(student_id) if isinstance(student_id, str) else []
        if not document or not sockets:
            return
        try:
            stored = to_progress(document)
        except UnreadableError:
            self._unreadable.skipped(WATCH_PROGRESS, document.get("_id"))
            return
        record = await self._current(stored)
        state = ProgressFrame.of(record).text()
        done = _completed(event, record)
        playing = _playing(record)
        for socket in sockets:
            socket.push(f"progress {record.material_id}", state)
            if done is not None:
                socket.push(f"completed {record.material_id}", done)
            if playing is not None and socket.device_id != record.place_device_id:
                socket.push(f"playing {record.material_id}", playing)

    async def _current(self, record: Progress) -> Progress:
        if course := self._catalog.known_course_of(record.material_id):
            return self._catalog.current_state(record, course)
        try:
            [current] = await self._catalog.current_states([record])
        except ServiceError:
            return record  # as stored; what is read again later says more
        return current

    # -- courses and enrolments ----------------------------------------------------------------

    async def _catalog_changed(self, event: Event) -> None:
        if event is LOST:
            self._catalog.forget_all()
            self._hub.resync()
        elif event["ns"]["coll"] == COURSES:
            course_id = event["documentKey"]["_id"]
            if not isinstance(course_id, str):
                return  # not one of our courses
            self._catalog.forget_course(course_id)
            is_there = event["operationType"] != "delete"
            await self._tell_enrolled(CourseFrame(course_id=course_id, enrolled=is_there))
        else:
            self._enrollment_changed(event)

    def _enrollment_changed(self, event: Event) -> None:
        key = _enrollment_of(event)
        if key is None:
            if event["operationType"] == "delete":  # It may have been anybody's.
                self._catalog.forget_all()
            return
        student_id, course_id = key
        self._on_enrollment_changed(student_id, course_id)
        if event["operationType"] == "delete":
            self._catalog.forget_enrollment(student_id, course_id)
        if frame := _course_frame(event, course_id):
            self._tell(student_id, frame)

    async def _tell_enrolled(self, frame: CourseFrame) -> None:
        """Every listener in the course hears that it changed."""
        try:
            enrolled = await self._catalog.enrolled_among(frame.course_id, self._hub.students())
        except ServiceError:
            self._hub.resync()  # we cannot tell whom it concerns
            return
        for student_id in enrolled:
            self._tell(student_id, frame)

    def _tell(self, student_id: str, frame: CourseFrame) -> None:
        text = frame.text()
        for socket in self._hub.of(student_id):
            socket.push(f"course {frame.course_id}", text)


def _enrollment_of(event: Event) -> tuple[str, str] | None:
    """The student and the course. Documents of other programs say so in their fields only."""
    names: Sequence[Any]
    if document := event.get("fullDocument"):
        names = document.get("student_id"), document.get("course_id")
    else:
        names = str(event["documentKey"]["_id"]).split("/")
    if len(names) != 2 or not all(isinstance(name, str) for name in names):
        return None
    return names[0], names[1]


def _course_frame(event: Event, course_id: str) -> CourseFrame | None:
    """What to say of a changed enrolment: its totals if they were just reckoned, else "read it"."""
    document = event.get("fullDocument")
    changed = event.get("updateDescription", {}).get("updatedFields")
    if document is None or changed is None:
        return CourseFrame(course_id=course_id, enrolled=document is not None)
    if "revision" not in changed:  # a card was dismissed; the course is as it was
        return None
    enrollment = to_enrollment(document)
    return CourseFrame(
        course_id=course_id,
        enrolled=True,
        overall_progress=enrollment.progress_percent,
        completed_ids=list(enrollment.completed_ids),
        completed_at=enrollment.completed_at,
    )


def _completed(event: Event, record: Progress) -> str | None:
    """The frame of a completion that this very change made."""
    changed = event.get("updateDescription", {}).get("updatedFields")
    if record.completed_at is None or (changed is not None and "completed_at" not in changed):
        return None
    return CompletedFrame(
        video_id=record.material_id,
        completed_at=record.completed_at,
        cursor=Cursor.at(record).encode(),
    ).text()


def _playing(record: Progress) -> str | None:
    place = record.place
    if place is None or not place.is_playing or place.observed_at < _now() - PLAYING_FRESH:
        return None
    return PlayingFrame(
        video_id=record.material_id,
        device_id=place.device_id,
        watch_time=place.position_seconds,
        observed_at=place.observed_at,
    ).text()


def _now() -> datetime:
    return datetime.now(UTC)


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


async def _end(task: asyncio.Future[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
