"""A small proxy that delays responses, or drops a response and closes the connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from tests.tcp_server import tcp_server

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]
Rule = Callable[[bytes], float | None]
"""Bytes of a request → the delay of its response in seconds; ``None`` drops the response."""
CHUNK_BYTES = 65_536


@asynccontextmanager
async def proxy(connect: Connect, rule: Rule) -> AsyncIterator[int]:
    """Forward everything to what *connect* opens; the value is the local port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _forward((reader, writer), await connect(), rule)

    async with tcp_server(serve) as port:
        yield port


async def _forward(near: Streams, far: Streams, rule: Rule) -> None:
    delay_seconds: float | None = 0.0

    async def requests() -> None:
        nonlocal delay_seconds
        while request := await near[0].read(CHUNK_BYTES):
            delay_seconds = rule(request)
            far[1].write(request)
            await far[1].drain()

    async def responses() -> None:
        while (response := await far[0].read(CHUNK_BYTES)) and delay_seconds is not None:
            await asyncio.sleep(delay_seconds)
            near[1].write(response)
            await near[1].drain()

    directions = [asyncio.create_task(requests()), asyncio.create_task(responses())]
    try:
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for direction in directions:
            direction.cancel()
        for _, writer in (near, far):  # before any await, which may be cancelled as well
            writer.close()
        await asyncio.gather(*directions, return_exceptions=True)
        for _, writer in (near, far):
            with suppress(OSError):
                await writer.wait_closed()
