"""Socket clients that stop reading cost little memory and do not delay others."""

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
    """A listener with minimal buffers that reads on demand only."""
    host, port = learner.live.served.address.removeprefix("http://").split(":")
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    narrow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(narrow, (host, int(port)))
    async with learner.listening(sock=narrow, max_queue=1) as listener:
        yield listener


async def report_often(learner: Learner, times: int) -> None:
    """Send *times* changes, alternating between the three videos, newest last."""
    now = time.time()
    for begin in range(0, times, 500):
        events = [
            {
                "event_id": f"e{n}",
                "video_id": learner.video(("first", "second", "third")[n % 3]),
                "watch_time": 10 + n / 10,
                "total_duration": 600,
                "observed_at": timestamp(now - 3_600 + n),
            }
            for n in range(begin, begin + 500)
        ]
        async with learner.live.caller(learner.id) as caller:
            body = {"sent_at": timestamp(time.time()), "events": events}
            (await caller.post("/api/progress/events", json=body)).raise_for_status()


def timestamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def memory_bytes(learner: Learner) -> int:
    """Memory of the process, as the kernel counts it."""
    status = Path(f"/proc/{learner.live.served.process.pid}/status").read_text()
    return 1_024 * next(int(i.split()[1]) for i in status.splitlines() if i.startswith("VmRSS:"))


async def test_slow_reader_receives_the_newest_state_and_not_every_change(ana: Learner):
    changes = 3_000
    async with stalled(ana) as slow, ana.listening() as quick:
        await report_often(ana, changes)
        last: dict[str | None, float | None] = {}
        async with asyncio.timeout(60):
            while last.get(ana.video("third")) != 10 + (changes - 1) / 10:
                frame = await quick.next()
                last[frame.get("videoId")] = frame.get("watchTime")

        newest = {f["videoId"]: f["watchTime"] for f in (await ana.changes())["changes"]}
        received: dict[str | None, float | None] = {}
        async with asyncio.timeout(60):
            while {video: received.get(video) for video in newest} != newest:
                frame = await slow.next(5)
                received[frame.get("videoId")] = frame.get("watchTime")

    states = [frame for frame in slow.received if frame["type"] == "progress"]
    assert len(states) < changes / 2


async def test_stalled_reader_does_not_delay_others(new_learner: NewLearner):
    ana, ben = await new_learner(), await new_learner()
    async with stalled(ana), ana.listening() as ana_socket, ben.listening() as ben_socket:
        await report_often(ana, 1_500)
        await ana_socket.first("progress", watchTime=10 + 1_499 / 10)

        delays = []
        for n in range(10):
            began = time.monotonic()
            await asyncio.gather(
                ben.report(watch_time=100 + n), ben_socket.first("progress", watchTime=100 + n)
            )
            delays.append(time.monotonic() - began)

    assert sorted(delays)[5] < 1


async def test_stalled_readers_take_little_memory(ana: Learner):
    async with stalled(ana), stalled(ana), stalled(ana), stalled(ana):
        await report_often(ana, 500)
        before = memory_bytes(ana)
        await report_often(ana, 3_000)

        assert memory_bytes(ana) - before < 16 * MEBIBYTE
