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

from bson.timestamp import Timestamp
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from progress_service.mongo.client import TOLERANT
from progress_service.observability import get_logger

MAX_AWAIT_MILLISECONDS = 500  # How long the server holds an empty answer; bounds stopping too.
MAX_BUFFERED = 10_000  # Beyond it the reader waits for the loop.
STOP_SECONDS = 1.0  # A thread that a mute server holds longer ends with the process.
RETRY_SECONDS = 0.5
FIND_SECONDS = 2.0  # So long an event read before is looked for on a server that is new to us.
# InvalidResumeToken, ChangeStreamFatalError, ChangeStreamHistoryLost: no use trying that again.
_HISTORY_LOST = frozenset({260, 280, 286})
MAX_REFUSALS = 10  # A server that so often refuses to go on, for whatever reason, never will.

Event = Mapping[str, Any]
Place = tuple[Timestamp, Any]
"""Where an event stands in the history: its moment, and its own token."""
LOST: Final[Event] = {"operationType": "lost"}
"""Stands for events that are gone for good: the oplog no longer reaches back to them, a collection
was dropped or renamed, or an older backup was put in the place of the database."""

log = get_logger("changes")


class _HistoryLostError(Exception):
    """The database does not hold what was read from it before."""


class _OpenedStreams(CommandListener):
    """Counts how often a stream was opened: the driver also does so by itself, and tells nobody."""

    def __init__(self) -> None:
        self.count = 0

    def started(self, event: CommandStartedEvent) -> None:
        """A command is on its way; only streams are opened by this one."""
        self.count += event.command_name == "aggregate"

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Not of interest."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Not of interest."""


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
        self._last_event: Place | None = None
        self._server_process: Any = None
        self._opened_streams = _OpenedStreams()
        self._has_lost = False
        self._refusals = 0
        self._thread = threading.Thread(target=self._read, name="changes", daemon=True)

    async def __aenter__(self) -> Self:
        self._thread.start()
        try:
            await self._opened.wait()
        except asyncio.CancelledError:  # nobody leaves what was never entered
            self._stopping.set()
            raise
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
        with MongoClient[dict[str, Any]](
            self._uri,
            appname="progress-service-changes",
            event_listeners=[self._opened_streams],
        ) as client:
            while not self._stopping.is_set():
                try:
                    self._follow(client)
                except _HistoryLostError:
                    log.warning("change_stream_failed", code=None, history_lost=True)
                    self._start_afresh()
                except OperationFailure as error:
                    self._note_failure(error)
                except PyMongoError as error:
                    log.warning("change_stream_interrupted", error=type(error).__name__)
                self._stopping.wait(RETRY_SECONDS)

    def _follow(self, client: MongoClient[dict[str, Any]]) -> None:
        """Read until told to stop, or until the stream ends; from where it was left, if it was."""
        with client.get_database(self._database, TOLERANT).watch(
            self._pipeline,
            full_document="updateLookup",
            resume_after=self._token,
            max_await_time_ms=1 if self._look_every_seconds else MAX_AWAIT_MILLISECONDS,
        ) as stream:
            checked = self._require_same_history(client)
            self._token = stream.resume_token
            self._refusals = 0
            self._call(self._opened.set)
            if self._has_lost:  # Told only now, so that who then asks for everything has it all.
                self._has_lost = False
                self._hand_over(LOST)
            while stream.alive and not self._stopping.is_set():
                event = stream.try_next()
                if self._opened_streams.count != checked:  # the driver has opened it again
                    checked = self._require_same_history(client)
                self._token = stream.resume_token
                if event is not None:
                    self._last_event = event["clusterTime"], event["_id"]
                    # A collection was dropped or renamed: no document says what is gone.
                    self._hand_over(event if "documentKey" in event else LOST)
                elif self._look_every_seconds:
                    self._stopping.wait(self._look_every_seconds)
        if not self._stopping.is_set():
            self._start_afresh()  # the database was dropped under us

    def _require_same_history(self, client: MongoClient[dict[str, Any]]) -> int:
        """Pass when the database still holds all that was read from it; count the open streams.

        Under a server process that we know, it does. Another process may be another member, or
        serve a restored backup: a server goes on silently behind a place it never reached. So the
        last event is read again. Where none was read, there is no telling, and it counts as lost.

        Raises:
            _HistoryLostError: it does not, or nobody can tell.
        """
        process = client.admin.command("hello").get("topologyVersion", {}).get("processId")
        is_known = self._token is None or process == self._server_process
        if not is_known and not self._is_held(client, self._last_event):
            raise _HistoryLostError
        self._server_process = process
        return self._opened_streams.count

    def _is_held(self, client: MongoClient[dict[str, Any]], place: Place | None) -> bool:
        if place is None:
            return False
        moment, event_id = place
        ends_at = time.monotonic() + FIND_SECONDS
        with client.get_database(self._database, TOLERANT).watch(
            self._pipeline, start_at_operation_time=moment, max_await_time_ms=MAX_AWAIT_MILLISECONDS
        ) as stream:
            while time.monotonic() < ends_at and not self._stopping.is_set():
                found = stream.try_next()  # nothing yet: a new primary has to catch up first
                if found is not None and found["_id"] == event_id:
                    return True
                if found is not None and found["clusterTime"] > moment:
                    return False
        return False

    def _note_failure(self, error: OperationFailure) -> None:
        self._refusals += 1
        lost = error.code in _HISTORY_LOST or self._refusals >= MAX_REFUSALS
        log.warning("change_stream_failed", code=error.code, history_lost=lost)
        if lost:
            self._start_afresh()

    def _start_afresh(self) -> None:
        self._token = None
        self._last_event = None
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
