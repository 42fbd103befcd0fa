"""WS /progress: first frame auth, then states. Plain ASGI, beside the layers that HTTP needs.

An idle socket costs what the server's own connection costs, and one suspended coroutine: no route
matching, no per-socket timers, no queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import FastAPI
from pydantic import ValidationError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from progress_service.domain.cursor import Cursor
from progress_service.edge.auth import address_of, require
from progress_service.edge.concurrency import ConcurrencyLimiter
from progress_service.edge.origins import may_connect
from progress_service.edge.problems import socket_code
from progress_service.edge.rate_limit import Limits
from progress_service.edge.tokens import Principal, Tokens
from progress_service.errors import (
    Forbidden,
    Invalid,
    ServiceError,
    Unauthenticated,
    Unavailable,
)
from progress_service.live.feed import Feed
from progress_service.live.frames import CLIENT_FRAME, AuthFrame, ProgressFrame, ReadyFrame
from progress_service.live.hub import Hub, Socket
from progress_service.live.service import ChangesService
from progress_service.observability import Metrics
from progress_service.pacing import paced

PATHS = frozenset({"/progress", "/api/progress/live"})
FIRST_FRAME_SECONDS = 5.0
MAX_UNAUTHENTICATED = 1_000  # Above it, the socket that waited longest is closed.
FEED_SECONDS = 5.0
BAD_FRAME, FORBIDDEN, IDLE, TOO_MANY_FRAMES = 4400, 4403, 4408, 4429


@dataclass(frozen=True, slots=True)
class LiveParts:
    """What a conversation needs; the server's start puts it at ``app.state.live``."""

    tokens: Tokens
    limits: Limits
    concurrency: ConcurrencyLimiter
    hub: Hub
    feed: Feed
    changes: ChangesService


class LiveSockets:
    """An ASGI layer that answers sockets on `PATHS` and passes everything else on."""

    def __init__(self, next_app: ASGIApp, app: FastAPI, *, origins: Sequence[str]) -> None:
        self._next_app = next_app
        self._app = app
        self._origins = frozenset(origins)
        self._first_frames = FirstFrames()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] != "websocket" or scope["path"] not in PATHS:
            await self._next_app(scope, receive, send)
            return
        await receive()  # websocket.connect
        if not may_connect(Headers(scope=scope), self._origins):
            await send({"type": "websocket.close", "code": FORBIDDEN})
            self._count(scope, HTTPStatus.FORBIDDEN)
            return
        await send({"type": "websocket.accept"})
        self._count(scope, HTTPStatus.SWITCHING_PROTOCOLS)
        await _Conversation(
            self._app.state.live, receive, send, address_of(scope), self._first_frames
        ).hold()

    def _count(self, scope: Scope, status: HTTPStatus) -> None:
        """Count the handshake with the requests; answering one takes no time."""
        metrics: Metrics = self._app.state.metrics
        metrics.note_request("GET", scope["path"], status, 0.0)


class FirstFrames:
    """Sockets that have not yet sent a token: a bounded number, each for a bounded time."""

    def __init__(self, max_unauthenticated: int = MAX_UNAUTHENTICATED) -> None:
        self._max_unauthenticated = max_unauthenticated
        self._timeouts: dict[asyncio.Timeout, None] = {}

    @asynccontextmanager
    async def timeout(self) -> AsyncIterator[None]:
        """Raise ``TimeoutError`` when the time is over, or others need the place."""
        async with asyncio.timeout(FIRST_FRAME_SECONDS) as timeout:
            if len(self._timeouts) >= self._max_unauthenticated:
                oldest = next(iter(self._timeouts))
                del self._timeouts[oldest]
                if not oldest.expired():
                    oldest.reschedule(asyncio.get_running_loop().time())
            self._timeouts[timeout] = None
            try:
                yield
            finally:
                self._timeouts.pop(timeout, None)


