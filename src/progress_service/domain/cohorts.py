"""Cohorts: the ISO week in which a learner was enrolled."""

from __future__ import annotations

from datetime import datetime

COHORT_PATTERN = r"^\d{4}-W\d{2}$"


def cohort_of(enrolled_at: datetime) -> str:
    """The ISO week, like ``2026-W47``."""
    year, week, _ = enrolled_at.isocalendar()
    return f"{year:04d}-W{week:02d}"
