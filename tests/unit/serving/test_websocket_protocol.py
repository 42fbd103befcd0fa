"""WebSocket handshakes, the frame budget, and shutdown in any state."""

from __future__ import annotations

import asyncio
import logging
import os
import struct

import pytest

from progress_service.serving.websocket_protocol import (
    BURST_SECONDS,
    SECONDS_PER_FRAME,
    WebSocketProtocol,
)
from tests.unit.serving.conftest import Client, Server

UPGRADE = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
KEY = b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
GET = b"GET /progress?token=secret HTTP/1.1\r\nHost: x\r\n"
TEXT, PING, PONG, CLOSE, CONTINUATION = 1, 9, 10, 8, 0
BURST_FRAMES = int(BURST_SECONDS / SECONDS_PER_FRAME)


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """A masked frame; the mask is zeros."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
    return bytes([opcode | (0x80 if fin else 0)]) + length + bytes(4) + payload


async def read_frames(client: Client) -> list[tuple[int, bytes]]:
    """The frames that arrive until the server closes."""
    raw = await client.end()
    found = []
    while raw:
        size, start = raw[1], 2
        if size == 126:
            size, start = struct.unpack("!H", raw[2:4])[0], 4
        found.append((raw[0] & 0x0F, raw[start : start + size]))
        raw = raw[start + size :]
    return found


async def open_socket(server: Server) -> Client:
    client = await server.connect()
    await client.send(GET + UPGRADE + KEY + b"\r\n")
    assert (await client.response()).status == 101
    return client


def close_code(frames: list[tuple[int, bytes]]) -> int:
    opcode, payload = frames[-1]
    assert opcode == CLOSE
    return int(struct.unpack("!H", payload[:2])[0])


# -- handshakes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (GET + UPGRADE + KEY + b"A: " + b"a" * 9_000 + b"\r\n\r\n", 431),
        (GET + UPGRADE + KEY + b"".join(b"A%d: b\r\n" % n for n in range(200)) + b"\r\n", 431),
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n" + UPGRADE + KEY + b"\r\n", 414),
        (GET.replace(b"GET", b"POST") + UPGRADE + KEY + b"\r\n", 400),
        (GET.replace(b"1.1", b"1.0") + UPGRADE + KEY + b"\r\n", 400),
        (GET + UPGRADE + KEY + b"Content-Length: 5\r\n\r\nabcde", 400),
        (GET + UPGRADE + KEY + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (GET + UPGRADE + b"\r\n", 400),
        (GET + UPGRADE + KEY.replace(b"13", b"12") + b"\r\n", 400),
        (GET + UPGRADE + KEY.replace(b"AA==", b"A===") + b"\r\n", 400),
        (GET + UPGRADE + KEY + KEY + b"\r\n", 400),
        (GET + UPGRADE + KEY + b"Host: y\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: x\r\n" + UPGRADE + KEY + b"\r\n", 400),
        (GET + b"Connection: Upgrade, \x01\r\nUpgrade: websocket\r\n" + KEY + b"\r\n", 400),
        (GET + b"Connection: Upgrade, @\r\nUpgrade: websocket\r\n" + KEY + b"\r\n", 400),
    ],
    ids=[
        *("long line", "many headers", "long address", "POST", "HTTP/1.0", "body", "chunked"),
        *("no key", "version", "bad key", "two keys", "two hosts", "odd address", "control"),
        "odd option",
    ],
)
async def test_bad_handshake_gets_a_response_and_is_closed(
    echo_server: Server, raw: bytes, status: int
):
    client = await echo_server.connect()
    await client.send(raw)
    response = await client.response()
    for connection in list(echo_server.state.connections):
        connection.shutdown()  # in any state

    assert response.status == status
    assert await client.end() == b""
    await echo_server.until(lambda: not echo_server.state.connections)
    assert echo_server.app.messages == []


async def test_handshake_may_have_a_content_length_of_zero(echo_server: Server):
    client = await echo_server.connect()
    await client.send(GET + UPGRADE + KEY + b"Content-Length: 0\r\n\r\n")

    assert (await client.response()).status == 101


@pytest.mark.parametrize("rest", [b"abc", b"GARBAGE\r\n\r\n", b"\r\n\r\n" * 5_000])
async def test_bytes_after_the_handshake_are_not_a_request(echo_server: Server, rest: bytes):
    client = await echo_server.connect()
    await client.send(GET + UPGRADE + KEY + b"\r\n" + rest[:1_000])

    assert (await client.response()).status == 101
    await client.send(frame(TEXT, b"a"))
    await echo_server.until(lambda: echo_server.app.messages)


async def test_frames_before_the_handshake_response_are_queued(echo_server: Server):
    echo_server.app.may_respond.clear()
    client = await echo_server.connect()
    await client.send(GET + UPGRADE + KEY + b"\r\n")
    await echo_server.until(lambda: _sockets(echo_server))
    await client.send(b"\xff" * 100)  # not a frame
    await asyncio.sleep(0.05)
    echo_server.app.may_respond.set()

    assert (await client.response()).status == 101
    assert close_code(await read_frames(client)) == 1002


async def test_socket_address_is_not_logged(echo_server: Server, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO):
        client = await open_socket(echo_server)
        await client.send(frame(CLOSE, b"\x03\xe8"))
        await client.end()

    assert "secret" not in caplog.text
    assert "connection open" in caplog.text


async def test_open_socket_is_not_an_incomplete_request(echo_server: Server):
    client = await open_socket(echo_server)
    assert len(echo_server.incomplete) == 0

    echo_server.sweep_after(1_000)
    await client.send(frame(TEXT, b"a"))

    await echo_server.until(lambda: echo_server.app.messages)


# -- the frame budget --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flood",
    [
        frame(PING) * 40_000,
        frame(PONG) * 40_000,
        frame(TEXT) * 40_000,
        frame(TEXT, fin=False) + frame(CONTINUATION, fin=False) * 40_000,
        frame(PING, b"a" * 125) * 2_000,
        frame(TEXT, b"a" * 16_000) * 4,
        frame(TEXT, fin=False) + frame(CONTINUATION, b"a" * 100, fin=False) * 2_000,
    ],
    ids=["pings", "pongs", "texts", "continuations", "large pings", "bytes", "fragments"],
)
async def test_frame_flood_closes_the_socket_with_4429_and_stops_parsing(
    echo_server: Server, flood: bytes
):
    client = await open_socket(echo_server)
    client.writer.write(flood)

    frames = await read_frames(client)

    assert close_code(frames) == 4429
    assert len(frames) <= BURST_FRAMES + 1  # pongs, and the close frame
    assert len(echo_server.app.messages) <= BURST_FRAMES + 1
    assert echo_server.app.messages[-1] == {"type": "websocket.disconnect", "code": 4429}
    await echo_server.until(lambda: not echo_server.state.connections)


async def test_frame_budget_allows_the_largest_first_frame_and_heartbeats(echo_server: Server):
    client = await open_socket(echo_server)
    await client.send(frame(TEXT, b"a" * 16_384))
    for _ in range(20):
        await client.send(frame(TEXT, b'{"type":"heartbeat"}'))
    await echo_server.until(lambda: len(echo_server.app.messages) == 21)

    assert await client.is_open()


async def test_frame_budget_refills_over_time(echo_server: Server):
    client = await open_socket(echo_server)
    protocol = _sockets(echo_server)[0]
    for _ in range(3):
        await client.send(frame(TEXT, b"a") * (BURST_FRAMES - 5))
        await echo_server.until(lambda: protocol.queue.empty() and protocol._paid_until)
        protocol._paid_until = 0.0  # as after a minute

    assert await client.is_open()


@pytest.mark.parametrize("size", [7, 1_024, 100_000])
async def test_frames_are_the_same_for_any_split(echo_server: Server, size: int):
    payloads = [os.urandom(n).hex().encode() for n in (1, 60, 600, 3_000)]
    raw = b"".join(frame(TEXT, payload) + frame(PING) for payload in payloads)
    client = await open_socket(echo_server)
    for start in range(0, len(raw), size):
        await client.send(raw[start : start + size])
        await asyncio.sleep(0)
    await echo_server.until(lambda: len(echo_server.app.messages) == len(payloads))

    assert [m["text"].encode() for m in echo_server.app.messages] == payloads


# -- shutdown ----------------------------------------------------------------------------------


def _sockets(server: Server) -> list[WebSocketProtocol]:
    return [c for c in server.state.connections if isinstance(c, WebSocketProtocol)]


async def test_open_socket_is_closed_with_1012_at_shutdown(echo_server: Server):
    client = await open_socket(echo_server)

    _sockets(echo_server)[0].shutdown()

    assert close_code(await read_frames(client)) == 1012


async def test_pending_handshake_gets_a_response_at_shutdown(echo_server: Server):
    echo_server.app.may_respond.clear()
    client = await echo_server.connect()
    await client.send(GET + UPGRADE + KEY + b"\r\n")
    await echo_server.until(lambda: _sockets(echo_server))

    _sockets(echo_server)[0].shutdown()
    echo_server.app.may_respond.set()

    assert (await client.response()).status == 500


async def test_closing_socket_shuts_down_without_an_error(echo_server: Server):
    """The close handshake is done, and the transport still has bytes to write."""
    client = await open_socket(echo_server)
    protocol = _sockets(echo_server)[0]
    transport = client.writer.transport
    assert isinstance(transport, asyncio.Transport)
    transport.pause_reading()
    protocol.transport.write(b"\x8a\x00" * 10_000_000)
    await client.send(frame(CLOSE, b"\x03\xe8"))
    await echo_server.until(lambda: protocol.transport.is_closing())

    protocol.shutdown()

    protocol.transport.abort()
