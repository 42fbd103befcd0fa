"""Few calls of one user at once; the others wait for their turn."""

from __future__ import annotations

import asyncio

import pytest

from progress_service.edge import concurrency
from progress_service.edge.concurrency import ConcurrencyLimiter
from progress_service.errors import TooOften, Unavailable


async def waiting(limiter: ConcurrencyLimiter, user_id: str = "ana") -> asyncio.Task[None]:
    """A call that waits by now."""
    task = asyncio.create_task(limiter.acquire(user_id))
    await asyncio.sleep(0)
    return task


async def test_calls_beyond_the_maximum_begin_in_order_as_others_end():
    limiter = ConcurrencyLimiter(max_active=2, max_waiting=2)
    await limiter.acquire("ana")
    await limiter.acquire("ana")
    first, second = await waiting(limiter), await waiting(limiter)

    limiter.release("ana")
    await first

    assert not second.done()
    limiter.release("ana")
    await second


async def test_other_users_do_not_wait():
    limiter = ConcurrencyLimiter(max_active=1)
    await limiter.acquire("ana")
    await waiting(limiter)

    assert limiter.try_acquire("ben")


async def test_too_many_that_wait_are_rejected():
    limiter = ConcurrencyLimiter(max_active=1, max_waiting=1)
    await limiter.acquire("ana")
    await waiting(limiter)

    with pytest.raises(TooOften):
        await limiter.acquire("ana")


async def test_who_leaves_while_waiting_takes_no_turn():
    limiter = ConcurrencyLimiter(max_active=1, max_waiting=2)
    await limiter.acquire("ana")
    gone, stays = await waiting(limiter), await waiting(limiter)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)

    limiter.release("ana")

    await stays


async def test_who_leaves_just_when_its_turn_came_passes_it_on():
    limiter = ConcurrencyLimiter(max_active=1, max_waiting=2)
    await limiter.acquire("ana")
    gone, stays = await waiting(limiter), await waiting(limiter)

    limiter.release("ana")
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)

    await stays


async def test_a_turn_that_does_not_come_in_time_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(concurrency, "ANSWER_SECONDS", 0.01)
    limiter = ConcurrencyLimiter(max_active=1)
    await limiter.acquire("ana")

    with pytest.raises(Unavailable):
        await limiter.acquire("ana")


async def test_nothing_is_stored_of_who_has_no_call():
    limiter = ConcurrencyLimiter(max_active=1, max_waiting=2)
    await limiter.acquire("ana")
    other = await waiting(limiter)
    limiter.release("ana")
    await other
    limiter.release("ana")

    assert (limiter._active, limiter._waiting) == ({}, {})
    assert limiter.try_acquire("ana")
