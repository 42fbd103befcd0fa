"""Concurrent calls share a batch, and each caller gets its own result."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from progress_service.errors import Unavailable
from progress_service.mongo import batcher as module
from progress_service.mongo.batcher import (
    MAX_BATCH_SIZE,
    MAX_CONCURRENT_BATCHES,
    SLOW_BATCH_SECONDS,
    Batcher,
    RunBatch,
)
from progress_service.observability.metrics import Metrics


class Store:
    """A fake database: each batch waits until the test opens it."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.errors: dict[str, Exception] = {}
        self.failure: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def save_many(self, items: Sequence[str]) -> list[Exception | None]:
        self.batches.append(list(items))
        await self.open.wait()
        if self.failure is not None:
            raise self.failure
        return [self.errors.get(item) for item in items]


@pytest.fixture
def store() -> Store:
    return Store()


def batcher_on(store: Store, **given: int) -> Batcher[str, None]:
    return batcher_of(store.save_many, **given)


def batcher_of(run_batch: RunBatch[str, None], **given: int) -> Batcher[str, None]:
    metrics = Metrics()
    sizes, rejected = metrics.batch_sizes.labels("write"), metrics.batch_rejected.labels("write")
    return Batcher(run_batch, sizes=sizes, rejected=rejected, **given)


def submit_each(batcher: Batcher[str, None], *items: str) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(batcher.submit(item)) for item in items]


async def run_tasks(turns: int = 20) -> None:
    """Let every task run until it waits."""
    for _ in range(turns):
        await asyncio.sleep(0)


async def test_single_call_starts_at_once(store: Store):
    async with batcher_on(store) as batcher:
        await batcher.submit("a")

        assert store.batches == [["a"]]


async def test_calls_during_a_batch_join_the_next_one_in_order(store: Store):
    store.open.clear()
    async with batcher_on(store) as batcher:
        first = submit_each(batcher, *"ab")
        await run_tasks()
        later = submit_each(batcher, *"cdefg")
        await run_tasks()
        store.open.set()
        await asyncio.gather(*first, *later)

    everything = [item for batch in store.batches for item in batch]
    assert everything == list("abcdefg")
    assert store.batches[-1][-3:] == list("efg")
    assert len(store.batches) <= MAX_CONCURRENT_BATCHES + 2


async def test_call_returns_only_after_its_batch(store: Store):
    store.open.clear()
    async with batcher_on(store) as batcher:
        tasks = submit_each(batcher, *"abc")
        await run_tasks()

        assert not any(task.done() for task in tasks)

        store.open.set()
        await asyncio.gather(*tasks)


async def test_caller_gets_its_own_result(store: Store):
    store.errors = {"b": Unavailable("not b")}
    async with batcher_on(store) as batcher:
        outcomes = await asyncio.gather(*submit_each(batcher, *"abc"), return_exceptions=True)

    assert outcomes == [None, store.errors["b"], None]


async def test_failed_batch_raises_in_each_of_its_calls(store: Store):
    store.failure = Unavailable("gone")
    async with batcher_on(store) as batcher:
        outcomes = await asyncio.gather(*submit_each(batcher, *"abc"), return_exceptions=True)

    assert outcomes == [store.failure] * 3


async def test_batch_after_a_failed_one_succeeds(store: Store):
    async with batcher_on(store) as batcher:
        store.failure = Unavailable("gone")
        with pytest.raises(Unavailable):
            await batcher.submit("a")
        store.failure = None

        await batcher.submit("b")


async def test_few_calls_wait_for_the_running_batch(store: Store):
    store.open.clear()
    async with batcher_on(store) as batcher:
        first = submit_each(batcher, *"abcdefgh")
        await run_tasks()
        few = submit_each(batcher, *"ijk")
        await run_tasks()

        assert store.batches == [list("abcdefgh")]

        store.open.set()
        await asyncio.gather(*first, *few)

    assert store.batches == [list("abcdefgh"), list("ijk")]


async def test_second_batch_starts_when_nearly_as_many_calls_are_queued_as_running(store: Store):
    store.open.clear()
    async with batcher_on(store) as batcher:
        tasks = submit_each(batcher, *"abcd")
        await run_tasks()
        tasks += submit_each(batcher, *"efg")
        await run_tasks()
        tasks += submit_each(batcher, *"hijklmn")
        await run_tasks()

        assert store.batches == [list("abcd"), list("efg")]  # no third batch

        store.open.set()
        await asyncio.gather(*tasks)