class _Conversation:
    __slots__ = ("_first_frames", "_parts", "_peer", "_receive", "_send", "_socket")

    def __init__(
        self,
        parts: LiveParts,
        receive: Receive,
        send: Send,
        peer: str,
        first_frames: FirstFrames,
    ) -> None:
        self._first_frames = first_frames
        self._parts = parts
        self._receive = receive
        self._send = send
        self._peer = peer
        self._socket: Socket | None = None

    async def hold(self) -> None:
        """Talk until either side ends it."""
        try:
            await self._talk()
        except TimeoutError:
            await self._close(IDLE)
        except ServiceError as error:
            await self._close(BAD_FRAME if isinstance(error, Invalid) else socket_code(error))
        finally:
            if self._socket is not None:
                self._socket.is_open = False
                self._parts.hub.leave(self._socket)

    async def _talk(self) -> None:
        async with self._first_frames.timeout():
            first = await self._frame()
        if first is None:
            return
        student = await self._student(first)
        self._parts.limits.call(student)
        self._socket = Socket(
            self._send,
            student_id=student.id,
            device_id=first.device_id,
            expires_at=student.expires_at,
        )
        self._parts.hub.join(self._socket)
        await self._parts.concurrency.acquire(student.id)
        try:
            await self._catch_up(self._socket, student, first)
        finally:
            self._parts.concurrency.release(student.id)
        del first, student
        while (frame := await self._frame()) is not None:
            await self._renew(self._socket, frame)

    async def _catch_up(self, socket: Socket, student: Principal, auth: AuthFrame) -> None:
        """Once the feed runs nothing is missed; what it brings waits until we are done."""
        try:
            async with asyncio.timeout(FEED_SECONDS):
                await self._parts.feed.follow_progress()
        except TimeoutError as error:
            raise Unavailable("Changes cannot be followed now. Try again shortly.") from error
        records, _ = await self._parts.changes.since(socket.student_id, auth.since)
        self._parts.limits.records(student, len(records))
        # The cursor before the states, each of which brings its own: who is cut off among them
        # goes on from there.
        seen = auth.since or Cursor(0).encode()
        await socket.say(ReadyFrame(cursor=seen).model_dump_json())
        async for record in paced(records):
            if not socket.is_open:
                return
            await socket.say(ProgressFrame.of(record).text())
        socket.begin()

    async def _renew(self, socket: Socket, frame: AuthFrame) -> None:
        student = await self._student(frame)
        if student.id != socket.student_id:
            raise Forbidden("A socket stays with its student.")
        socket.expires_at = student.expires_at

    async def _student(self, frame: AuthFrame) -> Principal:
        try:
            return require(await self._parts.tokens.check(frame.token), "student")
        except Unauthenticated:
            self._parts.limits.bad_token(self._peer)  # as over HTTP: floods are not free
            raise

    async def _frame(self) -> AuthFrame | None:
        """The next auth frame; ``None`` when the peer left. Heartbeats of the client are welcome.

        Raises:
            Invalid: anything else.
        """
        while True:
            message: Message = await self._receive()
            if message["type"] == "websocket.disconnect":
                self._count_flood(message)
                return None
            text = message.get("text")
            if text is None:
                raise Invalid("Frames are text.")
            try:
                frame = CLIENT_FRAME.validate_json(text)
            except ValidationError as error:
                raise Invalid("The frame is not one of ours.") from error
            if isinstance(frame, AuthFrame):
                return frame

    def _count_flood(self, message: Message) -> None:
        """Who sent too many frames, which the server found out, may come back less often."""
        if message.get("code") == TOO_MANY_FRAMES:
            student_id = self._socket.student_id if self._socket is not None else None
            self._parts.limits.flood(student_id=student_id, address=self._peer)

    async def _close(self, code: int) -> None:
        if self._socket is not None:
            await self._socket.close(code)
            return
        with suppress(OSError, RuntimeError):  # the peer is gone already
            await self._send({"type": "websocket.close", "code": code})
