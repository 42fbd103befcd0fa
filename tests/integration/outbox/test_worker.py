"""Every stored event reaches every destination, whatever fails in between."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from progress_service.domain.outbox_events import OutboxEvent, session_ended, video_completed
from progress_service.mongo.client import Database
from progress_service.outbox import lease
from progress_service.outbox.destinations import Attempt, Delivery
from progress_service.outbox.lease import Lease
from progress_service.outbox.store import OutboxStore
from tests.builders import NOON
from tests.integration.outbox.conftest import Workers
from tests.integration.outbox.receivers import DELIVERED, Receiver


def events(count: int) -> list[OutboxEvent]:
    return [
        video_completed(f"student-{i}", "react", "intro", completed_at=NOON, unmarked_at=None)
        for i in range(count)
    ]


async def test_every_event_reaches_every_destination(store: OutboxStore, workers: Workers):
    receivers = [Receiver("one"), Receiver("two", max_batch=7, max_concurrent=1)]
    await workers.start(*receivers)

    await store.add(events(50))

    for receiver in receivers:
        await receiver.wait_for(50)
        assert set(receiver.received) == {event.event_id for event in events(50)}


async def test_event_is_delivered_with_its_values(store: OutboxStore, workers: Workers):
    delivered: list[Delivery] = []

    async def respond(delivery: Delivery) -> Attempt:
        delivered.append(delivery)
        return DELIVERED

    receiver = Receiver(respond=respond)
    await workers.start(receiver)

    await store.add(events(1))
    await receiver.wait_for(1)

    assert [(one.event, one.attempts) for one in delivered] == [(events(1)[0], 0)]


async def test_event_that_is_added_again_is_delivered_once(store: OutboxStore, workers: Workers):
    receiver = Receiver()
    await workers.start(receiver)
    for _ in range(3):
        await store.add(events(5))
    await receiver.wait_for(5)
    await store.add(events(6))
    await receiver.wait_for(6)

    assert set(receiver.received.values()) == {1}


async def test_destination_receives_only_its_types(store: OutboxStore, workers: Workers):
    videos, sessions = Receiver("videos"), Receiver("all", types=frozenset({"session.ended"}))
    await workers.start(videos, sessions)
    ended = session_ended("ana", "react", "intro", "s-1", ended_at=NOON)

    await store.add([*events(1), ended])
    await asyncio.gather(videos.wait_for(1), sessions.wait_for(1))

    assert set(videos.received) == {events(1)[0].event_id}
    assert set(sessions.received) == {ended.event_id}


async def test_failures_are_retried_until_delivered(store: OutboxStore, workers: Workers):
    tries: dict[str, int] = {}

    async def respond(delivery: Delivery) -> Attempt:
        tries[delivery.event.event_id] = delivery.attempts + 1
        if delivery.attempts == 0:
            raise ConnectionError
        return Attempt("retry", status=500) if delivery.attempts == 1 else DELIVERED

    receiver = Receiver(respond=respond)
    await workers.start(receiver)

    await store.add(events(8))
    await receiver.wait_for(8)

    assert set(tries.values()) == {3}


async def test_delivery_fails_after_the_last_retry_and_can_be_replayed(
    store: OutboxStore, workers: Workers
):
    is_up = False

    async def respond(_: Delivery) -> Attempt:
        return DELIVERED if is_up else Attempt("retry", status=500, detail="Server error")

    receiver = Receiver(respond=respond)
    await workers.start(receiver)
    await store.add(events(1))
    while not (failed := await store.deliveries("receiver", status="failed", after=None, limit=9)):
        await asyncio.sleep(0.01)

    assert [(one.attempts, one.last_status, one.last_detail) for one in failed] == [
        (3, 500, "Server error")
    ]
    is_up = True
    since = datetime.now(UTC) - timedelta(hours=1)
    assert await store.replay("receiver", ["video.completed"], since=since) == 1
    await receiver.wait_for(1)
    assert set(receiver.received) == {events(1)[0].event_id}


async def test_some_destinations_retry_without_an_end(store: OutboxStore, workers: Workers):
    async def respond(delivery: Delivery) -> Attempt:
        return DELIVERED if delivery.attempts >= 12 else Attempt("retry")

    receiver = Receiver(respond=respond, retries_forever=True)
    await workers.start(receiver)

    await store.add(events(1))

    await receiver.wait_for(1)


async def test_slow_destination_delays_no_other(store: OutboxStore, workers: Workers):
    forever = asyncio.Event()

    async def never(_: Delivery) -> Attempt:
        await forever.wait()
        return DELIVERED

    slow, fast = Receiver("slow", respond=never, max_concurrent=2), Receiver("fast")
    await workers.start(slow, fast)

    await store.add(events(30))

    await fast.wait_for(30)
    assert not slow.received
    assert slow.most_running == 2
    forever.set()


async def test_failing_destination_is_probed_with_one_delivery_at_a_time(
    store: OutboxStore, workers: Workers
):
    is_up = False
    at_once: list[int] = []

    async def respond(_: Delivery) -> Attempt:
        at_once.append(receiver.running)
        return DELIVERED if is_up else Attempt("retry", status=503)

    receiver = Receiver(respond=respond, retries_forever=True, max_concurrent=8)
    await workers.start(receiver)
    await store.add(events(40))
    while len(at_once) < 40:
        await asyncio.sleep(0.01)
    assert set(at_once[20:]) == {1}

    is_up = True

    await receiver.wait_for(40)


async def test_delayed_event_waits_for_its_moment_and_a_later_one_moves_it(
    store: OutboxStore, database: Database
):
    def ended(delay_seconds: float) -> OutboxEvent:
        return session_ended(
            "ana", "react", "intro", "s-1", ended_at=NOON, delay_seconds=delay_seconds
        )

    async def route_at() -> datetime:
        stored = await database["outbox"].find_one({"kind": "event"})
        assert stored is not None
        moment: datetime = stored["route_at"]
        return moment

    await store.add([ended(60)])
    first = await route_at()
    assert await store.unrouted(limit=9) == []

    await store.add([ended(600)])
    assert await route_at() > first

    await store.add([ended(0)])
    assert [event.event_id for event in await store.unrouted(limit=9)] == [ended(0).event_id]


async def test_one_of_several_workers_delivers(store: OutboxStore, workers: Workers):
    receivers = [Receiver(), Receiver(), Receiver()]
    for receiver in receivers:
        await workers.start(receiver)

    await store.add(events(60))
    while sum(len(receiver.received) for receiver in receivers) < 60:
        await asyncio.sleep(0.01)

    assert sorted(len(receiver.received) for receiver in receivers) == [0, 0, 60]


async def test_another_worker_takes_over_when_one_stops(store: OutboxStore, workers: Workers):
    first, second = Receiver(), Receiver()
    leader = await workers.start(first)
    await store.add(events(1))
    await first.wait_for(1)
    await workers.start(second)

    await leader.__aexit__(None, None, None)
    await store.add(events(9))

    await second.wait_for(8)
    assert not set(first.received) & set(second.received)


async def test_lease_is_free_again_after_its_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.3)
    dead, other = Lease(database), Lease(database)
    assert await dead.acquire()
    assert not await other.acquire()

    while not await other.acquire():
        await asyncio.sleep(0.02)

    assert not await dead.acquire()
    assert not dead.is_held


async def test_stopped_worker_leaves_nothing_undelivered_or_doubled(
    store: OutboxStore, workers: Workers
):
    """Workers start and stop in the middle of their work; sends are interrupted at random."""
    draw = random.Random(7)

    async def respond(_: Delivery) -> Attempt:
        await asyncio.sleep(draw.random() * 0.01)
        return DELIVERED

    receiver = Receiver(respond=respond, retries_forever=True)
    await store.add(events(150))
    for _ in range(8):
        running = await workers.start(receiver)
        await asyncio.sleep(draw.random() * 0.1)
        await running.__aexit__(None, None, None)
    await workers.start(receiver)

    await receiver.wait_for(150)

    assert set(receiver.received.values()) == {1}


async def test_backlog_is_a_metric(store: OutboxStore, workers: Workers):
    forever = asyncio.Event()

    async def never(_: Delivery) -> Attempt:
        await forever.wait()
        return DELIVERED

    await workers.start(Receiver(respond=never))
    await store.add(events(3))
    while b"progress_outbox_depth 3.0" not in workers.metrics.exposition():
        await asyncio.sleep(0.02)

    forever.set()

    while b"progress_outbox_depth 0.0" not in workers.metrics.exposition():
        await asyncio.sleep(0.02)


async def test_backlog_does_not_count_deliveries_to_destinations_that_are_gone(store: OutboxStore):
    await store.add(events(3))
    await store.route(await store.unrouted(limit=9), [Receiver("active"), Receiver("gone")])

    assert (await store.backlog(["active"])).depth == 3


async def test_backlog_is_overdue_from_the_moment_of_the_next_attempt(
    store: OutboxStore, database: Database
):
    await store.add(events(3))
    await store.route(await store.unrouted(limit=9), [Receiver("active")])
    created = {"created_at": {"$dateSubtract": _ago(minutes=50)}}
    await database["outbox"].update_many({"kind": "delivery"}, [{"$set": created}])
    due = await store.due("active", limit=3)

    await store.store_attempts([(one, Attempt("retry"), 60.0) for one in due])
    waiting = await store.backlog(["active"])

    late = {"due_at": {"$dateSubtract": _ago(minutes=2)}}
    await database["outbox"].update_one({"_id": due[0].delivery_id}, [{"$set": late}])
    overdue = await store.backlog(["active"])

    assert (waiting.depth, waiting.overdue_seconds) == (3, 0)
    assert waiting.oldest_seconds >= 3_000
    assert 120 <= overdue.overdue_seconds < 3_000


def _ago(*, minutes: int) -> dict[str, Any]:
    return {"startDate": "$$NOW", "unit": "minute", "amount": minutes}


async def test_old_events_are_removed_but_never_pending_ones(
    store: OutboxStore, database: Database
):
    await store.add(events(3))
    await store.route(await store.unrouted(limit=9), [Receiver()])
    done = await store.due("receiver", limit=2)
    await store.store_attempts([(one, DELIVERED, None) for one in done])
    await store.add(events(4))

    removed = await store.prune(now=datetime.now(UTC) + timedelta(days=31))

    assert removed == 5  # three routed events, two deliveries
    left = await database["outbox"].find({}).to_list(None)
    assert sorted(one["kind"] for one in left) == ["delivery", "event"]


async def test_deliveries_are_listed_in_pages(store: OutboxStore):
    await store.add(events(7))
    await store.route(await store.unrouted(limit=9), [Receiver()])
    listed, after = [], None
    while page := await store.deliveries("receiver", status=None, after=after, limit=3):
        listed += [one.event_id for one in page]
        after = page[-1].delivery_id

    assert sorted(listed) == sorted(event.event_id for event in events(7))
