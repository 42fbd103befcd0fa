"""A deadline for each request, kept by one look in a while: a timer for each costs too much."""

from __future__ import annotations

import asyncio
from typing import Any

from progress_service.pacing import answer_by

ANSWER_SECONDS = 5.5  # Client 10 s > service 6 s > driver 5 s; half a second is for sending it.
LOOK_SECONDS = 0.1
Task = asyncio.Task[Any]


ARRIVED_AT = "progress_service.arrived_at"
"""Where the server says in the scope when the last byte of the request came, by the loop's time."""


class Deadlines:
    """Cancels the tasks that are on the clock for too long."""

    def __init__(self) -> None:
        self._since: dict[Task, float] = {}
        self._is_looking = False

    def start(self, task: Task, *, arrived_at: float) -> None:
        """Put *task* on the clock, if it is not: its request was there at *arrived_at*."""
        loop = asyncio.get_running_loop()
        arrived_at = self._since.setdefault(task, arrived_at)
        answer_by.set(arrived_at + ANSWER_SECONDS)
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
