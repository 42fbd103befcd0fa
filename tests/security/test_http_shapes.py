"""Malformed HTTP without a token is rejected, costs little, and affects no other client."""

from __future__ import annotations

import asyncio
import json
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from progress_service.testing import ServiceProcess
from tests.builders import a_body, a_token, bearer
from tests.processes import dev
from tests.security.raw_connections import (
    HANDSHAKE,
    connected,
    exchange,
    healthz_statuses,
    resident_bytes,
    socket_to,
)

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
MEGABYTE = 1_000_000


def status_request(token: str, *, fields: bytes = b"", body: bytes = b"") -> bytes:
    head = b"GET /api/progress/video/welcome/status HTTP/1.1\r\nHost: x\r\n"
    return head + (f"Authorization: Bearer {token}\r\n".encode() if token else b"") + fields + body


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (GET + b"A: " + b"a" * 40_000 + b"\r\n\r\n", 431, "headers_too_large"),
        (GET + b"A: b\r\n" * 101 + b"\r\n", 431, "headers_too_large"),
        (b"GET /" + b"a" * 17_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "address_too_long"),
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400, "malformed_request"),
        (GET + b"Host: y\r\n\r\n", 400, "malformed_request"),
        (GET + b"A: b\r\n c\r\n\r\n", 400, "malformed_request"),
        (b"GARBAGE\r\n\r\n", 400, "malformed_request"),
        (b"GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n", 505, "version_not_supported"),
        (GET + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, None),
        (HANDSHAKE + b"A: " + b"a" * 9_000 + b"\r\n\r\n", 431, "headers_too_large"),
        (HANDSHAKE + b"A: b\r\n" * 200 + b"\r\n", 431, "headers_too_large"),
        (HANDSHAKE + b"Content-Length: 3\r\n\r\nabc", 400, "malformed_request"),
        (HANDSHAKE.replace(b"GET", b"POST") + b"\r\n", 400, "malformed_request"),
    ],
    ids=[
        *("long header", "many headers", "long address", "no host", "two hosts", "folded line"),
        *("garbage", "version", "two lengths", "socket: long header", "socket: many headers"),
        *("socket: body", "socket: POST"),
    ],
)
async def test_malformed_http_is_rejected_with_a_problem(
    server: ServiceProcess, raw: bytes, status: int, code: str | None
):
    response = await exchange(server, raw)

    assert response.status == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["connection"] == "close"
    assert {"type", "title", "status", "detail", "code", "request_id"} == set(response.json)
    assert response.json["status"] == status
    assert code in {response.json["code"], None}


async def test_longest_cursor_fits_into_the_address(server: ServiceProcess):
    headers = bearer(a_token("ana"))
    async with httpx.AsyncClient(base_url=server.address, headers=headers) as ana:
        response = await ana.get("/api/progress/changes", params={"since": "a" * 8_192})

    assert response.status_code == 422


