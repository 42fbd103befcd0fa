"""uvicorn's HTTP protocol with bounds on what a client may send before it is answered.

uvicorn gives the parser whatever was read. Here the parser gets one slice after another, none of
which can hold much more than one request, and stops between two slices when a bound is reached.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from progress_service.edge.deadlines import ARRIVED_AT
from progress_service.serving.flow import HoldableFlow
from progress_service.serving.head_holder import HeadHolder
from progress_service.serving.linger import write_and_close
from progress_service.serving.refusals import RefusedRequest, malformed, raw_response
from progress_service.serving.request_rules import (
    MAX_FIELDS,
    MAX_HEAD_BYTES,
    check_head,
    check_size,
    check_websocket_handshake,
)
from progress_service.serving.slow_clients import incomplete_requests_of

BLANK_LINE = b"\r\n\r\n"
SLICE_BYTES = 4_096
BODY_SLICE_BYTES = 1_024  # The last one may hold whole requests that follow; so it is short.


class HttpProtocol(HttpToolsProtocol):
    """One connection. Requests are parsed when it is their turn, and refused in their turn."""

    flow: HoldableFlow
    url = b""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.headers = []
        self._incomplete = incomplete_requests_of(server_state)
        self._is_tracked = False  # …as incomplete.
        self._complete_scope: Any = None  # Of the last complete request; another one has begun.
        self._is_in_body = False
        self._is_upgrading = self._is_websocket = False
        self._unframed_bytes = 0  # Read since the last byte of a body, or end of a request.
        self._chunk = b""  # Read, and from `_offset` on not yet given to the parser.
        self._offset = 0
        self._is_refused = False
        self._refusal: RefusedRequest | None = None  # To be sent after earlier responses.

    # -- the connection ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected, and has a while to send a request."""
        super().connection_made(HeadHolder(transport))  # type: ignore[arg-type]
        self.flow = HoldableFlow(self.transport)
        self._track()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._incomplete.remove(self)
        self._chunk = b""
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops: what was parsed is answered, what was only read is not."""
        self._chunk = b""
        if self._is_refused and self._refusal is None:
            self.transport.close()
        else:
            super().shutdown()

    @property
    def is_waiting_for_server(self) -> bool:
        """The client cannot send, or is not expected to: it is the server's turn."""
        return self.flow.read_paused or (
            not self._is_in_body and self.cycle is not None and not self.cycle.response_complete
        )

    def give_up(self, refusal: RefusedRequest) -> None:
        """Answer *refusal* if a part of a request was received, then close."""
        if self.transport.is_closing():
            return
        if self.scope is self._complete_scope:
            self.transport.close()
        else:
            self._refuse(refusal)

    def _track(self, received_bytes: int = 0) -> None:
        self._is_tracked = True
        is_in_body = self._is_in_body
        is_held = is_in_body and not self.cycle.response_complete
        self._incomplete.note_progress(
            self, is_in_body=is_in_body, body_bytes=received_bytes if is_held else 0
        )

    # -- reading -------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Parse as much of *data* as may be parsed now."""
        if (
            len(data) <= SLICE_BYTES
            and not (self._chunk or self.pipeline or self._is_refused)
            and self._unframed_bytes + len(data) <= MAX_HEAD_BYTES
            and data.find(BLANK_LINE, data.find(BLANK_LINE) + len(BLANK_LINE)) == -1
        ):
            taken = self._feed(data)  # the usual case: no more than one request
            if taken < len(data):
                self._chunk, self._offset = data, taken
                self._feed_chunk()
        elif not self._is_refused:
            self._chunk = self._chunk[self._offset :] + data if self._chunk else data
            self._offset = 0
            self._feed_chunk()
        if self.scope is not self._complete_scope:
            if not self._is_refused:
                self._track(len(data))
        elif self._is_tracked and not self._chunk:
            self._is_tracked = False
            self._incomplete.remove(self)

    def _feed_chunk(self) -> None:
        """Feed the parser until the chunk ends, or requests wait for their turn."""
        while self._offset < len(self._chunk):
            if self.pipeline:
                self.flow.hold()
                return
            self._offset += self._feed(self._next_slice())
        self._chunk = b""
        self._offset = 0

    def _next_slice(self) -> bytes:
        """The next bytes for the parser; they end no more than two heads."""
        chunk, start = self._chunk, self._offset
        if self._is_in_body:
            return chunk[start : start + BODY_SLICE_BYTES]
        end = chunk.find(BLANK_LINE, start, start + SLICE_BYTES)
        return chunk[start : end + len(BLANK_LINE) if end != -1 else start + SLICE_BYTES]

    def _feed(self, piece: bytes) -> int:
        """Give *piece* to the parser, and return how many bytes of it were taken."""
        self._unframed_bytes += len(piece)
        try:
            self.parser.feed_data(piece)
            if self._unframed_bytes > SLICE_BYTES:  # of a head, or of a chunked body's framing
                check_size(self.url, self.headers, self._unframed_bytes)
        except httptools.HttpParserUpgrade as upgrade:
            if not self._is_websocket:
                self._parse_without_upgrade()
                return int(upgrade.args[0])
            self.handle_websocket_upgrade()
        except httptools.HttpParserError as error:
            self._refuse(_refusal_for(error))
        except RefusedRequest as refusal:
            self._refuse(refusal)
        return len(piece)

    def _feed_rest(self) -> None:
        """Go on with a chunk that had to wait, in an iteration of the loop of its own."""
        if self._is_refused or self.transport.is_closing():
            return
        self._feed_chunk()
        if not (self._chunk or self._is_refused):
            self.flow.release()
            if self.scope is not self._complete_scope:
                self._track()

    def on_response_complete(self) -> None:
        """A response was sent; whatever waited for that comes next."""
        self.transport.flush()  # type: ignore[attr-defined]
        has_queued = bool(self.pipeline)
        super().on_response_complete()
        if self._chunk:
            if not (self.pipeline or self.transport.is_closing()):
                self.loop.call_soon(self._feed_rest)
        elif self._refusal is not None and not (has_queued or self.transport.is_closing()):
            self._send_refusal(self._refusal)

    # -- callbacks of the parser ---------------------------------------------------------------

    def on_headers_complete(self) -> None:
        """The head is complete: check it, and start or queue the request."""
        self._unset_keepalive_if_required()
        headers, parser = self.headers, self.parser
        if self._unframed_bytes > SLICE_BYTES or len(headers) > MAX_FIELDS:
            check_size(self.url, headers, self._unframed_bytes)
        check_head(headers, parser.get_http_version())
        self._is_upgrading = parser.should_upgrade()
        if self._is_upgrading and not self._accept_upgrade():
            return
        super().on_headers_complete()
        self._is_in_body = True
        self._unframed_bytes = 0
        self.headers = []  # Trailer fields go there, and never into the scope.

    def on_body(self, body: bytes) -> None:
        """Bytes of the body."""
        self._unframed_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        if self._is_upgrading:
            return
        super().on_message_complete()
        scope: Any = self.scope
        scope[ARRIVED_AT] = self.loop.time()
        self._complete_scope = scope
        self._is_in_body = False
        self._unframed_bytes = 0

    # -- upgrades ------------------------------------------------------------------------------

    def _accept_upgrade(self) -> bool:
        """True for WebSocket; any other upgrade is ignored."""
        method, version = self.parser.get_method(), self.parser.get_http_version()
        self._is_websocket = self._get_upgrade() == b"websocket"
        if self._is_websocket:
            check_websocket_handshake(self.headers, method, version)
            if self.cycle is not None and not self.cycle.response_complete:
                raise malformed("A WebSocket handshake waits for the responses before it.")
        elif method == b"CONNECT":
            raise malformed("CONNECT is for proxies.")
        return self._is_websocket

    def _should_upgrade(self) -> bool:
        return self._is_websocket

    def handle_websocket_upgrade(self) -> None:
        """From here on there are frames, not responses."""
        self._incomplete.remove(self)
        self._complete_scope = self.scope
        self._is_tracked = False
        self.transport = self.transport.whole  # type: ignore[attr-defined]
        super().handle_websocket_upgrade()

    def _parse_without_upgrade(self) -> None:
        """An upgrade that is not spoken here is ignored.

        The parser takes what follows for the other protocol, so the body would be read as the next
        request. A new parser gets the same head without the field.
        """
        fields = [field for field in self.headers if field[0] != b"upgrade"]
        version = self.parser.get_http_version().encode()
        head = [b"%s %s HTTP/%s\r\n" % (self.parser.get_method(), self.url, version)]
        head += [b"%s: %s\r\n" % field for field in fields]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self._unframed_bytes = 0
        self._feed(b"".join(head) + b"\r\n")

    # -- refusing ------------------------------------------------------------------------------

    def _refuse(self, refusal: RefusedRequest) -> None:
        """Read no further; answer *refusal* after the responses before it, and close."""
        self._is_refused = True
        self._chunk = b""
        self._incomplete.remove(self)
        has_earlier = self.cycle is not None and not self.cycle.response_complete
        if self._is_in_body:  # the request has a cycle, which waits for the body or its turn
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
            self._refusal = refusal
            self.flow.hold()
        else:
            self._send_refusal(refusal)

    def _send_refusal(self, refusal: RefusedRequest) -> None:
        self._refusal = None
        self._unset_keepalive_if_required()
        transport: asyncio.Transport = self.transport.whole  # type: ignore[attr-defined]
        write_and_close(transport, raw_response(refusal, self.server_state.default_headers))


def _refusal_for(error: httptools.HttpParserError) -> RefusedRequest:
    """What a callback raised; else the parser's reason, which quotes nothing of the request."""
    cause = error.__context__
    if isinstance(cause, RefusedRequest):
        return cause
    if isinstance(error, httptools.HttpParserCallbackError):
        return malformed("The address is not one of HTTP/1.1; send a path that begins with /.")
    return malformed(f"This is not a request of HTTP/1.1: {error}.")
