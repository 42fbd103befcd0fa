"""Ends attempts at a former primary, as soon as the driver knows its successor.

A primary whose process is frozen, or whose network drops packets, keeps its connections open: a
command that was sent to it waits until its deadline, long after another member was elected.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pymongo.monitoring import (
    TopologyClosedEvent,
    TopologyDescriptionChangedEvent,
    TopologyListener,
    TopologyOpenedEvent,
)
from pymongo.server_type import SERVER_TYPE


class PrimaryAttempts(TopologyListener):
    """Listens to the driver, whose threads call it. Create it in the event loop of the attempts."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._running: set[asyncio.Timeout] = set()
        self._primary: tuple[str, int | None] | None = None

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Run a command that may be sent again to another primary.

        Raises:
            TimeoutError: another member is primary now. The command may have been executed.
        """
        async with asyncio.timeout(None) as attempt:
            self._running.add(attempt)
            try:
                yield
            finally:
                self._running.discard(attempt)

    def description_changed(self, event: TopologyDescriptionChangedEvent) -> None:
        """The driver sees the members in other states."""
        servers = event.new_description.server_descriptions().items()
        primary = next(
            (address for address, s in servers if s.server_type == SERVER_TYPE.RSPrimary), None
        )
        if primary is None or primary == self._primary:
            return
        has_successor, self._primary = self._primary is not None, primary
        if has_successor and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end_all)

    def opened(self, event: TopologyOpenedEvent) -> None:
        """The client was created."""

    def closed(self, event: TopologyClosedEvent) -> None:
        """The client was closed."""

    def _end_all(self) -> None:
        for attempt in self._running:
            attempt.reschedule(self._loop.time())
        self._running.clear()
