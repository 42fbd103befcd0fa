"""Concurrent calls share a trip to the database, and each caller gets its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from progress_service.errors import Unavailable
from progress_service.observability import Metrics
from progress_service.progress import group_commit
from progress_service.progress.group_commit import (
    MAX_GROUP,
    PATIENCE_SECONDS,
    TRIPS_IN_FLIGHT,
    Grouped,
    Trip,
)


class Store:
    """Stands for the database: each write waits until the test lets it go."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.refused: dict[str, Exception] = {}
        self.failing: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def save_many(self, items: Sequence[str]) -> list[Exception | None]:
        self.groups.append(list(items))
        await self.open.wait()
        if self.failing is not None:
            raise self.failing
        return [self.refused.get(item) for item in items]


@pytest.fixture
def store() -> Store:
    return Store()


def commits_to(store: Store, **given: int) -> Grouped[str, None]:
    return grouped(store.save_many, **given)


def grouped(trip: Trip[str, None], **given: int) -> Grouped[str, None]:
    metrics = Metrics()
    sizes, refused = metrics.group_sizes.labels("write"), metrics.group_refused.labels("write")
    return Grouped(trip, sizes=sizes, refused=refused, **given)


def submitted(commits: Grouped[str, None], *items: str) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(commits.submit(item)) for item in items]


