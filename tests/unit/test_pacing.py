"""Long work leaves turns for others."""

from __future__ import annotations

import asyncio
import time

from progress_service.pacing import TURN_SECONDS, paced


async def test_others_get_a_turn_between_slow_items():
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    async for _ in paced(range(5)):
        time.sleep(TURN_SECONDS)
    task.cancel()

    assert turns >= 5


async def test_every_item_comes_once_and_in_order():
    assert [item async for item in paced(iter("abc"))] == ["a", "b", "c"]
