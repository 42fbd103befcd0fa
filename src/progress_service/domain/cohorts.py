"""Cohorts: the ISO week in which a learner was enrolled."""

from __future__ import annotations

import re
from datetime import datetime

COHORT_PATTERN = r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$"
COHORT_DETAIL = (
    "must be an ISO week of enrolment, like 2026-W47; `cohorts` lists the published ones"
)
_COHORT = re.compile(COHORT_PATTERN)


def is_cohort(text: str) -> bool:
    """True when *text* names an ISO week."""
    return _COHORT.fullmatch(text) is not None


def cohort_of(enrolled_at: datetime) -> str:
    """The ISO week, like ``2026-W47``."""
    year, week, _ = enrolled_at.isocalendar()
    return f"{year:04d}-W{week:02d}"
