"""Forwarding to a real learning record store that is killed and restarted in the middle."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest

from progress_service.outbox.destinations import Delivery
from progress_service.xapi import destination as xapi_destination
from progress_service.xapi import record_store as xapi_record_store
from progress_service.xapi.destination import XapiDestination
from progress_service.xapi.record_store import RecordStore
from progress_service.xapi.statements import completed, terminated
from tests.builders import NOON
from tests.integration.xapi.conftest import IDENTIFIERS, STUDENTS, XapiWorker
from tests.ralph import KEY, SECRET, Ralph
from tests.tcp_server import tcp_server
from tests.video_profile import a_viewing, violations

BATCH = 4


FAULTS = ("none", "before", "during", "after")


class KillingProxy:
    """Passes requests to Ralph, and kills and restarts it before, during and after one of them."""

    def __init__(self, store: Ralph) -> None:
        self._store = store
        self._client = httpx.AsyncClient(timeout=300)
        self._faults = iter(FAULTS)
        self.killed = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
            except asyncio.IncompleteReadError:
                return
            fields = dict(line.split(": ", 1) for line in head.splitlines()[1:] if line)
            headers = {name.lower(): value for name, value in fields.items()}
            content = await reader.readexactly(int(headers["content-length"]))
            del headers["host"], headers["content-length"]
            response = await self._forward(headers, content, next(self._faults, "none"))
            if response is None:
                return  # The connection is lost: its client cannot know what was stored.
            lines = f"HTTP/1.1 {response.status_code} X\r\nContent-Length: {len(response.content)}"
            writer.write(lines.encode() + b"\r\n\r\n" + response.content)
            await writer.drain()

    async def _forward(
        self, headers: dict[str, str], content: bytes, fault: str
    ) -> httpx.Response | None:
        if fault == "before":
            await self._kill()
            return None
        url = f"{self._store.endpoint}/statements"
        sending = asyncio.create_task(self._client.post(url, headers=headers, content=content))
        if fault == "during":
            await asyncio.wait([sending], timeout=0)  # it has begun
            await self._kill()
            await asyncio.gather(sending, return_exceptions=True)
            return None
        response = await sending
        if fault == "after":
            await self._kill()
            return None
        return response

    async def _kill(self) -> None:
        self.killed += 1
        await self._store.restart()

    async def close(self) -> None:
        await self._client.aclose()


@pytest.fixture
async def destination(
    worker: XapiWorker, store: Ralph, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[XapiDestination, KillingProxy]]:
    # It waits for each restart, however long that takes here.
    monkeypatch.setattr(xapi_record_store, "REQUEST_SECONDS", 300.0)
    monkeypatch.setattr(xapi_destination, "DELIVER_SECONDS", 300.0)
    proxy = KillingProxy(store)
    async with (
        tcp_server(proxy.serve) as port,
        RecordStore(f"http://127.0.0.1:{port}/xAPI", key=KEY, secret=SECRET) as record_store,
    ):
        yield XapiDestination(worker.service, record_store), proxy
    await proxy.close()


async def deliver_all(destination: XapiDestination, deliveries: Sequence[Delivery]) -> None:
    """What the worker of the outbox does: send again what was not delivered."""
    pending = list(deliveries)
    while pending:
        batch, pending = pending[:BATCH], pending[BATCH:]
        attempts = await destination.deliver(batch)
        outcomes = zip(batch, attempts, strict=True)
        assert "failed" not in {attempt.outcome for attempt in attempts}
        pending += [each for each, attempt in outcomes if attempt.outcome == "retry"]


async def test_store_that_is_killed_has_everything_exactly_once(
    worker: XapiWorker, store: Ralph, destination: tuple[XapiDestination, KillingProxy]
):
    sender, proxy = destination
    deliveries = [each for student in STUDENTS for each in await worker.complete(student)]

    await deliver_all(sender, deliveries)

    stored = await asyncio.to_thread(store.statements)
    sent = await worker.service.to_send([delivery.event for delivery in deliveries])
    expected = {one.statement_id: json.loads(one.body) for one in sent.values()}
    assert proxy.killed == 3
    assert len(stored) == len(expected) == 24
    assert {one["id"]: one for one in stored} == expected
    exported: dict[str, Any] = {}
    for student in STUDENTS:
        page = await worker.service.page(student, after=None, limit=100)
        exported |= {one.statement_id: json.loads(one.body) for one in page.statements}
    assert exported == expected
    assert "Invalid events: 0" in await asyncio.to_thread(store.validate, stored)


async def test_wrong_credentials_are_retried_until_they_are_right(worker: XapiWorker, store: Ralph):
    deliveries = await worker.complete("student-1")
    outcomes = []

    for secret in ("wrong", SECRET):
        async with RecordStore(store.endpoint, key=KEY, secret=secret) as record_store:
            destination = XapiDestination(worker.service, record_store)
            outcomes.append([a.outcome for a in await destination.deliver(deliveries)])

    assert outcomes == [["retry", "retry"], ["delivered", "delivered"]]


async def test_statement_that_is_stored_with_other_content_counts_as_delivered(
    worker: XapiWorker, store: Ralph
):
    deliveries = [each for student in STUDENTS[:3] for each in await worker.complete(student)]
    sent = await worker.service.to_send([deliveries[0].event])
    [known] = [json.loads(statement.body) for statement in sent.values()]
    known["result"]["duration"] = "PT1S"
    address = f"{store.endpoint}/statements"
    httpx.post(address, json=[known], auth=(KEY, SECRET)).raise_for_status()

    async with RecordStore(store.endpoint, key=KEY, secret=SECRET) as record_store:
        attempts = await XapiDestination(worker.service, record_store).deliver(deliveries)

    stored = {one["id"]: one for one in await asyncio.to_thread(store.statements)}
    assert [attempt.outcome for attempt in attempts] == ["delivered"] * 6
    assert len(stored) == 6
    assert stored[known["id"]] == known


def test_odd_statements_are_valid(store: Ralph):
    viewings = [
        a_viewing(),
        a_viewing(title="", course_title=""),
        a_viewing(spans=(), length_seconds=0.0, position_seconds=0.0, spent_seconds=0.0),
        a_viewing(session_id=None),
        a_viewing(session_id="6F1D6F6E-53A1-4C1E-9D2B-0F8D7D1F9A10"),
        a_viewing(student_id="auth0|5f7c8ec7", material_id="a:b@c+d", course_id="x.y-z_"),
        a_viewing(student_id="Zoë+1@school.example", title='Größe & <b>„中“</b> \\ " \u0000'),
        a_viewing(complete_at_percent=100.0, reached_percent=100.0),
        a_viewing(complete_at_percent=33.3333),
        a_viewing(spans=tuple((float(at), at + 0.5) for at in range(500)), length_seconds=86_400.0),
        a_viewing(at=NOON.replace(microsecond=123_000), spent_seconds=1e7),
    ]
    statements = [
        json.loads(build(viewing, event_id=f"event-{number}", identifiers=IDENTIFIERS).body)
        for number, viewing in enumerate(viewings)
        for build in (completed, terminated)
    ]

    assert [text for one in statements for text in violations(one)] == []
    assert f"Total events: {len(statements)}, Invalid events: 0" in store.validate(statements)
