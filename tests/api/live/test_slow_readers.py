"""Readers that stop reading: they cost the service little, and others nothing."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.api.live.conftest import Learner, Listener, NewLearner

MEBIBYTE = 1_048_576


@asynccontextmanager
async def stalled(learner: Learner) -> AsyncIterator[Listener]:
    """A listener with next to no buffers, that reads only when it is told to."""
    host, port = learner.live.served.address.removeprefix("http://").split(":")
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    narrow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(narrow, (host, int(port)))
    async with learner.listening(sock=narrow, max_queue=1) as listener:
        yield listener


async def report_often(learner: Learner, times: int) -> None:
    """So many changes, in turn of the three videos, the newest ones last."""
    now = time.time()
    for begin in range(0, times, 500):
        events = [
            {
                "event_id": f"e{n}",
                "video_id": learner.video(("first", "second", "third")[n % 3]),
                "watch_time": 10 + n / 10,
                "total_duration": 600,
                "observed_at": moment(now - 3_600 + n),
            }
            for n in range(begin, begin + 500)
        ]
        async with learner.live.caller(learner.id) as caller:
            body = {"sent_at": moment(time.time()), "events": events}
            (await caller.post("/api/progress/events", json=body)).raise_for_status()


def moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def memory_bytes(learner: Learner) -> int:
    """Memory of the process, as the kernel counts it."""
    status = Path(f"/proc/{learner.live.served.process.pid}/status").read_text()
    return 1_024 * next(int(i.split()[1]) for i in status.splitlines() if i.startswith("VmRSS:"))


async def test_after_a_pause_a_reader_hears_the_newest_state_and_not_all_of_them(ana: Learner):
    changes = 3_000
    async with stalled(ana) as slow, ana.listening() as quick:
        await report_often(ana, changes)
        last = {}
        async with asyncio.timeout(8):
            while last.get(ana.video("third")) != 10 + (changes - 1) / 10:
                frame = await quick.next()
                last[frame.get("videoId")] = frame.get("watchTime")

        newest = {f["videoId"]: f["watchTime"] for f in (await ana.changes())["changes"]}
        heard = {}
        async with asyncio.timeout(8):
            while {video: heard.get(video) for video in newest} != newest:
                frame = await slow.next(5)
                heard[frame.get("videoId")] = frame.get("watchTime")

    states = [frame for frame in slow.heard if frame["type"] == "progress"]
    assert len(states) < changes / 2


async def test_others_do_not_wait_for_a_reader_that_stopped(new_learner: NewLearner):
    ana, ben = await new_learner(), await new_learner()
    async with stalled(ana), ana.listening() as hers, ben.listening() as his:
        await report_often(ana, 1_500)
        await hers.first("progress", watchTime=10 + 1_499 / 10)

        delays = []
        for n in range(10):
            began = time.monotonic()
            await asyncio.gather(
                ben.report(watch_time=100 + n), his.first("progress", watchTime=100 + n)
            )
            delays.append(time.monotonic() - began)

    assert sorted(delays)[5] < 1


async def test_readers_that_stopped_take_little_memory(ana: Learner):
    async with stalled(ana), stalled(ana), stalled(ana), stalled(ana):
        await report_often(ana, 500)
        before = memory_bytes(ana)
        await report_often(ana, 3_000)

        assert memory_bytes(ana) - before < 16 * MEBIBYTE
