"""Rolling restarts behind a real nginx lose no request, and no socket for long.

`make proxy-table` runs five restarts of each kind.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from progress_service.testing import wait_until
from tests.fleet import Fleet
from tests.nginx import nginx

from .campus import campus, put_course
from .conftest import RecordMeasurement
from .replica_set import ReplicaSet

pytestmark = pytest.mark.faults

IS_TABLE = "PROXY_RESTARTS" in os.environ
RESTARTS = int(os.environ.get("PROXY_RESTARTS", "1"))
STUDENTS = int(os.environ.get("PROXY_STUDENTS", "60"))
RECONNECT_SECONDS = 3.0
RELOAD_SECONDS = 60.0


def replace_each(fleet: Fleet) -> None:
    """Stop each process with SIGTERM and start another, one after the other."""
    for index in range(len(fleet.processes)):
        fleet.replace(index, signal.SIGTERM)


def reload_workers(fleet: Fleet) -> None:
    """Let the process replace its workers, one after the other."""
    [service] = fleet.processes
    stopped = service.log.count("Finished server process")
    service.process.send_signal(signal.SIGHUP)
    wait_until(
        lambda: service.log.count("Finished server process") == stopped + 2,
        within_seconds=RELOAD_SECONDS,
        otherwise=lambda: service.log[-2_000:],
    )


KINDS: dict[str, tuple[int, int, Callable[[Fleet], None]]] = {
    "two processes of two workers": (2, 2, replace_each),
    "workers of one process": (1, 2, reload_workers),
}
if IS_TABLE:
    KINDS["two processes"] = (2, 1, replace_each)


@pytest.mark.parametrize(("processes", "workers", "restart"), KINDS.values(), ids=KINDS)
async def test_rolling_restart_fails_no_request_and_every_socket_is_back(
    replica_set: ReplicaSet,
    record_measurement: RecordMeasurement,
    tmp_path: Path,
    processes: int,
    workers: int,
    restart: Callable[[Fleet], None],
):
    with (
        Fleet(
            tmp_path,
            replica_set.uri,
            processes=processes,
            workers=workers,
            PROGRESS_ROOT_PATH="/learn",
        ) as fleet,
        nginx(tmp_path / "nginx", fleet.ports) as proxy,
    ):
        tls = proxy.certificate.of_client()
        students = await put_course(proxy.address, tls, students=STUDENTS)
        async with campus(proxy.address, tls, students) as outcomes:
            await asyncio.sleep(1)
            for _ in range(RESTARTS):
                await asyncio.to_thread(restart, fleet)
                await asyncio.sleep(1)

    record_measurement(f"{RESTARTS} restarts: {outcomes}; closed with {dict(outcomes.close_codes)}")
    assert outcomes.errors == []
    assert set(outcomes.statuses) == {200}, outcomes.statuses
    assert len(outcomes.reconnect_seconds) >= STUDENTS * RESTARTS
    assert max(outcomes.reconnect_seconds) <= RECONNECT_SECONDS or not IS_TABLE
    assert outcomes.frames["progress"] > 0
