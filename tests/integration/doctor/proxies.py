"""Proxies to a mongod: plain, slow, and with altered responses."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.faults.proxy import Streams, proxy
from tests.tcp_server import tcp_server

Alter = Callable[[bytes], bytes]


def socket_of(uri: str) -> Path:
    """The socket file in the URI of a private mongod."""
    return Path(unquote(urlsplit(uri).netloc))


def uri_of(port: int) -> str:
    return f"mongodb://127.0.0.1:{port}/?directConnection=true"


def slow(uri: str, *, seconds: float, requests_with: bytes) -> AbstractAsyncContextManager[int]:
    """The port of a proxy that delays the responses to some requests."""

    async def connect() -> Streams:
        return await asyncio.open_unix_connection(str(socket_of(uri)))

    return proxy(connect, lambda request: seconds if requests_with in request else 0.0)


@asynccontextmanager
async def altering(uri: str, alter: Alter) -> AsyncIterator[int]:
    """The port of a proxy that passes each response through *alter*, which keeps its size."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(str(socket_of(uri)))

        async def requests() -> None:
            while request := await reader.read(65_536):
                far_writer.write(request)
                await far_writer.drain()

        async def responses() -> None:
            while True:
                head = await far_reader.readexactly(4)
                [size] = struct.unpack("<i", head)
                writer.write(alter(head + await far_reader.readexactly(size - 4)))
                await writer.drain()

        directions = [asyncio.create_task(requests()), asyncio.create_task(responses())]
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for direction in directions:
                direction.cancel()
            far_writer.close()
            await asyncio.gather(*directions, return_exceptions=True)

    async with tcp_server(serve) as port:
        yield port


def with_number(name: str, change: Callable[[float], float], *, of_type: str) -> Alter:
    """Alters the number *name* in BSON: ``d`` a double, ``q`` a date in milliseconds."""
    kind = {"d": b"\x01", "q": b"\x09"}[of_type]
    field = kind + name.encode() + b"\x00"

    def alter(message: bytes) -> bytes:
        before, found, rest = message.partition(field)
        if not found:
            return message
        [number] = struct.unpack(f"<{of_type}", rest[:8])
        changed = change(number)
        packed = struct.pack(f"<{of_type}", int(changed) if of_type == "q" else changed)
        return before + found + packed + rest[8:]

    return alter
