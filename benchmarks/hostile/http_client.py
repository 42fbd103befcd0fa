"""A minimal HTTP/1.1 client for load generators: prebuilt requests over reused connections."""

from __future__ import annotations

import asyncio
import json
from typing import Any, NamedTuple

ADDRESS = "127.0.0.1"
TIMED_OUT, CLOSED, NOT_SENT = "timeout", "closed", "not sent"
_REQUIRES_RETRY_AFTER = (b"429", b"503")


class Outcome(NamedTuple):
    """The outcome of a request: its status as text, or why there is none."""

    label: str
    bytes_sent: int


def get(path: str, token: str | None = None) -> bytes:
    """A GET request."""
    return _head("GET", path, token) + b"\r\n"


def send_json(method: str, path: str, token: str, body: Any) -> bytes:
    """A request with a JSON body; bytes are sent as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return _head(method, path, token) + fields.encode() + content


def _head(method: str, path: str, token: str | None) -> bytes:
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"{method} {path} HTTP/1.1\r\nHost: {ADDRESS}\r\n{bearer}".encode()


class Connection(asyncio.Protocol):
    """One connection, for one request at a time. Bodies are counted and discarded."""

    def __init__(self) -> None:
        self.is_open = False
        self._head = b""
        self._label = ""
        self._body_bytes_left = 0
        self._response: asyncio.Future[str] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The connection is open."""
        self.transport = transport
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the pending request."""
        self.is_open = False
        if self._response is not None and not self._response.done():
            self._response.set_exception(exc or ConnectionError("closed before the response"))

    def send(self, request: bytes) -> asyncio.Future[str]:
        """Send a request, or the rest of one; the future resolves to the status of the response."""
        self._head, self._label = b"", ""
        self._response = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._response

    def data_received(self, data: bytes) -> None:
        """Process a part of the response."""
        if self._response is None or self._response.done():
            return
        if not self._label:
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            self._read_head(head.lower())
        self._body_bytes_left -= len(data)
        if self._body_bytes_left <= 0:
            self._response.set_result(self._label)

    def _read_head(self, head: bytes) -> None:
        status = head[9:12]
        self._label = status.decode()
        if status in _REQUIRES_RETRY_AFTER and b"\r\nretry-after:" not in head:
            self._label += " without Retry-After"
        length = head.partition(b"\r\ncontent-length:")[2].split(maxsplit=1)
        self._body_bytes_left = int(length[0]) if length else 0
        if b"\r\nconnection: close" in head:
            self.is_open = False


async def connect(port: int) -> Connection:
    """Open a connection."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, ADDRESS, port)
    return connection


class Pool:
    """The connections of one client. Idle ones are reused before new ones are opened."""

    def __init__(self, port: int, *, max_connections: int) -> None:
        self._port = port
        self._free = max_connections
        self._idle: list[Connection] = []

    async def call(self, request: bytes, *, timeout_seconds: float) -> Outcome:
        """Send one request, unless all connections are busy."""
        if not self._free:
            return Outcome(NOT_SENT, 0)
        self._free -= 1
        try:
            return await self._call(request, timeout_seconds)
        finally:
            self._free += 1

    async def _call(self, request: bytes, timeout_seconds: float) -> Outcome:
        label, unsent = CLOSED, len(request)
        try:
            async with asyncio.timeout(timeout_seconds):
                connection = self._reusable() or await connect(self._port)
                try:
                    label = await connection.send(request)
                finally:
                    unsent = connection.transport.get_write_buffer_size()
                    self._release(connection, is_reusable=label != CLOSED and not unsent)
        except TimeoutError:
            label = TIMED_OUT
        except OSError:
            label = CLOSED
        return Outcome(label, len(request) - unsent)

    def _reusable(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        return None

    def _release(self, connection: Connection, *, is_reusable: bool) -> None:
        if is_reusable and connection.is_open:
            self._idle.append(connection)
        else:
            connection.transport.abort()

    def close(self) -> None:
        """Close the idle connections."""
        for connection in self._idle:
            connection.transport.abort()
        self._idle.clear()
