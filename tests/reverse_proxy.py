"""A small reverse proxy: serves an upstream under a prefix, and strips or forwards the prefix."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from tests.tcp_server import tcp_server


@contextmanager
def reverse_proxy(upstream: str, prefix: str, *, strips: bool) -> Iterator[str]:
    """The proxy's address, including the prefix. Each connection carries one request or one socket.

    Args:
        upstream: address of the service.
        prefix: such as ``/learn``; every other path gets 404.
        strips: whether the proxy removes the prefix from paths.
    """
    proxy = _Proxy(upstream, prefix.encode(), strips=strips)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)  # the caller's thread may run its own loop
    thread.start()
    server = tcp_server(proxy.serve)
    port = asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    try:
        yield f"http://127.0.0.1:{port}{prefix}"
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Proxy:
    def __init__(self, upstream: str, prefix: bytes, *, strips: bool) -> None:
        parts = urlsplit(upstream)
        self._host, self._port = parts.hostname, parts.port
        self._prefix = prefix
        self._strips = strips

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._forward(reader, writer)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
        try:
            sink.write(b" ".join((method, path, _without_connection(rest, is_socket))))
            await asyncio.gather(_pipe(reader, sink), _pipe(source, writer))
        finally:
            sink.close()
            with suppress(OSError):
                await sink.wait_closed()


def _without_connection(rest: bytes, is_socket: bool) -> bytes:
    """The head after its path; in a request, our `Connection` field replaces the client's."""
    if is_socket:
        return rest
    first, connection, *fields = rest.split(b"\r\n")
    others = [field for field in fields if not field.lower().startswith(b"connection:")]
    return b"\r\n".join((first, connection, *others))


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
    writer.close()
