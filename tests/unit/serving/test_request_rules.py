"""The limits and required parts of a request, and the status of each rejection."""

from __future__ import annotations

import asyncio

import pytest

from progress_service.edge.deadlines import ARRIVED_AT
from progress_service.serving.request_rules import MAX_ADDRESS_BYTES, MAX_FIELDS, MAX_HEAD_BYTES
from tests.unit.serving.conftest import Server

GET = b"GET /a?b=c HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"


def head_of(size: int) -> bytes:
    filler = size - len(GET) - len(b"A: \r\n\r\n")
    return GET + b"A: " + b"a" * filler + b"\r\n\r\n"


async def test_head_may_have_exactly_the_allowed_bytes(echo_server: Server):
    assert (await echo_server.exchange(head_of(MAX_HEAD_BYTES))).status == 200

    response = await echo_server.exchange(head_of(MAX_HEAD_BYTES + 1))

    assert response.status == 431
    assert response.headers["connection"] == "close"
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json["code"] == "headers_too_large"
    assert response.json["request_id"] == response.headers["x-request-id"]


async def test_head_may_have_exactly_the_allowed_fields(echo_server: Server):
    fields = b"".join(b"A%d: b\r\n" % n for n in range(MAX_FIELDS - 1))

    assert (await echo_server.exchange(GET + fields + b"\r\n")).status == 200
    assert (await echo_server.exchange(GET + fields + b"B: b\r\n\r\n")).status == 431


async def test_address_may_have_exactly_the_allowed_bytes(echo_server: Server):
    def request(size: int) -> bytes:
        return b"GET /" + b"a" * (size - 1) + b" HTTP/1.1\r\nHost: x\r\n\r\n"

    assert (await echo_server.exchange(request(MAX_ADDRESS_BYTES))).status == 200
    response = await echo_server.exchange(request(MAX_ADDRESS_BYTES + 1))
    assert response.status == 414
    assert response.json["code"] == "address_too_long"


@pytest.mark.parametrize(
    ("beginning", "endless", "status"),
    [
        (GET, b"A: b\r\n", 431),
        (GET + b"A: ", b"a", 431),
        (GET, b"a", 431),
        (b"GET /", b"a", 414),
        (b"", b"\r\n", 431),
        (CHUNKED + b"\r\n1;", b"a", 431),
        (CHUNKED + b"\r\n0\r\n", b"A: b\r\n", 431),
        (CHUNKED + b"\r\n0\r\nA: ", b"a", 431),
    ],
    ids=[
        *("fields", "value", "name", "address", "blank lines"),
        *("chunk extension", "trailers", "trailer"),
    ],
)
@pytest.mark.parametrize("piece_bytes", [100, 3_000, 65_536])
async def test_endless_request_is_rejected_while_it_is_sent(
    echo_server: Server, beginning: bytes, endless: bytes, status: int, piece_bytes: int
):
    client = await echo_server.connect()
    raw = beginning + endless * (70_000 // len(endless))

    async def send() -> None:
        for start in range(0, len(raw), piece_bytes):
            await client.send(raw[start : start + piece_bytes])
            await asyncio.sleep(0)

    sending = asyncio.create_task(send())
    response = await client.response()
    await sending

    assert response.status == status
    assert await client.end() == b""


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        GET + b"A: b\n\r\n",
        GET + b"A: b\r\n c\r\n\r\n",
        GET + b"A : b\r\n\r\n",
        GET + b"A: \0\r\n\r\n",
        GET + b"A: b\rc\r\n\r\n",
        GET + b"A\r\n\r\n",
        GET + b": b\r\n\r\n",
        POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
        POST + b"Content-Length: 1, 1\r\n\r\na",
        POST + b"Content-Length: +1\r\n\r\na",
        POST + b"Content-Length: 1 1\r\n\r\na",
        POST + b"Content-Length: 99999999999999999999999\r\n\r\na",
        CHUNKED + b"Content-Length: 1\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        CHUNKED + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: identity\r\n\r\n",
        POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        CHUNKED + b"\r\n0x1\r\na\r\n0\r\n\r\n",
        CHUNKED + b"\r\n-1\r\na\r\n0\r\n\r\n",
        CHUNKED + b"\r\nfffffffffffffffff\r\na",
        CHUNKED + b"\r\n1\na\n0\n\n",
        CHUNKED + b"\r\n1\r\naX0\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT a:80 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=lambda raw: repr(raw[:70])[2:-1],
)
async def test_malformed_request_gets_a_problem_and_closes_the_connection(
    echo_server: Server, raw: bytes
):
    client = await echo_server.connect()
    await client.send(raw)

    response = await client.response()

    assert response.status == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json["code"] == "malformed_request"
    assert await client.end() == b""


