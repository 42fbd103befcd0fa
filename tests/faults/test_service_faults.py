"""The service is killed, stopped, cut off and hung up on while learners report."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient

from progress_service.mongo.schema import WATCH_PROGRESS

from .conftest import Tell
from .history import Call, History
from .learners import a_learner, a_plain_report, learners, put_course
from .proxy import proxy
from .replica_set import ReplicaSet
from .service import Service, bearer, running_service, running_service_beside
from .verdicts import hold, until_healthy

pytestmark = pytest.mark.faults

KILLS = 3
STOP_SECONDS = 10.0
UNREAD = 2  # Of twenty that report a hundred times a second.
ANSWER_SECONDS = 6.0
HANG_UPS = 100
LATE_SECONDS = 0.1
MAX_BLOCKED_TICKS = 2  # Of some 1 500. A host may stop a virtual machine, and tells nobody.
WARM_SECONDS = 8
LOADED_SECONDS = 16
MAX_GROWTH_BYTES = 12_000_000


async def test_a_service_killed_in_mid_group_loses_nothing(
    service: Service, replica_set: ReplicaSet, tell: Tell
):
    course = await put_course(service, "cut-off", students=20)

    async with learners(service, course, pause_seconds=0.01) as history:
        for _ in range(KILLS):
            await history.next_ok()
            await asyncio.sleep(0.5)
            service.kill()
            service.spawn()
            await until_healthy(service)

    tell(await hold(history, service, replica_set, course))
    assert history.count("unknown") >= KILLS


async def test_a_polite_stop_answers_what_waits_and_ends_in_time(
    service: Service, replica_set: ReplicaSet, tell: Tell
):
    course = await put_course(service, "polite", students=20)
    headers = bearer(course.student_ids[0], "student")
    path = f"/api/progress/video/{course.video_ids[0]}/watch-time"

    async with AsyncExitStack() as stack:
        history = await stack.enter_async_context(learners(service, course, pause_seconds=0.01))
        await history.next_ok()
        idle = [await _connect(service) for _ in range(5)]
        half_headers, half_body = await _connect(service), await _connect(service)
        half_headers[1].write(b"POST /api/progress HTTP/1.1\r\nHost:")
        half_body[1].write(_request(path, headers, b'{"watch_time": 1,')[:-5])
        await asyncio.sleep(0.3)
        asked_at = time.monotonic()
        took = await asyncio.to_thread(service.stop, within_seconds=STOP_SECONDS)
        told = (await half_body[0].read()).split(b"\r\n")[0]
        service.spawn()
        await until_healthy(service)
        for _, writer in (*idle, half_headers, half_body):
            writer.close()

    waiting = [
        call
        for call in history.calls
        if call.sent_at < asked_at - 0.05 and call.answered_at > asked_at
    ]
    tell(
        f"{await hold(history, service, replica_set, course)}; gone after {took:.1f} s, "
        f"{len(waiting)} reports waited then, the half-sent one was told {told.decode()!r}"
    )
    # What was taken is answered; a line that closes may cross one that nobody had read yet.
    assert [call for call in waiting if call.status == 503] == []
    assert sum(call.status is None for call in waiting) <= UNREAD
    assert told.startswith(b"HTTP/1.1 503")
    assert not service.tracebacks()


async def test_a_polite_stop_with_a_frozen_primary_answers_what_waits(
    service: Service, replica_set: ReplicaSet, tell: Tell
):
    course = await put_course(service, "polite-frozen", students=10)
    history = History()

    async with AsyncExitStack() as stack:
        watching = [
            await stack.enter_async_context(a_learner(service, history, course, student_id))
            for student_id in course.student_ids
        ]
        video_id = course.video_ids[0]
        await asyncio.gather(*(one.report(video_id, a_plain_report(10)) for one in watching))
        with replica_set.frozen(replica_set.primary()):
            reports = [
                asyncio.create_task(one.report(video_id, a_plain_report(20))) for one in watching
            ]
            await asyncio.sleep(0.2)
            took = await asyncio.to_thread(service.stop, within_seconds=STOP_SECONDS)
            await asyncio.gather(*reports)
        service.spawn()
        await until_healthy(service)
        await asyncio.to_thread(replica_set.settle)

    tell(f"{await hold(history, service, replica_set, course)}; gone after {took:.1f} s")
    assert {call.status for call in history.calls[: len(watching)]} == {200}
    # A new primary may be elected in time; then they are stored there.
    assert {call.status for call in history.calls[len(watching) :]} <= {200, 503}
    assert not service.tracebacks()


async def test_a_driver_error_is_answered_503_and_logged_once_with_its_cause(
    service: Service, replica_set: ReplicaSet, tell: Tell
):
    course = await put_course(service, "logged", students=1)
    history = History()
    before = len(service.events("database_failed"))
    given_up_before = len(service.events("given_up"))

    async with a_learner(service, history, course, course.student_ids[0]) as learner:
        await learner.report(course.video_ids[0], a_plain_report(10))
        primary = replica_set.primary()
        other = next(member for member in replica_set.members if member is not primary)
        with replica_set.frozen(primary), replica_set.frozen(other):  # nobody can take over
            await learner.report(course.video_ids[0], a_plain_report(20))
    await asyncio.to_thread(replica_set.settle)

    # What the service asks by itself, for its live feed, may fail too; it names no request.
    failed = service.events("database_failed")[before:]
    logged = [event for event in failed if "request_id" in event]
    tell(f"{await hold(history, service, replica_set, course)}; logged {logged}")
    assert [call.status for call in history.calls] == [200, 503]
    # On a busy machine the deadline of the request may come before that of the driver, which then
    # still says why: each is said once.
    assert len(logged) <= 1
    given_up = service.events("given_up")[given_up_before:]
    assert len(given_up) <= 1
    assert logged or given_up
    # The report needs the catalogue too, if news of it have just made the service forget it.
    steps = {"save progress", "find courses", "find enrollments"}
    assert all(event["doing"] in steps for event in logged)
    assert all(event["cause"] for event in [*logged, *given_up])


async def test_a_repeat_after_an_answer_lost_to_the_client_changes_nothing(
    service: Service, replica_set: ReplicaSet, tell: Tell
):
    course = await put_course(service, "unheard", students=1)
    student_id, video_id = course.student_ids[0], course.video_ids[0]
    address, history, body = urlsplit(service.url), History(), a_plain_report(30)

    async with (
        proxy(lambda: asyncio.open_connection(address.hostname, address.port), _swallow) as port,
        a_learner(
            *(service, history, course, student_id), url=f"http://127.0.0.1:{port}"
        ) as cut_off,
        a_learner(service, history, course, student_id) as connected,
    ):
        await cut_off.report(video_id, body)
        once = await _rows_when_there(replica_set, student_id)
        await connected.report(video_id, body)

    tell(await hold(history, service, replica_set, course))
    assert [call.status for call in history.calls] == [None, 200]
    assert await _rows_when_there(replica_set, student_id) == once
    assert len(once) == 1


async def test_an_answer_lost_between_database_and_service_is_asked_for_again(
    replica_set: ReplicaSet, tell: Tell, tmp_path: Path
):
    primary = replica_set.primary()
    swallowed: list[bytes] = []

    def swallow_first(request: bytes) -> float | None:
        if b"half-heard-student" in request and b"updates" in request and not swallowed:
            swallowed.append(request)
            return None
        return 0.0

    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            proxy(lambda: asyncio.open_unix_connection(str(primary.socket)), swallow_first)
        )
        uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
        service = await stack.enter_async_context(running_service_beside(uri, tmp_path))
        course = await put_course(service, "half-heard", students=1)
        history = History()
        learner = await stack.enter_async_context(
            a_learner(service, history, course, course.student_ids[0])
        )
        swallowed.clear()  # The enrolment names the student too.
        await learner.report(course.video_ids[0], a_plain_report(30))
        tell(await hold(history, service, replica_set, course))

    assert len(swallowed) == 1
    assert [call.status for call in history.calls] == [200]


async def test_clients_that_hang_up_do_no_harm(
    service: Service, replica_set: ReplicaSet, tell: Tell
):
    course = await put_course(service, "hung-up", students=4)
    student_id, video_id = course.student_ids[0], course.video_ids[0]
    path, headers = f"/api/progress/video/{video_id}/watch-time", bearer(student_id, "student")

    async with learners(service, course) as history:
        for number in range(HANG_UPS):
            body = a_plain_report(10 + number)
            sent_at = time.monotonic()
            _, writer = await _connect(service)
            request = _request(path, headers, json.dumps(body).encode())
            writer.write(request if number % 2 else request[: -len(request) // 4])
            await writer.drain()
            writer.close()
            moments = sent_at, time.monotonic()
            history.entries.append(Call("phone", (student_id, video_id), body, "unknown", *moments))
            await asyncio.sleep(0.01)
        await history.next_ok()

    tell(f"{HANG_UPS} hang-ups; {await hold(history, service, replica_set, course)}")
    assert not service.tracebacks()


async def test_memory_stays_flat_and_the_loop_is_not_blocked(
    replica_set: ReplicaSet, tell: Tell, tmp_path: Path
):
    ticking = (sys.executable, str(Path(__file__).with_name("ticking.py")))
    with running_service(replica_set.uri, tmp_path, command=ticking) as service:
        course = await put_course(service, "loaded", students=16)
        async with learners(service, course, pause_seconds=0) as history:
            await asyncio.sleep(WARM_SECONDS)
            warm = service.resident_bytes()
            await asyncio.sleep(LOADED_SECONDS)
            loaded = service.resident_bytes()
        sizes = await hold(history, service, replica_set, course)
        await asyncio.to_thread(service.stop, within_seconds=STOP_SECONDS)

    ticks = json.loads((tmp_path / "ticker.json").read_text())
    late, blocked = (sorted(seconds, reverse=True) for seconds in zip(*ticks, strict=True))
    blocked_ticks = sum(seconds > LATE_SECONDS for seconds in blocked)
    tell(
        f"{sizes}; memory {warm / 1e6:.0f} MB, {LOADED_SECONDS} s later {loaded / 1e6:.0f} MB; "
        f"{len(ticks)} ticks, at most {late[0] * 1e3:.0f} ms late, "
        f"{blocked[0] * 1e3:.0f} ms of it in the process, {blocked_ticks} blocked"
    )
    assert loaded - warm <= MAX_GROWTH_BYTES
    assert blocked_ticks <= MAX_BLOCKED_TICKS


async def _connect(service: Service) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(service.url)
    return await asyncio.open_connection(address.hostname, address.port)


def _request(path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: fault", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def _swallow(request: bytes) -> None:
    """No answer comes back."""


async def _rows_when_there(replica_set: ReplicaSet, student_id: str) -> list[dict[str, Any]]:
    """The student's records, stamps and all, once there is one."""

    def read() -> list[dict[str, Any]]:
        with MongoClient[dict[str, Any]](replica_set.uri) as mongo:
            return list(mongo.progress[WATCH_PROGRESS].find({"student_id": student_id}))

    async with asyncio.timeout(ANSWER_SECONDS):
        while not (rows := await asyncio.to_thread(read)):
            await asyncio.sleep(0.05)
    return rows
