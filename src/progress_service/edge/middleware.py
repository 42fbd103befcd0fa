"""Around every request: an id, a body limit, a deadline, metrics, and a log line.

Fast successful requests are logged for services only, with the id of the service.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable
from random import getrandbits

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from progress_service.edge.auth import CALLERS
from progress_service.edge.concurrency import ACTIVE_CALLS, ANNOUNCED_BYTES, ConcurrencyLimiter
from progress_service.edge.deadlines import ARRIVED_AT, RESPONSE_SECONDS, Deadlines
from progress_service.edge.early_responses import too_large_response, too_late_response
from progress_service.edge.problems import (
    CLIENT_CLOSED_REQUEST,
    MAX_BODY_BYTES,
    bug_response,
)
from progress_service.edge.route_templates import ROUTE_TEMPLATE, RouteTemplates
from progress_service.edge.security_headers import security_headers
from progress_service.edge.token_verifier import Principal
from progress_service.observability.logging import current_request_id, get_logger
from progress_service.observability.metrics import Metrics, current_metrics
from progress_service.observability.tracing import RequestSpan, Tracing

SLOW_SECONDS = 1.0
# A request that has waited so long to start cannot end in time.
LATE_SECONDS = RESPONSE_SECONDS / 2
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
log = get_logger("http")


class RequestMiddleware:
    """Pure ASGI: it neither waits, buffers nor copies.

    There is a deadline from the last byte of the request to the first of the response; after it,
    and when the server stops first, the response is 503. Slow uploads and downloads have no
    deadline here. A request that announces too large a body gets 413 at once.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: Metrics,
        deadlines: Deadlines,
        templates: RouteTemplates,
        tracing: Tracing | None = None,
    ) -> None:
        self.app = app
        self.tracing = tracing if tracing is not None and tracing.is_on else None
        self.metrics = metrics
        self.deadlines = deadlines
        self.templates = templates

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request."""
        current_metrics.set(self.metrics)
        if scope["type"] == "http":
            return _Responder(self, scope, receive, send).run()
        return self.app(scope, receive, send)


class _Responder:
    """One request on its way through the service."""

    __slots__ = (
        "_active_calls",
        "_announced_bytes",
        "_callers",
        "_has_started",
        "_middleware",
        "_receive",
        "_request_id",
        "_scope",
        "_send",
        "_span",
        "_started_at",
        "_status",
        "_task",
    )

    def __init__(
        self, middleware: RequestMiddleware, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._middleware = middleware
        self._scope = scope
        self._receive = receive
        self._send = send
        self._started_at = time.perf_counter()
        self._status = CLIENT_CLOSED_REQUEST  # no response, not even to a bug: the client is gone
        self._has_started = False
        self._active_calls: list[tuple[ConcurrencyLimiter, str]] = []
        self._callers: list[Principal] = []
        self._announced_bytes, given_id = _headers_of_interest(scope)
        self._request_id = given_id or f"{getrandbits(64):016x}"
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a server runs each request in one
        self._task = task
        tracing = middleware.tracing
        self._span = RequestSpan(tracing, scope["method"], scope["headers"]) if tracing else None

    async def run(self) -> None:
        scope = self._scope
        scope["request_id"] = self._request_id
        scope[ACTIVE_CALLS] = self._active_calls
        scope[CALLERS] = self._callers
        scope[ANNOUNCED_BYTES] = self._announced_bytes
        current_request_id.set(self._request_id)
        if self._announced_bytes == 0:
            self._start_deadline()
        try:
            await self._app()(scope, self._receive_message, self._send_message)
        except asyncio.CancelledError as cancelled:
            if self._has_started:
                raise
            log.warning("request_timed_out", cause=str(cancelled))
            await too_late_response(self._request_id)(
                scope, self._receive_message, self._send_message
            )
        except Exception as error:
            if self._has_started:
                raise
            response = bug_response(error, request_id=self._request_id)
            await response(scope, self._receive_message, self._send_message)
        finally:
            self._middleware.deadlines.stop(self._task)
            for limiter, user_id in self._active_calls:
                limiter.release(user_id)
            self._record()

    def _start_deadline(self) -> None:
        arrived_at = self._scope.get(ARRIVED_AT) or asyncio.get_running_loop().time()
        self._middleware.deadlines.start(self._task, arrived_at=arrived_at)

    async def _receive_message(self) -> Message:
        message = await self._receive()
        if not (message.get("more_body") or self._has_started):
            self._start_deadline()
        return message

    async def _send_message(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._has_started = True
            self._middleware.deadlines.stop(self._task)
            self._status = message["status"]
            message["headers"] = [
                *message.get("headers", ()),
                (b"x-request-id", self._request_id.encode()),
                *security_headers(self._scope["path"]),
                *((self._span.response_header,) if self._span is not None else ()),
            ]
        await self._send(message)

    def _app(self) -> ASGIApp:
        now = asyncio.get_running_loop().time()
        if now - self._scope.get(ARRIVED_AT, now) > LATE_SECONDS:
            return too_late_response(self._request_id)
        app, announced = self._middleware.app, self._announced_bytes
        if 0 <= announced <= MAX_BODY_BYTES:
            return app
        max_bytes = self._middleware.templates.max_body_bytes(
            self._scope["method"], self._scope["path"]
        )
        if announced < 0:
            return RequestBodyLimitMiddleware(app, max_body_size=max_bytes)
        return app if announced <= max_bytes else too_large_response(self._request_id, max_bytes)

    def _record(self) -> None:
        seconds = time.perf_counter() - self._started_at
        status, method = self._status, self._scope["method"]
        route = self._scope.get(ROUTE_TEMPLATE)
        if route is None:
            method, route = self._middleware.templates.labels_of(
                method, self._scope["path"], status=status
            )
        self._middleware.metrics.record_request(method, route, status, seconds)
        self._log(method, route, status, seconds)
        if self._span is not None:
            self._span.end(method=method, route=route, status=status)

    def _log(self, method: str, route: str, status: int, seconds: float) -> None:
        # The ids of people are never logged.
        services = [caller.id for caller in self._callers if "service" in caller.roles]
        if status < 400 and seconds <= SLOW_SECONDS and not services:
            return
        fields = {"method": method, "route": route, "status": status}
        if services:
            fields["service"] = services[0]
        write = log.warning if status >= 500 or seconds > SLOW_SECONDS else log.info
        write("request_completed", **fields, took_ms=round(seconds * 1_000, 1))


def _headers_of_interest(scope: Scope) -> tuple[int, str | None]:
    """(announced body bytes, -1 for a chunked body; a usable request id that the client sent)."""
    announced, given_id = 0, None
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            announced = int(value.lstrip(b"0")[:12] or b"0")
        elif name == b"transfer-encoding":
            announced = -1
        elif name == b"x-request-id" and _GIVEN_ID.fullmatch(value):
            given_id = value.decode()
    return announced, given_id
