"""Who is let in over a socket, and with which code the others are turned away."""

from __future__ import annotations

import asyncio
import json
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
from tests.api.test_metrics import counted
from tests.builders import a_token, brief
from tests.security import hostile_tokens as hostile

PATHS = ["/progress", "/api/progress/live"]


def auth(**given: Any) -> str:
    return json.dumps({"type": "auth", "token": a_token(), **given})


NO_FIRST_FRAMES = {
    "nothing": "",
    "a blank": " ",
    "no JSON": "hello",
    "half of it": '{"type": "auth", "tok',
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
    "a field nobody knows": auth(student_id="ben"),
    "a device that is no id": auth(device_id="../etc"),
    "a device of 129 letters": auth(device_id="a" * 129),
    "a cursor that is none": auth(since="not-a-cursor"),
    "an empty cursor": auth(since=""),
    "a cursor that is a number": auth(since=1),
    "not UTF-16": '{"type": "auth", "token": "\\ud800"}',
    "nested 10,000 deep": "[" * 7_000 + "]" * 7_000,
    "objects nested deep": '{"a":' * 2_500 + "1" + "}" * 2_500,
    "a number of 10,000 digits": '{"type": ' + "9" * 10_000 + "}",
}


@pytest.mark.parametrize("first", NO_FIRST_FRAMES.values(), ids=NO_FIRST_FRAMES.keys())
async def test_a_wrong_first_frame_closes_4400(live: Live, first: str):
    async with live.socket() as socket:
        await socket.send(first)

        assert await close_code(socket) == 4400


@pytest.mark.parametrize("path", PATHS)
async def test_bytes_close_4400(live: Live, path: str):
    async with live.socket(path) as socket:
        await socket.send(auth().encode())

        assert await close_code(socket) == 4400


async def test_a_frame_above_the_limit_closes_1009(live: Live):
    async with live.socket() as socket:
        await socket.send(auth(since="x" * 20_000))

        assert await close_code(socket) == 1009


async def test_a_frame_in_endless_pieces_closes_1009(live: Live):
    async def pieces():
        for _ in range(17):
            yield "x" * 1_000

    async with live.socket() as socket:
        await socket.send(pieces())

        assert await close_code(socket) == 1009


async def test_saying_nothing_closes_4408_after_five_seconds(live: Live):
    async with live.socket() as silent, live.socket() as heartbeats:
        before = asyncio.get_running_loop().time()
        await heartbeats.send('{"type": "heartbeat"}')  # no first frame, but no harm either

        codes = await asyncio.gather(close_code(silent), close_code(heartbeats))

        assert codes == [4408, 4408]
        assert 4 < asyncio.get_running_loop().time() - before < 9


async def test_every_hostile_token_closes_4401(live: Live):
    """Those too long for a token, or no text at all, are no auth frame: 4400 or 1009."""
    let_in = {}
    gate = asyncio.Semaphore(16)

    async def knock(what: str, token: str) -> None:
        async with gate, live.socket() as socket:
            await socket.send(json.dumps({"type": "auth", "token": token}))
            code = await close_code(socket)
        is_right = code == 4401 or (len(token) > 4_096 and code in (4400, 1009))
        if not is_right:
            let_in[what] = code

    await asyncio.gather(*(knock(*one) for one in hostile.tokens().items()))

    assert let_in == {}


@pytest.mark.parametrize("role", ["teacher", "service"])
async def test_who_is_no_student_is_turned_away_with_4403(live: Live, role: Any):
    async with live.socket() as socket:
        await socket.send(auth(token=a_token("tom", role)))

        assert await close_code(socket) == 4403


# -- where a page comes from -------------------------------------------------------------------


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
async def test_a_foreign_page_gets_no_socket(live: Live, path: str, origin: str):
    headers = {"Origin": origin}
    with pytest.raises(InvalidStatus) as refused:
        async with live.socket(path, additional_headers=headers):
            pass

    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("origin", [ALLOWED_ORIGIN, APP_ORIGIN])
async def test_an_allowed_page_gets_one(ana: Learner, origin: str):
    async with ana.listening(origin=origin):
        pass


async def test_a_page_of_the_service_itself_gets_one(ana: Learner):
    async with ana.listening(origin=ana.live.served.address):
        pass


@pytest.mark.parametrize("path", PATHS)
async def test_a_program_names_no_origin_and_gets_one(ana: Learner, path: str):
    async with ana.listening(path=path) as listener:
        assert listener.ready["heartbeat_seconds"] == 25


