"""A small proxy that answers late, or swallows an answer and hangs up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from tests.tcp_server import tcp_server

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]
Rule = Callable[[bytes], float | None]
"""Bytes of a request → how many seconds late it is answered; ``None`` swallows the answer."""
CHUNK_BYTES = 65_536


@asynccontextmanager
async def proxy(connect: Connect, rule: Rule) -> AsyncIterator[int]:
    """Pass everything on to what *connect* opens; the value is the local port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _pass_on((reader, writer), await connect(), rule)

    async with tcp_server(serve) as port:
        yield port


async def _pass_on(near: Streams, far: Streams, rule: Rule) -> None:
    late_seconds: float | None = 0.0

    async def requests() -> None:
        nonlocal late_seconds
        while request := await near[0].read(CHUNK_BYTES):
            late_seconds = rule(request)
            far[1].write(request)
            await far[1].drain()

    async def answers() -> None:
        while (answer := await far[0].read(CHUNK_BYTES)) and late_seconds is not None:
            await asyncio.sleep(late_seconds)
            near[1].write(answer)
            await near[1].drain()

    ways = [asyncio.create_task(requests()), asyncio.create_task(answers())]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        for _, writer in (near, far):  # before anything is awaited: this may be cancelled as well
            writer.close()
        await asyncio.gather(*ways, return_exceptions=True)
        for _, writer in (near, far):
            with suppress(OSError):
                await writer.wait_closed()
