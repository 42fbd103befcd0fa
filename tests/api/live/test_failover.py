"""The primary is killed while a socket is open: the socket stays open and misses no change."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.api.live.conftest import Learner, Live, serving
from tests.faults.replica_set import three_nodes

pytestmark = pytest.mark.faults
VIDEOS = [f"video-{n}" for n in range(40)]


async def test_failover_loses_no_change_on_an_open_socket(tmp_path: Path):
    with (
        three_nodes(tmp_path / "set") as nodes,
        serving(tmp_path / "service", nodes.uri, database="progress") as served,
    ):
        learner = Learner(Live(served), "ana")
        await learner.enrol(*VIDEOS)
        async with learner.listening(device_id="tv") as listener:
            last = learner.video(VIDEOS[-1])
            receiving = asyncio.create_task(
                listener.first("progress", videoId=last, within_seconds=60)
            )
            for n, video in enumerate(VIDEOS):
                if n == len(VIDEOS) // 4:
                    await asyncio.to_thread(nodes.kill, nodes.primary())
                await report_until_acknowledged(learner, video)
            cursor = (await receiving)["cursor"]
            video_ids = {
                frame["videoId"] for frame in listener.received if frame["type"] == "progress"
            }

        async with learner.listening(since=cursor) as again:
            replayed = await again.states()
        assert "Traceback" not in served.log

    # One report each, so that none supersedes another.
    assert video_ids == {learner.video(name) for name in VIDEOS}
    assert last not in replayed


async def report_until_acknowledged(learner: Learner, video: str) -> None:
    """As every client does: send a report with an unknown outcome again."""
    for _ in range(20):
        try:
            await learner.report(video)
        except httpx.HTTPError:
            await asyncio.sleep(0.5)
        else:
            return
    raise AssertionError("never acknowledged")
