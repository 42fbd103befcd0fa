"""A change stream as an async iterator that survives reconnects and failovers.

The driver's own asynchronous iterator takes a thread hop for each event; here one thread reads and
hands events over in whatever lumps they come. It has a client of its own, without the deadline that
every other call has: waiting for news is what it is for.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from progress_service.observability import get_logger

MAX_AWAIT_MILLISECONDS = 500  # How long the server holds an empty answer; bounds stopping too.
MAX_BUFFERED = 10_000  # Beyond it the reader waits for the loop.
STOP_SECONDS = 1.0  # A thread that a mute server holds longer ends with the process.
RETRY_SECONDS = 0.5
# InvalidResumeToken, ChangeStreamFatalError, ChangeStreamHistoryLost: no use trying that again.
_HISTORY_LOST = frozenset({260, 280, 286})
MAX_REFUSALS = 10  # A server that so often refuses to go on, for whatever reason, never will.

Event = Mapping[str, Any]
LOST: Final[Event] = {"operationType": "lost"}
"""Stands for events that are gone for good: the oplog no longer reaches back to them."""

log = get_logger("changes")


class ChangeStream:
    """Events of some collections, from the moment it is entered.

    Enter it to start the thread and wait until the stream is open; iterate for lists of events,
    oldest first; leave it to stop. `LOST` in a list says that events before it may be missing.

    A stream that waits for news is woken by, and searches, every write to any collection. With
    *look_every_seconds* it looks from time to time instead: later news, and writes cost less.
    Documents come without *without_fields*.
    """

    def __init__(
        self,
        uri: str,
        database: str,
        collections: Sequence[str],
        *,
        look_every_seconds: float = 0.0,
        without_fields: Sequence[str] = (),
    ) -> None:
        self._uri = uri
        self._database = database
        self._look_every_seconds = look_every_seconds
        self._pipeline: list[dict[str, Any]] = [
            {"$match": {"ns.coll": {"$in": list(collections)}}},
            *({"$unset": f"fullDocument.{name}"} for name in without_fields),
        ]
        self._events: deque[Event] = deque()
        self._arrived = asyncio.Event()
        self._opened = asyncio.Event()
        self._stopping = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._token: Any = None  # Where to go on after an interruption.
        self._has_lost = False
        self._refusals = 0
        self._thread = threading.Thread(target=self._read, name="changes", daemon=True)

    async def __aenter__(self) -> Self:
        self._thread.start()
        await self._opened.wait()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        await asyncio.to_thread(self._thread.join, STOP_SECONDS)

    async def __aiter__(self) -> AsyncIterator[list[Event]]:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            events = [self._events.popleft() for _ in range(len(self._events))]
            if events:
                yield events

    def _read(self) -> None:
        with MongoClient[dict[str, Any]](self._uri, appname="progress-service-changes") as client:
            while not self._stopping.is_set():
                try:
                    self._follow(client)
                except OperationFailure as error:
                    self._note_failure(error)
                except PyMongoError as error:
                    log.warning("change_stream_interrupted", error=type(error).__name__)
                self._stopping.wait(RETRY_SECONDS)

    def _follow(self, client: MongoClient[dict[str, Any]]) -> None:
        """Read until told to stop, or until the stream ends; from where it was left, if it was."""
        with client[self._database].watch(
            self._pipeline,
            full_document="updateLookup",
            resume_after=self._token,
            max_await_time_ms=1 if self._look_every_seconds else MAX_AWAIT_MILLISECONDS,
        ) as stream:
            self._token = stream.resume_token
            self._refusals = 0
            self._call(self._opened.set)
            if self._has_lost:  # Told only now, so that who then asks for everything has it all.
                self._has_lost = False
                self._hand_over(LOST)
            while stream.alive and not self._stopping.is_set():
                event = stream.try_next()
                self._token = stream.resume_token
                if event is not None:
                    self._hand_over(event)
                elif self._look_every_seconds:
                    self._stopping.wait(self._look_every_seconds)
        if not self._stopping.is_set():
            self._start_afresh()  # the database was dropped under us

    def _note_failure(self, error: OperationFailure) -> None:
        self._refusals += 1
        lost = error.code in _HISTORY_LOST or self._refusals >= MAX_REFUSALS
        log.warning("change_stream_failed", code=error.code, history_lost=lost)
        if lost:
            self._start_afresh()

    def _start_afresh(self) -> None:
        self._token = None
        self._refusals = 0
        self._has_lost = True

    def _hand_over(self, event: Event) -> None:
        while len(self._events) >= MAX_BUFFERED and not self._stopping.is_set():
            time.sleep(0.01)
        self._events.append(event)
        self._call(self._arrived.set)

    def _call(self, function: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)
