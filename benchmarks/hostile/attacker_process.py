"""Starts the hostile client in its own process, and reads its tally."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.hostile.attack import Tally
from benchmarks.hostile.attacker import max_duration_seconds
from benchmarks.hostile.environment import Environment
from benchmarks.processes import Server

READY_SECONDS = 30.0
MAX_TALLY_BYTES = 1 << 24


@dataclass(frozen=True, slots=True)
class Attacker:
    """A running hostile process."""

    process: asyncio.subprocess.Process
    max_seconds: float

    async def tally(self) -> Tally:
        """Wait until the process ends, and return its tally."""
        assert self.process.stdout is not None
        async with asyncio.timeout(self.max_seconds):
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
    """The hostile process; the attack starts with the block."""
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
        max_seconds = max_duration_seconds(seconds, linger_seconds) + READY_SECONDS
        yield Attacker(process, max_seconds)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
