"""The newest write that was acknowledged to each user, so that a secondary can wait for it."""

from __future__ import annotations

import time
from collections.abc import Iterable

from bson.timestamp import Timestamp

RETENTION_SECONDS = 120.0  # Longer than the staleness of every secondary in use.
MAX_READERS = 100_000


class LastWrites:
    """The newest write acknowledged to each reader, for a while.

    Two generations; the older one is dropped as a whole.
    """

    def __init__(self) -> None:
        self._new: dict[str, Timestamp] = {}
        self._old: dict[str, Timestamp] = {}
        self._rotated_at = time.monotonic()

    def add(self, readers: Iterable[str], operation_time: Timestamp) -> None:
        """A write at *operation_time* was acknowledged to *readers*."""
        now = time.monotonic()
        if now > self._rotated_at + RETENTION_SECONDS or len(self._new) > MAX_READERS:
            self._old, self._new, self._rotated_at = self._new, {}, now
        for reader in readers:
            self._new[reader] = max(self._new.get(reader, operation_time), operation_time)

    def forget(self, reader: str) -> None:
        """Forget the writes acknowledged to *reader*."""
        for writes in (self._new, self._old):
            writes.pop(reader, None)

    def newest(self, readers: Iterable[str]) -> Timestamp | None:
        """The newest write acknowledged to any of *readers*."""
        times = (self._new.get(reader) or self._old.get(reader) for reader in readers)
        return max((time for time in times if time is not None), default=None)
