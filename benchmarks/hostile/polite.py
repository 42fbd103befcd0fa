"""The polite students: an open-loop schedule, so that a slow service cannot slow its callers.

Each makes one report and reads one status a second. A latency counts from the scheduled moment.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.hostile.http_client import TIMED_OUT, Outcome, Pool, get, send_json
from benchmarks.learners import DURATION_SECONDS, video_id

STUDENTS = 64
TIMEOUT_SECONDS = 10.0  # After that long the tracker gives a call up.
MAX_CONNECTIONS = 4_096
OWN_VIDEOS = 20  # Taken in turns, so that jitter never makes two reports of one video a second.


@dataclass(slots=True)
class PoliteResult:
    """What the polite students saw."""

    latencies_ms: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, other: PoliteResult) -> None:
        """Count another round with this one."""
        self.latencies_ms += other.latencies_ms
        self.outcomes += other.outcomes

    def percentile_ms(self, percent: float) -> float:
        """The latency that *percent* of the calls did not exceed."""
        return percentile(self.latencies_ms, percent)

    @property
    def all_succeeded(self) -> bool:
        """Every call was made and answered with 200."""
        return set(self.outcomes) == {"200"}


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that *percent* of *values* do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


async def run_polite(
    port: int, tokens: Sequence[str], *, seconds: float, seed: int
) -> PoliteResult:
    """Call for that long; returns when every call is answered, or is given up."""
    loop = asyncio.get_running_loop()
    pool = Pool(port, max_connections=MAX_CONNECTIONS)
    result = PoliteResult()

    async def call(request: bytes, scheduled_at: float) -> None:
        left = scheduled_at + TIMEOUT_SECONDS - loop.time()
        outcome = (
            await pool.call(request, timeout_seconds=left) if left > 0 else Outcome(TIMED_OUT, 0)
        )
        result.latencies_ms.append(1_000 * (loop.time() - scheduled_at))
        result.outcomes[outcome.label] += 1

    started = loop.time()
    async with asyncio.TaskGroup() as calls:
        for offset_seconds, request in sorted(_schedule(tokens, int(seconds), seed)):
            scheduled_at = started + offset_seconds
            if (wait := scheduled_at - loop.time()) > 0:
                await asyncio.sleep(wait)
            calls.create_task(call(request, scheduled_at))
    pool.close()
    return result


def _schedule(tokens: Sequence[str], seconds: int, seed: int) -> Iterator[tuple[float, bytes]]:
    """(seconds from the start, request): at a random moment of each second, alike for a seed."""
    chance = random.Random(seed)
    for token in tokens:
        for second in range(seconds):
            video = f"/api/progress/video/{video_id((seed * seconds + second) % OWN_VIDEOS)}"
            body = {
                "watch_time": round(chance.uniform(100, 450), 1),
                "total_duration": DURATION_SECONDS,
            }
            yield second + chance.random(), send_json("POST", f"{video}/watch-time", token, body)
            yield second + chance.random(), get(f"{video}/status", token)