@pytest.mark.parametrize("path", ["/", "/progress/", "/api/progress/live/x", "/api/progress"])
async def test_elsewhere_there_are_no_sockets(live: Live, path: str):
    with pytest.raises(InvalidStatus) as refused:
        async with live.socket(path):
            pass

    assert refused.value.response.status_code in (403, 404)


# -- tokens that end, and new ones -------------------------------------------------------------


async def test_an_expired_token_closes_4401(ana: Learner):
    async with ana.listening(token=a_token(ana.id, ttl_seconds=2)) as listener:
        assert await listener.close_code() == 4401


async def test_a_renewed_token_keeps_the_socket_open(ana: Learner):
    async with ana.listening(token=a_token(ana.id, ttl_seconds=2)) as listener:
        await listener.renew(a_token(ana.id))
        await listener.silent(4)

        await ana.report()

        await listener.first("progress", videoId=ana.video())


async def test_a_renewal_with_a_bad_token_closes_4401(ana: Learner):
    async with ana.listening() as listener:
        await listener.renew(a_token(ana.id, secret="another secret of more than 32 bytes!!"))

        assert await listener.close_code() == 4401


async def test_a_renewal_by_another_student_closes_4403(ana: Learner):
    async with ana.listening() as listener:
        await listener.renew(a_token("ben"))

        assert await listener.close_code() == 4403


async def test_a_renewal_as_a_teacher_closes_4403(ana: Learner):
    async with ana.listening() as listener:
        await listener.renew(a_token(ana.id, "teacher"))

        assert await listener.close_code() == 4403


@pytest.mark.parametrize("later", ["hello", b"bytes", "[]", '{"type": "progress"}'], ids=brief)
async def test_a_wrong_later_frame_closes_4400(ana: Learner, later: Any):
    async with ana.listening() as listener:
        await listener.connection.send(later)

        assert await listener.close_code() == 4400


async def test_heartbeats_of_a_client_are_welcome(ana: Learner):
    async with ana.listening() as listener:
        for _ in range(50):
            await listener.connection.send('{"type": "heartbeat"}')
        await ana.report()

        await listener.first("progress")


# -- how many ----------------------------------------------------------------------------------


async def test_the_eleventh_socket_of_a_student_closes_4429(new_learner: NewLearner, live: Live):
    ana, ben = await new_learner(), await new_learner()
    open_ones = [ana.listening() for _ in range(10)]
    listeners = [await one.__aenter__() for one in open_ones]

    async with live.socket() as eleventh:
        await eleventh.send(auth(token=a_token(ana.id)))
        assert await close_code(eleventh) == 4429

    async with ben.listening():  # nobody else is in the way
        pass
    await open_ones[0].__aexit__(None, None, None)
    async with ana.listening():  # and a place that is left is free
        pass
    await ana.report()
    await asyncio.gather(*(one.first("progress") for one in listeners[1:]))
    for one in open_ones[1:]:
        await one.__aexit__(None, None, None)


async def test_a_storm_of_a_thousand_reconnects_is_weathered(new_learner: NewLearner, live: Live):
    """A hundred students whose sockets break and come back ten times; all end up listening."""
    ana = await new_learner()
    await ana.report()
    students = [f"storm-{n}-of-{ana.id}" for n in range(99)]
    gate = asyncio.Semaphore(100)

    async def come_and_go(student_id: str) -> None:
        for turn in range(10):
            async with gate, live.listening(student_id) as listener:
                if turn % 2:
                    listener.connection.transport.abort()  # no goodbye

    await asyncio.gather(*(come_and_go(student) for student in [*students, ana.id]))

    async with ana.listening() as listener:
        assert (await listener.first("progress"))["videoId"] == ana.video()
        for _ in range(50):
            if await live.metric("progress_sockets ") == 1:
                break
            await asyncio.sleep(0.1)
        assert await live.metric("progress_sockets ") == 1


@pytest.mark.parametrize("path", PATHS)
async def test_sockets_are_counted_with_the_answer_to_their_handshake(live: Live, path: str):
    async with live.caller("ops") as ops:
        before = await counted(ops)
        async with live.socket(path):
            pass
        with pytest.raises(InvalidStatus):
            async with live.socket(path, additional_headers={"Origin": "https://evil.example"}):
                pass
        after = await counted(ops)

    for status in ("101", "403"):
        assert after["GET", path, status] == before.get(("GET", path, status), 0) + 1
