"""Floods of frames: the socket is closed with 4429, and other clients are served."""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import AsyncExitStack

import pytest

from progress_service.testing import ServiceProcess
from tests.builders import a_token
from tests.security.raw_connections import (
    PING,
    PONG,
    TEXT,
    Connection,
    frame,
    healthz_statuses,
    resident_bytes,
    socket_to,
)

MEGABYTE = 1_000_000


async def authenticate(socket: Connection, *, size: int = 0) -> str:
    """Send a token in a frame of at least *size* bytes; returns the frame's text."""
    auth = json.dumps({"type": "auth", "token": a_token(f"ana-{uuid.uuid4().hex}")})
    await socket.send(frame(TEXT, auth.ljust(size).encode()))
    opcode, payload = await socket.frame()
    assert opcode == TEXT
    assert json.loads(payload)["type"] == "ready"
    return auth


@pytest.mark.parametrize("is_authenticated", [False, True], ids=["before auth", "after auth"])
@pytest.mark.parametrize(
    "flood",
    [
        frame(PING),
        frame(PONG),
        frame(PING, b"a" * 125),
        frame(TEXT, b'{"type":"heartbeat"}'),
        b"\x01\x80\0\0\0\0" + b"\x00\x80\0\0\0\0" * 10_000,
    ],
    ids=["pings", "pongs", "large pings", "heartbeats", "fragments"],
)
async def test_frame_flood_is_closed_with_4429(
    server: ServiceProcess, flood: bytes, is_authenticated: bool
):
    async with socket_to(server) as socket:
        if is_authenticated:
            await authenticate(socket)
        sending = asyncio.create_task(socket.send(flood * (MEGABYTE // len(flood))))
        code = await socket.close_code()
        sending.cancel()
        await asyncio.wait([sending])

    expected = {4429} if flood[0] != frame(TEXT)[0] or is_authenticated else {4429, 4400}
    assert code in expected


async def test_frame_floods_cost_no_memory_and_delay_no_other_client(server: ServiceProcess):
    await healthz_statuses(server, 20)
    before = resident_bytes(server)
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(socket_to(server)) for _ in range(20)]
        tasks = [asyncio.create_task(s.send(frame(PING) * 300_000)) for s in sockets]

        statuses = await healthz_statuses(server, 50)
        codes = await asyncio.gather(*(socket.close_code() for socket in sockets))
        grown = resident_bytes(server) - before

        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    assert statuses == [200] * 50
    assert codes == [4429] * 20
    assert grown < 10 * MEGABYTE


async def test_frame_limit_is_not_reached_by_regular_clients(server: ServiceProcess):
    """The largest first frame, then renewals and heartbeats faster than any client sends them."""
    async with socket_to(server) as socket:
        auth = await authenticate(socket, size=16_384)
        for _ in range(10):
            await socket.send(frame(TEXT, b'{"type":"heartbeat"}') + frame(PONG, b"abcd"))
            await socket.send(frame(TEXT, auth.encode()))
        await socket.send(frame(PING, b"still here"))

        while (received := await socket.frame())[0] == TEXT:
            pass
        assert received == (PONG, b"still here")