@pytest.mark.parametrize("version", [b"HTTP/2.0", b"HTTP/0.9"])
async def test_http_version_that_is_not_supported_is_rejected(echo_server: Server, version: bytes):
    response = await echo_server.exchange(b"GET / " + version + b"\r\nHost: x\r\n\r\n")

    assert response.status == 505


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\r\n\r\n" + GET + b"\r\n",
        GET + b"A: \xff\r\n\r\n",
    ],
)
async def test_unusual_but_valid_request_is_accepted(echo_server: Server, raw: bytes):
    assert (await echo_server.exchange(raw)).status == 200


async def test_trailers_are_not_headers(echo_server: Server):
    response = await echo_server.exchange(
        CHUNKED + b"\r\n1\r\na\r\n0\r\nAuthorization: Bearer x\r\nHost: y\r\n\r\n"
    )

    assert response.json["body"] == "a"
    assert response.json["headers"] == [["host", "x"], ["transfer-encoding", "chunked"]]


@pytest.mark.parametrize("upgrade", [b"h2c", b"unknown"])
@pytest.mark.parametrize("step", [1, 7, 1_000])
async def test_unknown_upgrade_is_ignored_and_its_body_is_not_a_request(
    echo_server: Server, upgrade: bytes, step: int
):
    body = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    fields = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: " + upgrade + b"\r\n"
    raw = POST + fields + b"Content-Length: %d\r\n\r\n" % len(body) + body + GET + b"\r\n"
    client = await echo_server.connect()
    for start in range(0, len(raw), step):
        await client.send(raw[start : start + step])
        await asyncio.sleep(0)

    first, second = await client.response(), await client.response()

    assert (first.json["path"], first.json["body"]) == ("/a", body.decode())
    assert (second.json["method"], second.json["path"]) == ("GET", "/a")
    assert len(echo_server.app.scopes) == 2


@pytest.mark.parametrize("step", [1, 7, 1_000])
@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 3\r\n\r\nabc",
        b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
        b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
    ],
    ids=["length", "chunked", "expect"],
)
async def test_http_2_upgrade_is_ignored_with_any_framing(
    echo_server: Server, framing: bytes, step: int
):
    """The head that Java's HttpClient sends by default."""
    raw = (
        POST + b"Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkA"
        b"AQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\nUser-Agent: Java-http-client/21\r\n" + framing
    )
    client = await echo_server.connect()
    for start in range(0, len(raw), step):
        await client.send(raw[start : start + step])
        await asyncio.sleep(0)

    response = await client.response()
    if b"100-continue" in framing:
        assert response.status == 100
        response = await client.response()
    await client.send(GET + b"\r\n")

    assert (response.status, response.json["body"]) == (200, "abc")
    assert (await client.response()).status == 200


async def test_arrival_is_the_time_of_the_last_byte(echo_server: Server):
    loop = asyncio.get_running_loop()
    client = await echo_server.connect()
    await client.send(POST + b"Content-Length: 2\r\n\r\na")
    await echo_server.until(lambda: echo_server.app.scopes)
    scope = echo_server.app.scopes[0]
    assert ARRIVED_AT not in scope

    await asyncio.sleep(0.01)
    before = loop.time()
    await client.send(b"b")
    await client.response()

    assert before <= scope[ARRIVED_AT] <= loop.time()
