"""Cohorts: the ISO week of enrolment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.cohorts import COHORT_PATTERN, cohort_of

moments = st.integers(0, 47_000).map(
    lambda days: datetime(1970, 1, 1, 7, tzinfo=UTC) + timedelta(days=days)
)


@pytest.mark.parametrize(
    ("moment", "cohort"),
    [
        (datetime(2026, 11, 22, 23, 59, tzinfo=UTC), "2026-W47"),
        (datetime(2026, 11, 23, tzinfo=UTC), "2026-W48"),
        (datetime(2027, 1, 3, tzinfo=UTC), "2026-W53"),  # the year of the week, not of the day
        (datetime(2024, 12, 30, tzinfo=UTC), "2025-W01"),
    ],
)
def test_cohort_is_the_iso_week(moment: datetime, cohort: str):
    assert cohort_of(moment) == cohort


@given(moment=moments)
def test_cohort_lasts_from_monday_to_sunday(moment: datetime):
    monday = moment - timedelta(days=moment.weekday())

    assert cohort_of(moment) == cohort_of(monday)
    assert cohort_of(moment) != cohort_of(monday + timedelta(days=7))
    assert re.fullmatch(COHORT_PATTERN, cohort_of(moment))
