"""Minimal WebSocket and HTTP clients, so that one small process can run ten thousand of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_FINAL, _MASKED = 0x80, 0x80
_NO_MASK = bytes(4)  # Masking with zeros leaves the payload as it is.
OnText = Callable[[bytes], None]


def frame(opcode: int, payload: bytes) -> bytes:
    """A frame as clients send it."""
    size = len(payload)
    long = size.to_bytes(2) if size > 125 else b""
    return bytes([_FINAL | opcode, _MASKED | (126 if long else size)]) + long + _NO_MASK + payload


class Listener(asyncio.Protocol):
    """One socket: performs the handshake, authenticates, and passes on frames after `ready`."""

    __slots__ = ("_auth", "_buffer", "_is_handshake_complete", "_on_text", "_transport", "ready")

    def __init__(self, token: str, on_text: OnText) -> None:
        auth = {"type": "auth", "token": token, "device_id": "listener"}
        self._auth = json.dumps(auth).encode()
        self._buffer = b""
        self._on_text = on_text
        self._is_handshake_complete = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the handshake."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(
            b"GET /progress HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail `ready` if the socket did not become ready."""
        if not self.ready.done():
            self.ready.set_exception(exc or ConnectionError("closed before it was ready"))

    def data_received(self, data: bytes) -> None:
        """Process the complete frames in the buffer."""
        self._buffer += data
        if not self._is_handshake_complete:
            head, end, self._buffer = self._buffer.partition(b"\r\n\r\n")
            if not end:
                self._buffer = head
                return
            self._is_handshake_complete = True
            self._transport.write(frame(_TEXT, self._auth))
        while (found := self._next_frame()) is not None:
            opcode, start, end_at = found
            payload, self._buffer = self._buffer[start:end_at], self._buffer[end_at:]
            self._on_frame(opcode, payload)

    def _next_frame(self) -> tuple[int, int, int] | None:
        """(opcode, start, end) of the first frame, if it is complete."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        start, size = 2, buffer[1]
        if size == 126:
            start, size = 4, int.from_bytes(buffer[2:4])
        end = start + size
        return (buffer[0] & 0x0F, start, end) if len(buffer) >= end else None

    def _on_frame(self, opcode: int, payload: bytes) -> None:
        if opcode == _PING:
            self._transport.write(frame(_PONG, payload))
        elif opcode == _CLOSE:
            self._transport.close()
        elif not self.ready.done():
            self.ready.set_result(None)
        else:
            self._on_text(payload)


class Reporter:
    """One persistent connection that sends one report at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def report(self, token: str, video_id: str, position_seconds: float) -> None:
        """Return when the report is acknowledged.

        Raises:
            RuntimeError: the response is not 200.
        """
        body = {
            "watch_time": position_seconds,
            "total_duration": 600,
            "device_id": "player",
        }
        content = json.dumps(body).encode()
        self._writer.write(
            f"POST /api/progress/video/{video_id}/watch-time HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n".encode()
            + content
        )
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = int(head.partition("content-length:")[2].split()[0])
        response = await self._reader.readexactly(size)
        if " 200 " not in head.partition("\r\n")[0]:
            raise RuntimeError(response.decode())
