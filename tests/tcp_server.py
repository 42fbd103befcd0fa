"""A TCP server on 127.0.0.1 that leaves no open or half-accepted connection behind."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

# An accepted socket becomes a connection within three iterations of the event loop.
LOOP_ITERATIONS = 10


@asynccontextmanager
async def tcp_server(
    serve: Serve, *, port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """The port of a server that runs *serve* for each connection, and cancels it at the end."""
    connections: set[asyncio.Task[None]] = set()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            # asyncio logs whatever a connection raises, including its own cancellation.
            with suppress(asyncio.CancelledError):
                await serve(reader, writer)
        finally:
            connections.discard(task)
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    server = await asyncio.start_server(connect, "127.0.0.1", port, ssl=tls)
    [listening] = server.sockets
    try:
        yield listening.getsockname()[1]
    finally:
        # Closing the server drops sockets that are accepted but not yet connected, and leaves them
        # open. So it stops accepting first.
        asyncio.get_running_loop().remove_reader(listening.fileno())
        for _ in range(LOOP_ITERATIONS):
            await asyncio.sleep(0)
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
