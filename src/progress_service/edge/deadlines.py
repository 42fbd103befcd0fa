"""A deadline for each request, kept by one look in a while: a timer for each costs too much."""

from __future__ import annotations

import asyncio
from typing import Any

ANSWER_SECONDS = 5.5  # Client 10 s > service 6 s > driver 5 s; half a second is for sending it.
LOOK_SECONDS = 0.1
# In the scope: the loop's time when the last byte of the request was read. The server sets it.
ARRIVED_AT = "progress_service.arrived_at"
Task = asyncio.Task[Any]


class Deadlines:
    """Cancels the tasks that are on the clock for too long."""

    def __init__(self) -> None:
        self._since: dict[Task, float] = {}
        self._is_looking = False

    def start(self, task: Task) -> None:
        """Put *task* on the clock."""
        loop = asyncio.get_running_loop()
        self._since[task] = loop.time()
        if not self._is_looking:
            self._is_looking = True
            loop.call_later(LOOK_SECONDS, self._look, loop)

    def stop(self, task: Task) -> None:
        """Take *task* off the clock, if it is on it."""
        self._since.pop(task, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        too_late = loop.time() - ANSWER_SECONDS
        for task in [task for task, since in self._since.items() if since < too_late]:
            del self._since[task]
            task.cancel("the deadline passed")
        self._is_looking = bool(self._since)
        if self._is_looking:
            loop.call_later(LOOK_SECONDS, self._look, loop)
