"""A socket of the app in this process: the outcome of a client's first frame."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from fastapi import FastAPI
from starlette.types import Message

ADDRESSES = ("/progress", "/api/progress/live")
TIMEOUT_SECONDS = 30.0  # against hanging; responses take milliseconds


async def outcome_of_first_frame(app: FastAPI, address: str, frame: dict[str, Any] | None) -> str:
    """``ready``, or the code with which the service closes the socket.

    Args:
        app: the running app.
        address: the path of the socket.
        frame: the first frame; None disconnects without one.
    """
    disconnected = asyncio.Event()
    first = {"type": "websocket.receive", "text": json.dumps(frame)}
    pending = [{"type": "websocket.connect"}, *([first] if frame is not None else [])]
    outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def receive() -> Message:
        if pending:
            return pending.pop(0)
        await disconnected.wait()
        return {"type": "websocket.disconnect", "code": 1000}

    async def send(message: Message) -> None:
        if message["type"] == "websocket.accept" or outcome.done():
            return
        if message["type"] == "websocket.close":
            outcome.set_result(str(message["code"]))
        else:
            outcome.set_result(json.loads(message["text"])["type"])

    session = asyncio.ensure_future(app(_scope(address), receive, send))
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await outcome
    finally:
        disconnected.set()
        await session


def _scope(address: str) -> dict[str, Any]:
    return {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "ws",
        "server": ("service", 80),
        "client": ("127.0.0.1", 50_000),
        "path": address,
        "raw_path": address.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"service")],
        "subprotocols": [],
        "state": {},
    }
