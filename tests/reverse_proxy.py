"""A small reverse proxy: serves an upstream under a prefix, which it takes off or passes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


@contextmanager
def reverse_proxy(upstream: str, prefix: str, *, strips: bool) -> Iterator[str]:
    """The address of the proxy, with the prefix. One connection carries one request, or a socket.

    Args:
        upstream: address of the service.
        prefix: like ``/learn``; whatever is not below it is answered 404.
        strips: whether the service gets paths without the prefix.
    """
    loop = asyncio.new_event_loop()
    proxy = _Proxy(upstream, prefix.encode(), strips=strips)
    thread = threading.Thread(target=loop.run_forever)  # this one may have a loop of its own
    thread.start()
    starting = asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(starting, loop).result(10)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{prefix}"
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    connections = asyncio.all_tasks() - {asyncio.current_task()}
    for task in connections:
        task.cancel()
    await asyncio.gather(*connections, return_exceptions=True)


class _Proxy:
    def __init__(self, upstream: str, prefix: bytes, *, strips: bool) -> None:
        parts = urlsplit(upstream)
        self._host, self._port = parts.hostname, parts.port
        self._prefix = prefix
        self._strips = strips

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, path, rest = head.split(b" ", 2)
            if not path.startswith(self._prefix):
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                return
            if self._strips:
                path = path.removeprefix(self._prefix) or b"/"
            is_socket = b"\r\nupgrade: websocket" in head.lower()
            if not is_socket:
                rest = rest.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
            source, sink = await asyncio.open_connection(self._host, self._port)
            writers.append(sink)
            sink.write(b" ".join((method, path, _without_connection(rest, is_socket))))
            await asyncio.gather(_pipe(reader, sink), _pipe(source, writer))
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            for each in writers:
                each.close()
            for each in writers:
                with suppress(ConnectionError):
                    await each.wait_closed()


def _without_connection(rest: bytes, is_socket: bool) -> bytes:
    """The head after its path; for a request, with our `Connection` alone."""
    if is_socket:
        return rest
    first, ours, *fields = rest.split(b"\r\n")
    kept = [field for field in fields if not field.lower().startswith(b"connection:")]
    return b"\r\n".join((first, ours, *kept))


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while some := await reader.read(65_536):
            writer.write(some)
            await writer.drain()
    writer.close()
