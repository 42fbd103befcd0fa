"""Requests that are sent without waiting for the responses: all answered, in order, in turn."""

from __future__ import annotations

import asyncio
from unittest.mock import patch

import pytest

from progress_service.edge.deadlines import ARRIVED_AT
from progress_service.serving.http_protocol import HttpProtocol
from tests.unit.serving.conftest import Client, Server

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
    return [(await client.answer()).json["path"] for _ in range(count)]


@pytest.mark.parametrize("count", [1, 2, 50, 5_000])
async def test_all_are_answered_in_order(echo_server: Server, count: int):
    client = await echo_server.connect()
    names = [f"r{n}" for n in range(count)]
    sending = asyncio.create_task(client.send(b"".join(map(get, names))))

    answered = await paths(client, count)
    await sending

    assert answered == [f"/{name}" for name in names]


async def test_bodies_stay_with_their_requests(echo_server: Server):
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
            answer = (await client.answer()).json
            found.append((answer["path"], answer["body"]))
            expected = "" if suffix == "-get" else body.decode()
            assert found[-1] == (f"/{name}{suffix}", expected)
    await sending

    assert len(echo_server.app.scopes) == len(found)


async def test_wherever_the_bytes_are_split(echo_server: Server):
    raw = post("a", SMUGGLED) + get("b") + chunked("c", b"\r\n\r\n", SMUGGLED) + b"\r\n" + get("d")
    for cut in range(1, len(raw)):
        client = await echo_server.connect()
        await client.send(raw[:cut])
        await asyncio.sleep(0)
        await client.send(raw[cut:])
        assert await paths(client, 4) == ["/a", "/b", "/c", "/d"], cut
        client.writer.close()


async def test_one_byte_at_a_time(echo_server: Server):
    raw = post("a", SMUGGLED) + get("b") + chunked("c", b"\r\n\r\n", SMUGGLED) + get("d")
    client = await echo_server.connect()
    for n in range(len(raw)):
        await client.send(raw[n : n + 1])
        await asyncio.sleep(0)

    assert await paths(client, 4) == ["/a", "/b", "/c", "/d"]


async def test_few_are_parsed_before_their_turn(echo_server: Server):
    echo_server.app.may_answer.clear()
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
        echo_server.app.may_answer.set()
        await paths(client, 5_000)

    assert most <= 2


async def test_a_request_that_waited_for_its_turn_arrives_then(echo_server: Server):
    echo_server.app.may_answer.clear()
    client = await echo_server.connect()
    await client.send(get("a") + get("b") + get("c"))
    await echo_server.until(lambda: echo_server.app.scopes)
    await asyncio.sleep(0.01)
    released_at = asyncio.get_running_loop().time()
    echo_server.app.may_answer.set()
    await paths(client, 3)

    arrivals = [scope[ARRIVED_AT] for scope in echo_server.app.scopes]
    assert arrivals[0] < released_at <= arrivals[1] <= arrivals[2]


async def test_others_are_served_in_between(echo_server: Server):
    """Between two responses of a pipeline, everybody else has a turn."""
    greedy, polite = await echo_server.connect(), await echo_server.connect()
    await greedy.send(get("greedy") * 5_000)
    await echo_server.until(lambda: echo_server.app.scopes)
    await polite.send(get("polite"))
    await polite.answer()

    before = [scope["path"] for scope in echo_server.app.scopes].index("/polite")

    assert before < 1_000
    await paths(greedy, 5_000)


async def test_a_bad_request_is_refused_after_the_responses_before_it(echo_server: Server):
    echo_server.app.may_answer.clear()
    client = await echo_server.connect()
    await client.send(get("a") + get("b") + b"GARBAGE\r\n\r\n" + get("c"))
    await echo_server.until(lambda: echo_server.app.scopes)
    echo_server.app.may_answer.set()

    assert await paths(client, 2) == ["/a", "/b"]
    assert (await client.answer()).status == 400
    assert await client.end() == b""
    assert len(echo_server.app.scopes) == 2


@pytest.mark.parametrize("cut", [0, 2], ids=["while it is answered", "while it is queued"])
async def test_a_bad_body_is_refused_after_the_responses_before_it(echo_server: Server, cut: int):
    """With the cut, one slice holds the end of the first head, the second head, and nonsense."""
    echo_server.app.may_answer.clear()
    client = await echo_server.connect()
    head = b"POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    raw = get("a") + head + b"1\r\na\r\nnonsense\r\n"
    if cut:
        await client.send(get("a")[:-cut])
        await asyncio.sleep(0.05)
        raw = raw[len(get("a")) - cut :]
    await client.send(raw)
    await echo_server.until(lambda: echo_server.app.scopes)
    echo_server.app.may_answer.set()

    assert await paths(client, 1) == ["/a"]
    assert (await client.answer()).status == 400
    assert await client.end() == b""
    await echo_server.until(lambda: not echo_server.state.tasks)


async def test_a_websocket_handshake_waits_for_the_responses_before_it(echo_server: Server):
    echo_server.app.may_answer.clear()
    client = await echo_server.connect()
    handshake = b"GET /p HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    await client.send(get("a") + handshake)
    await echo_server.until(lambda: echo_server.app.scopes)
    echo_server.app.may_answer.set()

    assert await paths(client, 1) == ["/a"]
    assert (await client.answer()).status == 400


async def test_what_is_held_when_the_client_leaves_is_dropped(echo_server: Server):
    echo_server.app.may_answer.clear()
    client = await echo_server.connect()
    await client.send(get("a") * 1_000)
    await echo_server.until(lambda: echo_server.app.scopes)
    client.writer.transport.abort()
    echo_server.app.may_answer.set()

    await echo_server.until(lambda: not echo_server.state.connections)
    await echo_server.until(lambda: not echo_server.state.tasks)
    assert len(echo_server.app.scopes) < 10


async def test_at_shutdown_what_was_parsed_is_answered(echo_server: Server):
    echo_server.app.may_answer.clear()
    client = await echo_server.connect()
    await client.send(get("a") * 1_000)
    await echo_server.until(lambda: echo_server.app.scopes)

    for connection in list(echo_server.state.connections):
        connection.shutdown()
    echo_server.app.may_answer.set()

    rest = await client.end()
    assert 1 <= rest.count(b"HTTP/1.1 200 OK") <= 4
    assert rest.count(b"connection: close") == 1
