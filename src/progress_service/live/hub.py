"""Who listens, and what each still has to hear: the newest state of each thing, never a queue."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

from starlette.types import Send

from progress_service.errors import TooOften
from progress_service.live.frames import HEARTBEAT_SECONDS, HeartbeatFrame, ResyncFrame
from progress_service.observability import Metrics

MAX_SOCKETS_A_STUDENT = 10
MAX_PENDING = 2_500  # States one slow reader may have waiting; beyond it, it starts over.
SEND_SECONDS = 10.0  # A reader that takes nothing for so long is gone.
SWEEP_SECONDS = 1.0

UNAUTHENTICATED, TOO_SLOW = 4401, 4408
_HEARTBEAT = HeartbeatFrame().text()
_RESYNC = ResyncFrame().text()


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

    async def say(self, text: str) -> None:
        """Send now. Closes the socket when its peer takes nothing."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send({"type": "websocket.send", "text": text})
            self._sent_at = time.monotonic()
        except (TimeoutError, OSError, RuntimeError):  # RuntimeError: it closed meanwhile
            await self.close(TOO_SLOW)

    def push(self, key: str, text: str) -> None:
        """Say it as soon as the peer takes it; a newer state under the same *key* replaces it."""
        pending = self._pending = self._pending if self._pending is not None else {}
        pending.pop(key, None)
        if len(pending) >= MAX_PENDING:
            pending.clear()
            key, text = "resync", _RESYNC
        pending[key] = text
        if self.is_ready and self._writer is None:
            self._writer = asyncio.create_task(self._write())

    def begin(self) -> None:
        """What was pushed may go out from now on."""
        self.is_ready = True
        if self._pending:
            self._writer = asyncio.create_task(self._write())

    async def close(self, code: int) -> None:
        """Close with *code*; harmless to repeat."""
        if not self.is_open:
            return
        self.is_open = False
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send({"type": "websocket.close", "code": code})
        except (TimeoutError, OSError, RuntimeError):
            pass  # the peer is gone already

    def needs_heartbeat(self, now: float) -> bool:
        """True when nothing was said for a while."""
        return self.is_ready and self._writer is None and now - self._sent_at >= HEARTBEAT_SECONDS

    async def _write(self) -> None:
        try:
            while self._pending and self.is_open:
                await self.say(self._pending.pop(next(iter(self._pending))))
        finally:
            self._writer = None
            self._pending = None if not self._pending else self._pending


class Hub:
    """The open sockets of this process, by student."""

    def __init__(self, metrics: Metrics) -> None:
        self._sockets: dict[str, list[Socket]] = {}
        self._metrics = metrics

    def join(self, socket: Socket) -> None:
        """Let *socket* hear what concerns its student.

        Raises:
            TooOften: the student has too many open.
        """
        held = self._sockets.setdefault(socket.student_id, [])
        if len(held) >= MAX_SOCKETS_A_STUDENT:
            raise TooOften(
                f"At most {MAX_SOCKETS_A_STUDENT} sockets a student; close one first.",
                retry_after_seconds=HEARTBEAT_SECONDS,
            )
        held.append(socket)
        self._metrics.sockets.inc()

    def leave(self, socket: Socket) -> None:
        """Forget *socket*; harmless if it never joined."""
        held = self._sockets.get(socket.student_id, [])
        if socket in held:
            held.remove(socket)
            self._metrics.sockets.dec()
        if not held:
            self._sockets.pop(socket.student_id, None)

    def of(self, student_id: str) -> list[Socket]:
        """The student's open sockets."""
        return self._sockets.get(student_id, [])

    def students(self) -> list[str]:
        """Everyone who listens."""
        return list(self._sockets)

    def push_all(self, key: str, text: str) -> None:
        """Say it to everybody."""
        for socket in self._all():
            socket.push(key, text)

    def resync(self) -> None:
        """Changes may have been missed: everybody starts over."""
        self._metrics.resyncs.inc()
        self.push_all("resync", _RESYNC)

    async def sweep(self, clock: Callable[[], float] = time.time) -> None:
        """Close sockets whose token ended, and keep quiet ones alive; runs until cancelled."""
        async with asyncio.TaskGroup() as closing:  # A peer that takes nothing holds up itself.
            while True:
                await asyncio.sleep(SWEEP_SECONDS)
                now, monotonic = clock(), time.monotonic()
                for socket in self._all():
                    if socket.expires_at <= now and socket.is_open:
                        closing.create_task(socket.close(UNAUTHENTICATED))
                    elif socket.needs_heartbeat(monotonic):
                        socket.push("heartbeat", _HEARTBEAT)

    def _all(self) -> Iterator[Socket]:
        return (socket for held in list(self._sockets.values()) for socket in list(held))
