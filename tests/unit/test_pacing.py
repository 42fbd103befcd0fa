"""Long work leaves turns for others."""

from __future__ import annotations

import asyncio
import time

import pytest

from progress_service.errors import Unavailable
from progress_service.pacing import TURN_SECONDS, Gate, answer_by, paced


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


class Work:
    """Work that ends when it is told."""

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


async def started(gate: Gate, work: Work, times: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(gate.run(work)) for _ in range(times)]
    await asyncio.sleep(0)
    return tasks


async def test_a_gate_runs_so_much_at_once_and_the_rest_in_order():
    gate, work = Gate(max_running=2), Work()
    tasks = await started(gate, work, 5)

    assert work.begun == 2
    await work.end()
    assert work.begun == 3
    await work.end(4)
    assert len(await asyncio.gather(*tasks)) == 5
    assert await asyncio.gather(*(await started(gate, (done := Work()), 2)), done.end(2))


async def test_work_that_is_cancelled_while_it_waits_takes_no_turn():
    gate, work = Gate(max_running=1), Work()
    first, gone, last = await started(gate, work, 3)

    gone.cancel()
    await work.end(2)

    await asyncio.gather(first, last)
    assert (gone.cancelled(), work.begun) == (True, 2)


async def test_work_that_fails_makes_way():
    gate = Gate(max_running=1)

    async def failing() -> None:
        raise ValueError

    for _ in range(3):
        with pytest.raises(ValueError):  # noqa: PT011 - it is the one raised above
            await gate.run(failing)


async def test_work_that_would_end_after_the_deadline_is_rejected_when_it_arrives():
    gate, work = Gate(max_running=1), Work()
    gate._typical_seconds = 1.0
    tasks = await started(gate, work, 2)
    loop = asyncio.get_running_loop()

    answer_by.set(loop.time() + 1.5)  # two are before it, and each takes a second
    with pytest.raises(Unavailable):
        await gate.run(work)
    answer_by.set(loop.time() + 60)
    tasks += await started(gate, work, 1)

    await work.end(3)
    await asyncio.gather(*tasks)


async def test_work_whose_time_passed_while_it_waited_is_not_begun():
    gate, work = Gate(max_running=1), Work()
    [first] = await started(gate, work, 1)
    answer_by.set(asyncio.get_running_loop().time())
    gate._typical_seconds = 0.0
    answer_by.set(asyncio.get_running_loop().time() + 0.01)
    [late] = await started(gate, work, 1)
    await asyncio.sleep(0.02)

    await work.end(2)

    await first
    with pytest.raises(Unavailable):
        await late
    assert work.begun == 1
