"""Polite students without and with a hostile client, in turns, on one service."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from benchmarks.hostile.attack import Tally
from benchmarks.hostile.attacker import longest_seconds
from benchmarks.hostile.environment import Environment
from benchmarks.hostile.http_client import Pool, get
from benchmarks.hostile.polite import STUDENTS, PoliteResult, run_polite
from benchmarks.hostile.rows import Row
from benchmarks.machine import peak_resident_bytes, reset_peak, resident_bytes
from benchmarks.processes import Server, sink

WARM_UP_SECONDS = 2
SETTLE_SECONDS = 20.0  # At most; then the next round starts all the same.
SETTLED_MS, SETTLED_CALLS, SETTLED_PAUSE_SECONDS = 50.0, 5, 0.1
READY_SECONDS = 30.0
MAX_TALLY_BYTES = 1 << 24


@dataclass(frozen=True, slots=True)
class Effort:
    """Rounds of each side, and seconds of a round."""

    rounds: int
    seconds: int


@dataclass(slots=True)
class Memory:
    """Resident memory of the service in bytes."""

    before: int = 0
    peak: int = 0
    after: int = 0

    @property
    def growth(self) -> int:
        """The most that was added."""
        return self.peak - self.before


@dataclass(slots=True)
class Measured:
    """What one row gave."""

    without: PoliteResult = field(default_factory=PoliteResult)
    beside: PoliteResult = field(default_factory=PoliteResult)
    tally: Tally = field(default_factory=Tally)
    memory: Memory = field(default_factory=Memory)


Round = tuple[PoliteResult, Tally]


def measure(row: Row, environment: Environment, effort: Effort) -> Measured:
    """Without, with, without, with, … on a service that was started for this row."""
    with environment.service() as server, sink() as discarding:
        return asyncio.run(_alternate(row, environment, effort, server, discarding))


async def _alternate(
    row: Row, environment: Environment, effort: Effort, server: Server, discarding: Server
) -> Measured:
    measured = Measured()
    polite = environment.tokens["polite"][:STUDENTS]
    await run_polite(server.port, polite, seconds=WARM_UP_SECONDS, seed=0)
    for number in range(1, effort.rounds + 1):

        async def run(target: Server, linger_seconds: float = 0.0, seed: int = number) -> Round:
            started = attacking(row.attack, environment, target, effort.seconds, linger_seconds)
            async with started as attacker:
                result = await run_polite(server.port, polite, seconds=effort.seconds, seed=seed)
                return result, await attacker.tally()

        measured.without.add((await run(discarding))[0])
        if number == 1:
            measured.memory.before = resident_bytes(server.pid)
            reset_peak(server.pid)
        is_last = number == effort.rounds
        beside, tally = await run(server, row.linger_seconds if is_last else 0.0)
        measured.beside.add(beside)
        measured.tally.add(tally)
        await settle(server, polite[0])
    measured.memory.peak = peak_resident_bytes(server.pid)
    measured.memory.after = resident_bytes(server.pid)
    return measured


@dataclass(frozen=True, slots=True)
class Attacker:
    """A hostile process that is at work."""

    process: asyncio.subprocess.Process
    longest_seconds: float

    async def tally(self) -> Tally:
        """What it sent and got; waits until it has ended."""
        assert self.process.stdout is not None
        async with asyncio.timeout(self.longest_seconds):
            text = await self.process.stdout.readline()
            await self.process.wait()
        return Tally.from_json(text)


@asynccontextmanager
async def attacking(
    attack: str,
    environment: Environment,
    target: Server,
    seconds: float,
    linger_seconds: float = 0.0,
) -> AsyncIterator[Attacker]:
    """The hostile process, attacking from the beginning of the block on."""
    arguments = (attack, target.port, seconds, linger_seconds, environment.tokens_file)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.hostile.attacker", *map(str, arguments)),
        stdin=pipe,
        stdout=pipe,
        limit=MAX_TALLY_BYTES,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_SECONDS):
            await process.stdout.readline()
        process.stdin.write(b"\n")
        await process.stdin.drain()
        yield Attacker(process, longest_seconds(seconds, linger_seconds) + READY_SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def settle(server: Server, token: str) -> None:
    """Wait until the service answers at once again, so that no round pays for the one before."""
    loop = asyncio.get_running_loop()
    pool = Pool(server.port, max_connections=1)
    request = get("/api/progress/video/video-000/status", token)
    ends_at, quick = loop.time() + SETTLE_SECONDS, 0
    while quick < SETTLED_CALLS and loop.time() < ends_at:
        started = loop.time()
        outcome = await pool.call(request, timeout_seconds=SETTLE_SECONDS)
        is_quick = 1_000 * (loop.time() - started) < SETTLED_MS and outcome.label == "200"
        quick = quick + 1 if is_quick else 0
        await asyncio.sleep(SETTLED_PAUSE_SECONDS)
    pool.close()