async def test_next_batch_does_not_wait_for_a_slow_one(store: Store):
    store.open.clear()
    async with batcher_on(store) as batcher:
        tasks = submit_each(batcher, "a")
        await run_tasks()
        tasks += submit_each(batcher, "b")
        await asyncio.sleep(2 * SLOW_BATCH_SECONDS)

        assert store.batches == [["a"], ["b"]]

        store.open.set()
        await asyncio.gather(*tasks)


async def test_concurrent_batches_are_bounded(store: Store):
    store.open.clear()
    async with batcher_on(store) as batcher:
        tasks = []
        for number in range(2 * MAX_CONCURRENT_BATCHES):
            tasks += submit_each(batcher, str(number))
            await asyncio.sleep(SLOW_BATCH_SECONDS)

        assert len(store.batches) == MAX_CONCURRENT_BATCHES

        store.open.set()
        await asyncio.gather(*tasks)


async def test_batch_size_is_bounded(store: Store):
    store.open.clear()
    async with batcher_on(store) as batcher:
        tasks = submit_each(batcher, *(str(n) for n in range(3 * MAX_BATCH_SIZE)))
        await run_tasks()
        store.open.set()
        await asyncio.gather(*tasks)

    assert max(len(batch) for batch in store.batches) <= MAX_BATCH_SIZE
    assert sum(len(batch) for batch in store.batches) == 3 * MAX_BATCH_SIZE


async def test_queue_that_is_full_rejects_calls_with_a_retry_time(store: Store):
    store.open.clear()
    async with batcher_on(store, max_queued=3) as batcher:
        tasks = submit_each(batcher, "a")
        await run_tasks()
        tasks += submit_each(batcher, *"bcdefgh")
        await run_tasks()
        rejected = [task for task in tasks if task.done()]

        assert len(tasks) - len(rejected) == 1 + 3
        error = rejected[0].exception()
        assert isinstance(error, Unavailable)
        assert error.retry_after_seconds >= 1

        store.open.set()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_shutdown_runs_the_queued_calls(store: Store):
    store.open.clear()
    batcher = batcher_on(store)
    async with batcher:
        tasks = submit_each(batcher, *"abcdef")
        await run_tasks()
        asyncio.get_running_loop().call_later(0.05, store.open.set)

    assert await asyncio.gather(*tasks) == [None] * 6
    assert sum(len(batch) for batch in store.batches) == 6


async def test_call_after_shutdown_is_rejected(store: Store):
    batcher = batcher_on(store)
    async with batcher:
        pass

    with pytest.raises(Unavailable):
        await batcher.submit("a")

    assert store.batches == []


async def test_calls_that_shutdown_does_not_run_in_time_fail(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "DRAIN_SECONDS", 0.05)
    store.open.clear()
    batcher = batcher_on(store)
    async with batcher:
        tasks = []
        for item in "abcdef":
            tasks += submit_each(batcher, item)
            await run_tasks()

    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 6


async def test_cancelled_caller_does_not_delay_the_others(store: Store):
    store.open.clear()
    async with batcher_on(store) as batcher:
        staying, leaving, other = submit_each(batcher, *"abc")
        await run_tasks()
        leaving.cancel()
        await run_tasks()
        store.open.set()

        await asyncio.gather(staying, other)

    assert leaving.cancelled()
    assert "b" in [item for batch in store.batches for item in batch]


async def test_caller_cancelled_before_its_batch_sees_no_other_error(store: Store):
    store.open.clear()
    store.failure = Unavailable("gone")
    async with batcher_on(store) as batcher:
        tasks = submit_each(batcher, *"abcdef")
        await run_tasks()
        for task in tasks:
            task.cancel()
        store.open.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 6


async def test_concurrent_calls_share_few_batches(store: Store):
    async def slowly(items: Sequence[str]) -> list[Exception | None]:
        await asyncio.sleep(0.005)
        return await store.save_many(items)

    async with batcher_of(slowly) as batcher:
        await asyncio.gather(*submit_each(batcher, *(str(n) for n in range(1_000))))

    assert len(store.batches) <= 6


async def test_batch_is_never_empty(store: Store, monkeypatch: pytest.MonkeyPatch):
    """A second batch starts after a pause of the event loop; the first one took every call."""
    monkeypatch.setattr(module, "SLOW_BATCH_SECONDS", 0.0)
    async with batcher_on(store) as batcher:
        await asyncio.gather(*submit_each(batcher, *"abcdefgh"))

    assert [item for batch in store.batches for item in batch] == list("abcdefgh")
    assert all(store.batches)
