"""Follows the change streams, and passes typed events to the subscribers that `app` sets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from types import TracebackType
from typing import Self

from progress_service.catalog.enrollments import ACTIVE_AT
from progress_service.changes.events import (
    CatalogEvent,
    CatalogStale,
    HistoryLost,
    ProgressChanged,
    to_course_changed,
    to_enrollment_changed,
    to_preferences_changed,
    to_progress_changed,
)
from progress_service.mongo.change_stream import HISTORY_LOST, ChangeStream, Event
from progress_service.mongo.schema import COURSES, ENROLLMENTS, PREFERENCES, WATCH_PROGRESS
from progress_service.mongo.unreadable import UnreadableLog
from progress_service.observability.logging import get_logger
from progress_service.progress.documents import UnreadableError, to_progress

# Courses change rarely, and waiting for their events costs a third of each report.
CATALOG_POLL_SECONDS = 0.1
RESTART_SECONDS = 1.0

log = get_logger("changes")
OpenStream = Callable[..., ChangeStream]

CatalogSubscriber = Callable[[CatalogEvent], Awaitable[None]]
"""Called with each changed course or enrolment; with `HistoryLost`, any may have changed."""
ProgressSubscriber = Callable[[Sequence[ProgressChanged | HistoryLost]], Awaitable[None]]
"""Called with changed records; with `HistoryLost`, any may have changed."""
IsListening = Callable[[str], bool]
"""Returns whether the changes of this student are needed; others are not read."""


class ChangeFeed:
    """Follows the catalogue while entered, and progress from the first `follow_progress` on."""

    def __init__(
        self,
        open_stream: OpenStream,
        *,
        on_catalog_changed: CatalogSubscriber,
        on_progress_changed: ProgressSubscriber,
        is_listening: IsListening,
    ) -> None:
        self._open_stream = open_stream
        self._on_catalog_changed = on_catalog_changed
        self._on_progress_changed = on_progress_changed
        self._is_listening = is_listening
        self._unreadable = UnreadableLog()
        self._stack = AsyncExitStack()
        self._progress_followed: asyncio.Task[None] | None = None
        self._streams: dict[str, ChangeStream] = {}

    async def __aenter__(self) -> Self:
        await self._stack.__aenter__()
        self.supervise(partial(self._follow_catalog, asyncio.Event()))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    def is_connected(self) -> bool:
        """True if all streams that are followed are open, and their servers respond."""
        return bool(self._streams) and all(one.is_connected() for one in self._streams.values())

    async def follow_progress(self) -> None:
        """Return once changes of progress are followed; from then on, none is missed."""
        if self._progress_followed is None:
            opened = asyncio.Event()
            self.supervise(partial(self._follow_progress, opened))
            self._progress_followed = asyncio.ensure_future(_wait(opened))
        await asyncio.shield(self._progress_followed)

    def supervise(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run *work* until the feed is left; start it again after an unexpected error."""
        task = asyncio.ensure_future(_restarting(work))
        self._stack.push_async_callback(_cancel, task)

    async def _follow_catalog(self, opened: asyncio.Event) -> None:
        streams = self._streams["catalog"] = self._open_stream(
            [COURSES, ENROLLMENTS, PREFERENCES],
            poll_interval_seconds=CATALOG_POLL_SECONDS,
            without_updates_of=ACTIVE_AT,  # frequent, and no subscriber needs them
        )
        async with streams as stream:
            # If it was open before, a stream has failed.
            await self._on_catalog_changed(HistoryLost() if opened.is_set() else CatalogStale())
            opened.set()
            async for events in stream:
                await self._publish_catalog(events)
                del events  # They name students, and the next ones may come in an hour.

    async def _follow_progress(self, opened: asyncio.Event) -> None:
        # These are large, and no subscriber reads them.
        unread = ["watched_spans", "sessions"]
        streams = self._open_stream([WATCH_PROGRESS], without_fields=unread)
        self._streams["progress"] = streams
        async with streams as stream:
            if opened.is_set():  # an earlier stream failed
                await self._on_progress_changed([HistoryLost()])
            opened.set()
            async for events in stream:
                await self._publish_progress(events)
                del events

    async def _publish_catalog(self, events: Sequence[Event]) -> None:
        for event in events:
            if (changed := _catalog_event(event)) is not None:
                await self._on_catalog_changed(changed)

    async def _publish_progress(self, events: Sequence[Event]) -> None:
        changed = [self._progress_event(event) for event in events]
        await self._on_progress_changed([one for one in changed if one])

    def _progress_event(self, event: Event) -> ProgressChanged | HistoryLost | None:
        if event is HISTORY_LOST:
            return HistoryLost()
        document = event.get("fullDocument")
        student_id = document.get("student_id") if document else None
        if not document or not isinstance(student_id, str):
            return None
        if not self._is_listening(student_id):
            return None
        try:
            return to_progress_changed(event, student_id, to_progress(document))
        except UnreadableError:
            self._unreadable.skipped(WATCH_PROGRESS, document.get("_id"))
            return None


def _catalog_event(event: Event) -> CatalogEvent | None:
    if event is HISTORY_LOST:
        return HistoryLost()
    if event["ns"]["coll"] == COURSES:
        return to_course_changed(event)
    if event["ns"]["coll"] == PREFERENCES:
        return to_preferences_changed(event)
    return to_enrollment_changed(event)


async def _restarting(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception as error:
            log.error("change_feed_failed", error=type(error).__name__, exc_info=error)
        await asyncio.sleep(RESTART_SECONDS)


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


async def _cancel(task: asyncio.Future[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
