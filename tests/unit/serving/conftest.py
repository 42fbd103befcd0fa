"""The server's protocols on a real port of this process, with a minimal application."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from progress_service.serving import MAX_FRAME_BYTES
from progress_service.serving.http_protocol import HttpProtocol
from progress_service.serving.slow_clients import IncompleteRequests, incomplete_requests_of
from progress_service.serving.websocket_protocol import WebSocketProtocol
from tests.security.raw_connections import Connection, Response

TIMEOUT_SECONDS = 20.0


@dataclass
class EchoApp:
    """Returns each request as JSON: method, path, query, headers, body."""

    scopes: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    may_respond: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await self._serve_socket(receive, send)
            return
        self.scopes.append(scope)
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            more = message["more_body"]
        await self.may_respond.wait()
        content = json.dumps(
            {
                "method": scope["method"],
                "path": scope["path"],
                "query": scope["query_string"].decode(),
                "headers": [[n.decode(), v.decode("latin-1")] for n, v in scope["headers"]],
                "body": body.decode("latin-1"),
            }
        ).encode()
        headers = [(b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _serve_socket(self, receive: Any, send: Any) -> None:
        await receive()
        await self.may_respond.wait()
        await send({"type": "websocket.accept"})
        while True:
            message = await receive()
            self.messages.append(message)
            if message["type"] == "websocket.disconnect":
                return


class Client(Connection):
    """A raw connection."""

    async def end(self) -> bytes:
        """The bytes that arrive until the server closes."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await self.reader.read(-1)

    async def is_open(self) -> bool:
        """True unless the server has closed."""
        await asyncio.sleep(0.05)
        return not self.reader.at_eof()


@dataclass
class Server:
    """A listening port."""

    port: int
    app: EchoApp
    state: ServerState
    clients: list[Client] = field(default_factory=list)

    @property
    def incomplete(self) -> IncompleteRequests:
        return incomplete_requests_of(self.state)

    async def connect(self) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port))
        self.clients.append(client)
        return client

    async def exchange(self, raw: bytes) -> Response:
        """The response to *raw* on a connection of its own."""
        client = await self.connect()
        await client.send(raw)
        return await client.response()

    def sweep_after(self, seconds: float) -> None:
        """Sweep as if *seconds* had passed."""
        self.incomplete.sweep(asyncio.get_running_loop().time() + seconds)

    async def until(self, condition: Any) -> None:
        """Return when *condition* holds."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while not condition():
                await asyncio.sleep(0.005)


@pytest.fixture
async def echo_server() -> AsyncIterator[Server]:
    app = EchoApp()
    app.may_respond.set()
    config = uvicorn.Config(
        app,
        http=HttpProtocol,
        ws=WebSocketProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_keep_alive=600,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
    )
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        lambda: HttpProtocol(config, state, {}, loop), "127.0.0.1", 0
    )
    server = Server(listener.sockets[0].getsockname()[1], app, state)
    yield server
    listener.close()
    for client in server.clients:
        client.writer.close()
    for connection in list(state.connections):
        connection.transport.abort()
    app.may_respond.set()
    await server.until(lambda: not state.connections and not state.tasks)
