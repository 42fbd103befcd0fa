"""Attacks on the protocols: pipelined requests, endless heads, and endless frames."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass

from benchmarks.hostile.attack import Run, Target
from benchmarks.hostile.http_client import ADDRESS, get
from benchmarks.hostile.stream import Stream, handshake, open_stream
from benchmarks.wire import frame

RECONNECT_SECONDS = 0.1
MAX_LAG_SECONDS = 0.1  # Lag beyond this is not made up for.
CLOSE_SECONDS = 2.0  # How long to wait for the service to close the connection.
CHUNK_BYTES = 65_536
FRAMES_CHUNK_BYTES = 24_000
_TEXT, _PING = 0x1, 0x9
_HEAD = f"GET /healthz HTTP/1.1\r\nHost: {ADDRESS}\r\n".encode()


@dataclass(frozen=True, slots=True)
class Plan:
    """What each connection sends: an opening, then the same chunk repeatedly."""

    opening: bytes
    chunk: bytes
    bytes_per_second: float  # of each connection
    connections: int = 1
    max_bytes: int = 1 << 40  # of one connection; then a new one is opened
    is_websocket: bool = False
    first_frame: bytes = b""  # chunks follow after its response


def pipeline(target: Target) -> Run:
    """Pipelined requests, 2 MB and more on each of two connections."""
    request = get("/healthz")
    chunk = request * (CHUNK_BYTES // len(request))
    return _streams(target, Plan(b"", chunk, bytes_per_second=2.5e6, connections=2))


def header_lines(target: Target) -> Run:
    """A head of 32 MB of short header lines: each costs the server an object or two."""
    line = b"a: b\r\n"
    chunk = line * (CHUNK_BYTES // len(line))
    return _streams(target, Plan(_HEAD, chunk, bytes_per_second=10e6, max_bytes=32_000_000))


def long_address(target: Target) -> Run:
    """A request line of 16 MB."""
    chunk = b"a" * CHUNK_BYTES
    plan = Plan(b"GET /healthz?", chunk, bytes_per_second=5e6, max_bytes=16_000_000)
    return _streams(target, plan)


def frames_after_auth(target: Target) -> Run:
    """Heartbeat frames on three sockets, as fast as the service accepts them."""
    auth = json.dumps({"type": "auth", "token": target.token("sender")}).encode()
    plan = Plan(
        handshake(),
        _repeated(frame(_TEXT, b'{"type":"heartbeat"}')),
        bytes_per_second=0.8e6,
        connections=3,
        is_websocket=True,
        first_frame=frame(_TEXT, auth),
    )
    return _streams(target, plan)


def pings_before_auth(target: Target) -> Run:
    """Pings on a socket without a token, 2.3 MB a second."""
    chunk = _repeated(frame(_PING, b""))
    return _streams(target, Plan(handshake(), chunk, bytes_per_second=2.3e6, is_websocket=True))


def _repeated(one_frame: bytes) -> bytes:
    return one_frame * (FRAMES_CHUNK_BYTES // len(one_frame))


def _streams(target: Target, plan: Plan) -> Run:
    async def run() -> None:
        await asyncio.gather(*(_stream_repeatedly(target, plan) for _ in range(plan.connections)))

    return run


async def _stream_repeatedly(target: Target, plan: Plan) -> None:
    """Stream until the end; reconnect whenever the service closes the connection."""
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + target.seconds
    while loop.time() < ends_at:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(ends_at):
                await _stream_once(target, plan)
                await asyncio.sleep(RECONNECT_SECONDS)


async def _stream_once(target: Target, plan: Plan) -> None:
    try:
        stream = await open_stream(target.port)
    except OSError:
        target.tally.outcomes["not connected"] += 1
        return
    try:
        stream.write(plan.opening)
        if plan.is_websocket:
            await stream.received(1)
        if plan.first_frame:
            before = stream.bytes_received
            stream.write(plan.first_frame)
            await stream.received(before + 1)
        await _send_chunks(stream, plan)
    finally:
        target.tally.sent += 1
        target.tally.bytes_sent += stream.bytes_sent
        target.tally.outcomes += stream.outcomes(is_websocket=plan.is_websocket)
        stream.abort()


async def _send_chunks(stream: Stream, plan: Plan) -> None:
    loop = asyncio.get_running_loop()
    period_seconds = len(plan.chunk) / plan.bytes_per_second
    due_at = loop.time()
    while stream.bytes_sent < plan.max_bytes and await stream.is_writable():
        stream.write(plan.chunk)
        due_at = max(due_at + period_seconds, loop.time() - MAX_LAG_SECONDS)
        await asyncio.sleep(max(0.0, due_at - loop.time()))
    with suppress(TimeoutError):
        await asyncio.wait_for(stream.closed.wait(), CLOSE_SECONDS)
