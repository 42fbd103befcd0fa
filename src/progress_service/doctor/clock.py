"""`clock`: the clock of this machine, compared with that of the database."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, timedelta

from progress_service.doctor.findings import Finding, error, ok, warning
from progress_service.doctor.installation import Installation
from progress_service.mongo.client import Database

CHECK = "clock"
SAMPLES = 5
WARNING_SECONDS = 1.0  # Positions of two devices may be closer together than that.
ERROR_SECONDS = 5.0  # From here on, the service takes the times of correct devices for wrong.


async def check(database: Database, installation: Installation) -> Sequence[Finding]:
    """Compare the clocks: the fastest of some exchanges counts, at its midpoint.

    Raises:
        PyMongoError: no primary responds.
    """
    exchanges = []
    for _ in range(SAMPLES):
        began = time.monotonic()
        before = installation.clock.now()
        hello = await database.client.admin.command("hello")
        took_seconds = time.monotonic() - began
        middle = before + timedelta(seconds=took_seconds / 2)
        theirs = hello["localTime"].replace(tzinfo=UTC)
        exchanges.append((took_seconds, (middle - theirs).total_seconds()))
    took_seconds, ahead_seconds = min(exchanges)
    return [judge(ahead_seconds, uncertain_seconds=took_seconds / 2)]


def judge(ahead_seconds: float, *, uncertain_seconds: float) -> Finding:
    """The finding about a clock that is *ahead_seconds* ahead of the database's (or behind)."""
    direction = "ahead of" if ahead_seconds > 0 else "behind"
    off = abs(ahead_seconds)
    where = f"this machine is {off:.3f} s {direction} the database"
    certain = off - uncertain_seconds
    remedy = "set both clocks by NTP (`timedatectl`, `chronyc tracking`), here and on each member."
    if certain > ERROR_SECONDS:
        return error(CHECK, f"{where}; the times of correct devices are not believed", remedy)
    if certain > WARNING_SECONDS:
        return warning(CHECK, where, remedy)
    return ok(CHECK, where)