@pytest.mark.parametrize(
    ("beginning", "endless", "status"),
    [
        (GET, b"Filler: 0123456789\r\n", 431),
        (GET + b"A: ", b"0123456789", 431),
        (b"GET /", b"0123456789", 414),
    ],
    ids=["lines", "one line", "address"],
)
async def test_endless_request_head_is_cut_off_and_costs_no_memory(
    server: ServiceProcess, beginning: bytes, endless: bytes, status: int
):
    before = resident_bytes(server)
    raw = beginning + endless * (16 * MEGABYTE // len(endless))

    response = await exchange(server, raw)

    assert response.status == status
    assert resident_bytes(server) - before < 5 * MEGABYTE


async def test_pipelined_requests_cost_no_memory_and_delay_no_other_client(server: ServiceProcess):
    """Two megabytes on eight connections: 50 000 requests, sent without waiting for responses."""
    await healthz_statuses(server, 20)
    before = resident_bytes(server)
    requests = (GET + b"\r\n") * (2 * MEGABYTE // 8 // len(GET + b"\r\n"))
    async with AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(connected(server)) for _ in range(8)]
        tasks: list[asyncio.Task[Any]] = [
            asyncio.create_task(connection.send(requests)) for connection in connections
        ]
        tasks += [asyncio.create_task(connection.until_closed()) for connection in connections]

        statuses = await healthz_statuses(server, 50)
        grown = resident_bytes(server) - before

        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    assert statuses == [200] * 50
    assert grown < 10 * MEGABYTE


async def test_token_in_the_trailers_is_ignored(server: ServiceProcess):
    fields = b"Transfer-Encoding: chunked\r\n\r\n"
    trailer = f"0\r\nAuthorization: Bearer {a_token('ana')}\r\n\r\n".encode()
    async with connected(server) as connection:
        await connection.send(status_request("", fields=fields, body=trailer))
        rejected = await connection.response()
        await connection.send(status_request(a_token("ana"), fields=b"\r\n"))
        accepted = await connection.response()

    assert (rejected.status, accepted.status) == (401, 200)


async def test_body_of_an_unknown_upgrade_is_not_parsed_as_a_request(server: ServiceProcess):
    """Java's client offers HTTP/2 with each first request, also with those that have a body."""
    body = json.dumps({"video_ids": ["welcome"]}).encode()
    raw = (
        b"POST /api/progress/videos/batch HTTP/1.1\r\nHost: x\r\n"
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP\r\n"
        b"Authorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    ) % (a_token("ana").encode(), len(body))
    async with connected(server) as connection:
        await connection.send(raw)
        await asyncio.sleep(0.05)
        await connection.send(body + GET + b"\r\n")
        responses = [await connection.response(), await connection.response()]

    assert [response.status for response in responses] == [200, 200]
    assert "welcome" in responses[0].json["progress"]


async def test_log_contains_no_query(tmp_path: Path):
    secret = "a-token-in-the-address"
    query = f"?token={secret}".encode()
    with dev(tmp_path, PROGRESS_LOG_FORMAT="json") as served:
        async with connected(served) as socket:
            await socket.send(HANDSHAKE.replace(b"/progress", b"/progress" + query) + b"\r\n")
            assert (await socket.response()).status == 101
        for path in (b"/nothing", b"/progress"):
            handshake = HANDSHAKE.replace(b"/progress", path + query)
            await exchange(served, handshake + b"Origin: https://elsewhere\r\n\r\n")
            await exchange(served, handshake + b"A: b\r\n" * 200 + b"\r\n")
            await exchange(served, handshake + b"Content-Length: 9\r\n\r\n")
            await exchange(served, GET.replace(b"/healthz", path + query) + b"\r\n")
            await exchange(served, GET.replace(b"/healthz", path + query) + b"Host: x\r\n\r\n")
        served.stop()
        log = served.log

    assert '"request_rejected"' in log
    assert secret not in log
    assert "token=" not in log


@pytest.mark.parametrize("count", [1, 2, 3, 3_000])
async def test_disconnect_with_queued_requests_is_not_an_error(tmp_path: Path, count: int):
    token = a_token("ana")
    with dev(tmp_path) as served:
        for turn in range(80):
            async with connected(served) as connection:
                await connection.send(status_request(token, body=b"\r\n") * count)
                if turn % 2:
                    await connection.response()
                if turn % 4 < 2:
                    connection.writer.transport.abort()
        await healthz_statuses(served, 20)
        served.stop()

    assert "Traceback" not in served.log
    assert "rror" not in served.log


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
async def test_shutdown_succeeds_with_connections_in_every_state(
    tmp_path: Path, how: signal.Signals
):
    """An active request is completed, sockets get 1012, and nothing is raised."""
    body = json.dumps(a_body(total_duration=90, watch_time=20)).encode()
    report = (
        f"POST /api/progress/video/welcome/watch-time HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {a_token('ana')}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    states = [
        b"",
        b"GET / HT",
        GET,
        GET + b"\r\n",
        GET + b"\r\n" + GET,
        (GET + b"\r\n") * 3_000,
        GET + b"A: " + b"a" * 40_000,
        HANDSHAKE + b"A: " + b"a" * 9_000 + b"\r\n\r\n",
        HANDSHAKE + b"A: b\r\n" * 200 + b"\r\n",
        HANDSHAKE + b"Content-Length: 3\r\n\r\n",
        HANDSHAKE.replace(b"GET", b"POST") + b"\r\n",
        HANDSHAKE.replace(b"-Key", b"-Lock") + b"\r\n",
        HANDSHAKE,
    ]
    with dev(tmp_path) as served:
        async with AsyncExitStack() as stack:
            for raw in states:
                connection = await stack.enter_async_context(connected(served))
                await connection.send(raw)
            sockets = [await stack.enter_async_context(socket_to(served)) for _ in range(3)]
            running = await stack.enter_async_context(connected(served))
            await running.send(report + body[:5])
            await healthz_statuses(served, 20)

            served.process.send_signal(how)
            codes = await asyncio.gather(*(socket.close_code() for socket in sockets))
            await running.send(body[5:])
            response = await running.response()
        code = await asyncio.to_thread(served.process.wait, 30)

    assert codes == [1012] * 3
    assert response.status == 200
    # As without such connections: uvicorn stops, then restores the signal's default effect.
    assert code == {signal.SIGTERM: -signal.SIGTERM, signal.SIGINT: 130}[how], served.log
    assert "Traceback" not in served.log
    assert "rror" not in served.log
