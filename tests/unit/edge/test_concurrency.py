"""The limit of concurrent calls of one user: a few run, the others queue."""

from __future__ import annotations

import asyncio

import pytest

from progress_service.edge import concurrency
from progress_service.edge.concurrency import ConcurrencyLimiter
from progress_service.errors import RateLimited, Unavailable


async def queued(limiter: ConcurrencyLimiter, user_id: str = "ana") -> asyncio.Task[None]:
    """A call that is in the queue."""
    task = asyncio.create_task(limiter.acquire(user_id))
    await asyncio.sleep(0)
    return task


async def test_calls_beyond_the_limit_start_in_order_as_others_end():
    limiter = ConcurrencyLimiter(max_active=2, max_waiting=2)
    await limiter.acquire("ana")
    await limiter.acquire("ana")
    first, second = await queued(limiter), await queued(limiter)

    limiter.release("ana")
    await first

    assert not second.done()
    limiter.release("ana")
    await second


async def test_calls_of_other_users_are_not_queued():
    limiter = ConcurrencyLimiter(max_active=1)
    await limiter.acquire("ana")
    await queued(limiter)

    assert limiter.try_acquire("ben")


async def test_calls_beyond_the_queue_are_rejected():
    limiter = ConcurrencyLimiter(max_active=1, max_waiting=1)
    await limiter.acquire("ana")
    await queued(limiter)

    with pytest.raises(RateLimited):
        await limiter.acquire("ana")


async def test_call_cancelled_in_the_queue_is_skipped():
    limiter = ConcurrencyLimiter(max_active=1, max_waiting=2)
    await limiter.acquire("ana")
    cancelled, other = await queued(limiter), await queued(limiter)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)

    limiter.release("ana")

    await other


async def test_call_cancelled_at_its_turn_starts_the_next_one():
    limiter = ConcurrencyLimiter(max_active=1, max_waiting=2)
    await limiter.acquire("ana")
    cancelled, other = await queued(limiter), await queued(limiter)

    limiter.release("ana")
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)

    await other


async def test_call_queued_too_long_is_unavailable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(concurrency, "RESPONSE_SECONDS", 0.01)
    limiter = ConcurrencyLimiter(max_active=1)
    await limiter.acquire("ana")

    with pytest.raises(Unavailable):
        await limiter.acquire("ana")


async def test_limiter_stores_nothing_about_idle_users():
    limiter = ConcurrencyLimiter(max_active=1, max_waiting=2)
    await limiter.acquire("ana")
    other = await queued(limiter)
    limiter.release("ana")
    await other
    limiter.release("ana")

    assert (limiter._active, limiter._waiting) == ({}, {})
    assert limiter.try_acquire("ana")
