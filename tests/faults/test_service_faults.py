"""The service is killed and stopped, and clients disconnect, while learners report."""

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
from progress_service.testing import ServiceProcess

from .conftest import RecordMeasurement
from .history import Call, History
from .history_checks import assert_consistent, until_healthy
from .learners import a_learner, a_plain_report, learners, put_course
from .proxy import proxy
from .replica_set import ReplicaSet
from .service import resident_bytes, running_service, running_service_async, stop, tracebacks

pytestmark = pytest.mark.faults

KILLS = 3
STOP_SECONDS = 20.0  # The drain takes 3 s, a request at most 6; a busy machine adds to it.
UNREAD = 2  # Of twenty that report a hundred times a second.
MAX_RESPONSE_SECONDS = 6.0
DISCONNECTS = 100
LATE_SECONDS = 0.1
MAX_BLOCKED_TICKS = 2  # Of some 1 500. A host may pause a virtual machine unnoticed.
WARM_SECONDS = 8
LOADED_SECONDS = 16
MAX_GROWTH_BYTES = 12_000_000


async def test_service_killed_during_a_batch_loses_nothing(
    service: ServiceProcess, replica_set: ReplicaSet, record_measurement: RecordMeasurement
):
    course = await put_course(service, "cut-off", students=20)

    async with learners(service, course, pause_seconds=0.01) as history:
        for _ in range(KILLS):
            await history.next_ok()
            await asyncio.sleep(0.5)
            service.kill()
            service.start()
            await until_healthy(service)

    record_measurement(await assert_consistent(history, service, replica_set, course))
    assert history.count("unknown") >= KILLS


async def test_graceful_stop_completes_pending_requests_in_time(
    service: ServiceProcess, replica_set: ReplicaSet, record_measurement: RecordMeasurement
):
    course = await put_course(service, "graceful", students=20)
    headers = service.headers(course.student_ids[0], "student")
    path = f"/api/progress/video/{course.video_ids[0]}/watch-time"

    async with AsyncExitStack() as stack:
        history = await stack.enter_async_context(learners(service, course, pause_seconds=0.01))
        await history.next_ok()
        idle = [await _connect(service) for _ in range(5)]
        half_headers, half_body = await _connect(service), await _connect(service)
        half_headers[1].write(b"POST /api/progress HTTP/1.1\r\nHost:")
        half_body[1].write(_request(path, headers, b'{"watch_time": 1,')[:-5])
        await asyncio.sleep(0.3)
        stopped_at = time.monotonic()
        took = await asyncio.to_thread(stop, service, within_seconds=STOP_SECONDS)
        status_line = (await half_body[0].read()).split(b"\r\n")[0]
        service.start()
        await until_healthy(service)
        for _, writer in (*idle, half_headers, half_body):
            writer.close()

    pending = [
        call
        for call in history.calls
        if call.sent_at < stopped_at - 0.05 and call.responded_at > stopped_at
    ]
    record_measurement(
        f"{await assert_consistent(history, service, replica_set, course)}; "
        f"stopped after {took:.1f} s, {len(pending)} reports were pending, "
        f"the incomplete one got {status_line.decode()!r}"
    )
    # Requests that were read are completed; others may be lost with their connection.
    assert [call for call in pending if call.status == 503] == []
    assert sum(call.status is None for call in pending) <= UNREAD
    assert status_line.startswith(b"HTTP/1.1 503")
    assert not tracebacks(service)


async def test_graceful_stop_with_a_frozen_primary_completes_pending_requests(
    service: ServiceProcess, replica_set: ReplicaSet, record_measurement: RecordMeasurement
):
    course = await put_course(service, "graceful-frozen", students=10)
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
            took = await asyncio.to_thread(stop, service, within_seconds=STOP_SECONDS)
            await asyncio.gather(*reports)
        service.start()
        await until_healthy(service)
        await asyncio.to_thread(replica_set.settle)

    record_measurement(
        f"{await assert_consistent(history, service, replica_set, course)}; "
        f"stopped after {took:.1f} s"
    )
    assert {call.status for call in history.calls[: len(watching)]} == {200}
    # A new primary may be elected in time; then they are stored there.
    assert {call.status for call in history.calls[len(watching) :]} <= {200, 503}
    assert not tracebacks(service)


async def test_driver_error_gives_503_and_is_logged_once_with_its_cause(
    service: ServiceProcess, replica_set: ReplicaSet, record_measurement: RecordMeasurement
):
    course = await put_course(service, "logged", students=1)
    history = History()
    before = len(service.events("database_failed"))
    timed_out_before = len(service.events("request_timed_out"))

    async with a_learner(service, history, course, course.student_ids[0]) as learner:
        await learner.report(course.video_ids[0], a_plain_report(10))
        primary = replica_set.primary()
        other = next(member for member in replica_set.members if member is not primary)
        with replica_set.frozen(primary), replica_set.frozen(other):  # no node can take over
            await learner.report(course.video_ids[0], a_plain_report(20))
    await asyncio.to_thread(replica_set.settle)

    # Queries of the change feed may fail too; these have no request id.
    failed = service.events("database_failed")[before:]
    logged = [event for event in failed if "request_id" in event]
    record_measurement(
        f"{await assert_consistent(history, service, replica_set, course)}; logged {logged}"
    )
    assert [call.status for call in history.calls] == [200, 503]
    # On a busy machine the deadline of the request may pass before that of the driver, which then
    # still gives the cause. Each is logged once.
    assert len(logged) <= 1
    request_timed_out = service.events("request_timed_out")[timed_out_before:]
    assert len(request_timed_out) <= 1
    assert logged or request_timed_out
    # The report also reads the catalogue if a change event has just invalidated its cache.
    steps = {"save progress", "find courses", "find enrollments"}
    assert all(event["operation"] in steps for event in logged)
    assert all(event["cause"] for event in [*logged, *request_timed_out])


