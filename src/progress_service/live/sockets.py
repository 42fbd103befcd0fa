"""WS /progress: the first frame authenticates, then states follow. Plain ASGI middleware.

An idle socket has only the server's connection and one suspended coroutine: no route matching, no
timer and no queue of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus

from pydantic import ValidationError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from progress_service.changes.feed import ChangeFeed
from progress_service.domain.cursor import Cursor
from progress_service.edge.auth import address_of, require
from progress_service.edge.concurrency import ConcurrencyLimiter
from progress_service.edge.origins import may_connect
from progress_service.edge.problems import close_code
from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.services import service_in
from progress_service.edge.token_verifier import Principal, TokenVerifier
from progress_service.errors import (
    Forbidden,
    Invalid,
    ServiceError,
    Unauthenticated,
    Unavailable,
)
from progress_service.live.frames import CLIENT_FRAME, AuthFrame, ProgressFrame, ReadyFrame
from progress_service.live.hub import Hub, Socket
from progress_service.live.service import ChangesService
from progress_service.observability.metrics import Metrics
from progress_service.pacing import paced

PATHS = frozenset({"/progress", "/api/progress/live"})
FIRST_FRAME_SECONDS = 5.0
MAX_UNAUTHENTICATED = 1_000  # Above it, the oldest of them is closed.
FEED_SECONDS = 5.0
FORBIDDEN, IDLE, TOO_MANY_FRAMES = 4403, 4408, 4429


@dataclass(frozen=True, slots=True)
class LiveDependencies:
    """The services that a session uses; provided when the server starts."""

    verifier: TokenVerifier
    limiter: RateLimiter
    concurrency: ConcurrencyLimiter
    hub: Hub
    feed: ChangeFeed
    changes: ChangesService


class LiveSocketsMiddleware:
    """ASGI middleware: serves sockets on `PATHS`, and passes everything else on."""

    def __init__(self, app: ASGIApp, *, origins: Sequence[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)
        self._first_frames = FirstFrames()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the socket, or pass the request on."""
        if scope["type"] != "websocket" or scope["path"] not in PATHS:
            await self._app(scope, receive, send)
            return
        await receive()  # websocket.connect
        if not may_connect(Headers(scope=scope), self._origins):
            await send({"type": "websocket.close", "code": FORBIDDEN})
            _count(scope, HTTPStatus.FORBIDDEN)
            return
        await send({"type": "websocket.accept"})
        _count(scope, HTTPStatus.SWITCHING_PROTOCOLS)
        dependencies = service_in(scope["app"], LiveDependencies)
        address = address_of(scope)
        await _Session(dependencies, receive, send, address, self._first_frames).run()


def _count(scope: Scope, status: HTTPStatus) -> None:
    """Count the handshake as a request that takes no time."""
    service_in(scope["app"], Metrics).record_request("GET", scope["path"], status, 0.0)


class FirstFrames:
    """Limits the number of sockets that have not sent a token yet, and their time to do so."""

    def __init__(self, max_unauthenticated: int = MAX_UNAUTHENTICATED) -> None:
        self._max_unauthenticated = max_unauthenticated
        self._timeouts: dict[asyncio.Timeout, None] = {}

    @asynccontextmanager
    async def timeout(self) -> AsyncIterator[None]:
        """Raise ``TimeoutError`` when the time is over, or a newer socket needs the slot."""
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


class _Session:
    __slots__ = ("_address", "_dependencies", "_first_frames", "_receive", "_send", "_socket")

    def __init__(
        self,
        dependencies: LiveDependencies,
        receive: Receive,
        send: Send,
        address: str,
        first_frames: FirstFrames,
    ) -> None:
        self._address = address
        self._dependencies = dependencies
        self._first_frames = first_frames
        self._receive = receive
        self._send = send
        self._socket: Socket | None = None

    async def run(self) -> None:
        """Serve the socket until either side closes it."""
        try:
            await self._serve()
        except TimeoutError:
            await self._close(IDLE)
        except ServiceError as error:
            await self._close(close_code(error))
        finally:
            if self._socket is not None:
                self._socket.is_open = False
                self._dependencies.hub.leave(self._socket)

    async def _serve(self) -> None:
        async with self._first_frames.timeout():
            first = await self._frame()
        if first is None:
            return
        student = await self._student(first)
        self._dependencies.limiter.call(student)
        self._socket = Socket(
            self._send,
            student_id=student.id,
            device_id=first.device_id,
            expires_at=student.expires_at,
        )
        self._dependencies.hub.join(self._socket)
        await self._dependencies.concurrency.acquire(student.id)
        try:
            await self._catch_up(self._socket, student, first)
        finally:
            self._dependencies.concurrency.release(student.id)
        del first, student
        while (frame := await self._frame()) is not None:
            await self._renew(self._socket, frame)

    async def _catch_up(self, socket: Socket, student: Principal, auth: AuthFrame) -> None:
        """Send what changed since the cursor, then what the feed pushed in the meantime."""
        try:
            async with asyncio.timeout(FEED_SECONDS):
                await self._dependencies.feed.follow_progress()
        except TimeoutError as error:
            raise Unavailable("Changes cannot be followed now. Try again shortly.") from error
        records, _ = await self._dependencies.changes.since(socket.student_id, auth.since)
        self._dependencies.limiter.records(student, len(records))
        # The cursor comes before the states, each of which has its own: a disconnected client
        # resumes from the last one it received.
        known = auth.since or Cursor(0).encode()
        await socket.send_text(ReadyFrame(cursor=known).model_dump_json())
        async for record in paced(records):
            if not socket.is_open:
                return
            await socket.send_text(ProgressFrame.of(record).text())
        socket.start()

    async def _renew(self, socket: Socket, frame: AuthFrame) -> None:
        student = await self._student(frame)
        if student.id != socket.student_id:
            raise Forbidden("A socket stays with its student.")
        socket.expires_at = student.expires_at

    async def _student(self, frame: AuthFrame) -> Principal:
        try:
            return require(await self._dependencies.verifier.verify(frame.token), "student")
        except Unauthenticated:
            self._dependencies.limiter.bad_token(self._address)  # as over HTTP: use up the limit
            raise

    async def _frame(self) -> AuthFrame | None:
        """The next auth frame, skipping heartbeats; ``None`` when the client disconnected.

        Raises:
            Invalid: any other frame.
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
                raise Invalid("The frame does not match any schema.") from error
            if isinstance(frame, AuthFrame):
                return frame

    def _count_flood(self, message: Message) -> None:
        """Use up the limits of a client that was disconnected for sending too many frames."""
        if message.get("code") == TOO_MANY_FRAMES:
            student_id = self._socket.student_id if self._socket is not None else None
            self._dependencies.limiter.flood(student_id=student_id, address=self._address)

    async def _close(self, code: int) -> None:
        if self._socket is not None:
            await self._socket.close(code)
            return
        with suppress(OSError, RuntimeError):  # already disconnected
            await self._send({"type": "websocket.close", "code": code})
