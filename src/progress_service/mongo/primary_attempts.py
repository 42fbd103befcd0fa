"""Ends attempts at a former primary, as soon as the driver knows its successor.

A primary whose process is frozen, or whose network drops packets, keeps its connections open: a
command that was sent to it waits until its deadline, long after another member was elected.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from pymongo.server_type import SERVER_TYPE
from pymongo.topology_description import TopologyDescription

# A listener of the driver would learn of it later, and delay the end of each client by a second.
CHECK_SECONDS = 0.1

Address = tuple[str, int | None]
FindPrimary = Callable[[], Address | None]
"""Returns the primary as the driver knows it at present; ``None`` without one."""


class PrimaryAttempts:
    """Looks for another primary while attempts are running."""

    def __init__(self, find_primary: FindPrimary) -> None:
        self._find_primary = find_primary
        self._running: set[asyncio.Timeout] = set()
        self._primary: Address | None = None
        self._next_check: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Run a command that may be sent again to another primary.

        Raises:
            TimeoutError: another member is primary now. The command may have been executed.
        """
        async with asyncio.timeout(None) as attempt:
            if self._next_check is None:
                self._primary = self._find_primary() or self._primary
                self._check_later()
            self._running.add(attempt)
            try:
                yield
            finally:
                self._running.discard(attempt)

    def _check_later(self) -> None:
        self._next_check = asyncio.get_running_loop().call_later(CHECK_SECONDS, self._check)

    def _check(self) -> None:
        self._next_check = None
        if not self._running:
            return
        primary, known = self._find_primary(), self._primary
        self._primary = primary or known
        if None not in (primary, known) and primary != known:
            self._end_all()
        self._check_later()

    def _end_all(self) -> None:
        now = asyncio.get_running_loop().time()
        for attempt in self._running:
            attempt.reschedule(now)
        self._running.clear()


def primary_of(topology: TopologyDescription) -> Address | None:
    """The primary of a replica set, as the driver describes the set."""
    servers = topology.server_descriptions().items()
    return next((address for address, s in servers if s.server_type == SERVER_TYPE.RSPrimary), None)
