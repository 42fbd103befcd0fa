"""Connections that stay idle: silent, after part of a head, or after part of a body."""

from __future__ import annotations

import asyncio

from benchmarks.hostile.attack import Run, Target
from benchmarks.hostile.bodies import heavy_video_id
from benchmarks.hostile.http_client import send_json
from benchmarks.hostile.stream import Stream, open_stream

CONNECTIONS = 500
MAX_CONCURRENT_OPENINGS = 50


def idle_connections(target: Target) -> Run:
    """Hold 500 connections; a latency is the time until the service closes one of them."""
    path = f"/api/progress/video/{heavy_video_id(0)}/watch-time"
    report = send_json("POST", path, target.token("sender"), b" " * 400)
    openings = [b"", report[:60], report[:-200]]

    async def run() -> None:
        gate = asyncio.Semaphore(MAX_CONCURRENT_OPENINGS)
        max_seconds = target.seconds + target.linger_seconds
        try:
            async with asyncio.timeout(max_seconds):
                await asyncio.gather(
                    *(hold(gate, openings[n % len(openings)]) for n in range(CONNECTIONS))
                )
        except TimeoutError:
            pass

    async def hold(gate: asyncio.Semaphore, opening: bytes) -> None:
        async with gate:
            stream = await open_stream(target.port)
        stream.write(opening)
        opened_at = asyncio.get_running_loop().time()
        try:
            await stream.closed.wait()
            seconds = asyncio.get_running_loop().time() - opened_at
            target.tally.latencies_ms.append(1_000 * seconds)
        finally:
            _count(target, stream)

    return run


def _count(target: Target, stream: Stream) -> None:
    target.tally.sent += 1
    target.tally.bytes_sent += stream.bytes_sent
    target.tally.outcomes += stream.outcomes(is_websocket=False)
    stream.abort()
