"""Which times a device or a document may claim; others are those of a wrong clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EARLIEST_TIME = datetime(2015, 1, 1, tzinfo=UTC)
"""Clocks that nobody set begin in 1970, 1980, 2000 or 2010."""

CLOCK_TOLERANCE = timedelta(seconds=5)
"""Ordinary drift; a future beyond it is not believed."""


def is_plausible(moment: datetime, *, now: datetime) -> bool:
    """True from 2015 to a little after *now*. Both are aware."""
    return EARLIEST_TIME <= moment <= now + CLOCK_TOLERANCE
