"""Decides which times of devices and documents are plausible; others come from wrong clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EARLIEST_TIME = datetime(2015, 1, 1, tzinfo=UTC)
"""Clocks that were never set start in 1970, 1980, 2000 or 2010; so earlier is implausible."""

CLOCK_TOLERANCE = timedelta(seconds=5)
"""Ordinary drift; a time further in the future is not plausible."""


def is_plausible(moment: datetime, *, now: datetime) -> bool:
    """True from 2015 to a little after *now*. Both are aware."""
    return EARLIEST_TIME <= moment <= now + CLOCK_TOLERANCE
