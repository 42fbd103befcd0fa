"""Bytes on a connection to the real service, without a client library to correct them."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from progress_service.testing import ServiceProcess

TIMEOUT_SECONDS = 60.0
HANDSHAKE = (
    b"GET /progress HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
)
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


@dataclass
class Response:
    """One response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, raw: bytes) -> None:
        """Send all of *raw*, or what the service takes before it closes."""
        with suppress(ConnectionError):
            self.writer.write(raw)
            await self.writer.drain()

    async def response(self) -> Response:
        """The next response."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Response(int(head[0].split()[1]), headers, body)

    async def until_closed(self) -> bytes:
        """The remaining bytes; a reset counts as the end."""
        rest = b""
        with suppress(ConnectionError):
            async with asyncio.timeout(TIMEOUT_SECONDS):
                while chunk := await self.reader.read(65_536):
                    rest += chunk
        return rest

    async def frame(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame of a socket."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            first, size = await self.reader.readexactly(2)
            if size == 126:
                (size,) = struct.unpack("!H", await self.reader.readexactly(2))
            return first & 0x0F, await self.reader.readexactly(size)

    async def close_code(self) -> int | None:
        """The code of the close frame that ends a socket."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                opcode, payload = await self.frame()
                if opcode == CLOSE:
                    return int(struct.unpack("!H", payload[:2])[0])
        return None


@asynccontextmanager
async def connected(served: ServiceProcess) -> AsyncIterator[Connection]:
    """A new connection to the service."""
    parts = urlsplit(served.address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def exchange(served: ServiceProcess, raw: bytes) -> Response:
    """The response to *raw* on a connection of its own."""
    async with connected(served) as connection:
        sending = asyncio.create_task(connection.send(raw))
        response = await connection.response()
        await connection.until_closed() if response.headers.get("connection") == "close" else None
        sending.cancel()
        await asyncio.wait([sending])
        return response


@asynccontextmanager
async def socket_to(served: ServiceProcess) -> AsyncIterator[Connection]:
    """A socket whose handshake is complete."""
    async with connected(served) as connection:
        await connection.send(HANDSHAKE + b"\r\n")
        assert (await connection.response()).status == 101
        yield connection


def frame(opcode: int, payload: bytes = b"") -> bytes:
    """A masked frame; the mask is zeros."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
    return bytes([0x80 | opcode]) + length + bytes(4) + payload


def resident_bytes(served: ServiceProcess) -> int:
    """Memory of the process that serves, as the kernel counts it."""
    status = Path(f"/proc/{served.process.pid}/status").read_text()
    return 1_024 * next(int(i.split()[1]) for i in status.splitlines() if i.startswith("VmRSS:"))


async def healthz_statuses(served: ServiceProcess, count: int) -> list[int]:
    """The statuses of *count* well-formed requests, one after another."""
    async with httpx.AsyncClient(base_url=served.address, timeout=TIMEOUT_SECONDS) as client:
        return [(await client.get("/healthz")).status_code for _ in range(count)]
