"""The open sockets, each with its unsent states: only the newest per key, never a queue."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

from starlette.types import Send

from progress_service.errors import RateLimited
from progress_service.live.frames import (
    HEARTBEAT_SECONDS,
    ClearedFrame,
    HeartbeatFrame,
    ResyncFrame,
)
from progress_service.observability.metrics import Metrics

MAX_SOCKETS_A_STUDENT = 10
MAX_PENDING = 2_500  # Unsent states of one slow client; with more, it gets a resync instead.
SEND_SECONDS = 10.0  # A client that reads nothing for this long is disconnected.
SWEEP_SECONDS = 1.0

UNAUTHENTICATED, TOO_SLOW = 4401, 4408
_HEARTBEAT = HeartbeatFrame().text()
_RESYNC = ResyncFrame().text()
_CLEARED = ClearedFrame().text()


class Socket:
    """One open connection of a student."""

    __slots__ = (
        "_pending",
        "_send",
        "_sent_at",
        "_writer",
        "device_id",
        "expires_at",
        "is_open",
        "is_ready",
        "student_id",
    )

    def __init__(
        self, send: Send, *, student_id: str, device_id: str | None, expires_at: float
    ) -> None:
        self._send = send
        self._pending: dict[str, str] | None = None  # most sockets are idle: no dict for them
        self._writer: asyncio.Task[None] | None = None
        self._sent_at = time.monotonic()
        self.student_id = student_id
        self.device_id = device_id
        self.expires_at = expires_at
        self.is_open = True
        self.is_ready = False

    async def send_text(self, text: str) -> None:
        """Send now. Closes the socket if the client does not read."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send({"type": "websocket.send", "text": text})
            self._sent_at = time.monotonic()
        except (TimeoutError, OSError, RuntimeError):  # RuntimeError: already closed
            await self.close(TOO_SLOW)

    def push(self, key: str, text: str) -> None:
        """Send as soon as the client reads; a newer state with the same *key* replaces this one."""
        pending = self._pending = self._pending if self._pending is not None else {}
        pending.pop(key, None)
        if len(pending) >= MAX_PENDING:
            pending.clear()
            key, text = "resync", _RESYNC
        pending[key] = text
        if self.is_ready and self._writer is None:
            self._writer = asyncio.create_task(self._write())

    def start(self) -> None:
        """Send what was pushed so far, and each later push."""
        self.is_ready = True
        if self._pending:
            self._writer = asyncio.create_task(self._write())

    async def close(self, code: int) -> None:
        """Close with *code*; safe to repeat."""
        if not self.is_open:
            return
        self.is_open = False
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send({"type": "websocket.close", "code": code})
        except (TimeoutError, OSError, RuntimeError):
            pass  # already disconnected

    def needs_heartbeat(self, now: float) -> bool:
        """True when nothing was sent for a while."""
        return self.is_ready and self._writer is None and now - self._sent_at >= HEARTBEAT_SECONDS

    async def _write(self) -> None:
        try:
            while self._pending and self.is_open:
                await self.send_text(self._pending.pop(next(iter(self._pending))))
        finally:
            self._writer = None
            self._pending = None if not self._pending else self._pending


class Hub:
    """The open sockets of this process, by student."""

    def __init__(self, metrics: Metrics) -> None:
        self._sockets: dict[str, list[Socket]] = {}
        self._metrics = metrics

    def join(self, socket: Socket) -> None:
        """Register *socket* for the updates of its student.

        Raises:
            RateLimited: the student has too many open.
        """
        held = self._sockets.setdefault(socket.student_id, [])
        if len(held) >= MAX_SOCKETS_A_STUDENT:
            raise RateLimited(
                f"At most {MAX_SOCKETS_A_STUDENT} sockets a student; close one first.",
                retry_after_seconds=HEARTBEAT_SECONDS,
            )
        held.append(socket)
        self._metrics.sockets.inc()

    def leave(self, socket: Socket) -> None:
        """Remove *socket*; no effect if it never joined."""
        held = self._sockets.get(socket.student_id, [])
        if socket in held:
            held.remove(socket)
            self._metrics.sockets.dec()
        if not held:
            self._sockets.pop(socket.student_id, None)

    def sockets_of(self, student_id: str) -> list[Socket]:
        """The student's open sockets."""
        return self._sockets.get(student_id, [])

    def clear_clients(self, student_id: str) -> None:
        """Make the clients of the student delete what they have: it was erased."""
        for socket in self.sockets_of(student_id):
            socket.push("cleared", _CLEARED)

    def students(self) -> list[str]:
        """The students with an open socket."""
        return list(self._sockets)

    def push_all(self, key: str, text: str) -> None:
        """Push to every socket."""
        for socket in self._all():
            socket.push(key, text)

    def resync(self) -> None:
        """Tell every client to read everything again: changes may have been missed."""
        self._metrics.resyncs.inc()
        self.push_all("resync", _RESYNC)

    async def sweep(self, clock: Callable[[], float] = time.time) -> None:
        """Close sockets with an expired token, and send heartbeats to idle ones; never returns."""
        async with asyncio.TaskGroup() as closing:  # A slow client delays only itself.
            while True:
                await asyncio.sleep(SWEEP_SECONDS)
                self._sweep(clock(), closing)

    def _sweep(self, now: float, closing: asyncio.TaskGroup) -> None:
        """One sweep. In a function of its own: a variable of `sweep` would keep the last socket."""
        monotonic = time.monotonic()
        for socket in self._all():
            if socket.expires_at <= now and socket.is_open:
                closing.create_task(socket.close(UNAUTHENTICATED))
            elif socket.needs_heartbeat(monotonic):
                socket.push("heartbeat", _HEARTBEAT)

    def _all(self) -> Iterator[Socket]:
        return (socket for held in list(self._sockets.values()) for socket in list(held))
