"""Polite students without and with a hostile client, in interleaved rounds on one service."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from benchmarks.hostile.attack import Tally
from benchmarks.hostile.attacker_process import attacking
from benchmarks.hostile.environment import Environment
from benchmarks.hostile.http_client import Pool, get
from benchmarks.hostile.polite import STUDENTS, PoliteResult, run_polite
from benchmarks.hostile.rows import Row
from benchmarks.machine import peak_resident_bytes, reset_peak, resident_bytes
from benchmarks.processes import Server, sink

WARM_UP_SECONDS = 2
MAX_SETTLE_SECONDS = 20.0  # The next round starts after that in any case.
SETTLED_MS, SETTLED_CALLS, SETTLED_PAUSE_SECONDS = 50.0, 5, 0.1


@dataclass(frozen=True, slots=True)
class Effort:
    """Rounds on each side, and seconds per round."""

    rounds: int
    seconds: int


@dataclass(slots=True)
class Memory:
    """Resident memory of the service in bytes."""

    before: int = 0
    peak: int = 0
    after: int = 0

    @classmethod
    def start_watching(cls, server: Server) -> Memory:
        """Read the current size, and restart the kernel's measurement of the peak."""
        reset_peak(server.pid)
        return cls(before=resident_bytes(server.pid))

    def finish(self, server: Server) -> None:
        """Read the peak and the current size."""
        self.peak = peak_resident_bytes(server.pid)
        self.after = resident_bytes(server.pid)

    @property
    def growth(self) -> int:
        """The peak above the size before."""
        return self.peak - self.before


@dataclass(slots=True)
class Measured:
    """The results of one row: polite students without the hostile client and beside it."""

    without: PoliteResult = field(default_factory=PoliteResult)
    beside: PoliteResult = field(default_factory=PoliteResult)
    tally: Tally = field(default_factory=Tally)
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True)
class _Rounds:
    """The rounds of one row."""

    row: Row
    environment: Environment
    effort: Effort
    server: Server

    @property
    def polite_tokens(self) -> list[str]:
        tokens: list[str] = self.environment.tokens["polite"][:STUDENTS]
        return tokens

    async def run(
        self, target: Server, *, number: int, linger_seconds: float = 0.0
    ) -> tuple[PoliteResult, Tally]:
        """The polite students call the service while the hostile process attacks *target*."""
        seconds = self.effort.seconds
        attack = attacking(
            self.row.attack,
            self.environment,
            target,
            seconds=seconds,
            linger_seconds=linger_seconds,
        )
        async with attack as attacker:
            polite = await run_polite(
                self.server.port, self.polite_tokens, seconds=seconds, seed=number
            )
            return polite, await attacker.tally()


def measure(row: Row, environment: Environment, effort: Effort) -> Measured:
    """Measure without, with, without, with, … on a service that is started for this row."""
    with environment.service() as server, sink() as discarding:
        return asyncio.run(_interleaved(_Rounds(row, environment, effort, server), discarding))


async def _interleaved(rounds: _Rounds, discarding: Server) -> Measured:
    server, last = rounds.server, rounds.effort.rounds
    measured = Measured()
    await run_polite(server.port, rounds.polite_tokens, seconds=WARM_UP_SECONDS, seed=0)
    for number in range(1, last + 1):
        polite, _ = await rounds.run(discarding, number=number)
        measured.without.add(polite)
        if number == 1:
            measured.memory = Memory.start_watching(server)
        linger_seconds = rounds.row.linger_seconds if number == last else 0.0
        polite, tally = await rounds.run(server, number=number, linger_seconds=linger_seconds)
        measured.beside.add(polite)
        measured.tally.add(tally)
        await settle(server, rounds.polite_tokens[0])
    measured.memory.finish(server)
    return measured


async def settle(server: Server, token: str) -> None:
    """Wait until the service responds quickly again, so that rounds do not affect each other."""
    loop = asyncio.get_running_loop()
    pool = Pool(server.port, max_connections=1)
    request = get("/api/progress/video/video-000/status", token)
    ends_at, quick_calls = loop.time() + MAX_SETTLE_SECONDS, 0
    while quick_calls < SETTLED_CALLS and loop.time() < ends_at:
        started = loop.time()
        outcome = await pool.call(request, timeout_seconds=MAX_SETTLE_SECONDS)
        is_quick = 1_000 * (loop.time() - started) < SETTLED_MS and outcome.label == "200"
        quick_calls = quick_calls + 1 if is_quick else 0
        await asyncio.sleep(SETTLED_PAUSE_SECONDS)
    pool.close()
