"""One HTTP connection: its requests and rejections in order, and an end for each."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.server import ServerState

from progress_service.edge.deadlines import ARRIVED_AT
from progress_service.edge.health import IS_DRAINING
from progress_service.serving.flow import HoldableFlow
from progress_service.serving.head_holder import HeadHolder
from progress_service.serving.linger import write_and_close
from progress_service.serving.rejections import RejectedRequest, raw_response
from progress_service.serving.request_reader import RequestReader
from progress_service.serving.slow_clients import incomplete_requests_of


class HttpProtocol(RequestReader):
    """uvicorn's HTTP protocol, with bounds on what a client may send before it gets a response."""

    __slots__ = ("_incomplete", "_is_rejected", "_is_tracked", "_rejection", "_running")

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._incomplete = incomplete_requests_of(server_state)
        self._is_tracked = False  # as incomplete
        self._is_rejected = False
        self._rejection: RejectedRequest | None = None  # to send after earlier responses
        self._running: RequestResponseCycle | None = None  # uvicorn keeps only the last parsed

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected; it has a limited time to send a request."""
        super().connection_made(HeadHolder(transport))  # type: ignore[arg-type]
        self.flow = HoldableFlow(self.transport)
        self._track()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone: tell the application, also when other requests are queued."""
        self._incomplete.remove(self)
        self._chunk = b""
        running = self._running
        if running is not None and not running.response_complete:
            running.disconnected = True
            running.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse *data*, and track the connection while its request is incomplete."""
        if self._is_rejected:
            return
        self._receive(data)
        if self.scope is not self._complete_scope:
            if not self._is_rejected:
                self._track(len(data))
        elif self._is_tracked and not self._chunk:
            self._is_tracked = False
            self._incomplete.remove(self)

    def on_headers_complete(self) -> None:
        """The head is complete; while the server drains, its response closes the connection."""
        super().on_headers_complete()
        if IS_DRAINING in self.app_state and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_response_complete(self) -> None:
        """A response was sent; continue with what was queued behind it."""
        self.transport.flush()  # type: ignore[attr-defined]
        has_queued = bool(self.pipeline)
        if has_queued:
            next_scope: Any = self.pipeline[-1][0].scope
            if ARRIVED_AT in next_scope:  # It was queued behind an earlier request of its client.
                next_scope[ARRIVED_AT] = self.loop.time()
        super().on_response_complete()
        if not has_queued and self.scope is self._complete_scope:
            self._forget_request()
        if self._chunk:
            if not (self.pipeline or self.transport.is_closing()):
                # In a later iteration of the event loop, so that other connections have a turn.
                self.loop.call_soon(self._feed_rest)
        elif self._rejection is not None and not (has_queued or self.transport.is_closing()):
            self._send_rejection(self._rejection)

    def _forget_request(self) -> None:
        """Keep nothing of a request while the connection is idle: it names a person."""
        self.scope = self._complete_scope = None  # type: ignore[assignment]
        self.cycle = self._running = None  # type: ignore[assignment]
        self.url = b""

    def _feed_rest(self) -> None:
        if self._is_rejected or self.transport.is_closing():
            return
        self._feed_chunk()
        if not (self._chunk or self._is_rejected):
            self.flow.release()
            if self.scope is not self._complete_scope:
                self._track()

    def handle_websocket_upgrade(self) -> None:
        """The connection carries frames from here on."""
        self._incomplete.remove(self)
        self._is_tracked = False
        self._complete_scope = self.scope
        self._chunk = b""  # No frames are allowed before the response to the handshake.
        self.transport = self.transport.whole  # type: ignore[attr-defined]
        super().handle_websocket_upgrade()

    def shutdown(self) -> None:
        """The server stops: parsed requests get a response, bytes that were only read do not."""
        self._chunk = b""
        if self._is_rejected and self._rejection is None:
            self.transport.close()
        else:
            super().shutdown()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    # -- slow clients --------------------------------------------------------------------------

    @property
    def is_waiting_for_server(self) -> bool:
        """True when the client cannot send, or need not: the next step is the server's."""
        return self.flow.read_paused or (
            not self._is_in_body and self.cycle is not None and not self.cycle.response_complete
        )

    def abandon(self, rejection: RejectedRequest) -> None:
        """Send *rejection* if a part of a request was received, then close."""
        if self.transport.is_closing():
            return
        if self.scope is self._complete_scope:
            self.transport.close()
        else:
            self._reject(rejection)

    def _track(self, received_bytes: int = 0) -> None:
        self._is_tracked = True
        is_in_body = self._is_in_body
        is_held = is_in_body and not self.cycle.response_complete
        self._incomplete.note_progress(
            self, is_in_body=is_in_body, body_bytes=received_bytes if is_held else 0
        )

    # -- rejecting -----------------------------------------------------------------------------

    def _reject(self, rejection: RejectedRequest) -> None:
        """Stop reading; send *rejection* after the responses before it, and close."""
        self._is_rejected = True
        self._chunk = b""
        self._incomplete.remove(self)
        has_earlier = self.cycle is not None and not self.cycle.response_complete
        if self._is_in_body:  # the request has a cycle, which waits for its body or its turn
            own = self.cycle
            if own.response_started:
                self.transport.close()
                return
            own.disconnected = True
            own.message_event.set()
            has_earlier = bool(self.pipeline) and self.pipeline[0][0] is own
            if has_earlier:
                self.pipeline.popleft()
        if has_earlier:
            self._rejection = rejection
            self.flow.hold()
        else:
            self._send_rejection(rejection)

    def _send_rejection(self, rejection: RejectedRequest) -> None:
        self._rejection = None
        self._unset_keepalive_if_required()
        transport: asyncio.Transport = self.transport.whole  # type: ignore[attr-defined]
        write_and_close(transport, raw_response(rejection, self.server_state.default_headers))
