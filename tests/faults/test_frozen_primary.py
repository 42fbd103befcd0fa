"""The primary is frozen: how long until updates are stored again, by the settings of the set.

`make failover-table` freezes ten primaries with each of the settings, and prints the times.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from progress_service.mongo.mongod import Member
from progress_service.testing import ServiceProcess

from .conftest import RecordMeasurement
from .history_checks import assert_consistent
from .learners import learners, put_course
from .replica_set import RECOMMENDED_PARAMETERS, ReplicaSet, direct, three_nodes, wait_until
from .service import running_service

pytestmark = pytest.mark.faults

RUNS = int(os.environ.get("FAILOVER_RUNS", "1"))
STORED_SECONDS = 5.0
FROZEN_SECONDS = 8.0
LONGEST_SECONDS = 40.0
STEADY_SECONDS = 2.0
LAST_RESPONSES_SECONDS = 1.0  # Of what the primary had stored already.
ELECTED, WRITABLE, SOURCE_CHANGED = 21450, 21331, 21088  # ids of lines in mongod's log


@dataclass(frozen=True)
class Settings:
    """How a replica set is configured."""

    parameters: Mapping[str, int] = field(default_factory=dict)
    of_set: Mapping[str, int] = field(default_factory=dict)

    @contextmanager
    def started(self, folder: Path) -> Iterator[tuple[ReplicaSet, ServiceProcess]]:
        """A set of three, and a service on it."""
        with (
            three_nodes(folder / "set", parameters=self.parameters, **self.of_set) as nodes,
            running_service(nodes.uri, folder / "service") as service,
        ):
            yield nodes, service


def only(*names: str) -> dict[str, int]:
    """Those of the recommended parameters."""
    return {name: RECOMMENDED_PARAMETERS[name] for name in names}


RECOMMENDED = Settings(RECOMMENDED_PARAMETERS, {"catchUpTimeoutMillis": 0})
OTHERS = {
    "recommended, election 3 s": Settings(
        RECOMMENDED_PARAMETERS, {"catchUpTimeoutMillis": 0, "electionTimeoutMillis": 3_000}
    ),
    "recommended, election 3 s, heartbeat 2 s": Settings(
        RECOMMENDED_PARAMETERS,
        {
            "catchUpTimeoutMillis": 0,
            "electionTimeoutMillis": 3_000,
            "heartbeatIntervalMillis": 2_000,
        },
    ),
    "as MongoDB comes, election 2 s": Settings(),
    "catchUpTimeoutMillis": Settings(of_set={"catchUpTimeoutMillis": 0}),
    "oplogFetcherSteadyStateMaxFetcherRestarts": Settings(
        only("oplogFetcherSteadyStateMaxFetcherRestarts")
    ),
    "oplogNetworkTimeoutBufferSeconds": Settings(only("oplogNetworkTimeoutBufferSeconds")),
    "all parameters": Settings(RECOMMENDED_PARAMETERS),
    "without exhaust cursors": Settings({"oplogFetcherUsesExhaust": 0}),
}
MEASURED = {"recommended": RECOMMENDED, **(OTHERS if "FAILOVER_RUNS" in os.environ else {})}


async def frozen_once(
    nodes: ReplicaSet, service: ServiceProcess, course_id: str
) -> tuple[float, str]:
    """Freeze the primary while learners report; returns the seconds until one was stored."""
    course = await put_course(service, course_id, students=6)
    await asyncio.to_thread(nodes.settle)
    async with learners(service, course) as history:
        primary = await asyncio.to_thread(_sync_all_from_primary, nodes)
        with nodes.frozen(primary):
            frozen_at, wall_clock = time.monotonic(), time.time()
            async with asyncio.timeout(LONGEST_SECONDS):
                while not any(
                    c.outcome == "ok" and c.responded_at > frozen_at + LAST_RESPONSES_SECONDS
                    for c in history.calls[-50:]
                ):
                    await asyncio.sleep(0.02)
            stored_after = time.monotonic() - frozen_at
            # Longer than an update may take, so that every one that was caught has its response.
            await asyncio.sleep(max(1.0, FROZEN_SECONDS - stored_after))
        await history.next_ok()
        await asyncio.to_thread(nodes.settle)
    await assert_consistent(history, service, nodes, course)
    unknown = sum(c.outcome == "unknown" for c in history.calls if c.responded_at > frozen_at)
    slowest = max(c.responded_at - c.sent_at for c in history.calls)
    events = _events(nodes, since=wall_clock, until=stored_after)
    return stored_after, (
        f"stored after {stored_after:.1f} s, {unknown} without a known outcome, "
        f"slowest response {slowest:.1f} s; {events}"
    )


@pytest.mark.parametrize("name", MEASURED)
async def test_updates_are_stored_soon_after_the_primary_is_frozen(
    tmp_path: Path, record_measurement: RecordMeasurement, name: str
):
    with MEASURED[name].started(tmp_path) as (nodes, service):
        for run in range(RUNS):
            stored_after, summary = await frozen_once(nodes, service, f"frozen-{run}")
            record_measurement(summary)
            assert stored_after <= STORED_SECONDS or MEASURED[name] is not RECOMMENDED


def _sync_all_from_primary(nodes: ReplicaSet) -> Member:
    """Let both secondaries fetch from the primary, the slowest case; returns the primary.

    A secondary that was just choosing its source would wait for 30 s, which no setting changes.
    """
    primary = nodes.primary()
    source = str(primary.socket)
    secondaries = [member for member in nodes.members if member is not primary]
    steady_since = time.monotonic()

    def all_fetch() -> bool:
        nonlocal steady_since
        for member in secondaries:
            with direct(member) as client:
                if client.admin.command("replSetGetStatus")["syncSourceHost"] != source:
                    client.admin.command("replSetSyncFrom", source)
                    steady_since = time.monotonic()
        return time.monotonic() - steady_since > STEADY_SECONDS

    wait_until(all_fetch, "secondaries that fetch from the primary")
    return primary


def _events(nodes: ReplicaSet, *, since: float, until: float) -> str:
    """When a primary was elected, took writes, and was followed: in seconds after *since*."""
    found: dict[int, float] = {}
    for member in nodes.members:
        for line in (member.folder / "mongod.log").read_text().splitlines():
            if not line.startswith("{"):
                continue
            entry = json.loads(line)
            seconds = datetime.fromisoformat(entry["t"]["$date"]).timestamp() - since
            if entry["id"] in {ELECTED, WRITABLE, SOURCE_CHANGED} and 0 < seconds < until:
                found.setdefault(entry["id"], seconds)
    times = [
        f"{what} after {found[event]:.1f} s" if event in found else f"not {what}"
        for event, what in (
            (ELECTED, "elected"),
            (WRITABLE, "writable"),
            (SOURCE_CHANGED, "followed"),
        )
    ]
    return ", ".join(times)