async def test_report_repeated_after_a_lost_response_changes_nothing(
    service: ServiceProcess, replica_set: ReplicaSet, record_measurement: RecordMeasurement
):
    course = await put_course(service, "response-lost", students=1)
    student_id, video_id = course.student_ids[0], course.video_ids[0]
    address, history, body = urlsplit(service.address), History(), a_plain_report(30)

    async with (
        proxy(
            lambda: asyncio.open_connection(address.hostname, address.port), _drop_response
        ) as port,
        a_learner(
            *(service, history, course, student_id), url=f"http://127.0.0.1:{port}"
        ) as cut_off,
        a_learner(service, history, course, student_id) as connected,
    ):
        await cut_off.report(video_id, body)
        once = await _rows_when_there(replica_set, student_id)
        await connected.report(video_id, body)

    record_measurement(await assert_consistent(history, service, replica_set, course))
    assert [call.status for call in history.calls] == [None, 200]
    assert await _rows_when_there(replica_set, student_id) == once
    assert len(once) == 1


async def test_database_response_lost_to_the_service_is_retried(
    replica_set: ReplicaSet, record_measurement: RecordMeasurement, tmp_path: Path
):
    primary = replica_set.primary()
    dropped: list[bytes] = []

    def drop_first(request: bytes) -> float | None:
        if b"query-lost-student" in request and b"updates" in request and not dropped:
            dropped.append(request)
            return None
        return 0.0

    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            proxy(lambda: asyncio.open_unix_connection(str(primary.socket)), drop_first)
        )
        uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
        service = await stack.enter_async_context(running_service_async(uri, tmp_path))
        course = await put_course(service, "query-lost", students=1)
        history = History()
        learner = await stack.enter_async_context(
            a_learner(service, history, course, course.student_ids[0])
        )
        dropped.clear()  # The enrolment names the student too.
        await learner.report(course.video_ids[0], a_plain_report(30))
        record_measurement(await assert_consistent(history, service, replica_set, course))

    assert len(dropped) == 1
    assert [call.status for call in history.calls] == [200]


async def test_client_disconnects_cause_no_error(
    service: ServiceProcess, replica_set: ReplicaSet, record_measurement: RecordMeasurement
):
    course = await put_course(service, "disconnects", students=4)
    student_id, video_id = course.student_ids[0], course.video_ids[0]
    path, headers = (
        f"/api/progress/video/{video_id}/watch-time",
        service.headers(student_id, "student"),
    )

    async with learners(service, course) as history:
        for number in range(DISCONNECTS):
            body = a_plain_report(10 + number)
            sent_at = time.monotonic()
            _, writer = await _connect(service)
            request = _request(path, headers, json.dumps(body).encode())
            writer.write(request if number % 2 else request[: -len(request) // 4])
            await writer.drain()
            writer.close()
            times = sent_at, time.monotonic()
            history.entries.append(Call("phone", (student_id, video_id), body, "unknown", *times))
            await asyncio.sleep(0.01)
        await history.next_ok()

    record_measurement(
        f"{DISCONNECTS} disconnects; "
        f"{await assert_consistent(history, service, replica_set, course)}"
    )
    assert not tracebacks(service)


async def test_memory_stays_flat_and_the_event_loop_is_not_blocked(
    replica_set: ReplicaSet, record_measurement: RecordMeasurement, tmp_path: Path
):
    command = (sys.executable, str(Path(__file__).with_name("event_loop_lag.py")))
    with running_service(replica_set.uri, tmp_path, command=command) as service:
        course = await put_course(service, "loaded", students=16)
        async with learners(service, course, pause_seconds=0) as history:
            await asyncio.sleep(WARM_SECONDS)
            warm = resident_bytes(service)
            await asyncio.sleep(LOADED_SECONDS)
            loaded = resident_bytes(service)
        sizes = await assert_consistent(history, service, replica_set, course)
        await asyncio.to_thread(stop, service, within_seconds=STOP_SECONDS)

    ticks = json.loads((tmp_path / "event_loop_lag.json").read_text())
    late, blocked = (sorted(seconds, reverse=True) for seconds in zip(*ticks, strict=True))
    blocked_ticks = sum(seconds > LATE_SECONDS for seconds in blocked)
    record_measurement(
        f"{sizes}; memory {warm / 1e6:.0f} MB, {LOADED_SECONDS} s later {loaded / 1e6:.0f} MB; "
        f"{len(ticks)} ticks, at most {late[0] * 1e3:.0f} ms late, "
        f"{blocked[0] * 1e3:.0f} ms of it in the process, {blocked_ticks} blocked"
    )
    assert loaded - warm <= MAX_GROWTH_BYTES
    assert blocked_ticks <= MAX_BLOCKED_TICKS


async def _connect(service: ServiceProcess) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(service.address)
    return await asyncio.open_connection(address.hostname, address.port)


def _request(path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: fault", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def _drop_response(request: bytes) -> None:
    """Drop the response."""


async def _rows_when_there(replica_set: ReplicaSet, student_id: str) -> list[dict[str, Any]]:
    """The student's records with their timestamps, once there is one."""

    def read() -> list[dict[str, Any]]:
        with MongoClient[dict[str, Any]](replica_set.uri) as mongo:
            return list(mongo.progress[WATCH_PROGRESS].find({"student_id": student_id}))

    async with asyncio.timeout(MAX_RESPONSE_SECONDS):
        while not (rows := await asyncio.to_thread(read)):
            await asyncio.sleep(0.05)
    return rows
