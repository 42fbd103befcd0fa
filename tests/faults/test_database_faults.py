"""Nodes of the database are killed, frozen, outvoted and slowed while learners report."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from .conftest import Tell
from .learners import a_client, learners, looking, put_course
from .proxy import proxy
from .replica_set import ReplicaSet
from .service import Service, bearer, running_service_beside
from .verdicts import hold, until_healthy

pytestmark = pytest.mark.faults

KILLS = 5
OUTAGE_SECONDS = 5.0
FROZEN_SECONDS = 20.0
ANSWER_SECONDS = 6.0  # Client 10 s > service 6 s > driver 5 s.
LATENCY_SECONDS = 0.1
SLOW_QUERIES = 20
SLOW_SECONDS = 1.0
STATUS_SECONDS = 0.3


async def test_a_primary_killed_five_times_loses_nothing(
    service: Service, replica_set: ReplicaSet, tell: Tell
):
    course = await put_course(service, "killed", students=6)
    outages = []

    async with learners(service, course) as history:
        for _ in range(KILLS):
            await asyncio.sleep(0.5)
            primary, killed_at = replica_set.primary(), time.monotonic()
            replica_set.kill(primary)
            await asyncio.to_thread(replica_set.primary)
            await history.next_ok()
            outages.append(history.outage_seconds(since=killed_at))
            replica_set.restart(primary)
            await asyncio.to_thread(replica_set.settle)

    sizes = await hold(history, service, replica_set, course)
    tell(f"{sizes}; outages {', '.join(f'{seconds:.1f}' for seconds in outages)} s")
    assert max(outages) <= OUTAGE_SECONDS


async def test_a_step_down_loses_nothing(service: Service, replica_set: ReplicaSet, tell: Tell):
    course = await put_course(service, "handed-over", students=6)

    async with learners(service, course) as history:
        await asyncio.sleep(0.5)
        asked_at = time.monotonic()
        await asyncio.to_thread(replica_set.step_down)
        await asyncio.to_thread(replica_set.primary)
        await history.next_ok()
        await asyncio.to_thread(replica_set.settle)

    outage = history.outage_seconds(since=asked_at)
    tell(f"{await hold(history, service, replica_set, course)}; outage {outage:.1f} s")
    assert outage <= OUTAGE_SECONDS


async def test_a_frozen_primary_is_answered_in_time_and_reads_go_on(
    service: Service, replica_set: ReplicaSet, tell: Tell
):
    course = await put_course(service, "frozen", students=7)
    bystander = course.student_ids[-1]
    course = course.without(bystander)

    async with learners(service, course) as history, looking(service, bystander, course) as looks:
        await asyncio.sleep(1)
        frozen_at = time.monotonic()
        with replica_set.frozen(replica_set.primary()):
            await asyncio.sleep(FROZEN_SECONDS)
        await history.next_ok()
        await asyncio.to_thread(replica_set.settle)

    outage = history.outage_seconds(since=frozen_at)
    slowest = max(call.answered_at - call.sent_at for call in history.calls)
    tell(
        f"{await hold(history, service, replica_set, course)}; outage {outage:.1f} s, "
        f"slowest answer to a report {slowest:.1f} s; {looks}"
    )
    assert slowest <= ANSWER_SECONDS
    assert looks.answered > FROZEN_SECONDS
    assert not looks.failed
    assert outage <= FROZEN_SECONDS


async def test_without_a_majority_writes_are_refused_and_reads_go_on(
    service: Service, replica_set: ReplicaSet, tell: Tell
):
    course = await put_course(service, "outvoted", students=7)
    bystander = course.student_ids[-1]
    course = course.without(bystander)
    primary = replica_set.primary()
    other = next(member for member in replica_set.members if member is not primary)

    async with learners(service, course) as history, looking(service, bystander, course) as looks:
        await asyncio.sleep(0.5)
        killed_at = time.monotonic()
        for member in (other, primary):
            replica_set.kill(member)
        await asyncio.sleep(1)
        async with a_client(service, bearer(bystander, "student")) as http:
            path = f"/api/progress/video/{course.video_ids[0]}/watch-time"
            refused = await http.post(path, json={"watch_time": 9, "total_duration": 600})
            alive, ready = await asyncio.gather(http.get("/healthz"), http.get("/readyz"))
        restarted_at = time.monotonic()
        replica_set.restart(primary, other)
        await asyncio.to_thread(replica_set.primary)
        await history.next_ok()
        await until_healthy(service)
        healthy_after = time.monotonic() - restarted_at
        await asyncio.to_thread(replica_set.settle)

    slowest = max(call.answered_at - call.sent_at for call in history.calls)
    tell(
        f"{await hold(history, service, replica_set, course)}; "
        f"outage {history.outage_seconds(since=killed_at):.1f} s, "
        f"healthy {healthy_after:.1f} s after the restart of the nodes, "
        f"slowest answer to a report {slowest:.1f} s; {looks}"
    )
    assert refused.status_code == 503
    assert refused.json()["code"] == "unavailable"
    assert int(refused.headers["retry-after"]) >= 1
    assert (alive.status_code, ready.status_code) == (200, 503)
    assert slowest <= ANSWER_SECONDS
    assert not looks.failed


async def test_a_slow_network_and_slow_queries_leave_a_status_quick(
    replica_set: ReplicaSet, tell: Tell, tmp_path: Path
):
    primary = replica_set.primary()

    def late(request: bytes) -> float:
        return SLOW_SECONDS if b"slowly-student" in request else LATENCY_SECONDS

    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            proxy(lambda: asyncio.open_unix_connection(str(primary.socket)), late)
        )
        uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
        service = await stack.enter_async_context(running_service_beside(uri, tmp_path))
        slow = await put_course(service, "slowly", students=SLOW_QUERIES)
        quick = await put_course(service, "quickly", students=1)
        for student_id in slow.student_ids:
            looker = looking(service, student_id, slow, whole_course=True, pause_seconds=0)
            await stack.enter_async_context(looker)
        await asyncio.sleep(2 * SLOW_SECONDS)
        async with looking(service, quick.student_ids[0], quick, pause_seconds=0.02) as looks:
            await asyncio.sleep(5)

    quick_ones = sorted(looks.seconds[2:])  # The first fill memory and open connections.
    tell(
        f"{len(quick_ones)} statuses beside {SLOW_QUERIES} queries of {SLOW_SECONDS:g} s over a "
        f"network of {LATENCY_SECONDS:g} s: median {quick_ones[len(quick_ones) // 2]:.3f} s, "
        f"slowest {quick_ones[-1]:.3f} s"
    )
    assert len(quick_ones) >= 10
    assert quick_ones[len(quick_ones) * 9 // 10] < STATUS_SECONDS
    assert quick_ones[-1] < SLOW_SECONDS  # None has waited for a slow one.
    assert not looks.failed
