"""Database nodes are killed, frozen and slowed while learners report."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from progress_service.testing import ServiceProcess

from .conftest import RecordMeasurement
from .history_checks import assert_consistent, until_healthy
from .learners import a_client, learners, polling, put_course
from .proxy import proxy
from .replica_set import ReplicaSet
from .service import running_service_async

pytestmark = pytest.mark.faults

KILLS = 5
OUTAGE_SECONDS = 5.0
FROZEN_SECONDS = 20.0
MAX_RESPONSE_SECONDS = 6.0  # Client 10 s > service 6 s > driver 5 s.
LATENCY_SECONDS = 0.1
SLOW_QUERIES = 20
SLOW_SECONDS = 1.0
STATUS_SECONDS = 0.3


async def test_primary_killed_five_times_loses_nothing(
    service: ServiceProcess, replica_set: ReplicaSet, record_measurement: RecordMeasurement
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

    sizes = await assert_consistent(history, service, replica_set, course)
    record_measurement(f"{sizes}; outages {', '.join(f'{seconds:.1f}' for seconds in outages)} s")
    assert max(outages) <= OUTAGE_SECONDS


async def test_step_down_loses_nothing(
    service: ServiceProcess, replica_set: ReplicaSet, record_measurement: RecordMeasurement
):
    course = await put_course(service, "step-down", students=6)

    async with learners(service, course) as history:
        await asyncio.sleep(0.5)
        requested_at = time.monotonic()
        await asyncio.to_thread(replica_set.step_down)
        await asyncio.to_thread(replica_set.primary)
        await history.next_ok()
        await asyncio.to_thread(replica_set.settle)

    outage = history.outage_seconds(since=requested_at)
    record_measurement(
        f"{await assert_consistent(history, service, replica_set, course)}; outage {outage:.1f} s"
    )
    assert outage <= OUTAGE_SECONDS


async def test_frozen_primary_bounds_response_times_and_reads_continue(
    service: ServiceProcess, replica_set: ReplicaSet, record_measurement: RecordMeasurement
):
    course = await put_course(service, "frozen", students=7)
    bystander = course.student_ids[-1]
    course = course.without(bystander)

    async with learners(service, course) as history, polling(service, bystander, course) as reads:
        await asyncio.sleep(1)
        frozen_at = time.monotonic()
        with replica_set.frozen(replica_set.primary()):
            await asyncio.sleep(FROZEN_SECONDS)
        await history.next_ok()
        await asyncio.to_thread(replica_set.settle)

    outage = history.outage_seconds(since=frozen_at)
    slowest = max(call.responded_at - call.sent_at for call in history.calls)
    record_measurement(
        f"{await assert_consistent(history, service, replica_set, course)}; outage {outage:.1f} s, "
        f"slowest response to a report {slowest:.1f} s; {reads}"
    )
    assert slowest <= MAX_RESPONSE_SECONDS
    assert reads.count > FROZEN_SECONDS
    assert not reads.failed
    assert outage <= FROZEN_SECONDS


async def test_lost_majority_rejects_writes_and_reads_continue(
    service: ServiceProcess, replica_set: ReplicaSet, record_measurement: RecordMeasurement
):
    course = await put_course(service, "no-majority", students=7)
    bystander = course.student_ids[-1]
    course = course.without(bystander)
    primary = replica_set.primary()
    other = next(member for member in replica_set.members if member is not primary)

    async with learners(service, course) as history, polling(service, bystander, course) as reads:
        await asyncio.sleep(0.5)
        killed_at = time.monotonic()
        for member in (other, primary):
            replica_set.kill(member)
        await asyncio.sleep(1)
        async with a_client(service, service.headers(bystander, "student")) as http:
            path = f"/api/progress/video/{course.video_ids[0]}/watch-time"
            rejected = await http.post(path, json={"watch_time": 9, "total_duration": 600})
            alive, ready = await asyncio.gather(http.get("/healthz"), http.get("/readyz"))
        restarted_at = time.monotonic()
        replica_set.restart(primary, other)
        await asyncio.to_thread(replica_set.primary)
        await history.next_ok()
        await until_healthy(service)
        healthy_after = time.monotonic() - restarted_at
        await asyncio.to_thread(replica_set.settle)

    slowest = max(call.responded_at - call.sent_at for call in history.calls)
    record_measurement(
        f"{await assert_consistent(history, service, replica_set, course)}; "
        f"outage {history.outage_seconds(since=killed_at):.1f} s, "
        f"healthy {healthy_after:.1f} s after the restart of the nodes, "
        f"slowest response to a report {slowest:.1f} s; {reads}"
    )
    assert rejected.status_code == 503
    assert rejected.json()["code"] == "unavailable"
    assert int(rejected.headers["retry-after"]) >= 1
    assert (alive.status_code, ready.status_code) == (200, 503)
    assert slowest <= MAX_RESPONSE_SECONDS
    assert not reads.failed


async def test_status_stays_fast_beside_slow_queries_on_a_slow_network(
    replica_set: ReplicaSet, record_measurement: RecordMeasurement, tmp_path: Path
):
    primary = replica_set.primary()

    def delay(request: bytes) -> float:
        return SLOW_SECONDS if b"slowly-student" in request else LATENCY_SECONDS

    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            proxy(lambda: asyncio.open_unix_connection(str(primary.socket)), delay)
        )
        uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
        service = await stack.enter_async_context(running_service_async(uri, tmp_path))
        slow = await put_course(service, "slowly", students=SLOW_QUERIES)
        quick = await put_course(service, "quickly", students=1)
        for student_id in slow.student_ids:
            reader = polling(service, student_id, slow, whole_course=True, pause_seconds=0)
            await stack.enter_async_context(reader)
        await asyncio.sleep(2 * SLOW_SECONDS)
        async with polling(service, quick.student_ids[0], quick, pause_seconds=0.02) as reads:
            await asyncio.sleep(5)

    durations = sorted(reads.seconds[2:])  # The first ones fill caches and open connections.
    record_measurement(
        f"{len(durations)} statuses beside {SLOW_QUERIES} queries of {SLOW_SECONDS:g} s over a "
        f"network of {LATENCY_SECONDS:g} s: median {durations[len(durations) // 2]:.3f} s, "
        f"slowest {durations[-1]:.3f} s"
    )
    assert len(durations) >= 10
    assert durations[len(durations) * 9 // 10] < STATUS_SECONDS
    assert durations[-1] < SLOW_SECONDS  # None has waited for a slow one.
    assert not reads.failed
