"""The polite students. Their schedule is open-loop: a slow service does not slow its callers.

Each sends one report and reads one status a second. Latency counts from the scheduled time.
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
TIMEOUT_SECONDS = 10.0  # The time limit of the tracker.
MAX_CONNECTIONS = 4_096
OWN_VIDEOS = 20  # In rotation, so that jitter never sends two reports of one video in a second.


@dataclass(slots=True)
class PoliteResult:
    """The latencies and outcomes of the polite students' calls."""

    latencies_ms: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, other: PoliteResult) -> None:
        """Add the result of another round."""
        self.latencies_ms += other.latencies_ms
        self.outcomes += other.outcomes

    def percentile_ms(self, percent: float) -> float:
        """The latency percentile *percent*."""
        return percentile(self.latencies_ms, percent)

    @property
    def all_succeeded(self) -> bool:
        """True when every call was sent and got 200."""
        return set(self.outcomes) == {"200"}


def percentile(values: Sequence[float], percent: float) -> float:
    """The percentile *percent* of *values*; 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


async def run_polite(
    port: int, tokens: Sequence[str], *, seconds: float, seed: int
) -> PoliteResult:
    """Send calls for *seconds*; return when each has a response or has timed out."""
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
    """(seconds from the start, request): one at a random time of each second, fixed by *seed*."""
    rng = random.Random(seed)
    for token in tokens:
        for second in range(seconds):
            video = f"/api/progress/video/{video_id((seed * seconds + second) % OWN_VIDEOS)}"
            body = {
                "watch_time": round(rng.uniform(100, 450), 1),
                "total_duration": DURATION_SECONDS,
            }
            yield second + rng.random(), send_json("POST", f"{video}/watch-time", token, body)
            yield second + rng.random(), get(f"{video}/status", token)
