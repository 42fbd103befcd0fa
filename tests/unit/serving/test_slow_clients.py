"""Incomplete requests time out; those that make progress do not."""

from __future__ import annotations

import asyncio

import pytest

from progress_service.serving.slow_clients import (
    BODY_SECONDS,
    BODY_STALL_SECONDS,
    HEAD_SECONDS,
    IncompleteRequests,
    _by_server,
)
from tests.unit.serving.conftest import Server

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
LATER = 1.0  # Seconds beyond a limit.


async def test_silent_connection_is_closed_without_a_response(echo_server: Server):
    client = await echo_server.connect()
    await echo_server.until(lambda: len(echo_server.incomplete) == 1)

    echo_server.sweep_after(HEAD_SECONDS - LATER)
    assert await client.is_open()
    echo_server.sweep_after(HEAD_SECONDS + LATER)

    assert await client.end() == b""


@pytest.mark.parametrize("sent", [b"G", GET[:-2], b"GET /" + b"a" * 9_000])
async def test_incomplete_head_gets_408(echo_server: Server, sent: bytes):
    client = await echo_server.connect()
    await client.send(sent)
    await asyncio.sleep(0.05)

    echo_server.sweep_after(HEAD_SECONDS + LATER)

    response = await client.response()
    assert (response.status, response.json["code"]) == (408, "request_timeout")
    assert response.headers["connection"] == "close"
    assert await client.end() == b""


async def test_incomplete_head_that_trickles_gets_408(echo_server: Server):
    client = await echo_server.connect()
    for n in range(5):
        await client.send(GET[n : n + 1])
        await asyncio.sleep(0.01)

    echo_server.sweep_after(HEAD_SECONDS + LATER)

    assert (await client.response()).status == 408


async def test_incomplete_body_gets_408(echo_server: Server):
    client = await echo_server.connect()
    await client.send(POST + b"12345")
    await echo_server.until(lambda: echo_server.app.scopes)

    echo_server.sweep_after(BODY_STALL_SECONDS - LATER)
    assert await client.is_open()
    echo_server.sweep_after(BODY_STALL_SECONDS + LATER)

    assert (await client.response()).status == 408
    assert await client.end() == b""
    await echo_server.until(lambda: not echo_server.state.tasks)


async def test_second_request_of_a_connection_has_its_own_time_limit(echo_server: Server):
    client = await echo_server.connect()
    await client.send(GET)
    await client.response()
    assert len(echo_server.incomplete) == 0
    echo_server.sweep_after(BODY_SECONDS + LATER)
    assert await client.is_open()

    await client.send(GET[:5])
    await echo_server.until(lambda: len(echo_server.incomplete) == 1)
    echo_server.sweep_after(HEAD_SECONDS + LATER)

    assert (await client.response()).status == 408


async def test_incomplete_request_does_not_time_out_before_the_earlier_response(
    echo_server: Server,
):
    echo_server.app.may_respond.clear()
    client = await echo_server.connect()
    await client.send(GET + GET[:5])
    await echo_server.until(lambda: echo_server.app.scopes)

    echo_server.sweep_after(HEAD_SECONDS + LATER)
    echo_server.app.may_respond.set()
    assert (await client.response()).status == 200
    await client.send(GET[5:])

    assert (await client.response()).status == 200
    assert len(echo_server.incomplete) == 0


async def test_oldest_incomplete_request_is_rejected_above_the_limit(echo_server: Server):
    _by_server[echo_server.state] = IncompleteRequests(max_incomplete=2)
    oldest = await echo_server.connect()
    await oldest.send(GET[:5])
    await echo_server.until(lambda: len(echo_server.incomplete) == 1)
    others = [await echo_server.connect() for _ in range(2)]

    response = await oldest.response()

    assert (response.status, response.json["code"]) == (503, "too_many_connections")
    for other in others:
        await other.send(GET)
        assert (await other.response()).status == 200


class Uploader:
    """A connection as the sweep sees it."""

    def __init__(self) -> None:
        self.is_waiting_for_server = False
        self.rejections: list[int] = []

    def abandon(self, rejection) -> None:
        self.rejections.append(int(rejection.status))


async def test_slow_upload_passes_and_an_endless_one_times_out():
    """A simulated clock: a byte every nine seconds."""
    incomplete, uploader = IncompleteRequests(), Uploader()
    start = asyncio.get_running_loop().time()
    incomplete.note_progress(uploader, is_in_body=True)
    wait = incomplete._waits[uploader]
    for second in range(int(BODY_SECONDS)):
        if second % 9 == 0:
            wait.progress_at = start + second
        incomplete.sweep(start + second)
    assert uploader.rejections == []

    incomplete.sweep(start + BODY_SECONDS + LATER)

    assert uploader.rejections == [408]
    assert len(incomplete) == 0


async def test_incomplete_request_does_not_time_out_when_the_server_was_late():
    incomplete, uploader = IncompleteRequests(), Uploader()
    start = asyncio.get_running_loop().time()
    incomplete.note_progress(uploader, is_in_body=False)

    incomplete.sweep(start + HEAD_SECONDS + LATER, late_seconds=HEAD_SECONDS)

    assert uploader.rejections == []


async def test_stalled_body_is_rejected_before_one_that_makes_progress():
    incomplete = IncompleteRequests(max_incomplete=2)
    moving, stalled, newest = Uploader(), Uploader(), Uploader()
    for connection in (moving, stalled, moving, newest):
        incomplete.note_progress(connection, is_in_body=True)

    assert stalled.rejections == [503]
    assert moving.rejections == newest.rejections == []


async def test_stalled_body_is_rejected_when_all_bodies_exceed_their_limit():
    incomplete = IncompleteRequests(max_body_bytes_held=100)
    head, stalled, moving = Uploader(), Uploader(), Uploader()
    incomplete.note_progress(head, is_in_body=False)
    incomplete.note_progress(stalled, is_in_body=True, body_bytes=50)
    for _ in range(5):
        incomplete.note_progress(moving, is_in_body=True, body_bytes=10)
    assert stalled.rejections == []

    incomplete.note_progress(moving, is_in_body=True, body_bytes=1)

    assert stalled.rejections == [503]
    assert head.rejections == moving.rejections == []
    incomplete.remove(moving)
    assert incomplete._body_bytes_held == 0


async def test_sweep_is_not_scheduled_without_incomplete_requests(echo_server: Server):
    client = await echo_server.connect()
    await client.send(GET)
    await client.response()
    echo_server.incomplete._sweep_and_schedule(asyncio.get_running_loop())

    assert echo_server.incomplete._sweep_due_at is None
