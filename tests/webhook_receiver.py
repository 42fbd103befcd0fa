"""A receiver of webhooks on 127.0.0.1, which records requests and responds as a test asks."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from standardwebhooks import Webhook as Verifier

from tests.tcp_server import tcp_server

WAIT_SECONDS = 30.0
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def responding(status: int, **headers: str) -> bytes:
    """A response without a body; ``Retry_After`` names the header Retry-After."""
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n{''.join(lines)}\r\n".encode()


@dataclass(frozen=True)
class Received:
    """A request."""

    target: str
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]

    def verified_with(self, secret: str) -> Any:
        """The content, if the signature is that of *secret*; else the library raises."""
        return Verifier(secret).verify(self.body, dict(self.headers))


Respond = Callable[[Received], Awaitable[bytes] | bytes]


class Receiver:
    """What came in, and how it responds: ``respond`` may be replaced at any time."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.received: list[Received] = []
        self.respond: Respond = lambda _: OK
        self._changed = asyncio.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    def of_type(self, kind: str) -> list[Received]:
        """The requests with events of that type."""
        return [one for one in self.received if one.json["type"] == kind]

    async def wait_for(self, condition: Callable[[], bool]) -> None:
        """Return when *condition* holds; it is checked after each request."""
        async with asyncio.timeout(WAIT_SECONDS), self._changed:
            await self._changed.wait_for(condition)

    async def wait_for_count(self, count: int) -> None:
        """Return when so many requests have come in."""
        await self.wait_for(lambda: len(self.received) >= count)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, with any number of requests."""
        self.connections += 1
        while (request := await _read(reader)) is not None:
            async with self._changed:
                self.received.append(request)
                self._changed.notify_all()
            response = self.respond(request)
            writer.write(response if isinstance(response, bytes) else await response)
            await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.strip().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers["content-length"]))
    return Received(first.split(" ")[1], headers, body.decode())


@asynccontextmanager
async def a_receiver(
    *, port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """A receiver that accepts everything."""
    receiver = Receiver()
    async with tcp_server(receiver.serve, port=port, tls=tls) as receiver.port:
        yield receiver
