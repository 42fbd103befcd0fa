"""uvicorn's WebSocket protocol, with a budget for frames and a response to every handshake."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import HeaderLineTooLong, RequestLineTooLong, TooManyHeaders
from websockets.http11 import MAX_LINE_LENGTH
from websockets.protocol import OPEN

from progress_service.serving.linger import write_and_close
from progress_service.serving.rejections import (
    RejectedRequest,
    address_too_long,
    headers_too_large,
    malformed,
    raw_response,
)

# A leaky bucket of seconds, which both frames and bytes fill: 60 small frames at once, or 48 KiB;
# then 10 frames or 8 KiB a second.
BURST_SECONDS = 6.0
SECONDS_PER_FRAME = 0.1
SECONDS_PER_BYTE = 1 / 8_192
SLICE_BYTES = 1_024  # Frames are counted after each slice; the smallest has 6 bytes.
TOO_MANY_FRAMES = 4429
CLOSE_SECONDS = 2.0  # For the peer's close frame.

_log = logging.getLogger("uvicorn.error.websocket")
_log.setLevel(logging.WARNING)  # Below it, uvicorn logs the query, in which a token may be.


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One socket."""

    __slots__ = ("_paid_until",)  # One float: ten thousand sockets are open at a time.

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = _log
        self.close_timeout = CLOSE_SECONDS
        self._paid_until = 0.0

    def data_received(self, data: bytes) -> None:
        """Parse frames, a slice at a time, until the budget is spent."""
        if not self.handshake_initiated:
            self._receive_handshake(data)
            return
        now = self.loop.time()
        for start in range(0, len(data), SLICE_BYTES):
            piece = data if len(data) <= SLICE_BYTES else data[start : start + SLICE_BYTES]
            self.conn.receive_data(piece)
            cost = len(self.conn.events) * SECONDS_PER_FRAME + len(piece) * SECONDS_PER_BYTE
            self._paid_until = max(self._paid_until, now) + cost
            if self._paid_until > now + BURST_SECONDS:
                self._close_at_once()
                return
            if self.conn.parser_exc is not None:
                self.handle_parser_exception()
                return
            self.handle_events()
            if self.transport.is_closing():
                return

    def start_keepalive(self) -> None:
        """The handshake is complete; read frames."""
        super().start_keepalive()
        self.transport.resume_reading()

    def shutdown(self) -> None:
        """The server stops; a socket that is closing must not prevent it."""
        if self.handshake_complete and self.conn.state is not OPEN:
            self.close_sent = True  # The peer has sent a close frame, and received one.
        super().shutdown()

    def _close_at_once(self) -> None:
        """Stop parsing, and do not wait for the peer's close frame."""
        self.stop_keepalive()
        self.conn.events.clear()
        self.conn.writes.clear()  # Pongs to the last pings.
        self.queue.put_nowait({"type": "websocket.disconnect", "code": TOO_MANY_FRAMES})
        if self.conn.state is OPEN:
            self.conn.send_close(TOO_MANY_FRAMES, "too many frames")
        self.close_sent = True
        # While there is a timer, the end of the application does not close the transport.
        self.close_timer = write_and_close(self.transport, b"".join(self.conn.data_to_send()))

    def _receive_handshake(self, data: bytes) -> None:
        """Pass the request to the parser of websockets, which has limits of its own."""
        self.conn.receive_data(data)
        if self.conn.handshake_exc is None:
            # Frames before the response would be parsed in a state that cannot report errors.
            self.transport.pause_reading()
            self.handle_events()
            return
        self.handshake_complete = self.close_sent = True
        rejection = _rejection_for(self.conn.handshake_exc)
        self.transport.write(raw_response(rejection, self.default_headers))
        self.transport.close()


def _rejection_for(error: Exception) -> RejectedRequest:
    if isinstance(error, RequestLineTooLong):
        return address_too_long(MAX_LINE_LENGTH)
    if isinstance(error, HeaderLineTooLong):
        return headers_too_large(f"{MAX_LINE_LENGTH} bytes a line with a WebSocket handshake")
    if isinstance(error, TooManyHeaders):
        return headers_too_large(str(error))
    return malformed("This is not a WebSocket handshake.")
