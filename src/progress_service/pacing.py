"""Long work in short turns: nobody waits for one caller's hundred things."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextvars import ContextVar
from typing import TypeVar

TURN_SECONDS = 0.001  # A few times what an ordinary request needs.

Item = TypeVar("Item")

answer_by: ContextVar[float] = ContextVar("answer_by")
"""The time of the event loop by which the current request must be answered."""


async def paced(items: Iterable[Item]) -> AsyncIterator[Item]:
    """*items*, with a turn for everybody else whenever ours was as long as `TURN_SECONDS`."""
    turn_ends_at = time.perf_counter() + TURN_SECONDS
    for item in items:
        yield item
        if time.perf_counter() >= turn_ends_at:
            await asyncio.sleep(0)
            turn_ends_at = time.perf_counter() + TURN_SECONDS
