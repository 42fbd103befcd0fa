"""Bounds the connections whose request is incomplete, in number and in time.

One sweep a second checks those in the middle of a request. Requests that arrive in one piece are
not tracked, and no request has a timer of its own.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Protocol
from weakref import WeakKeyDictionary

from uvicorn.server import ServerState

from progress_service.serving.rejections import RejectedRequest, request_timeout

HEAD_SECONDS = 10.0  # From the connection, or the first byte of a later request, to a whole head.
BODY_STALL_SECONDS = 10.0  # Without a byte of the body.
BODY_SECONDS = 60.0  # For the whole body.
SWEEP_SECONDS = 1.0
# Above these, the connection that has been longest without progress is closed.
MAX_INCOMPLETE = 2_000
MAX_BODY_BYTES_HELD = 33_554_432  # Of bodies that are not complete, by all connections together.


class Connection(Protocol):
    """What the sweep needs of a server's protocol."""

    @property
    def is_waiting_for_server(self) -> bool:
        """The server does not read now, or has an earlier response to send."""

    def abandon(self, rejection: RejectedRequest) -> None:
        """Send *rejection* if anything was received, then close."""


class _Wait:
    __slots__ = ("began_at", "body_bytes", "is_in_body", "progress_at")

    def __init__(self, now: float, *, is_in_body: bool) -> None:
        self.began_at = self.progress_at = now
        self.is_in_body = is_in_body
        self.body_bytes = 0


class IncompleteRequests:
    """The connections of one server that are in the middle of receiving a request."""

    def __init__(
        self,
        *,
        head_seconds: float = HEAD_SECONDS,
        body_stall_seconds: float = BODY_STALL_SECONDS,
        body_seconds: float = BODY_SECONDS,
        max_incomplete: int = MAX_INCOMPLETE,
        max_body_bytes_held: int = MAX_BODY_BYTES_HELD,
    ) -> None:
        self._head_seconds = head_seconds
        self._body_stall_seconds = body_stall_seconds
        self._body_seconds = body_seconds
        self._max_incomplete = max_incomplete
        self._max_body_bytes_held = max_body_bytes_held
        self._body_bytes_held = 0
        self._waits: dict[Connection, _Wait] = {}  # the longest without progress first
        self._sweep_due_at: float | None = None

    def __len__(self) -> int:
        return len(self._waits)

    def note_progress(
        self, connection: Connection, *, is_in_body: bool, body_bytes: int = 0
    ) -> None:
        """Bytes of *connection* were read, and its request is not complete."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        wait = self._waits.get(connection)
        if wait is None or (wait.is_in_body and not is_in_body):  # the head of a request
            self.remove(connection)
            wait = self._waits[connection] = _Wait(now, is_in_body=is_in_body)
        elif is_in_body:
            if not wait.is_in_body:
                wait.began_at, wait.is_in_body = now, True
            wait.progress_at = now
            self._waits[connection] = self._waits.pop(connection)  # to the end
        wait.body_bytes += body_bytes
        self._body_bytes_held += body_bytes
        self._make_room()
        if self._sweep_due_at is None:
            self._schedule(loop, now)

    def remove(self, connection: Connection) -> None:
        """The request of *connection* is complete, or the connection is gone."""
        wait = self._waits.pop(connection, None)
        if wait is not None:
            self._body_bytes_held -= wait.body_bytes

    def sweep(self, now: float, *, late_seconds: float = 0.0) -> None:
        """Abandon connections that are out of time.

        *late_seconds* were spent without reading from any connection, so they do not count.
        """
        overdue: list[tuple[Connection, float]] = []
        for connection, wait in self._waits.items():
            wait.began_at += late_seconds
            wait.progress_at += late_seconds
            if connection.is_waiting_for_server:
                wait.progress_at = now
                if not wait.is_in_body:
                    wait.began_at = now
            elif (limit := self._exceeded_limit(wait, now)) is not None:
                overdue.append((connection, limit))
        for connection, limit in overdue:
            self.remove(connection)
            connection.abandon(request_timeout(limit))

    def _exceeded_limit(self, wait: _Wait, now: float) -> float | None:
        whole = self._body_seconds if wait.is_in_body else self._head_seconds
        if now - wait.began_at > whole:
            return whole
        if wait.is_in_body and now - wait.progress_at > self._body_stall_seconds:
            return self._body_stall_seconds
        return None

    def _make_room(self) -> None:
        if len(self._waits) > self._max_incomplete:
            self._evict(next(iter(self._waits)))
        if self._body_bytes_held > self._max_body_bytes_held:
            self._evict(next(c for c, wait in self._waits.items() if wait.body_bytes))

    def _evict(self, connection: Connection) -> None:
        self.remove(connection)
        connection.abandon(
            RejectedRequest(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "too_many_connections",
                "Too many connections send their requests slowly. Try again shortly.",
            )
        )

    def _schedule(self, loop: asyncio.AbstractEventLoop, now: float) -> None:
        self._sweep_due_at = now + SWEEP_SECONDS
        loop.call_later(SWEEP_SECONDS, self._sweep_and_schedule, loop)

    def _sweep_and_schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        assert self._sweep_due_at is not None  # noqa: S101 - it was scheduled
        self.sweep(now, late_seconds=max(0.0, now - self._sweep_due_at))
        self._sweep_due_at = None
        if self._waits:
            self._schedule(loop, now)


_by_server: WeakKeyDictionary[ServerState, IncompleteRequests] = WeakKeyDictionary()


def incomplete_requests_of(server_state: ServerState) -> IncompleteRequests:
    """The instance that all connections of a server share."""
    found = _by_server.get(server_state)
    if found is None:
        found = _by_server[server_state] = IncompleteRequests()
    return found
