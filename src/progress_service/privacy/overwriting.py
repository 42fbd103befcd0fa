"""Overwrites the memory that requests about an erased student have released."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence

from progress_service.mongo.erasures import Erasure

EVERY_SECONDS = 20.0
AFTER_SECONDS = 120.0  # A student who waits for the end still sends requests.


class Overwriting:
    """Calls *overwrite* when an erasure has ended, and several times in the two minutes after."""

    def __init__(self, overwrite: Callable[[], Awaitable[None]]) -> None:
        self._overwrite = overwrite
        self._ended: set[bytes] = set()
        self._ended_at = self._done_at = float("-inf")

    async def poll(self, known: Sequence[Erasure]) -> None:
        """Overwrite memory if that is due; *known* are the erasures as stored now."""
        now = time.monotonic()
        ended = {each.student_hash for each in known if not (each.is_running or each.event_ids)}
        is_new = bool(ended - self._ended)
        self._ended = ended
        if is_new:
            self._ended_at = now
        elif now > self._ended_at + AFTER_SECONDS or now < self._done_at + EVERY_SECONDS:
            return
        self._done_at = now
        await self._overwrite()
