"""A TCP server of 127.0.0.1 that leaves no connection behind, half accepted or open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

# What was accepted becomes a connection within three turns of the event loop.
TURNS_OF_THE_LOOP = 10


@asynccontextmanager
async def tcp_server(serve: Serve) -> AsyncIterator[int]:
    """The port of a server that runs *serve* for each connection, and cancels it at the end."""
    connections: set[asyncio.Task[None]] = set()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            # asyncio logs whatever a connection raises, also that it was cancelled to end it.
            with suppress(asyncio.CancelledError):
                await serve(reader, writer)
        finally:
            connections.discard(task)
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    [listening] = server.sockets
    try:
        yield listening.getsockname()[1]
    finally:
        # A server that is closed drops what it has accepted but not connected, and leaves its
        # socket open. So it is told of no more before.
        asyncio.get_running_loop().remove_reader(listening.fileno())
        for _ in range(TURNS_OF_THE_LOOP):
            await asyncio.sleep(0)
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
