"""Connections to the whole service that do not finish their request.

The server's protocols run in this process, so that a test can sweep as if time had passed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from uvicorn.server import ServerState

from progress_service.serving.http_protocol import HttpProtocol
from progress_service.serving.slow_clients import (
    BODY_SECONDS,
    BODY_STALL_SECONDS,
    HEAD_SECONDS,
    IncompleteRequests,
    incomplete_requests_of,
)
from progress_service.serving.websocket_protocol import WebSocketProtocol
from tests.builders import a_token
from tests.security.raw_connections import Connection

TIMEOUT_SECONDS = 20.0


@dataclass
class Listening:
    """The whole service on a port of this process."""

    port: int
    state: ServerState
    connections: list[Connection] = field(default_factory=list)

    @property
    def incomplete(self) -> IncompleteRequests:
        return incomplete_requests_of(self.state)

    async def connect(self) -> Connection:
        connection = Connection(*await asyncio.open_connection("127.0.0.1", self.port))
        self.connections.append(connection)
        return connection

    def sweep_after(self, seconds: float) -> None:
        self.incomplete.sweep(asyncio.get_running_loop().time() + seconds)

    async def until(self, condition) -> None:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while not condition():
                await asyncio.sleep(0.005)


@pytest.fixture
async def listening(app: FastAPI) -> AsyncIterator[Listening]:
    config = uvicorn.Config(app, ws=WebSocketProtocol, log_config=None, lifespan="off")
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        lambda: HttpProtocol(config, state, {}, loop), "127.0.0.1", 0
    )
    listening = Listening(listener.sockets[0].getsockname()[1], state)
    yield listening
    listener.close()
    for connection in listening.connections:
        connection.writer.close()
        with suppress(ConnectionError):
            await connection.writer.wait_closed()
    for protocol in list(state.connections):
        protocol.transport.abort()
    await listening.until(lambda: not state.connections and not state.tasks)


def batch(size: int, token: str) -> bytes:
    return (
        f"POST /api/progress/videos/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
    ).encode()


async def test_incomplete_requests_are_closed(listening: Listening):
    idle, head, body, rejected = [await listening.connect() for _ in range(4)]
    await head.send(b"GET /healthz HTTP/1.1\r\nHost")
    await body.send(batch(40, a_token("ana")) + b'{"video')
    await rejected.send(batch(40, "nonsense") + b'{"video')
    await listening.until(lambda: len(listening.incomplete) == 4 and listening.state.tasks)
    await asyncio.sleep(0.1)

    listening.sweep_after(max(HEAD_SECONDS, BODY_STALL_SECONDS) + 1)

    assert await idle.until_closed() == b""
    assert (await head.response()).status == 408
    assert (await body.response()).status == 408
    assert (await rejected.response()).status in {401, 408}
    for connection in (head, body, rejected):
        assert await connection.until_closed() == b""
    await listening.until(lambda: not listening.state.tasks)


async def test_body_of_a_mebibyte_in_half_a_minute_is_accepted(listening: Listening):
    """Thirty pieces, with a sweep after each as if a second had passed."""
    content = json.dumps({"video_ids": ["welcome"]}).encode().ljust(1_048_576)
    uploader = await listening.connect()
    await uploader.send(batch(len(content), a_token("ana")))
    await listening.until(lambda: len(listening.incomplete) == 1)
    pieces = 30
    size = len(content) // pieces + 1
    for n in range(pieces - 1):
        await uploader.send(content[n * size : (n + 1) * size])
        await asyncio.sleep(0.005)
        listening.sweep_after(min(n, BODY_STALL_SECONDS - 1))
    await uploader.send(content[(pieces - 1) * size :])

    assert (await uploader.response()).status == 200
    assert len(listening.incomplete) == 0


async def test_body_that_never_ends_is_cut_off_although_bytes_arrive(listening: Listening):
    uploader = await listening.connect()
    await uploader.send(batch(1_000, a_token("ana")) + b"{")
    await listening.until(lambda: listening.state.tasks)
    await uploader.send(b" ")
    await asyncio.sleep(0.05)

    listening.sweep_after(BODY_SECONDS + 1)

    assert (await uploader.response()).status == 408


async def test_keep_alive_connection_may_be_idle(listening: Listening):
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listening.port}") as client:
        assert (await client.get("/healthz")).status_code == 200
        listening.sweep_after(BODY_SECONDS + 1)
        assert (await client.get("/healthz")).status_code == 200
    assert listening.state.total_requests == 2
