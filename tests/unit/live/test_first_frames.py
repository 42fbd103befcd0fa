"""Sockets without a token: above the limit, the oldest is closed."""

from __future__ import annotations

import asyncio

from progress_service.live.sockets import FirstFrames


async def test_oldest_socket_is_closed_above_the_limit():
    first_frames = FirstFrames(max_unauthenticated=2)
    entered: list[int] = []
    ended: list[int] = []

    async def wait(number: int) -> None:
        try:
            async with first_frames.timeout():
                entered.append(number)
                await asyncio.Event().wait()
        except TimeoutError:
            ended.append(number)

    async with asyncio.TaskGroup() as task_group:
        tasks = []
        for number in range(4):
            tasks.append(task_group.create_task(wait(number)))
            await asyncio.sleep(0)
        while len(ended) < 2:
            await asyncio.sleep(0.001)
        for task in tasks:
            task.cancel()

    assert entered == [0, 1, 2, 3]
    assert ended == [0, 1]


async def test_socket_that_sent_its_first_frame_does_not_count():
    first_frames = FirstFrames(max_unauthenticated=1)
    for _ in range(3):
        async with first_frames.timeout():
            pass
    async with first_frames.timeout():
        await asyncio.sleep(0.01)
