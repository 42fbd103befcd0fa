"""What waits for other systems: a receiver that fails, and no process that delivers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from progress_service.domain.outbox_events import video_completed
from progress_service.mongo.client import Database
from progress_service.mongo.schema import OUTBOX
from progress_service.outbox.documents import FAILED
from progress_service.outbox.store import OutboxStore

from .conftest import Examine, only

NAME = "webhook:certificates"


async def an_event(database: Database, *, student_id: str = "secret-student") -> None:
    event = video_completed(
        student_id, "react", "intro", completed_at=datetime.now(UTC), unmarked_at=None
    )
    await OutboxStore(database).add([event])


async def make_older(database: Database, **age: float) -> None:
    """Move everything in the outbox into the past."""
    moved = {"$subtract": ["$$NOW", int(timedelta(**age).total_seconds() * 1_000)]}
    update = [{"$set": {"created_at": moved, "route_at": moved}}]
    await database[OUTBOX].update_many({"kind": "event"}, update)


async def test_empty_outbox_is_ok(found: Examine):
    finding = only(await found("outbox"))

    assert finding.status == "ok"
    assert finding.finding.startswith("0 events and deliveries wait")


async def test_events_without_a_process_that_delivers_are_an_error(
    found: Examine, database: Database
):
    await an_event(database)
    assert only(await found("outbox")).status == "ok"  # one may be starting
    await make_older(database, hours=2)

    finding = only(await found("outbox"))

    assert finding.status == "error"
    assert "no process delivers" in finding.finding
    assert "2.0 h" in finding.finding
    assert "secret-student" not in str(finding)


@pytest.mark.settings(webhooks_allow_private_addresses=True)
async def test_receiver_that_fails_is_a_warning(
    found: Examine, database: Database, webhook: dict[str, Any], service: httpx.AsyncClient
):
    await an_event(database)
    deliveries = database[OUTBOX]
    async with asyncio.timeout(30):
        while not await deliveries.find_one({"destination": NAME, "attempts": {"$gt": 0}}):
            await asyncio.sleep(0.05)

    finding = only(await found("outbox"))

    assert finding.status == "warning"
    assert NAME in finding.finding
    assert "last attempt failed" in finding.finding
    assert "/api/webhooks/certificates/deliveries" in str(finding.remedy)
    assert "secret-student" not in str(finding)


async def test_deliveries_that_were_given_up_are_a_warning(
    found: Examine, database: Database, webhook: dict[str, Any]
):
    await an_event(database)
    async with asyncio.timeout(30):
        while not await database[OUTBOX].find_one({"destination": NAME, "attempts": {"$gt": 0}}):
            await asyncio.sleep(0.05)
    given_up: list[dict[str, Any]] = [{"$set": {"status": FAILED}}, {"$unset": "due_at"}]
    await database[OUTBOX].update_many({"destination": NAME}, given_up)

    finding = only(await found("outbox"))

    assert finding.status == "warning"
    assert "given up" in finding.finding
    assert "replay" in str(finding.remedy)


async def test_foreign_documents_in_the_outbox_do_no_harm(found: Examine, database: Database):
    await database[OUTBOX].insert_many(
        [
            {"due_at": "soon", "destination": 7, "attempts": "many", "created_at": None},
            {"due_at": None, "destination": NAME, "attempts": {}, "created_at": "never"},
            {"route_at": [], "kind": 5},
            {"_id": "lease", "until": "tomorrow"},
        ]
    )

    for finding in await found("outbox"):
        assert "failed (" not in finding.finding
