"""Attempts at a former primary end when the driver, in a thread of its own, sees a successor."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
from pymongo.monitoring import TopologyDescriptionChangedEvent
from pymongo.server_type import SERVER_TYPE

from progress_service.mongo.primary_attempts import PrimaryAttempts

MEMBERS = ("db-1", "db-2", "db-3")


def seen(primary: str | None) -> TopologyDescriptionChangedEvent:
    """The driver sees *primary* as primary, and the others as secondaries."""
    servers = {
        (name, 27017): SimpleNamespace(
            server_type=SERVER_TYPE.RSPrimary if name == primary else SERVER_TYPE.RSSecondary
        )
        for name in MEMBERS
    }
    event = SimpleNamespace(new_description=SimpleNamespace(server_descriptions=lambda: servers))
    return cast(TopologyDescriptionChangedEvent, event)


async def attempt(attempts: PrimaryAttempts, *, began: asyncio.Event) -> str:
    """A command that its server never answers."""
    try:
        async with attempts.attempt():
            began.set()
            await asyncio.Event().wait()
    except TimeoutError:
        return "ended"
    raise AssertionError("unreachable")


async def test_attempts_end_when_another_member_is_primary():
    attempts, began = PrimaryAttempts(), asyncio.Event()
    await asyncio.to_thread(attempts.description_changed, seen("db-1"))
    running = asyncio.create_task(attempt(attempts, began=began))
    await began.wait()

    await asyncio.to_thread(attempts.description_changed, seen(None))
    await asyncio.to_thread(attempts.description_changed, seen("db-2"))

    assert await asyncio.wait_for(running, 10) == "ended"


@pytest.mark.parametrize("changes", [["db-1"], [None, "db-1", "db-1"], ["db-1", None, "db-1"]])
async def test_attempts_continue_while_there_is_no_other_primary(changes: list[str | None]):
    attempts, began = PrimaryAttempts(), asyncio.Event()
    running = asyncio.create_task(attempt(attempts, began=began))
    await began.wait()

    for primary in changes:
        await asyncio.to_thread(attempts.description_changed, seen(primary))
    await asyncio.sleep(0)  # What was scheduled before runs first.

    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_attempts_that_begin_or_end_before_the_change_are_not_affected():
    attempts = PrimaryAttempts()
    attempts.description_changed(seen("db-1"))
    async with attempts.attempt():
        pass

    attempts.description_changed(seen("db-2"))
    await asyncio.sleep(0)
    async with attempts.attempt():
        await asyncio.sleep(0)
