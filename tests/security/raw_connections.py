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

from tests.processes import Served

PATIENCE_SECONDS = 60.0
HANDSHAKE = (
    b"GET /progress HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
)
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


@dataclass
class Answer:
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

    async def answer(self) -> Answer:
        """The next response."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(head[0].split()[1]), headers, body)

    async def until_closed(self) -> bytes:
        """What still comes; a reset is an end as well."""
        rest = b""
        with suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while some := await self.reader.read(65_536):
                    rest += some
        return rest

    async def frame(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame of a socket."""
        async with asyncio.timeout(PATIENCE_SECONDS):
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
async def connected(served: Served) -> AsyncIterator[Connection]:
    """A new connection to the service."""
    parts = urlsplit(served.address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def exchange(served: Served, raw: bytes) -> Answer:
    """The response to *raw* on a connection of its own."""
    async with connected(served) as connection:
        sending = asyncio.create_task(connection.send(raw))
        answer = await connection.answer()
        await connection.until_closed() if answer.headers.get("connection") == "close" else None
        sending.cancel()
        await asyncio.wait([sending])
        return answer


@asynccontextmanager
async def socket_to(served: Served) -> AsyncIterator[Connection]:
    """A socket whose handshake is complete."""
    async with connected(served) as connection:
        await connection.send(HANDSHAKE + b"\r\n")
        assert (await connection.answer()).status == 101
        yield connection


def frame(opcode: int, payload: bytes = b"") -> bytes:
    """A masked frame; the mask is zeros."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
    return bytes([0x80 | opcode]) + length + bytes(4) + payload


def resident_bytes(served: Served) -> int:
    """Memory of the process that serves, as the kernel counts it."""
    status = Path(f"/proc/{served.process.pid}/status").read_text()
    return 1_024 * next(int(i.split()[1]) for i in status.splitlines() if i.startswith("VmRSS:"))


async def polite_statuses(served: Served, count: int) -> list[int]:
    """What *count* calls of somebody with good manners are answered with."""
    async with httpx.AsyncClient(base_url=served.address, timeout=PATIENCE_SECONDS) as polite:
        return [(await polite.get("/healthz")).status_code for _ in range(count)]
