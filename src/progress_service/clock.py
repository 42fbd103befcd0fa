"""The clock of the service; tests pass their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Now = Callable[[], datetime]


class Clock:
    """Returns the current time, aware, in UTC."""

    def __init__(self, now: Now | None = None) -> None:
        self.now: Now = now or _system_time


def _system_time() -> datetime:
    return datetime.now(UTC)
