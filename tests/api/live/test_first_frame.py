"""Authentication over a socket, and the close codes of rejected clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.api.live.conftest import (
    ALLOWED_ORIGIN,
    APP_ORIGIN,
    Learner,
    Live,
    NewLearner,
    close_code,
)
from tests.api.test_metrics import request_counts
from tests.builders import a_token, brief
from tests.security import hostile_tokens

PATHS = ["/progress", "/api/progress/live"]


def auth(**given: Any) -> str:
    return json.dumps({"type": "auth", "token": a_token(), **given})


INVALID_FIRST_FRAMES = {
    "nothing": "",
    "a space": " ",
    "no JSON": "hello",
    "truncated": '{"type": "auth", "tok',
    "null": "null",
    "a list": "[]",
    "a number": "7",
    "text": '"auth"',
    "no type": json.dumps({"token": a_token()}),
    "an unknown type": json.dumps({"type": "subscribe"}),
    "a type in capitals": json.dumps({"type": "AUTH", "token": a_token()}),
    "a type that is a list": json.dumps({"type": ["auth"], "token": a_token()}),
    "a frame of the service": json.dumps({"type": "ready", "cursor": "x"}),
    "no token": json.dumps({"type": "auth"}),
    "a token that is null": auth(token=None),
    "a token that is a number": auth(token=7),
    "an unknown field": auth(student_id="ben"),
    "a malformed device id": auth(device_id="../etc"),
    "a device id of 129 letters": auth(device_id="a" * 129),
    "a malformed cursor": auth(since="not-a-cursor"),
    "an empty cursor": auth(since=""),
    "a cursor that is a number": auth(since=1),
    "a lone surrogate": '{"type": "auth", "token": "\\ud800"}',
    "nested 10,000 deep": "[" * 7_000 + "]" * 7_000,
    "objects nested deep": '{"a":' * 2_500 + "1" + "}" * 2_500,
    "a number of 10,000 digits": '{"type": ' + "9" * 10_000 + "}",
}


@pytest.mark.parametrize("first", INVALID_FIRST_FRAMES.values(), ids=INVALID_FIRST_FRAMES.keys())
async def test_invalid_first_frame_closes_4400(live: Live, first: str):
    async with live.socket() as socket:
        await socket.send(first)

        assert await close_code(socket) == 4400


@pytest.mark.parametrize("path", PATHS)
async def test_binary_first_frame_closes_4400(live: Live, path: str):
    async with live.socket(path) as socket:
        await socket.send(auth().encode())

        assert await close_code(socket) == 4400


async def test_frame_above_the_limit_closes_1009(live: Live):
    async with live.socket() as socket:
        await socket.send(auth(since="x" * 20_000))

        assert await close_code(socket) == 1009


async def test_fragmented_frame_above_the_limit_closes_1009(live: Live):
    async def pieces() -> AsyncIterator[str]:
        for _ in range(17):
            yield "x" * 1_000

    async with live.socket() as socket:
        await socket.send(pieces())

        assert await close_code(socket) == 1009


async def test_missing_first_frame_closes_4408_after_five_seconds(live: Live):
    async with live.socket() as silent, live.socket() as heartbeats:
        before = asyncio.get_running_loop().time()
        await heartbeats.send('{"type": "heartbeat"}')  # neither a first frame nor an error

        codes = await asyncio.gather(close_code(silent), close_code(heartbeats))

        assert list(codes) == [4408, 4408]
        assert 4 < asyncio.get_running_loop().time() - before < 9


async def test_hostile_tokens_close_4401(live: Live):
    """A token that is too long or not text makes the frame invalid: 4400 or 1009."""
    accepted = {}
    limiter = asyncio.Semaphore(16)

    async def authenticate(what: str, token: str) -> None:
        async with limiter, live.socket() as socket:
            await socket.send(json.dumps({"type": "auth", "token": token}))
            code = await close_code(socket)
        is_expected = code == 4401 or (len(token) > 4_096 and code in (4400, 1009))
        if not is_expected:
            accepted[what] = code

    await asyncio.gather(*(authenticate(*one) for one in hostile_tokens.tokens().items()))

    assert accepted == {}


@pytest.mark.parametrize("role", ["teacher", "service"])
async def test_token_without_the_student_role_closes_4403(live: Live, role: Any):
    async with live.socket() as socket:
        await socket.send(auth(token=a_token("tom", role)))

        assert await close_code(socket) == 4403


# -- origins -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://learn.example.evil.example",
        "http://learn.example",
        "https://learn.example:444",
        "https://LEARN.example",
        "null",
        "",
    ],
    ids=brief,
)
async def test_foreign_origin_is_rejected(live: Live, path: str, origin: str):
    headers = {"Origin": origin}
    with pytest.raises(InvalidStatus) as rejected:
        async with live.socket(path, additional_headers=headers):
            pass

    assert rejected.value.response.status_code == 403


@pytest.mark.parametrize("origin", [ALLOWED_ORIGIN, APP_ORIGIN])
async def test_allowed_origin_is_accepted(ana: Learner, origin: str):
    async with ana.listening(origin=origin):
        pass


async def test_own_origin_is_accepted(ana: Learner):
    async with ana.listening(origin=ana.live.served.address):
        pass


@pytest.mark.parametrize("path", PATHS)
async def test_missing_origin_is_accepted(ana: Learner, path: str):
    async with ana.listening(path=path) as listener:
        assert listener.ready["heartbeat_seconds"] == 25


@pytest.mark.parametrize("path", ["/", "/progress/", "/api/progress/live/x", "/api/progress"])
async def test_socket_at_an_unknown_path_is_rejected(live: Live, path: str):
    with pytest.raises(InvalidStatus) as rejected:
        async with live.socket(path):
            pass

    assert rejected.value.response.status_code in (403, 404)


# -- expired and renewed tokens ----------------------------------------------------------------


async def test_expired_token_closes_4401(ana: Learner):
    async with ana.listening(token=a_token(ana.id, ttl_seconds=2)) as listener:
        assert await listener.close_code() == 4401


async def test_renewed_token_keeps_the_socket_open(ana: Learner):
    async with ana.listening(token=a_token(ana.id, ttl_seconds=2)) as listener:
        await listener.renew(a_token(ana.id))
        await listener.silent(4)

        await ana.report()

        await listener.first("progress", videoId=ana.video())


async def test_renewal_with_an_invalid_token_closes_4401(ana: Learner):
    async with ana.listening() as listener:
        await listener.renew(a_token(ana.id, secret="another secret of more than 32 bytes!!"))

        assert await listener.close_code() == 4401


async def test_renewal_by_another_student_closes_4403(ana: Learner):
    async with ana.listening() as listener:
        await listener.renew(a_token("ben"))

        assert await listener.close_code() == 4403


async def test_renewal_as_a_teacher_closes_4403(ana: Learner):
    async with ana.listening() as listener:
        await listener.renew(a_token(ana.id, "teacher"))

        assert await listener.close_code() == 4403


@pytest.mark.parametrize("later", ["hello", b"bytes", "[]", '{"type": "progress"}'], ids=brief)
async def test_invalid_later_frame_closes_4400(ana: Learner, later: Any):
    async with ana.listening() as listener:
        await listener.connection.send(later)

        assert await listener.close_code() == 4400


async def test_client_heartbeats_are_accepted(ana: Learner):
    async with ana.listening() as listener:
        for _ in range(50):
            await listener.connection.send('{"type": "heartbeat"}')
        await ana.report()

        await listener.first("progress")


# -- limits ------------------------------------------------------------------------------------


async def test_eleventh_socket_of_a_student_closes_4429(new_learner: NewLearner, live: Live):
    ana, ben = await new_learner(), await new_learner()
    opened = [ana.listening() for _ in range(10)]
    listeners = [await one.__aenter__() for one in opened]

    async with live.socket() as eleventh:
        await eleventh.send(auth(token=a_token(ana.id)))
        assert await close_code(eleventh) == 4429

    async with ben.listening():  # other students are unaffected
        pass
    await opened[0].__aexit__(None, None, None)
    async with ana.listening():  # a closed socket no longer counts
        pass
    await ana.report()
    await asyncio.gather(*(one.first("progress") for one in listeners[1:]))
    for one in opened[1:]:
        await one.__aexit__(None, None, None)


async def test_sockets_work_after_a_thousand_reconnects(new_learner: NewLearner, live: Live):
    """The sockets of a hundred students break and reconnect ten times."""
    ana = await new_learner()
    await ana.report()
    students = [f"storm-{n}-of-{ana.id}" for n in range(99)]
    limiter = asyncio.Semaphore(100)

    async def reconnect(student_id: str) -> None:
        for turn in range(10):
            async with limiter, live.listening(student_id) as listener:
                if turn % 2:
                    listener.connection.transport.abort()  # without a close frame

    await asyncio.gather(*(reconnect(student) for student in [*students, ana.id]))

    async with ana.listening() as listener:
        assert (await listener.first("progress"))["videoId"] == ana.video()
        for _ in range(50):
            if await live.metric("progress_sockets ") == 1:
                break
            await asyncio.sleep(0.1)
        assert await live.metric("progress_sockets ") == 1


@pytest.mark.parametrize("path", PATHS)
async def test_sockets_are_counted_with_their_handshake_status(live: Live, path: str):
    async with live.caller("ops") as ops:
        before = await request_counts(ops)
        async with live.socket(path):
            pass
        with pytest.raises(InvalidStatus):
            async with live.socket(path, additional_headers={"Origin": "https://evil.example"}):
                pass
        after = await request_counts(ops)

    for status in ("101", "403"):
        assert after["GET", path, status] == before.get(("GET", path, status), 0) + 1
