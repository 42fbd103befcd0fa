"""Rate-limit windows counted in this process, as a storage of `limits`.

The library's own memory storage starts a thread a hundred times a second, which scans every window:
with thousands of students that took a seventh of each report. Here windows of one length are kept
in the order in which they end, and each new one removes some that have ended.
"""

from __future__ import annotations

import time
from collections import defaultdict

from limits.storage import Storage

SCHEME = "process"
DROPPED_AT_ONCE = 4  # More are dropped than added, so that ended windows are soon gone.


class Window:
    """Counts events since the window opened."""

    __slots__ = ("count", "ends_at")

    def __init__(self, ends_at: float) -> None:
        self.count = 0
        self.ends_at = ends_at


class InProcessStorage(Storage):
    """Windows by their length in seconds, then by key. For one thread: the event loop's."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - the base class declares it so

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False) -> None:
        super().__init__(uri, wrap_exceptions)
        self._by_length: defaultdict[int, dict[str, Window]] = defaultdict(dict)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a failing storage raises; this one does not fail."""
        return ConnectionError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count *amount* more under *key*; the first opens a window of *expiry* seconds."""
        now = time.time()
        windows = self._by_length[expiry]
        window = windows.get(key)
        if window is None or window.ends_at <= now:
            windows.pop(key, None)  # so that the new one is the last
            _drop_ended(windows, now)
            window = windows[key] = Window(now + expiry)
        window.count += amount
        return window.count

    def get(self, key: str) -> int:
        """The count of the window that is open now."""
        window = self._window(key)
        return window.count if window and window.ends_at > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in Unix seconds; now when none is open."""
        window = self._window(key)
        return window.ends_at if window else time.time()

    def check(self) -> bool:
        """It is always available."""
        return True

    def reset(self) -> int:
        """Drop every window; return their number."""
        held = len(self)
        self._by_length.clear()
        return held

    def clear(self, key: str) -> None:
        """Drop one window."""
        for windows in self._by_length.values():
            windows.pop(key, None)

    def prune(self) -> None:
        """Drop all windows that have ended."""
        now = time.time()
        for windows in self._by_length.values():
            _drop_ended(windows, now, at_most=len(windows))

    def __len__(self) -> int:
        return sum(map(len, self._by_length.values()))

    def _window(self, key: str) -> Window | None:
        """Keys hold the length of their window, so one is in one place at most."""
        found = (windows.get(key) for windows in self._by_length.values())
        return next((window for window in found if window is not None), None)


def _drop_ended(windows: dict[str, Window], now: float, *, at_most: int = DROPPED_AT_ONCE) -> None:
    for _ in range(min(at_most, len(windows))):
        oldest = next(iter(windows))
        if windows[oldest].ends_at > now:
            return
        del windows[oldest]
