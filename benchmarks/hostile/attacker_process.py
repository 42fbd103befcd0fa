"""Starts the hostile client in a process of its own, and takes its tally."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.hostile.attack import Tally
from benchmarks.hostile.attacker import longest_seconds
from benchmarks.hostile.environment import Environment
from benchmarks.processes import Server

READY_SECONDS = 30.0
MAX_TALLY_BYTES = 1 << 24


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
    *,
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
