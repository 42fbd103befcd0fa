"""What all attacks share: a target, a duration, and a tally of requests and responses."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from benchmarks.hostile.http_client import Pool

JUST_BELOW_READ_RATE = 49.0  # Calls a second.
MAX_CONNECTIONS = 1_024  # Requests beyond these are counted as not sent.
TIMEOUT_SECONDS = 8.0  # Longer than the deadline of the service.


@dataclass(slots=True)
class Tally:
    """Counts of what an attack sent and received."""

    sent: int = 0
    bytes_sent: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    latencies_ms: list[float] = field(default_factory=list)
    cpu_seconds: float = 0.0

    def to_json(self) -> str:
        """The tally as JSON, for another process."""
        latencies_ms = [round(latency, 1) for latency in self.latencies_ms]
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return json.dumps({**values, "latencies_ms": latencies_ms})

    @classmethod
    def from_json(cls, text: bytes) -> Tally:
        """The tally of another process."""
        values = json.loads(text)
        return cls(**{**values, "outcomes": Counter(values["outcomes"])})

    def add(self, other: Tally) -> None:
        """Add the tally of another round."""
        self.sent += other.sent
        self.bytes_sent += other.bytes_sent
        self.outcomes += other.outcomes
        self.latencies_ms += other.latencies_ms
        self.cpu_seconds += other.cpu_seconds


@dataclass(frozen=True, slots=True)
class Target:
    """The attacked port, the tokens by name, and how long to attack and to linger afterwards."""

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
"""Builds all requests, and returns the function that sends them."""


async def paced(rate: float, seconds: float) -> AsyncIterator[int]:
    """Yield numbers from 0, *rate* a second; late ones are made up for until *seconds* are over."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    for number in range(max(1, int(rate * seconds))):
        await asyncio.sleep(max(0.0, started + number / rate - loop.time()))
        if loop.time() > started + seconds:
            return
        yield number


async def flood(target: Target, request: Callable[[int], bytes], *, rate: float) -> None:
    """Send *request(number)* at a fixed rate, without waiting for responses."""
    pool = Pool(target.port, max_connections=MAX_CONNECTIONS)
    async with asyncio.TaskGroup() as calls:
        async for number in paced(rate, target.seconds):
            calls.create_task(call(target, pool, request(number)))
    pool.close()


def flood_in_rotation(target: Target, requests: Sequence[bytes], *, rate: float) -> Run:
    """Send *requests* in rotation at a fixed rate."""
    return lambda: flood(target, lambda number: requests[number % len(requests)], rate=rate)


async def call(
    target: Target, pool: Pool, request: bytes, *, timeout_seconds: float = TIMEOUT_SECONDS
) -> None:
    """Send one request, and count its outcome."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    outcome = await pool.call(request, timeout_seconds=timeout_seconds)
    target.tally.latencies_ms.append(1_000 * (loop.time() - started))
    target.tally.outcomes[outcome.label] += 1
    target.tally.sent += outcome.bytes_sent == len(request)
    target.tally.bytes_sent += outcome.bytes_sent
