"""What a report may say, and how it is measured."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.progress import Report
from progress_service.errors import Invalid
from tests.builders import NOON, a_report, at

durations = st.floats(0.001, 86_400)
fractions = st.floats(0, 1)


@given(duration=durations, fraction=fractions)
def test_a_percentage_lies_between_nothing_and_all(duration: float, fraction: float):
    report = a_report(position_seconds=duration * fraction, duration_seconds=duration)

    assert 0 <= report.percent <= 100


@given(duration=durations)
def test_the_end_is_a_hundred_percent(duration: float):
    assert a_report(position_seconds=duration, duration_seconds=duration).percent == 100


@given(tenths=st.integers(1, 864_000), threshold=st.sampled_from([50, 80, 90, 95, 100]))
def test_exactly_the_threshold_of_any_length_reaches_it(tenths: int, threshold: int):
    """On paper: in binary the product may lie just below."""
    duration = tenths / 10
    report = a_report(position_seconds=duration * threshold / 100, duration_seconds=duration)

    assert report.reaches(threshold)


@given(tenths=st.integers(100, 864_000), threshold=st.sampled_from([50, 80, 90, 95, 100]))
def test_a_hundredth_of_a_percent_below_does_not_reach_it(tenths: int, threshold: int):
    duration = tenths / 10
    position = duration * (threshold - 0.01) / 100

    assert not a_report(position_seconds=position, duration_seconds=duration).reaches(threshold)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("total_duration", {"duration_seconds": 0.0, "position_seconds": 0.0}),
        ("total_duration", {"duration_seconds": -1.0, "position_seconds": 0.0}),
        ("total_duration", {"duration_seconds": 86_400.5}),
        ("total_duration", {"duration_seconds": math.nan}),
        ("total_duration", {"duration_seconds": math.inf}),
        ("watch_time", {"position_seconds": -0.5}),
        ("watch_time", {"position_seconds": 600.5}),
        ("watch_time", {"position_seconds": math.nan}),
        ("watch_time", {"position_seconds": math.inf}),
        ("played", {"played": ((0.0, 1.0),) * 201}),
        ("played.1", {"played": ((0.0, 1.0), (3.0, 2.0))}),
        ("played.0", {"played": ((-1.0, 1.0),)}),
        ("played.0", {"played": ((1.0, 600.5),)}),
        ("played.0", {"played": ((math.nan, 1.0),)}),
        ("played.0", {"played": ((1.0, math.nan),)}),
    ],
)
def test_a_report_that_contradicts_itself_is_refused_by_the_name_of_the_field(
    field: str, given: dict[str, object]
):
    with pytest.raises(Invalid) as refused:
        a_report(**given)

    assert [error.field for error in refused.value.errors] == [field]


def test_two_hundred_stretches_are_welcome():
    assert len(a_report(played=((0.0, 1.0),) * 200).played) == 200


def naive(year: int, month: int) -> datetime:
    """A bound as Hypothesis wants it: it adds the zone itself."""
    return datetime(year, month, 1)  # noqa: DTZ001


# -- time --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead_seconds", [-(10**9), -1, 0, 4.999, 5])
def test_the_past_and_five_seconds_of_drift_are_believed(ahead_seconds: float):
    report = a_report(observed_at=at(ahead_seconds))

    assert report.believed_at(NOON).observed_at == at(ahead_seconds)


@pytest.mark.parametrize("ahead_seconds", [5.001, 60, 10**9])
def test_a_future_beyond_it_becomes_now(ahead_seconds: float):
    report = a_report(observed_at=at(ahead_seconds))

    assert report.believed_at(NOON).observed_at == NOON


@given(
    observed_at=st.datetimes(timezones=st.just(UTC), max_value=naive(9999, 12)),
    now=st.datetimes(min_value=naive(1970, 1), max_value=naive(9000, 1)),
)
def test_a_believed_time_is_whole_milliseconds_and_never_far_ahead(
    observed_at: datetime, now: datetime
):
    now = now.replace(tzinfo=UTC)

    believed = a_report(observed_at=observed_at).believed_at(now).observed_at

    assert believed.microsecond % 1_000 == 0
    assert believed <= now + timedelta(seconds=5)


@given(observed_at=st.datetimes(timezones=st.just(UTC), max_value=naive(2026, 11)))
def test_believing_twice_is_believing_once(observed_at: datetime):
    once = a_report(observed_at=observed_at).believed_at(NOON)

    assert once.believed_at(NOON + timedelta(days=1)) == once


# -- length ------------------------------------------------------------------------------------


def test_an_unknown_length_is_taken_from_the_report():
    report = a_report()

    assert report.against(None) == report


@given(known=durations, off=st.floats(-2, 2), fraction=fractions)
def test_a_length_about_right_is_measured_by_the_catalogue(
    known: float, off: float, fraction: float
):
    said = known + off
    if not 0 < said <= 86_400:
        return
    report = a_report(
        position_seconds=said * fraction,
        duration_seconds=said,
        played=((0.0, said), (said, said)),
    )

    measured = report.against(known)

    assert measured.duration_seconds == known
    assert measured.position_seconds == min(report.position_seconds, known)
    assert all(0 <= start <= end <= known for start, end in measured.played)


@given(known=durations, said=durations)
def test_a_length_is_refused_when_off_by_more_than_both_tolerances(known: float, said: float):
    off = abs(known - said)
    report = a_report(position_seconds=0.0, duration_seconds=said)

    if off > 5.001 and off > known * 0.020_01:
        with pytest.raises(Invalid) as refused:
            report.against(known)
        assert refused.value.code == "duration_mismatch"
    elif off < 4.999 or off < known * 0.019_99:
        assert report.against(known).duration_seconds == known


def test_a_lie_about_the_length_completes_nothing():
    with pytest.raises(Invalid):
        Report(position_seconds=80.0, duration_seconds=100.0, observed_at=NOON).against(600.0)
