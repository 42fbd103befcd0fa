"""Forwarding to a learning record store that rejects, fails, hangs and forgets nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from progress_service.outbox.destinations import Delivery, Destination
from progress_service.xapi import destination as xapi_destination
from progress_service.xapi import record_store as xapi_record_store
from progress_service.xapi.destination import XapiDestination
from progress_service.xapi.record_store import RecordStore
from tests.builders import NOON
from tests.integration.xapi.conftest import (
    STUDENTS,
    XapiWorker,
    completion_of,
    delivery_of,
    end_of,
)
from tests.record_store import ScriptedRecordStore, Statements
from tests.tcp_server import tcp_server


@pytest.fixture
async def destination(
    worker: XapiWorker, record_store: ScriptedRecordStore
) -> AsyncIterator[Destination]:
    store = RecordStore(record_store.endpoint, key="progress", secret="påss:word")
    async with store:
        yield XapiDestination(worker.service, store)


@pytest.fixture
async def deliveries(worker: XapiWorker) -> list[Delivery]:
    """Of twelve students: a completion and the end of a session each."""
    return [each for student in STUDENTS for each in await worker.complete(student)]


def actors(statements: Statements) -> list[str]:
    return [statement["actor"]["account"]["name"] for statement in statements]


async def test_batch_is_sent_in_one_request(
    destination: Destination, record_store: ScriptedRecordStore, deliveries: list[Delivery]
):
    attempts = await destination.deliver(deliveries)

    assert {attempt.outcome for attempt in attempts} == {"delivered"}
    assert [len(request) for request in record_store.requests] == [24]
    assert len(record_store.stored) == 24


async def test_request_has_version_and_credentials(
    destination: Destination, record_store: ScriptedRecordStore, deliveries: list[Delivery]
):
    await destination.deliver(deliveries[:1])

    [head] = record_store.heads
    lines = head.lower().splitlines()
    assert lines[0] == "post /xapi/statements http/1.1"
    assert "x-experience-api-version: 1.0.3" in lines
    assert "content-type: application/json" in lines
    credentials = base64.b64encode("progress:påss:word".encode()).decode()
    assert f"Authorization: Basic {credentials}" in head


async def test_repeated_delivery_sends_the_identical_statement(
    destination: Destination,
    record_store: ScriptedRecordStore,
    worker: XapiWorker,
    deliveries: list[Delivery],
):
    await destination.deliver(deliveries[:2])
    await worker.parts.catalog_courses.delete_course("react", permit=lambda *_: None)
    await worker.complete(STUDENTS[0], session_id="two")

    attempts = await destination.deliver(deliveries[:2])

    assert [attempt.outcome for attempt in attempts] == ["delivered", "delivered"]
    assert record_store.requests[0] == record_store.requests[1]


async def test_one_event_delivered_twice_in_a_batch_is_sent_once(
    destination: Destination, record_store: ScriptedRecordStore, deliveries: list[Delivery]
):
    attempts = await destination.deliver([deliveries[0], deliveries[0]])

    assert [attempt.outcome for attempt in attempts] == ["delivered", "delivered"]
    assert [len(request) for request in record_store.requests] == [1]


async def test_conflict_of_one_does_not_hold_up_the_others(
    destination: Destination, record_store: ScriptedRecordStore, deliveries: list[Delivery]
):
    await destination.deliver(deliveries[:1])
    [known] = record_store.stored.values()
    known["result"] = {"completion": True}

    attempts = await destination.deliver(deliveries)

    assert {attempt.outcome for attempt in attempts} == {"delivered"}
    assert len(record_store.stored) == 24
    assert attempts[0].status == 409


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_rejected_statement_fails_alone_with_a_detail(
    destination: Destination,
    record_store: ScriptedRecordStore,
    deliveries: list[Delivery],
    status: int,
):
    def respond(statements: Statements) -> int:
        return status if STUDENTS[0] in actors(statements) else record_store.accept(statements)

    record_store.respond = respond

    attempts = await destination.deliver(deliveries)

    assert [attempt.outcome for attempt in attempts] == ["failed"] * 2 + ["delivered"] * 22
    assert (attempts[0].status, attempts[0].detail) == (status, f"the store responded {status}")


async def test_statement_that_breaks_the_store_is_retried_alone(
    destination: Destination, record_store: ScriptedRecordStore, deliveries: list[Delivery]
):
    def respond(statements: Statements) -> int:
        return 500 if STUDENTS[3] in actors(statements) else record_store.accept(statements)

    record_store.respond = respond

    attempts = await destination.deliver(deliveries)

    outcomes = [attempt.outcome for attempt in attempts]
    assert outcomes == ["delivered"] * 6 + ["retry"] * 2 + ["delivered"] * 16


@pytest.mark.parametrize("status", [301, 401, 403, 404, 405, 429, 500, 502, 503, 504])
async def test_other_statuses_are_retried(
    destination: Destination,
    record_store: ScriptedRecordStore,
    deliveries: list[Delivery],
    status: int,
):
    record_store.respond = lambda _: status

    attempts = await destination.deliver(deliveries)

    assert {attempt.outcome for attempt in attempts} == {"retry"}
    assert {attempt.status for attempt in attempts} == {status}
    assert len(record_store.requests) <= 1 + xapi_destination.MAX_FAILURES_IN_ROW


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("7", 7.0), ("9" * 400, 86_400.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None)],
)
async def test_retry_after_of_the_store_is_honoured(
    destination: Destination,
    record_store: ScriptedRecordStore,
    deliveries: list[Delivery],
    retry_after: str,
    seconds: float | None,
):
    head = f"HTTP/1.1 503 Later\r\nRetry-After: {retry_after}\r\nContent-Length: 0\r\n\r\n"
    record_store.respond = lambda _: head.encode()

    attempts = await destination.deliver(deliveries)

    assert {attempt.retry_after_seconds for attempt in attempts} == {seconds}


@pytest.mark.parametrize(
    "response",
    [
        None,
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nxxxxxxxxx",
        b"HTTP/1.1 99999 OK\r\n\r\n",
    ],
    ids=["none", "empty", "garbage", "cut off", "not gzip", "no status"],
)
async def test_store_that_does_not_speak_http_is_bounded_in_time(
    destination: Destination,
    record_store: ScriptedRecordStore,
    deliveries: list[Delivery],
    monkeypatch: pytest.MonkeyPatch,
    response: bytes | None,
):
    monkeypatch.setattr(xapi_record_store, "REQUEST_SECONDS", 0.2)
    record_store.respond = lambda _: response

    attempts = await destination.deliver(deliveries)

    is_accepted = response is not None and b"gzip" in response  # Its body is not read.
    assert {attempt.outcome for attempt in attempts} == {"delivered" if is_accepted else "retry"}


async def test_endless_response_is_not_read_to_the_end(
    worker: XapiWorker, deliveries: list[Delivery]
):
    async def serve(reader: Any, writer: Any) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    async with (
        tcp_server(serve) as port,
        RecordStore(f"http://127.0.0.1:{port}", key=None, secret=None) as store,
    ):
        attempts = await XapiDestination(worker.service, store).deliver(deliveries)

    assert {attempt.outcome for attempt in attempts} == {"delivered"}


async def test_delivery_ends_at_its_deadline_and_the_rest_is_retried(
    destination: Destination,
    record_store: ScriptedRecordStore,
    deliveries: list[Delivery],
    monkeypatch: pytest.MonkeyPatch,
):
    def respond(statements: Statements) -> int | None:
        if len(statements) > 1:
            return 400
        return record_store.accept(statements) if len(record_store.stored) < 5 else None

    monkeypatch.setattr(xapi_destination, "DELIVER_SECONDS", 1.0)
    record_store.respond = respond

    attempts = await destination.deliver(deliveries)

    outcomes = [attempt.outcome for attempt in attempts]
    assert set(outcomes[5:]) == {"retry"}
    assert outcomes.count("delivered") == len(record_store.stored)


async def test_changes_of_availability_are_logged_once_without_secrets(
    destination: Destination,
    record_store: ScriptedRecordStore,
    deliveries: list[Delivery],
    capfd: pytest.CaptureFixture[str],
):
    for status in (503, 503, 401, 401):
        record_store.respond = lambda _, status=status: status  # type: ignore[misc]
        await destination.deliver(deliveries)
    record_store.respond = record_store.accept
    await destination.deliver(deliveries)
    await destination.deliver(deliveries)

    logged = capfd.readouterr().err
    events = [json.loads(line) for line in logged.splitlines() if '"xapi' in line]
    assert [(event["event"], event.get("status")) for event in events] == [
        ("xapi_store_unavailable", 503),
        ("xapi_store_unavailable", 401),
        ("xapi_store_available", None),
    ]
    assert "word" not in logged
    assert "student-" not in logged


# -- events without a record -------------------------------------------------------------------


async def test_event_whose_change_is_not_stored_yet_is_retried_soon(
    destination: Destination, record_store: ScriptedRecordStore, worker: XapiWorker
):
    early = await destination.deliver([delivery_of(completion_of("student-1"))])
    await worker.complete("student-1")

    later = await destination.deliver([delivery_of(completion_of("student-1"), attempts=1)])

    assert [(a.outcome, a.retry_after_seconds) for a in early] == [("retry", 2.0)]
    assert [attempt.outcome for attempt in later] == ["delivered"]


async def test_event_whose_change_was_never_stored_fails_in_the_end(
    destination: Destination, record_store: ScriptedRecordStore, worker: XapiWorker
):
    await worker.complete("student-1")
    attempts = xapi_destination.MISSING_ATTEMPTS

    outcomes = await destination.deliver(
        [
            delivery_of(completion_of("student-2"), attempts=attempts),
            delivery_of(end_of("student-1", "unknown"), attempts=attempts),
            delivery_of(completion_of("student-1"), attempts=attempts),
        ]
    )

    assert [attempt.outcome for attempt in outcomes] == ["failed", "failed", "delivered"]
    assert outcomes[0].detail == "the record has no such completion or session"


async def test_session_is_sent_although_newer_ones_replaced_it_while_the_store_was_down(
    destination: Destination, record_store: ScriptedRecordStore, worker: XapiWorker
):
    first = (await worker.complete("student-1", session_id="session-0"))[1]
    record_store.respond = lambda _: 503
    await destination.deliver([first])
    for number in range(1, 80):
        await worker.complete("student-1", session_id=f"session-{number}", seconds=number)
    record_store.respond = record_store.accept

    attempts = await destination.deliver([first])

    page = await worker.service.page("student-1", after=None, limit=500)
    assert [attempt.outcome for attempt in attempts] == ["delivered"]
    assert list(record_store.stored) == [record_store.requests[0][0]["id"]]
    exported = {statement.statement_id: statement.body for statement in page.statements}
    [(statement_id, stored)] = record_store.stored.items()
    assert json.loads(exported[statement_id]) == stored


async def test_workers_that_build_a_statement_at_once_send_the_same(
    worker: XapiWorker, deliveries: list[Delivery]
):
    events = [delivery.event for delivery in deliveries]
    built = await worker.service._built(events)

    occurred_at = dict.fromkeys([one.statement_id for one in built], NOON)
    first = await worker.service._store.add(
        [one._replace(body="{}") for one in built[:5]], occurred_at=occurred_at
    )
    second = await worker.service._store.add(built, occurred_at=occurred_at)

    assert len(second) == 24
    assert [second[one.statement_id].body for one in built[:5]] == ["{}"] * 5
    assert set(first) == {one.statement_id for one in built[:5]}


async def test_export_shows_what_was_sent(
    destination: Destination,
    record_store: ScriptedRecordStore,
    worker: XapiWorker,
    deliveries: list[Delivery],
):
    await destination.deliver(deliveries)
    await worker.complete(STUDENTS[0], session_id="two")

    page = await worker.service.page(STUDENTS[0], after=None, limit=100)

    bodies = [json.loads(statement.body) for statement in page.statements]
    sent = [one for one in record_store.stored.values() if STUDENTS[0] in actors([one])]
    assert bodies[:2] == sent
    assert len(bodies) == 3