async def turns(count: int = 20) -> None:
    """Let everything that can run, run."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_alone_a_change_waits_for_nobody(store: Store):
    async with commits_to(store) as commits:
        await commits.submit("a")

        assert store.groups == [["a"]]


async def test_what_arrives_during_a_write_shares_the_next_in_order(store: Store):
    store.open.clear()
    async with commits_to(store) as commits:
        first = submitted(commits, *"ab")
        await turns()
        later = submitted(commits, *"cdefg")
        await turns()
        store.open.set()
        await asyncio.gather(*first, *later)

    everything = [item for group in store.groups for item in group]
    assert everything == list("abcdefg")
    assert store.groups[-1][-3:] == list("efg")
    assert len(store.groups) <= TRIPS_IN_FLIGHT + 2


async def test_nobody_is_answered_before_the_write_is_through(store: Store):
    store.open.clear()
    async with commits_to(store) as commits:
        tasks = submitted(commits, *"abc")
        await turns()

        assert not any(task.done() for task in tasks)

        store.open.set()
        await asyncio.gather(*tasks)


async def test_each_caller_gets_its_own_answer(store: Store):
    store.refused = {"b": Unavailable("not b")}
    async with commits_to(store) as commits:
        outcomes = await asyncio.gather(*submitted(commits, *"abc"), return_exceptions=True)

    assert outcomes == [None, store.refused["b"], None]


async def test_a_write_that_fails_is_told_to_everyone_in_it(store: Store):
    store.failing = Unavailable("gone")
    async with commits_to(store) as commits:
        outcomes = await asyncio.gather(*submitted(commits, *"abc"), return_exceptions=True)

    assert outcomes == [store.failing] * 3


async def test_after_a_failed_write_the_next_goes_on(store: Store):
    async with commits_to(store) as commits:
        store.failing = Unavailable("gone")
        with pytest.raises(Unavailable):
            await commits.submit("a")
        store.failing = None

        await commits.submit("b")


async def test_few_wait_for_the_trip_under_way(store: Store):
    store.open.clear()
    async with commits_to(store) as commits:
        first = submitted(commits, *"abcdefgh")
        await turns()
        few = submitted(commits, *"ijk")
        await turns()

        assert store.groups == [list("abcdefgh")]

        store.open.set()
        await asyncio.gather(*first, *few)

    assert store.groups == [list("abcdefgh"), list("ijk")]


async def test_nearly_as_many_as_are_on_their_way_set_out_beside_them(store: Store):
    store.open.clear()
    async with commits_to(store) as commits:
        tasks = submitted(commits, *"abcd")
        await turns()
        tasks += submitted(commits, *"efg")
        await turns()
        tasks += submitted(commits, *"hijklmn")
        await turns()

        assert store.groups == [list("abcd"), list("efg")]  # and no third beside the two

        store.open.set()
        await asyncio.gather(*tasks)


async def test_a_slow_trip_is_not_waited_for(store: Store):
    store.open.clear()
    async with commits_to(store) as commits:
        tasks = submitted(commits, "a")
        await turns()
        tasks += submitted(commits, "b")
        await asyncio.sleep(2 * PATIENCE_SECONDS)

        assert store.groups == [["a"], ["b"]]

        store.open.set()
        await asyncio.gather(*tasks)


async def test_no_more_trips_are_under_way_than_said(store: Store):
    store.open.clear()
    async with commits_to(store) as commits:
        tasks = []
        for number in range(2 * TRIPS_IN_FLIGHT):
            tasks += submitted(commits, str(number))
            await asyncio.sleep(PATIENCE_SECONDS)

        assert len(store.groups) == TRIPS_IN_FLIGHT

        store.open.set()
        await asyncio.gather(*tasks)


async def test_a_group_is_bounded(store: Store):
    store.open.clear()
    async with commits_to(store) as commits:
        tasks = submitted(commits, *(str(n) for n in range(3 * MAX_GROUP)))
        await turns()
        store.open.set()
        await asyncio.gather(*tasks)

    assert max(len(group) for group in store.groups) <= MAX_GROUP
    assert sum(len(group) for group in store.groups) == 3 * MAX_GROUP


async def test_too_many_waiting_are_refused_with_a_time_to_wait(store: Store):
    store.open.clear()
    async with commits_to(store, max_waiting=3) as commits:
        waiting = submitted(commits, "a")
        await turns()
        waiting += submitted(commits, *"bcdefgh")
        await turns()
        refused = [task for task in waiting if task.done()]

        assert len(waiting) - len(refused) == 1 + 3
        error = refused[0].exception()
        assert isinstance(error, Unavailable)
        assert error.retry_after_seconds >= 1

        store.open.set()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_stopping_writes_what_waits(store: Store):
    store.open.clear()
    commits = commits_to(store)
    async with commits:
        tasks = submitted(commits, *"abcdef")
        await turns()
        asyncio.get_running_loop().call_later(0.05, store.open.set)

    assert await asyncio.gather(*tasks) == [None] * 6
    assert sum(len(group) for group in store.groups) == 6


async def test_when_stopped_nothing_more_is_taken(store: Store):
    commits = commits_to(store)
    async with commits:
        pass

    with pytest.raises(Unavailable):
        await commits.submit("a")

    assert store.groups == []


async def test_what_is_not_written_in_time_is_told_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(group_commit, "DRAIN_SECONDS", 0.05)
    store.open.clear()
    commits = commits_to(store)
    async with commits:
        tasks = []
        for item in "abcdef":
            tasks += submitted(commits, item)
            await turns()

    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 6


async def test_a_caller_that_hangs_up_does_not_hold_up_the_others(store: Store):
    store.open.clear()
    async with commits_to(store) as commits:
        staying, leaving, other = submitted(commits, *"abc")
        await turns()
        leaving.cancel()
        await turns()
        store.open.set()

        await asyncio.gather(staying, other)

    assert leaving.cancelled()
    assert "b" in [item for group in store.groups for item in group]


async def test_a_caller_that_hangs_up_before_the_write_leaves_no_trace_of_trouble(store: Store):
    store.open.clear()
    store.failing = Unavailable("gone")
    async with commits_to(store) as commits:
        tasks = submitted(commits, *"abcdef")
        await turns()
        for task in tasks:
            task.cancel()
        store.open.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 6


async def test_a_thousand_callers_share_few_writes(store: Store):
    async def slowly(items: Sequence[str]) -> list[Exception | None]:
        await asyncio.sleep(0.005)
        return await store.save_many(items)

    async with grouped(slowly) as commits:
        await asyncio.gather(*submitted(commits, *(str(n) for n in range(1_000))))

    assert len(store.groups) <= 6


async def test_no_trip_is_made_for_nothing(store: Store, monkeypatch: pytest.MonkeyPatch):
    """After a pause of the event loop a second trip sets out, and the first has taken all."""
    monkeypatch.setattr(group_commit, "PATIENCE_SECONDS", 0.0)
    async with commits_to(store) as commits:
        await asyncio.gather(*submitted(commits, *"abcdefgh"))

    assert [item for group in store.groups for item in group] == list("abcdefgh")
    assert all(store.groups)
