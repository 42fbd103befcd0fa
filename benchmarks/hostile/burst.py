"""Row 8: a thousand simultaneous calls of polite students get a response in time."""

from __future__ import annotations

import asyncio

from benchmarks.hostile.attacker_process import attacking
from benchmarks.hostile.environment import Environment
from benchmarks.hostile.measure import WARM_UP_SECONDS, Effort, Measured, Memory, settle
from benchmarks.hostile.polite import STUDENTS, run_polite
from benchmarks.hostile.rows import Row
from benchmarks.processes import Server

MAX_BURST_SECONDS = 60.0  # Each call times out much earlier.
SLOWEST_MS = 6_500.0  # 5.5 s until the deadline, and 1 s to write a thousand responses.

BURST = Row(
    "8",
    "1,000 batches of 500 videos at once, by 200 students",
    "burst",
    is_goal_reached=lambda tally: (
        max(tally.latencies_ms) <= SLOWEST_MS and set(tally.outcomes) <= {"200", "503"}
    ),
    describe=lambda tally: f"slowest {max(tally.latencies_ms) / 1_000:.1f} s",
)


def measure_burst(environment: Environment, effort: Effort) -> Measured:
    """One burst per round, without other load."""
    with environment.service() as server:
        return asyncio.run(_bursts(environment, effort, server))


async def _bursts(environment: Environment, effort: Effort, server: Server) -> Measured:
    measured = Measured()
    polite = environment.tokens["polite"]
    await run_polite(server.port, polite[:STUDENTS], seconds=WARM_UP_SECONDS, seed=0)
    measured.memory = Memory.start_watching(server)
    for _ in range(effort.rounds):
        async with attacking(
            BURST.attack, environment, server, seconds=MAX_BURST_SECONDS
        ) as attacker:
            measured.tally.add(await attacker.tally())
        await settle(server, polite[0])
    measured.memory.finish(server)
    return measured
