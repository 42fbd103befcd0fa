"""Row 12: rejected WebSocket handshakes stay open while the service stops."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections import Counter
from dataclasses import dataclass

from benchmarks.hostile.environment import Environment
from benchmarks.hostile.http_client import Connection, connect, get, send_json
from benchmarks.hostile.stream import Stream, handshake, open_stream
from benchmarks.learners import DURATION_SECONDS, video_id
from benchmarks.processes import Server
from benchmarks.wire import frame

CLIENT = "WebSocket handshakes with a 9 kB header or 200 headers, kept open, then SIGTERM"
HANDSHAKES, SOCKETS, REPORTS = 50, 8, 16
ORDERLY_EXIT_CODES = (0, -signal.SIGTERM)  # uvicorn stops in order, then repeats the signal.
RESPONSE_SECONDS = 3.0
STOP_SECONDS = 15.0
HELD_BACK_BYTES = 10  # Of each report, until the signal has been sent.
LONG_HEADER = b"X-Long: " + b"a" * 9_000 + b"\r\n"
MANY_HEADERS = b"".join(b"X-%d: a\r\n" % number for number in range(200))
_TEXT = 0x1


@dataclass(frozen=True, slots=True)
class Stopped:
    """How the service stopped, and the outcome of each connection."""

    exit_code: int | None
    handshakes: Counter[str]
    reports: Counter[str]
    sockets: Counter[str]

    @property
    def is_reached(self) -> bool:
        """True when it stopped in order and every client got a response or a close frame."""
        return (
            self.exit_code in ORDERLY_EXIT_CODES
            and "no response" not in self.handshakes
            and set(self.reports) == {"200"}
            and set(self.sockets) == {"close 1012"}
        )


def measure_shutdown(environment: Environment) -> Stopped:
    """Open all connections, stop the service, and collect the outcomes."""
    with environment.service() as server:
        return asyncio.run(_stopped(environment, server))


async def _stopped(environment: Environment, server: Server) -> Stopped:
    tokens: list[str] = environment.tokens["polite"]
    sockets = [await _socket(server.port, token) for token in tokens[:SOCKETS]]
    handshakes = [
        await _sent(server.port, handshake(MANY_HEADERS if number % 2 else LONG_HEADER))
        for number in range(HANDSHAKES)
    ]
    responses = Counter(await asyncio.gather(*(_response(stream) for stream in handshakes)))
    reports = [await _half_sent(server.port, token) for token in tokens[:REPORTS]]
    # When this request has its response, the service has read the partial reports.
    await (await connect(server.port)).send(get("/healthz"))

    server.process.send_signal(signal.SIGTERM)

    outcomes = await asyncio.gather(*(_finished(connection, rest) for connection, rest in reports))
    closed = await asyncio.gather(*(_closed(stream) for stream in sockets))
    exit_code = await asyncio.to_thread(_exit_code, server)
    for stream in (*sockets, *handshakes):
        stream.abort()
    return Stopped(exit_code, responses, Counter(outcomes), Counter(closed))


async def _sent(port: int, request: bytes) -> Stream:
    stream = await open_stream(port)
    stream.write(request)
    return stream


async def _socket(port: int, token: str) -> Stream:
    stream = await _sent(port, handshake())
    await stream.received(1)
    before = stream.bytes_received
    stream.write(frame(_TEXT, json.dumps({"type": "auth", "token": token}).encode()))
    async with asyncio.timeout(RESPONSE_SECONDS):
        await stream.received(before + 1)
    return stream


async def _response(stream: Stream) -> str:
    try:
        async with asyncio.timeout(RESPONSE_SECONDS):
            await stream.received(1)
    except TimeoutError:
        return "no response"
    return next(iter(stream.outcomes(is_websocket=False)), "closed")


async def _half_sent(port: int, token: str) -> tuple[Connection, bytes]:
    body = {"watch_time": 200.0, "total_duration": DURATION_SECONDS}
    path = f"/api/progress/video/{video_id(0)}/watch-time"
    request = send_json("POST", path, token, body)
    connection = await connect(port)
    connection.transport.write(request[:-HELD_BACK_BYTES])
    return connection, request[-HELD_BACK_BYTES:]


async def _finished(connection: Connection, rest: bytes) -> str:
    try:
        async with asyncio.timeout(STOP_SECONDS):
            return await connection.send(rest)
    except TimeoutError:
        return "timeout"
    except OSError:
        return "closed"
    finally:
        connection.transport.abort()


async def _closed(stream: Stream) -> str:
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await stream.closed.wait()
    except TimeoutError:
        return "still open"
    return "closed" if stream.close_code is None else f"close {stream.close_code}"


def _exit_code(server: Server) -> int | None:
    try:
        return server.process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        return None
