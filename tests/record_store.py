"""A learning record store in this process that can misbehave, on a real port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.tcp_server import tcp_server

Statements = list[dict[str, Any]]
Respond = Callable[[Statements], int | bytes | None]
"""The status for some statements; bytes are sent as they are; ``None``: no response."""


class ScriptedRecordStore:
    """Stores each statement under its id, unless `respond` returns another status than 200."""

    def __init__(self) -> None:
        self.requests: list[Statements] = []
        self.heads: list[str] = []
        self.stored: dict[str, dict[str, Any]] = {}
        self.respond: Respond = self.accept
        self.port = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/xAPI"

    def accept(self, statements: Statements) -> int:
        """Store all, or none if one of them differs from what is stored."""
        if any(self.stored.get(one["id"], one) != one for one in statements):
            return 409
        self.stored.update({one["id"]: one for one in statements})
        return 200

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
            except asyncio.IncompleteReadError:
                return
            length = next(
                int(line.split(":")[1])
                for line in head.splitlines()
                if line.lower().startswith("content-length")
            )
            statements = json.loads(await reader.readexactly(length))
            self.heads.append(head)
            self.requests.append(statements)
            response = self.respond(statements)
            if response is None:
                await asyncio.Event().wait()
            if isinstance(response, int):
                response = b"HTTP/1.1 %d Some\r\nContent-Length: 2\r\n\r\n[]" % response
            writer.write(response or b"")
            await writer.drain()


@asynccontextmanager
async def scripted_record_store() -> AsyncIterator[ScriptedRecordStore]:
    store = ScriptedRecordStore()
    async with tcp_server(store.serve) as port:
        store.port = port
        yield store
