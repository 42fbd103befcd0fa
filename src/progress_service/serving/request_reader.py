"""Bytes → requests: uvicorn's parser callbacks, fed one slice after another.

uvicorn feeds the parser everything that was read. Here the parser gets slices that hold little more
than one request, and stops between two of them when a bound is reached or requests are queued.
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
from progress_service.serving.rejections import RejectedRequest, malformed
from progress_service.serving.request_rules import (
    MAX_FIELDS,
    check_head,
    check_size,
    check_websocket_handshake,
)

BLANK_LINE = b"\r\n\r\n"
SLICE_BYTES = 4_096
BODY_SLICE_BYTES = 1_024  # May hold whole requests that follow the body; so it is short…
SAFE_BODY_SLICE_BYTES = 65_536  # …unless the body is known to be longer.


class RequestReader(HttpToolsProtocol):
    """Parses what a connection has sent, and checks each head before it becomes a request."""

    # With more than 30 attributes in its dictionary, each access to an instance is slower.
    __slots__ = (
        "_chunk",
        "_complete_scope",
        "_is_in_body",
        "_is_upgrading",
        "_is_websocket",
        "_offset",
        "_unframed_bytes",
    )
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
        self._complete_scope: Any = None  # of the last complete request
        self._is_in_body = False
        self._body_bytes = 0  # of the current request, so far
        self._is_upgrading = self._is_websocket = False
        self._unframed_bytes = 0  # read since the last byte of a body, or end of a request
        self._chunk = b""  # read; from `_offset` on not yet parsed
        self._offset = 0

    def _reject(self, rejection: RejectedRequest) -> None:
        raise NotImplementedError

    # -- slices --------------------------------------------------------------------------------

    def _receive(self, data: bytes) -> None:
        """Parse as much of *data* as may be parsed now."""
        if (
            self._unframed_bytes + len(data) <= SLICE_BYTES
            and not (self._chunk or self.pipeline)
            and data.find(BLANK_LINE, data.find(BLANK_LINE) + len(BLANK_LINE)) == -1
        ):  # The usual case: no more than one request, and nothing to check in between.
            self._unframed_bytes += len(data)
            try:
                self.parser.feed_data(data)
                return
            except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
                self._offset = self._stop(error, len(data))
                if self._offset == len(data):
                    return
                self._chunk = data
        else:
            self._chunk = self._chunk[self._offset :] + data if self._chunk else data
            self._offset = 0
        self._feed_chunk()

    def _feed_chunk(self) -> None:
        """Feed the parser until the chunk ends, or requests are queued."""
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
            safe_bytes = min(self._announced_bytes_left(), SAFE_BODY_SLICE_BYTES)
            return chunk[start : start + max(safe_bytes, BODY_SLICE_BYTES)]
        end = chunk.find(BLANK_LINE, start, start + SLICE_BYTES)
        return chunk[start : end + len(BLANK_LINE) if end != -1 else start + SLICE_BYTES]

    def _announced_bytes_left(self) -> int:
        """How much of the body is still missing; 0 where its length is unknown."""
        for name, value in self.scope["headers"]:
            if name == b"content-length":
                return int(value) - self._body_bytes
        return 0

    def _feed(self, piece: bytes) -> int:
        """Feed *piece* to the parser; return how many of its bytes were consumed."""
        self._unframed_bytes += len(piece)
        try:
            self.parser.feed_data(piece)
            if self._unframed_bytes > SLICE_BYTES:  # of a head, or of a chunked body's framing
                check_size(self.url, self.headers, self._unframed_bytes)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, RejectedRequest) as error:
            return self._stop(error, len(piece))
        return len(piece)

    def _stop(self, error: Exception, fed_bytes: int) -> int:
        """Reject or upgrade; return how many of the fed bytes were consumed."""
        if isinstance(error, RejectedRequest):
            self._reject(error)
        elif not isinstance(error, httptools.HttpParserUpgrade):
            self._reject(_rejection_for(error))
        elif self._is_websocket:
            self.handle_websocket_upgrade()
        else:
            self._parse_without_upgrade()
            return int(error.args[0])
        return fed_bytes

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
        self._body_bytes = self._unframed_bytes = 0
        self.headers = []  # Trailer fields go there, and never into the scope.

    def on_body(self, body: bytes) -> None:
        """Bytes of the body."""
        self._body_bytes += len(body)
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

    def _parse_without_upgrade(self) -> None:
        """Ignore an upgrade to a protocol that is not supported.

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


def _rejection_for(error: Exception) -> RejectedRequest:
    """The rejection that a callback raised; else the parser's reason, which quotes no input."""
    cause = error.__context__
    if isinstance(cause, RejectedRequest):
        return cause
    if isinstance(error, httptools.HttpParserCallbackError):
        return malformed("The address is not one of HTTP/1.1; send a path that begins with /.")
    return malformed(f"This is not a request of HTTP/1.1: {error}.")
