"""Token buckets: a burst at once, then a steady rate. `limits` has no such strategy."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import takewhile

DROPPED_AT_ONCE = 4  # More are dropped than added, so that full buckets are soon gone.


class TokenBuckets:
    """One bucket for each key, full at first. For one thread: the event loop's.

    A bucket is stored as the moment at which it is full again, and not at all once it is.
    """

    def __init__(
        self,
        *,
        capacity: int,
        refill_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """*refill_seconds*: how long an empty bucket takes to fill up to *capacity*."""
        self._capacity = capacity
        self._seconds_each = refill_seconds / capacity
        self._clock = clock
        self._full_at: dict[str, float] = {}

    def take(self, key: str, tokens: int) -> float:
        """Take *tokens* out of the bucket of *key*, or nothing.

        A call for more than a bucket holds takes it from a full one, which then fills up later.

        Returns:
            Seconds until there are enough; 0 if they were taken.
        """
        now = self._clock()
        full_at = max(self._full_at.get(key, now), now)
        needed = min(tokens, self._capacity) * self._seconds_each
        missing_seconds = full_at - now + needed - self._capacity * self._seconds_each
        if missing_seconds > 1e-9:
            return missing_seconds
        self._full_at.pop(key, None)  # so that the new one is the last
        self._drop_full(now)
        self._full_at[key] = full_at + tokens * self._seconds_each
        return 0.0

    def forget(self, key: str) -> None:
        """Drop the bucket of *key*, which is full then."""
        self._full_at.pop(key, None)

    def prune(self) -> None:
        """Drop the buckets that are full, up to the first one that is not."""
        now = self._clock()
        full = takewhile(lambda bucket: bucket[1] <= now, self._full_at.items())
        for key in [key for key, _ in full]:
            del self._full_at[key]

    def __len__(self) -> int:
        return len(self._full_at)

    def _drop_full(self, now: float) -> None:
        for key in [key for key, _ in zip(self._full_at, range(DROPPED_AT_ONCE), strict=False)]:
            if self._full_at[key] <= now:
                del self._full_at[key]
