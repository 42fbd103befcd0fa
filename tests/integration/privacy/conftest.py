"""Records that were not touched for long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

DAYS = 100
"""The retention period of the tests."""


def days_ago(days: float) -> datetime:
    """By the clock of this machine, which is that of the database."""
    moment = datetime.now(UTC) - timedelta(days=days)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


OLD, RECENT = days_ago(DAYS + 20), days_ago(DAYS - 20)


def an_old_record(material_id: str = "intro", **given: Any) -> dict[str, Any]:
    """A record of Ana's at 120 of 600 seconds."""
    return {
        "student_id": "ana",
        "material_id": material_id,
        "course_id": "react",
        "watch_time": 120.0,
        "total_duration": 600.0,
        "progress_percentage": 20.0,
        "furthest_percentage": 20.0,
        "last_watched": OLD,
        "stored_at": OLD,
        **given,
    }
