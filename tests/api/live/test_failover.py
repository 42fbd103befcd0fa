"""The primary dies while a socket is open: the socket stays, and nothing is missed."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from tests.api.live.conftest import Learner, Listener, Live, serving
from tests.faults.replica_set import three_nodes

pytestmark = pytest.mark.faults
TOTAL = 40


async def test_a_failover_in_the_middle_loses_no_change(tmp_path: Path):
    with (
        three_nodes(tmp_path / "set") as nodes,
        serving(tmp_path / "service", nodes.uri, database="progress") as served,
    ):
        learner = Learner(Live(served), "ana")
        await learner.enrol()
        async with learner.listening(device_id="tv") as listener:
            hearing = asyncio.create_task(hear_until(listener, TOTAL + 99))
            for n in range(TOTAL):
                if n == TOTAL // 4:
                    await asyncio.to_thread(nodes.kill, nodes.primary())
                await report_until_acknowledged(learner, 100 + n)
            heard = await asyncio.wait_for(hearing, 30)
            cursor = heard[-1]["cursor"]

        async with learner.listening(since=cursor) as again:
            await again.silent(0.5)
        assert "Traceback" not in served.log

    missing = set(range(100, TOTAL + 100)) - {frame["watchTime"] for frame in heard}
    assert missing == set()


async def hear_until(listener: Listener, position: float) -> list[dict]:
    """All states up to the one of that position."""
    deadline = time.monotonic() + 60
    while True:
        frame = await listener.next(deadline - time.monotonic())
        if frame.get("watchTime") == position and frame["type"] == "progress":
            return [f for f in listener.heard if f["type"] == "progress"]


async def report_until_acknowledged(learner: Learner, position: float) -> None:
    """As every client does it: an unknown outcome is sent again."""
    for _ in range(20):
        try:
            await learner.report(watch_time=position)
        except httpx.HTTPError:
            await asyncio.sleep(0.5)
        else:
            return
    raise AssertionError("never acknowledged")
