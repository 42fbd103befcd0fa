"""A change stream as an async iterator that survives reconnects and failovers.

The driver's own asynchronous iterator takes a thread hop for each event. Here one thread reads, and
hands over events in batches as they come. It has a client of its own, without the deadline of other
calls, because waiting is its purpose.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

from bson.timestamp import Timestamp
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from progress_service.mongo.client import TOLERANT
from progress_service.mongo.opened_streams import OpenedStreams
from progress_service.observability.logging import get_logger

MAX_AWAIT_MILLISECONDS = 500  # How long the server waits for an event; bounds stopping too.
MAX_BUFFERED = 10_000  # Events; with more, the thread waits for the event loop.
STOP_SECONDS = 1.0  # A thread that an unresponsive server blocks longer ends with the process.
RETRY_SECONDS = 0.5
FIND_SECONDS = 2.0  # How long an event read before is searched for on another server.
# InvalidResumeToken, ChangeStreamFatalError, ChangeStreamHistoryLost: retrying does not help.
_HISTORY_LOST_CODES = frozenset({260, 280, 286})
SILENT_SECONDS = 5.0  # A server that responds at all does so every half second.
MAX_FAILURES = 10  # A server that fails to resume so often, for any reason, never will.

Event = Mapping[str, Any]
EventKey = tuple[Timestamp, bytes]
"""The position of an event in the history: its time, and a hash of its token, which has the id of
the document, and so may name a student."""
HISTORY_LOST: Final[Event] = {"operationType": "lost"}
"""Replaces events that are lost: the oplog no longer contains them, a collection was dropped or
renamed, or the database was replaced by an older backup."""

log = get_logger("changes")


class _HistoryLostError(Exception):
    """The database does not hold what was read from it before."""


class ChangeStream:
    """Change events of some collections, from the moment it is entered.

    Enter it to start the thread and wait until the stream is open; iterate for lists of events,
    oldest first; leave it to stop. `HISTORY_LOST` in a list means that events may be missing.

    Args:
        uri: of the replica set.
        database: its name.
        collections: the collections to follow.
        poll_interval_seconds: how often to poll. 0 waits for events instead: they come sooner, but
            every write to any collection wakes the stream, and costs more.
        without_fields: fields that events leave out of documents.
        without_updates_of: updates of this field are no events.
    """

    def __init__(
        self,
        uri: str,
        database: str,
        collections: Sequence[str],
        *,
        poll_interval_seconds: float = 0.0,
        without_fields: Sequence[str] = (),
        without_updates_of: str | None = None,
    ) -> None:
        self._uri = uri
        self._database = database
        self._poll_interval_seconds = poll_interval_seconds
        of_interest: dict[str, Any] = {"ns.coll": {"$in": list(collections)}}
        if without_updates_of is not None:
            field = f"updateDescription.updatedFields.{without_updates_of}"
            of_interest[field] = {"$exists": False}
        self._pipeline: list[dict[str, Any]] = [
            {"$match": of_interest},
            *({"$unset": f"fullDocument.{name}"} for name in without_fields),
        ]
        self._events: deque[Event] = deque()
        self._arrived = asyncio.Event()
        self._opened = asyncio.Event()
        self._stopping = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._token: Any = None  # From which to resume after an interruption.
        self._last_event: EventKey | None = None
        self._server_process: Any = None
        self._opened_streams = OpenedStreams()
        self._lost_history = False
        self._failures = 0
        self._responded_at: float | None = None  # while the stream is open
        self._thread = threading.Thread(target=self._read, name="changes", daemon=True)

    async def __aenter__(self) -> Self:
        self._thread.start()
        try:
            await self._opened.wait()
        except asyncio.CancelledError:  # __aexit__ is not called after this
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

    def is_connected(self) -> bool:
        """True if the stream is open, and its server has responded lately."""
        responded_at = self._responded_at
        return responded_at is not None and time.monotonic() - responded_at < SILENT_SECONDS

    async def __aiter__(self) -> AsyncIterator[list[Event]]:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            if self._events:
                yield [self._events.popleft() for _ in range(len(self._events))]

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
                    self._restart_without_token()
                except OperationFailure as error:
                    self._note_failure(error)
                except PyMongoError as error:
                    log.warning("change_stream_interrupted", error=type(error).__name__)
                self._responded_at = None
                self._stopping.wait(RETRY_SECONDS)

    def _follow(self, client: MongoClient[dict[str, Any]]) -> None:
        """Read until stopped, or until the stream ends; resume after the last event, if any."""
        with client.get_database(self._database, TOLERANT).watch(
            self._pipeline,
            full_document="updateLookup",
            resume_after=self._token,
            max_await_time_ms=1 if self._poll_interval_seconds else MAX_AWAIT_MILLISECONDS,
        ) as stream:
            checked = self._require_same_history(client)
            self._token = stream.resume_token
            self._failures = 0
            self._call(self._opened.set)
            if (
                self._lost_history
            ):  # Only now, so that a subscriber that reads everything then misses nothing.
                self._lost_history = False
                self._hand_over(HISTORY_LOST)
            while stream.alive and not self._stopping.is_set():
                self._responded_at = time.monotonic()
                event = stream.try_next()
                if self._opened_streams.count != checked:  # the driver has reopened it
                    checked = self._require_same_history(client)
                self._token = stream.resume_token
                if event is not None:
                    self._last_event = _key_of(event)
                    # A collection was dropped or renamed: no document says what is gone.
                    self._hand_over(event if "documentKey" in event else HISTORY_LOST)
                elif self._poll_interval_seconds:
                    self._stopping.wait(self._poll_interval_seconds)
        if not self._stopping.is_set():
            self._restart_without_token()  # the database was dropped

    def _require_same_history(self, client: MongoClient[dict[str, Any]]) -> int:
        """Pass when the database still holds all that was read from it; return the streams opened.

        With the same server process it does. Another process may be another member, or serve a
        restored backup: a server resumes silently after a position that it never reached. So the
        last event is read again. Where none was read, the history counts as lost.

        Raises:
            _HistoryLostError: it does not, or that is unknown.
        """
        process = client.admin.command("hello").get("topologyVersion", {}).get("processId")
        is_known = self._token is None or process == self._server_process
        if not is_known and not self._is_held(client, self._last_event):
            raise _HistoryLostError
        self._server_process = process
        return self._opened_streams.count

    def _is_held(self, client: MongoClient[dict[str, Any]], key: EventKey | None) -> bool:
        if key is None:
            return False
        moment, _ = key
        ends_at = time.monotonic() + FIND_SECONDS
        with client.get_database(self._database, TOLERANT).watch(
            self._pipeline, start_at_operation_time=moment, max_await_time_ms=MAX_AWAIT_MILLISECONDS
        ) as stream:
            while time.monotonic() < ends_at and not self._stopping.is_set():
                found = stream.try_next()  # None: a new primary has to catch up first
                if found is not None and _key_of(found) == key:
                    return True
                if found is not None and found["clusterTime"] > moment:
                    return False
        return False

    def _note_failure(self, error: OperationFailure) -> None:
        self._failures += 1
        lost = error.code in _HISTORY_LOST_CODES or self._failures >= MAX_FAILURES
        log.warning("change_stream_failed", code=error.code, history_lost=lost)
        if lost:
            self._restart_without_token()

    def _restart_without_token(self) -> None:
        self._token = None
        self._last_event = None
        self._failures = 0
        self._lost_history = True

    def _hand_over(self, event: Event) -> None:
        while len(self._events) >= MAX_BUFFERED and not self._stopping.is_set():
            time.sleep(0.01)
        self._events.append(event)
        self._call(self._arrived.set)

    def _call(self, function: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)


def _key_of(event: Event) -> EventKey:
    return event["clusterTime"], hashlib.sha256(event["_id"]["_data"].encode()).digest()
