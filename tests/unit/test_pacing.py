"""Pacing: long work yields to other tasks, and a gate bounds concurrent calls."""

from __future__ import annotations

import asyncio
import time

import pytest

from progress_service.errors import Unavailable
from progress_service.pacing import TURN_SECONDS, Gate, paced, respond_by


async def test_paced_yields_between_slow_items():
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


async def test_paced_returns_every_item_once_and_in_order():
    assert [item async for item in paced(iter("abc"))] == ["a", "b", "c"]


class Work:
    """Work that ends when the test calls `end`."""

    def __init__(self) -> None:
        self.begun = 0
        self._ends = asyncio.Semaphore(0)

    async def __call__(self) -> int:
        self.begun += 1
        await self._ends.acquire()
        return self.begun

    async def end(self, times: int = 1) -> None:
        for _ in range(times):
            self._ends.release()
        for _ in range(5):
            await asyncio.sleep(0)


async def start_calls(gate: Gate, work: Work, times: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(gate.run(work)) for _ in range(times)]
    await asyncio.sleep(0)
    return tasks


async def test_gate_bounds_running_calls_and_starts_the_rest_in_order():
    gate, work = Gate(max_running=2), Work()
    tasks = await start_calls(gate, work, 5)

    assert work.begun == 2
    await work.end()
    assert work.begun == 3
    await work.end(4)
    assert len(await asyncio.gather(*tasks)) == 5
    assert await asyncio.gather(*(await start_calls(gate, (done := Work()), 2)), done.end(2))


async def test_gate_skips_a_call_cancelled_in_the_queue():
    gate, work = Gate(max_running=1), Work()
    first, cancelled, last = await start_calls(gate, work, 3)

    cancelled.cancel()
    await work.end(2)

    await asyncio.gather(first, last)
    assert (cancelled.cancelled(), work.begun) == (True, 2)


async def test_gate_is_free_after_a_failed_call():
    gate = Gate(max_running=1)

    async def failing() -> None:
        raise ValueError

    for _ in range(3):
        with pytest.raises(ValueError):  # noqa: PT011 - it is the one raised above
            await gate.run(failing)


async def test_gate_rejects_a_call_that_cannot_end_before_its_deadline():
    gate, work = Gate(max_running=1), Work()
    gate._call_seconds.value = 1.0
    tasks = await start_calls(gate, work, 2)
    loop = asyncio.get_running_loop()

    respond_by.set(loop.time() + 1.5)  # two calls are ahead, each takes a second
    with pytest.raises(Unavailable):
        await gate.run(work)
    respond_by.set(loop.time() + 60)
    tasks += await start_calls(gate, work, 1)

    await work.end(3)
    await asyncio.gather(*tasks)


async def test_gate_does_not_start_a_call_whose_deadline_passed_in_the_queue():
    gate, work = Gate(max_running=1), Work()
    [first] = await start_calls(gate, work, 1)
    respond_by.set(asyncio.get_running_loop().time())
    gate._call_seconds.value = 0.0
    respond_by.set(asyncio.get_running_loop().time() + 0.01)
    [late] = await start_calls(gate, work, 1)
    await asyncio.sleep(0.02)

    await work.end(2)

    await first
    with pytest.raises(Unavailable):
        await late
    assert work.begun == 1
