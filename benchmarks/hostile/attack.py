"""What every attack has: where it goes, for how long, and a tally of what it sent and got."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from benchmarks.hostile.http_client import Pool

JUST_BELOW_READ_RATE = 49.0  # Calls a second.
MAX_CONNECTIONS = 1_024  # What no connection is free for is counted, and not sent.
TIMEOUT_SECONDS = 8.0  # A service that keeps its deadline has answered by then.


@dataclass(slots=True)
class Tally:
    """What an attack sent, and what it got."""

    sent: int = 0
    bytes_sent: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    latencies_ms: list[float] = field(default_factory=list)
    cpu_seconds: float = 0.0

    def to_json(self) -> str:
        """The tally for another process."""
        latencies_ms = [round(latency, 1) for latency in self.latencies_ms]
        counted = {one.name: getattr(self, one.name) for one in fields(self)}
        return json.dumps({**counted, "latencies_ms": latencies_ms})

    @classmethod
    def from_json(cls, text: bytes) -> Tally:
        """What another process has counted."""
        counted = json.loads(text)
        return cls(**{**counted, "outcomes": Counter(counted["outcomes"])})

    def add(self, other: Tally) -> None:
        """Count another round with this one."""
        self.sent += other.sent
        self.bytes_sent += other.bytes_sent
        self.outcomes += other.outcomes
        self.latencies_ms += other.latencies_ms
        self.cpu_seconds += other.cpu_seconds


@dataclass(frozen=True, slots=True)
class Target:
    """The attacked port, the tokens by name, the duration, and how long an attack may linger."""

    port: int
    tokens: dict[str, Any]
    seconds: float
    linger_seconds: float
    tally: Tally = field(default_factory=Tally)

    def token(self, name: str) -> str:
        """The token of one student."""
        return str(self.tokens[name])


Run = Callable[[], Awaitable[None]]
Attack = Callable[[Target], Run]
"""Builds everything that is to be sent, and returns what then sends it."""


async def paced(rate: float, seconds: float) -> AsyncIterator[int]:
    """Numbers from 0, *rate* a second; what is late is caught up with, but not after the end."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    for number in range(max(1, int(rate * seconds))):
        await asyncio.sleep(max(0.0, started + number / rate - loop.time()))
        if loop.time() > started + seconds:
            return
        yield number


async def flood(target: Target, request: Callable[[int], bytes], *, rate: float) -> None:
    """Send *request(number)* at a fixed rate, whether or not earlier ones were answered."""
    pool = Pool(target.port, max_connections=MAX_CONNECTIONS)
    async with asyncio.TaskGroup() as calls:
        async for number in paced(rate, target.seconds):
            calls.create_task(call(target, pool, request(number)))
    pool.close()


def flood_in_turn(target: Target, requests: Sequence[bytes], *, rate: float) -> Run:
    """Send these requests in turn at a fixed rate."""
    return lambda: flood(target, lambda number: requests[number % len(requests)], rate=rate)


async def call(
    target: Target, pool: Pool, request: bytes, *, timeout_seconds: float = TIMEOUT_SECONDS
) -> None:
    """One call, counted."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    outcome = await pool.call(request, timeout_seconds=timeout_seconds)
    target.tally.latencies_ms.append(1_000 * (loop.time() - started))
    target.tally.outcomes[outcome.label] += 1
    target.tally.sent += outcome.bytes_sent == len(request)
    target.tally.bytes_sent += outcome.bytes_sent
