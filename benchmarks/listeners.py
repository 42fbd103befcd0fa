"""A process of many listeners: opens sockets, then measures from acknowledgement to frame.

``python -m benchmarks.listeners FILE SOCKETS PORT [REPORT_PORT RATE SECONDS]`` prints a line of
JSON when all sockets are open, waits for a line, prints the latencies if asked to, and ends.
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

OPENING_AT_ONCE = 50
REPORTERS = 16
LATE_SECONDS = 5.0
SETTLE_SECONDS = 1.0

Seen = tuple[str, float]
"""(student, position): no position is reported twice."""


class Listeners:
    """The open sockets, and when each frame came."""

    def __init__(self, people: list[tuple[str, str]]) -> None:
        self._people = people
        self._came_at: dict[Seen, float] = {}

    async def open(self, port: int, sockets: int) -> None:
        """Open that many, the people in turn."""
        loop = asyncio.get_running_loop()
        gate = asyncio.Semaphore(OPENING_AT_ONCE)

        async def one(number: int) -> None:
            student, token = self._people[number % len(self._people)]
            async with gate:
                _, listener = await loop.create_connection(
                    lambda: Listener(token, lambda text: self._heard(student, text)),
                    "127.0.0.1",
                    port,
                )
                await listener.ready

        await asyncio.gather(*(one(number) for number in range(sockets)))

    def _heard(self, student: str, text: bytes) -> None:
        now = time.perf_counter()
        said = json.loads(text)
        if said["type"] == "progress":
            self._came_at.setdefault((student, said["watchTime"]), now)

    async def latencies(self, port: int, *, rate: int, seconds: int) -> dict[str, float]:
        """Report at that *rate*: milliseconds from acknowledgement to frame, and frames missed."""
        acknowledged: dict[Seen, float] = {}
        reporters: asyncio.Queue[Reporter] = asyncio.Queue()
        for _ in range(REPORTERS):
            reporters.put_nowait(Reporter(*await asyncio.open_connection("127.0.0.1", port)))

        async def report(number: int) -> None:
            student, token = random.choice(self._people)
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
        await self._wait_for(acknowledged)
        return self._summary(acknowledged)

    async def _wait_for(self, acknowledged: dict[Seen, float]) -> None:
        deadline = time.perf_counter() + LATE_SECONDS
        while acknowledged.keys() - self._came_at.keys() and time.perf_counter() < deadline:
            await asyncio.sleep(0.05)

    def _summary(self, acknowledged: dict[Seen, float]) -> dict[str, float]:
        """A frame may overtake its acknowledgement; that is no wait."""
        waits = sorted(
            max(0.0, self._came_at[key] - at) * 1_000
            for key, at in acknowledged.items()
            if key in self._came_at
        )
        return {
            "reports": len(acknowledged),
            "missed": len(acknowledged) - len(waits),
            "median_ms": waits[len(waits) // 2],
            "p99_ms": waits[len(waits) * 99 // 100],
        }


async def main() -> None:
    """Open, tell, wait, measure, tell, end."""
    file, sockets, port, *asked = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    people = [line.split() for line in Path(file).read_text().splitlines()]
    listeners = Listeners([(student, token) for student, token in people[: int(sockets)]])
    await listeners.open(int(port), int(sockets))
    print(json.dumps({"open": int(sockets)}), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    if asked:
        report_port, rate, seconds = map(int, asked)
        await asyncio.sleep(SETTLE_SECONDS)
        print(json.dumps(await listeners.latencies(report_port, rate=rate, seconds=seconds)))


if __name__ == "__main__":
    asyncio.run(main())
