"""Activity is written again in time, whatever the pauses, and what is noted stays bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.catalog import enrollment_activity
from progress_service.catalog.enrollment_activity import MAX_NOTED, RecentKeys
from tests.builders import FakeTime

SECONDS = 300.0


@given(
    st.lists(
        st.tuples(st.sampled_from(["ana", "ben"]), st.floats(0, 400), st.booleans(), st.booleans()),
        max_size=40,
    )
)
def test_key_counts_as_noted_for_the_given_time_at_most(
    steps: list[tuple[str, float, bool, bool]],
):
    with pytest.MonkeyPatch.context() as patch:
        time = FakeTime()
        patch.setattr(enrollment_activity, "time", time)
        patch.setattr(enrollment_activity, "MAX_NOTED", 4)
        recent, noted_at = RecentKeys(SECONDS), dict[str, float]()
        for student_id, pause_seconds, adds, crowds in steps:
            time.now += pause_seconds
            if crowds:
                recent.add([("someone", f"{n}") for n in range(3)])
            missing = recent.missing([(student_id, "react")])
            if not missing:
                assert time.now - noted_at[student_id] <= SECONDS
            if adds:
                recent.add([(student_id, "react")])
                noted_at[student_id] = time.now


def test_key_is_noted_for_half_of_the_time_at_least(monkeypatch: pytest.MonkeyPatch):
    time = FakeTime()
    monkeypatch.setattr(enrollment_activity, "time", time)
    recent = RecentKeys(SECONDS)
    time.now += 149
    recent.add([("ana", "react")])

    time.now += 150

    assert recent.missing([("ana", "react"), ("ana", "vue")]) == [("ana", "vue")]


def test_repeated_key_is_missing_once():
    assert RecentKeys(SECONDS).missing([("ana", "react")] * 3) == [("ana", "react")]


def test_noted_keys_are_bounded():
    recent = RecentKeys(SECONDS)

    for number in range(3 * MAX_NOTED):
        recent.add([(f"student-{number}", "react")])

    assert len(recent) <= MAX_NOTED
