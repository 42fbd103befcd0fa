"""Deadlines of requests, checked periodically: a timer for each would cost too much."""

from __future__ import annotations

import asyncio
from typing import Any

from progress_service.pacing import respond_by

RESPONSE_SECONDS = 5.5  # Client 10 s > service 6 s > driver 5 s; half a second is for sending.
CHECK_INTERVAL_SECONDS = 0.1
Task = asyncio.Task[Any]


ARRIVED_AT = "progress_service.arrived_at"
"""In the scope of a request: when its last byte arrived, by the time of the event loop."""


class Deadlines:
    """Cancels tasks that have passed their deadline."""

    def __init__(self) -> None:
        self._since: dict[Task, float] = {}
        self._is_scheduled = False

    def start(self, task: Task, *, arrived_at: float) -> None:
        """Start the deadline of *task*, unless it has one: its request arrived at *arrived_at*."""
        loop = asyncio.get_running_loop()
        arrived_at = self._since.setdefault(task, arrived_at)
        respond_by.set(arrived_at + RESPONSE_SECONDS)
        if not self._is_scheduled:
            self._is_scheduled = True
            loop.call_later(CHECK_INTERVAL_SECONDS, self._check, loop)

    def stop(self, task: Task) -> None:
        """Remove the deadline of *task*, if it has one."""
        self._since.pop(task, None)

    def _check(self, loop: asyncio.AbstractEventLoop) -> None:
        too_late = loop.time() - RESPONSE_SECONDS
        for task in [task for task, since in self._since.items() if since < too_late]:
            del self._since[task]
            task.cancel("the deadline passed")
        self._is_scheduled = bool(self._since)
        if self._is_scheduled:
            loop.call_later(CHECK_INTERVAL_SECONDS, self._check, loop)
