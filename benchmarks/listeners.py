"""A process with many open sockets: measures the latency from acknowledgement to frame.

``python -m benchmarks.listeners FILE SOCKETS PORT [REPORT_PORT RATE SECONDS]`` prints a line of
JSON when all sockets are open, and waits for a line on stdin. With a report port it then sends
reports and prints the latencies.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
import time
from pathlib import Path

from benchmarks.learners import video_id
from benchmarks.processes import OPEN_FILES
from benchmarks.wire import Listener, Reporter

MAX_CONCURRENT_OPENINGS = 50
REPORTERS = 16
LATE_SECONDS = 5.0
SETTLE_SECONDS = 1.0

ReportKey = tuple[str, float]
"""(student, position): each position is reported once."""


class Listeners:
    """The open sockets, and when each frame arrived."""

    def __init__(self, students: list[tuple[str, str]]) -> None:
        self._students = students
        self._arrived_at: dict[ReportKey, float] = {}

    async def open(self, port: int, sockets: int) -> None:
        """Open *sockets* connections, distributed evenly over the students."""
        loop = asyncio.get_running_loop()
        gate = asyncio.Semaphore(MAX_CONCURRENT_OPENINGS)

        async def one(number: int) -> None:
            student, token = self._students[number % len(self._students)]
            async with gate:
                _, listener = await loop.create_connection(
                    lambda: Listener(token, lambda text: self._on_text(student, text)),
                    "127.0.0.1",
                    port,
                )
                await listener.ready

        await asyncio.gather(*(one(number) for number in range(sockets)))

    def _on_text(self, student: str, text: bytes) -> None:
        now = time.perf_counter()
        frame = json.loads(text)
        if frame["type"] == "progress":
            self._arrived_at.setdefault((student, frame["watchTime"]), now)

    async def latencies(self, port: int, *, rate: int, seconds: int) -> dict[str, float]:
        """Send *rate* reports a second, and summarize the latencies of their frames."""
        acknowledged: dict[ReportKey, float] = {}
        reporters: asyncio.Queue[Reporter] = asyncio.Queue()
        for _ in range(REPORTERS):
            reporters.put_nowait(Reporter(*await asyncio.open_connection("127.0.0.1", port)))

        async def report(number: int) -> None:
            student, token = random.choice(self._students)
            position = round(100 + number * 0.01, 2)
            reporter = await reporters.get()
            await reporter.report(token, video_id(random.randrange(100)), position)
            acknowledged[student, position] = time.perf_counter()
            reporters.put_nowait(reporter)

        started = time.perf_counter()
        tasks = []
        for number in range(rate * seconds):
            await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(report(number)))
        await asyncio.gather(*tasks)
        await self._wait_for_frames(acknowledged)
        return self._summary(acknowledged)

    async def _wait_for_frames(self, acknowledged: dict[ReportKey, float]) -> None:
        deadline = time.perf_counter() + LATE_SECONDS
        while acknowledged.keys() - self._arrived_at.keys() and time.perf_counter() < deadline:
            await asyncio.sleep(0.05)

    def _summary(self, acknowledged: dict[ReportKey, float]) -> dict[str, float]:
        """Milliseconds from acknowledgement to frame; 0 for a frame that arrives first."""
        latencies_ms = sorted(
            max(0.0, self._arrived_at[key] - at) * 1_000
            for key, at in acknowledged.items()
            if key in self._arrived_at
        )
        return {
            "reports": len(acknowledged),
            "missed": len(acknowledged) - len(latencies_ms),
            "median_ms": latencies_ms[len(latencies_ms) // 2],
            "p99_ms": latencies_ms[len(latencies_ms) * 99 // 100],
        }


async def main() -> None:
    """Open the sockets, wait for the signal to start, and measure."""
    file, sockets, port, *report_arguments = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    lines = [line.split() for line in Path(file).read_text().splitlines()]
    listeners = Listeners([(student, token) for student, token in lines[: int(sockets)]])
    await listeners.open(int(port), int(sockets))
    print(json.dumps({"open": int(sockets)}), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    if report_arguments:
        report_port, rate, seconds = map(int, report_arguments)
        await asyncio.sleep(SETTLE_SECONDS)
        print(json.dumps(await listeners.latencies(report_port, rate=rate, seconds=seconds)))


if __name__ == "__main__":
    asyncio.run(main())
