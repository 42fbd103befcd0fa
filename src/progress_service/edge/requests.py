"""Around every request: an id, a size limit, a deadline, a line in the log when it went wrong."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from random import getrandbits
from typing import NamedTuple

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from progress_service.edge.concurrency import ACTIVE_CALLS, ANNOUNCED_BYTES, ConcurrencyLimiter
from progress_service.edge.deadlines import ANSWER_SECONDS, ARRIVED_AT, Deadlines
from progress_service.edge.problems import (
    CLIENT_CLOSED_REQUEST,
    MAX_BODY_BYTES,
    problem_response,
    too_large_detail,
)
from progress_service.edge.route_templates import RouteTemplates
from progress_service.edge.security_headers import security_headers
from progress_service.errors import Unavailable
from progress_service.observability import Metrics, current_request_id, get_logger

SLOW_SECONDS = 1.0
LATE_SECONDS = ANSWER_SECONDS / 2  # A request that waited so long to begin will not end in time.
HEAR_OUT_BYTES = 32 * MAX_BODY_BYTES  # Of a body that is refused, before the connection closes…
HEAR_OUT_SECONDS = 2.0  # …and for so long at most.
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
log = get_logger("http")


class BodyLimit(NamedTuple):
    """How large a body of one route may be, where it is not `MAX_BODY_BYTES`."""

    methods: frozenset[str]
    path: re.Pattern[str]
    max_bytes: int


class EveryRequest:
    """Pure ASGI: nothing here waits, buffers or copies."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: Metrics,
        deadlines: Deadlines,
        templates: RouteTemplates,
        body_limits: Sequence[BodyLimit] = (),
    ) -> None:
        self._app = app
        self._body_limits = body_limits
        self._metrics = metrics
        self._deadlines = deadlines
        self._templates = templates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer 413 at once when it announces too large a body.

        From the last byte of the request to the first of the answer there is a deadline; then, and
        when the server stops first, the answer is 503. A slow upload or download has all its time.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = CLIENT_CLOSED_REQUEST  # who gets no answer, not even for a bug, has hung up
        announced, given_id = _headers_of_interest(scope)
        request_id = given_id or f"{getrandbits(64):016x}"
        scope["request_id"] = request_id
        current_request_id.set(request_id)

        deadlines = self._deadlines
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a server runs each request in one
        is_answering = False
        active_calls: list[tuple[ConcurrencyLimiter, str]] = []
        scope[ACTIVE_CALLS] = active_calls
        scope[ANNOUNCED_BYTES] = announced
        now = asyncio.get_running_loop().time
        if announced == 0:
            deadlines.start(task, arrived_at=scope.get(ARRIVED_AT) or now())

        async def receive_then_hurry() -> Message:
            message = await receive()
            if not (message.get("more_body") or is_answering):
                deadlines.start(task, arrived_at=scope.get(ARRIVED_AT) or now())
            return message

        async def send_with_id(message: Message) -> None:
            nonlocal status, is_answering
            if message["type"] == "http.response.start":
                is_answering = True
                deadlines.stop(task)
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", request_id.encode()),
                    *security_headers(scope["path"]),
                ]
            await send(message)

        try:
            app = self._app_for(scope, announced, request_id, now())
            await app(scope, receive_then_hurry, send_with_id)
        except asyncio.CancelledError as cancelled:
            if is_answering:
                raise
            log.warning("given_up", cause=str(cancelled))
            await _too_late(request_id)(scope, receive, send_with_id)
        finally:
            deadlines.stop(task)
            for limiter, user_id in active_calls:
                limiter.release(user_id)
            self._note(scope, status, time.perf_counter() - started)

    def _app_for(self, scope: Scope, announced: int, request_id: str, now: float) -> ASGIApp:
        if now - scope.get(ARRIVED_AT, now) > LATE_SECONDS:
            return _too_late(request_id)
        if 0 <= announced <= MAX_BODY_BYTES:
            return self._app
        max_bytes = self._max_body_bytes(scope)
        if announced < 0:
            return RequestBodyLimitMiddleware(self._app, max_body_size=max_bytes)
        return self._app if announced <= max_bytes else _too_large(request_id, max_bytes)

    def _max_body_bytes(self, scope: Scope) -> int:
        for methods, path, max_bytes in self._body_limits:
            if scope["method"] in methods and path.fullmatch(scope["path"]):
                return max_bytes
        return MAX_BODY_BYTES

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"]
        if (found := scope.get("route")) is not None:  # one of the hot ones
            route = found.path
        else:
            method, route = self._templates.labels_of(method, scope["path"], status=status)
        self._metrics.note_request(method, route, status, seconds)
        if status >= 500 or seconds > SLOW_SECONDS:
            log.warning("answered", method=method, route=route, status=status, took_ms=_ms(seconds))
        elif status >= 400:
            log.info("answered", method=method, route=route, status=status, took_ms=_ms(seconds))


def _ms(seconds: float) -> float:
    return round(seconds * 1_000, 1)


def _headers_of_interest(scope: Scope) -> tuple[int, str | None]:
    """(announced body bytes, -1 when it comes in chunks; a usable request id of the caller's)."""
    announced, given_id = 0, None
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            announced = int(value.lstrip(b"0")[:12] or b"0")
        elif name == b"transfer-encoding":
            announced = -1
        elif name == b"x-request-id" and _GIVEN_ID.fullmatch(value):
            given_id = value.decode()
    return announced, given_id


def _too_late(request_id: str) -> ASGIApp:
    error = Unavailable("There was no time to finish. Try again shortly; repeating is harmless.")
    return problem_response(
        status=503,
        code=error.code,
        detail=error.message,
        request_id=request_id,
        headers={"Connection": "close", "Retry-After": str(error.retry_after_seconds)},
    )


def _too_large(request_id: str, max_bytes: int) -> ASGIApp:
    answer = problem_response(
        status=413,
        code="body_too_large",
        detail=too_large_detail(max_bytes),
        request_id=request_id,
        headers={"Connection": "close"},
    )

    async def hear_out_and_answer(scope: Scope, receive: Receive, send: Send) -> None:
        """A connection closed on a client that still sends is reset, and the answer lost."""
        if not any(name == b"expect" for name, _ in scope["headers"]):
            with suppress(TimeoutError):
                async with asyncio.timeout(HEAR_OUT_SECONDS):
                    await _discard(receive)
        await answer(scope, receive, send)

    return hear_out_and_answer


async def _discard(receive: Receive) -> None:
    heard = 0
    while heard < HEAR_OUT_BYTES:
        message = await receive()
        heard += len(message.get("body", b""))
        if not message.get("more_body"):
            return
