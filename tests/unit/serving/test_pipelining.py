"""Pipelined requests: all get their responses in order, and other clients have turns."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import patch

import pytest

from progress_service.edge.deadlines import ARRIVED_AT
from progress_service.serving.http_protocol import HttpProtocol
from tests.unit.serving.conftest import Client, EchoApp, Server

SMUGGLED = b"GET /inside HTTP/1.1\r\nHost: x\r\n\r\n"


def get(name: str) -> bytes:
    return f"GET /{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def post(name: str, body: bytes) -> bytes:
    head = f"POST /{name} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def chunked(name: str, *pieces: bytes) -> bytes:
    head = f"POST /{name} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head.encode() + b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (*pieces, b""))


async def paths(client: Client, count: int) -> list[str]:
    return [(await client.response()).json["path"] for _ in range(count)]


@pytest.mark.parametrize("count", [1, 2, 50, 5_000])
async def test_pipelined_requests_get_responses_in_order(echo_server: Server, count: int):
    client = await echo_server.connect()
    names = [f"r{n}" for n in range(count)]
    sending = asyncio.create_task(client.send(b"".join(map(get, names))))

    received = await paths(client, count)
    await sending

    assert received == [f"/{name}" for name in names]


async def test_pipelined_bodies_stay_with_their_requests(echo_server: Server):
    requests = [
        ("a", b""),
        ("b", b"\r\n\r\n"),
        ("c", SMUGGLED * 200),
        ("d", b"x" * 100_000),
        ("e", b"\r\n\r\n" * 5_000),
        ("f", b"z"),
    ]
    raw = b"".join(
        post(name, body) + get(f"{name}-get") + chunked(f"{name}-chunked", body[:7], body[7:])
        if len(body) > 7
        else post(name, body) + get(f"{name}-get")
        for name, body in requests
    )
    client = await echo_server.connect()
    sending = asyncio.create_task(client.send(raw))

    found: list[tuple[str, str]] = []
    for name, body in requests:
        for suffix in ("", "-get", "-chunked") if len(body) > 7 else ("", "-get"):
            response = (await client.response()).json
            found.append((response["path"], response["body"]))
            expected = "" if suffix == "-get" else body.decode()
            assert found[-1] == (f"/{name}{suffix}", expected)
    await sending

    assert len(echo_server.app.scopes) == len(found)


async def test_pipeline_may_be_split_at_any_byte(echo_server: Server):
    raw = post("a", SMUGGLED) + get("b") + chunked("c", b"\r\n\r\n", SMUGGLED) + b"\r\n" + get("d")
    for cut in range(1, len(raw)):
        client = await echo_server.connect()
        await client.send(raw[:cut])
        await asyncio.sleep(0)
        await client.send(raw[cut:])
        assert await paths(client, 4) == ["/a", "/b", "/c", "/d"], cut
        client.writer.close()


async def test_pipeline_may_arrive_byte_by_byte(echo_server: Server):
    raw = post("a", SMUGGLED) + get("b") + chunked("c", b"\r\n\r\n", SMUGGLED) + get("d")
    client = await echo_server.connect()
    for n in range(len(raw)):
        await client.send(raw[n : n + 1])
        await asyncio.sleep(0)

    assert await paths(client, 4) == ["/a", "/b", "/c", "/d"]


async def test_pipeline_is_parsed_only_one_request_ahead(echo_server: Server):
    echo_server.app.may_respond.clear()
    most = 0

    original = HttpProtocol.on_headers_complete

    def counting(self: HttpProtocol) -> None:
        nonlocal most
        original(self)
        most = max(most, len(self.pipeline))

    with patch.object(HttpProtocol, "on_headers_complete", counting):
        client = await echo_server.connect()
        await client.send(get("a") * 5_000)
        await echo_server.until(lambda: echo_server.app.scopes)
        echo_server.app.may_respond.set()
        await paths(client, 5_000)

    assert most <= 2


async def test_pipelined_request_arrives_at_its_turn(echo_server: Server):
    echo_server.app.may_respond.clear()
    client = await echo_server.connect()
    await client.send(get("a") + get("b") + get("c"))
    await echo_server.until(lambda: echo_server.app.scopes)
    await asyncio.sleep(0.01)
    released_at = asyncio.get_running_loop().time()
    echo_server.app.may_respond.set()
    await paths(client, 3)

    arrivals = [scope[ARRIVED_AT] for scope in echo_server.app.scopes]
    assert arrivals[0] < released_at <= arrivals[1] <= arrivals[2]


async def test_pipeline_leaves_turns_for_other_clients(echo_server: Server):
    """Other clients have a turn between two responses of a pipeline."""
    greedy, polite = await echo_server.connect(), await echo_server.connect()
    await greedy.send(get("greedy") * 5_000)
    await echo_server.until(lambda: echo_server.app.scopes)
    await polite.send(get("polite"))
    await polite.response()

    before = [scope["path"] for scope in echo_server.app.scopes].index("/polite")

    assert before < 1_000
    await paths(greedy, 5_000)


async def test_pipelined_bad_request_is_rejected_after_the_earlier_responses(echo_server: Server):
    echo_server.app.may_respond.clear()
    client = await echo_server.connect()
    await client.send(get("a") + get("b") + b"GARBAGE\r\n\r\n" + get("c"))
    await echo_server.until(lambda: echo_server.app.scopes)
    echo_server.app.may_respond.set()

    assert await paths(client, 2) == ["/a", "/b"]
    assert (await client.response()).status == 400
    assert await client.end() == b""
    assert len(echo_server.app.scopes) == 2


@pytest.mark.parametrize("cut", [0, 2], ids=["while it is handled", "while it is queued"])
async def test_pipelined_bad_body_is_rejected_after_the_earlier_responses(
    echo_server: Server, cut: int
):
    """With the cut, one slice has the end of the first head, the second head, and a bad chunk."""
    echo_server.app.may_respond.clear()
    client = await echo_server.connect()
    head = b"POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    raw = get("a") + head + b"1\r\na\r\nnonsense\r\n"
    if cut:
        await client.send(get("a")[:-cut])
        await asyncio.sleep(0.05)
        raw = raw[len(get("a")) - cut :]
    await client.send(raw)
    await echo_server.until(lambda: echo_server.app.scopes)
    echo_server.app.may_respond.set()

    assert await paths(client, 1) == ["/a"]
    assert (await client.response()).status == 400
    assert await client.end() == b""
    await echo_server.until(lambda: not echo_server.state.tasks)


async def test_pipelined_handshake_waits_for_the_earlier_responses(echo_server: Server):
    echo_server.app.may_respond.clear()
    client = await echo_server.connect()
    handshake = b"GET /p HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    await client.send(get("a") + handshake)
    await echo_server.until(lambda: echo_server.app.scopes)
    echo_server.app.may_respond.set()

    assert await paths(client, 1) == ["/a"]
    assert (await client.response()).status == 400


async def test_pipeline_is_dropped_when_the_client_disconnects(echo_server: Server):
    echo_server.app.may_respond.clear()
    client = await echo_server.connect()
    await client.send(get("a") * 1_000)
    await echo_server.until(lambda: echo_server.app.scopes)
    client.writer.transport.abort()
    echo_server.app.may_respond.set()

    await echo_server.until(lambda: not echo_server.state.connections)
    await echo_server.until(lambda: not echo_server.state.tasks)
    assert len(echo_server.app.scopes) < 10


@pytest.mark.parametrize("queued", [b"", get("b"), post("b", b"")])
async def test_running_request_learns_of_a_disconnect(echo_server: Server, queued: bytes):
    """uvicorn tells the last parsed request only; what the running one writes then is an error."""
    received: list[str] = []
    is_running = asyncio.Event()

    async def waiting_app(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "http.request"
        is_running.set()
        received.append((await receive())["type"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        received.append("sent")

    with patch.object(EchoApp, "__call__", lambda _, *args: waiting_app(*args)):
        client = await echo_server.connect()
        await client.send(get("a") + queued)
        await is_running.wait()
        client.writer.transport.abort()
        await echo_server.until(
            lambda: not (echo_server.state.connections or echo_server.state.tasks)
        )

    assert received == ["http.disconnect", "sent"]


async def test_pipelined_requests_that_were_parsed_get_responses_at_shutdown(echo_server: Server):
    echo_server.app.may_respond.clear()
    client = await echo_server.connect()
    await client.send(get("a") * 1_000)
    await echo_server.until(lambda: echo_server.app.scopes)

    for connection in list(echo_server.state.connections):
        connection.shutdown()
    echo_server.app.may_respond.set()

    rest = await client.end()
    assert 1 <= rest.count(b"HTTP/1.1 200 OK") <= 4
    assert rest.count(b"connection: close") == 1
