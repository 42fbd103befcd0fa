"""A connection that sends without waiting for responses, and stores only their last bytes."""

from __future__ import annotations

import asyncio
from collections import Counter

from benchmarks.hostile.http_client import ADDRESS

TAIL_BYTES = 256
_RESPONSE = b"HTTP/1.1 "
_CLOSE = 0x88


def handshake(extra_headers: bytes = b"") -> bytes:
    """A WebSocket handshake."""
    return (
        f"GET /progress HTTP/1.1\r\nHost: {ADDRESS}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    ).encode() + (extra_headers + b"\r\n")


async def open_stream(port: int) -> Stream:
    """Open a connection."""
    _, stream = await asyncio.get_running_loop().create_connection(Stream, ADDRESS, port)
    return stream


class Stream(asyncio.Protocol):
    """One connection. Responses are counted by status, closed sockets by their close code."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()
        self.bytes_received = 0
        self._bytes_written = 0
        self._statuses: Counter[str] = Counter()
        self._tail = b""
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._data_arrived = asyncio.Event()

    @property
    def bytes_sent(self) -> int:
        """The bytes that the kernel has accepted."""
        return self._bytes_written - self._transport.get_write_buffer_size()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The connection is open."""
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Wake all waiters."""
        for event in (self.closed, self._may_write, self._data_arrived):
            event.set()

    def pause_writing(self) -> None:
        """The service reads more slowly than we write."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """The service has caught up."""
        self._may_write.set()

    def data_received(self, data: bytes) -> None:
        """Count the responses in *data*."""
        self.bytes_received += len(data)
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        if found := data.count(_RESPONSE):
            start = data.index(_RESPONSE) + len(_RESPONSE)
            self._statuses[data[start : start + 3].decode(errors="replace")] += found
        self._data_arrived.set()

    def write(self, data: bytes) -> None:
        """Send *data*."""
        self._bytes_written += len(data)
        self._transport.write(data)

    async def is_writable(self) -> bool:
        """Wait until more can be written; false when the connection is closed."""
        await self._may_write.wait()
        return not self.closed.is_set()

    async def received(self, count: int) -> None:
        """Wait until *count* bytes have arrived in all, or the connection is closed."""
        while self.bytes_received < count and not self.closed.is_set():
            self._data_arrived.clear()
            await self._data_arrived.wait()

    def outcomes(self, *, is_websocket: bool) -> Counter[str]:
        """The responses by status, and how the connection ended."""
        found = Counter(self._statuses)
        if not self.closed.is_set():
            found["still open"] += 1
        elif is_websocket and (code := self.close_code) is not None:
            found[f"close {code}"] += 1
        elif not self._statuses or is_websocket:
            found["closed"] += 1
        return found

    @property
    def close_code(self) -> int | None:
        """The code of the close frame, if one came last."""
        start = self._tail.rfind(bytes([_CLOSE]))
        payload = self._tail[start + 2 :]
        if start < 0 or len(payload) < 2 or self._tail[start + 1] != len(payload):
            return None
        return int.from_bytes(payload[:2])

    def abort(self) -> None:
        """Close the connection at once."""
        self._transport.abort()
