"""Attempts at a former primary end when the driver knows a successor."""

from __future__ import annotations

import asyncio

import pytest

from progress_service.mongo.primary_attempts import CHECK_SECONDS, Address, PrimaryAttempts


class ReplicaSet:
    """Its primary, as the driver sees it, and how often that was looked at."""

    def __init__(self, primary: str | None) -> None:
        self.primary = primary
        self._looks = 0

    def find_primary(self) -> Address | None:
        self._looks += 1
        return (self.primary, 27017) if self.primary else None

    async def looked_at(self, times: int = 2) -> None:
        """Return after so many more looks."""
        looks = self._looks + times
        async with asyncio.timeout(60):
            while self._looks < looks:
                await asyncio.sleep(CHECK_SECONDS / 4)


async def attempt(attempts: PrimaryAttempts) -> str:
    """A command that its server never answers."""
    try:
        async with attempts.attempt():
            await asyncio.Event().wait()
    except TimeoutError:
        return "ended"
    raise AssertionError("unreachable")


async def test_attempts_end_when_another_member_is_primary():
    members = ReplicaSet("db-1")
    attempts = PrimaryAttempts(members.find_primary)
    running = [asyncio.create_task(attempt(attempts)) for _ in range(3)]
    await members.looked_at()

    members.primary = None
    await members.looked_at()
    members.primary = "db-2"

    async with asyncio.timeout(60):
        assert await asyncio.gather(*running) == ["ended"] * 3


@pytest.mark.parametrize("first", ["db-1", None])
@pytest.mark.parametrize("changes", [["db-1"], [None, "db-1", "db-1"], ["db-1", None, "db-1"]])
async def test_attempts_continue_while_there_is_no_other_primary(
    first: str | None, changes: list[str | None]
):
    members = ReplicaSet(first)
    running = asyncio.create_task(attempt(PrimaryAttempts(members.find_primary)))
    await asyncio.sleep(0)

    for members.primary in changes:
        await members.looked_at()

    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_attempts_that_begin_after_the_change_are_not_affected():
    members = ReplicaSet("db-1")
    attempts = PrimaryAttempts(members.find_primary)
    async with attempts.attempt():
        pass
    await asyncio.sleep(2 * CHECK_SECONDS)  # nothing runs, so nobody looks

    members.primary = "db-2"

    async with attempts.attempt():
        await members.looked_at()


async def test_nobody_looks_while_nothing_is_attempted():
    members = ReplicaSet("db-1")
    async with PrimaryAttempts(members.find_primary).attempt():
        await members.looked_at()
    await asyncio.sleep(2 * CHECK_SECONDS)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3 * CHECK_SECONDS):
            await members.looked_at(1)
