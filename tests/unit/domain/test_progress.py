"""The validation of a report, and its conversion to the catalogue's length and clock."""

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
def test_percentage_is_between_0_and_100(duration: float, fraction: float):
    report = a_report(position_seconds=duration * fraction, duration_seconds=duration)

    assert 0 <= report.percent <= 100


@given(duration=durations)
def test_percentage_at_the_end_is_100(duration: float):
    assert a_report(position_seconds=duration, duration_seconds=duration).percent == 100


@given(tenths=st.integers(1, 864_000), threshold=st.sampled_from([50, 80, 90, 95, 100]))
def test_threshold_is_reached_at_exactly_its_position(tenths: int, threshold: int):
    """In binary, the product may be slightly below the threshold."""
    duration = tenths / 10
    report = a_report(position_seconds=duration * threshold / 100, duration_seconds=duration)

    assert report.reaches(threshold)


@given(tenths=st.integers(1_000, 864_000), threshold=st.sampled_from([50, 80, 90, 95]))
def test_threshold_is_not_reached_a_hundredth_of_a_percent_below(tenths: int, threshold: int):
    duration = tenths / 10
    position = duration * (threshold - 0.01) / 100

    assert not a_report(position_seconds=position, duration_seconds=duration).reaches(threshold)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("duration_seconds", {"duration_seconds": 0.0, "position_seconds": 0.0}),
        ("duration_seconds", {"duration_seconds": -1.0, "position_seconds": 0.0}),
        ("duration_seconds", {"duration_seconds": 86_400.5}),
        ("duration_seconds", {"duration_seconds": math.nan}),
        ("duration_seconds", {"duration_seconds": math.inf}),
        ("position_seconds", {"position_seconds": -0.5}),
        ("position_seconds", {"position_seconds": 601.001}),
        ("position_seconds", {"position_seconds": math.nan}),
        ("position_seconds", {"position_seconds": math.inf}),
        ("played", {"played": ((0.0, 1.0),) * 201}),
        ("played.1", {"played": ((0.0, 1.0), (3.0, 2.0))}),
        ("played.0", {"played": ((-1.0, 1.0),)}),
        ("played.0", {"played": ((1.0, 601.001),)}),
        ("played.0", {"played": ((math.nan, 1.0),)}),
        ("played.0", {"played": ((1.0, math.nan),)}),
    ],
)
def test_report_that_contradicts_itself_is_rejected_with_the_name_of_the_field(
    field: str, given: dict[str, object]
):
    with pytest.raises(Invalid) as rejected:
        a_report(**given)

    assert [error.field for error in rejected.value.errors] == [field]


def test_report_may_have_200_spans():
    assert len(a_report(played=((0.0, 1.0),) * 200).played) == 200


@pytest.mark.parametrize("beyond_seconds", [0.001, 0.02, 0.5, 1])
def test_position_up_to_a_second_beyond_the_end_is_clipped(beyond_seconds: float):
    end = 600 + beyond_seconds

    report = a_report(position_seconds=end, played=((0.0, 5.0), (590.0, end)))

    assert report.position_seconds == 600
    assert report.played == ((0.0, 5.0), (590.0, 600.0))


def test_span_that_begins_beyond_the_end_is_dropped():
    assert a_report(played=((600.2, 600.7),)).played == ()


# -- the end -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "own"),
    [(126.0, 125.4), (10.0, 7.9), (600.0, 588.0), (600.0, 612.0), (600.0, 600.0), (None, 125.4)],
)
@pytest.mark.parametrize("threshold", [80, 99.9, 100])
def test_video_played_to_its_end_is_completed(known: float | None, own: float, threshold: float):
    report = a_report(
        kind="ended", position_seconds=own, duration_seconds=own
    ).with_catalog_duration(known)

    assert report.reaches(threshold)
    assert report.percent == 100
    assert report.position_seconds == report.duration_seconds == (known or own)


@pytest.mark.parametrize("kind", ["heartbeat", "pause", "seek", "restart", "ended", "flush"])
@pytest.mark.parametrize(("known", "own"), [(600.0, 600.0), (126.0, 125.4), (10.0, 7.9)])
@pytest.mark.parametrize(("remaining_seconds", "is_end"), [(0, True), (1, True), (1.01, False)])
def test_last_second_of_a_video_is_its_end(
    kind: str, known: float, own: float, remaining_seconds: float, is_end: bool
):
    report = a_report(kind=kind, position_seconds=own - remaining_seconds, duration_seconds=own)

    assert report.with_catalog_duration(known).reaches(100) is (is_end or kind == "ended")


def test_ended_report_far_from_the_end_does_not_complete():
    report = a_report(kind="ended", position_seconds=300.0).with_catalog_duration(600.0)

    assert not report.reaches(80)
    assert report.position_seconds == 300


def test_start_of_a_one_second_video_is_not_its_end():
    assert not a_report(position_seconds=0.0, duration_seconds=0.9).reaches(80)


def naive(year: int, month: int) -> datetime:
    """A bound for Hypothesis, which requires it without a time zone."""
    return datetime(year, month, 1)  # noqa: DTZ001


# -- time --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead_seconds", [-(10**8), -1, 0, 4.999, 5])
def test_time_in_the_past_or_five_seconds_ahead_is_accepted(ahead_seconds: float):
    report = a_report(observed_at=at(ahead_seconds))

    assert report.with_plausible_time(NOON).observed_at == at(ahead_seconds)


@pytest.mark.parametrize("ahead_seconds", [5.001, 60, 10**9])
def test_time_further_ahead_becomes_now(ahead_seconds: float):
    report = a_report(observed_at=at(ahead_seconds))

    assert report.with_plausible_time(NOON).observed_at == NOON


@pytest.mark.parametrize(
    "observed_at",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2000, 1, 1, tzinfo=UTC),
        datetime(2014, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
    ],
)
def test_time_before_2015_becomes_now(observed_at: datetime):
    assert a_report(observed_at=observed_at).with_plausible_time(NOON).observed_at == NOON


def test_time_from_2015_on_is_accepted():
    first = datetime(2015, 1, 1, tzinfo=UTC)

    assert a_report(observed_at=first).with_plausible_time(NOON).observed_at == first


@given(
    observed_at=st.datetimes(timezones=st.just(UTC), max_value=naive(9999, 12)),
    now=st.datetimes(min_value=naive(1970, 1), max_value=naive(9000, 1)),
)
def test_plausible_time_is_whole_milliseconds_and_never_far_ahead(
    observed_at: datetime, now: datetime
):
    now = now.replace(tzinfo=UTC)

    plausible = a_report(observed_at=observed_at).with_plausible_time(now).observed_at

    assert plausible.microsecond % 1_000 == 0
    assert plausible <= now + timedelta(seconds=5)


@given(observed_at=st.datetimes(timezones=st.just(UTC), max_value=naive(2026, 11)))
def test_plausible_time_is_idempotent(observed_at: datetime):
    once = a_report(observed_at=observed_at).with_plausible_time(NOON)

    assert once.with_plausible_time(NOON + timedelta(days=1)) == once


# -- length ------------------------------------------------------------------------------------


def test_length_is_taken_from_the_report_when_unknown():
    report = a_report()

    assert report.with_catalog_duration(None) == report


@given(known=durations, off=st.floats(-2, 2), fraction=fractions)
def test_length_within_the_tolerance_becomes_that_of_the_catalogue(
    known: float, off: float, fraction: float
):
    reported = known + off
    if not 0 < reported <= 86_400:
        return
    report = a_report(
        position_seconds=reported * fraction,
        duration_seconds=reported,
        played=((0.0, reported), (reported, reported)),
    )

    converted = report.with_catalog_duration(known)

    assert converted.duration_seconds == known
    assert converted.position_seconds == min(report.position_seconds, known)
    assert all(0 <= start <= end <= known for start, end in converted.played)


@given(known=durations, reported=durations)
def test_length_off_by_more_than_both_tolerances_is_rejected(known: float, reported: float):
    off = abs(known - reported)
    report = a_report(position_seconds=0.0, duration_seconds=reported)

    if off > 5.001 and off > known * 0.020_01:
        with pytest.raises(Invalid) as rejected:
            report.with_catalog_duration(known)
        assert rejected.value.code == "duration_mismatch"
    elif off < 4.999 or off < known * 0.019_99:
        assert report.with_catalog_duration(known).duration_seconds == known


@pytest.mark.parametrize("earlier", [(300.0,), (400.0, 300.0), (301.0,)])
@pytest.mark.parametrize("kind", ["heartbeat", "ended"])
def test_earlier_length_becomes_todays_and_does_not_complete(earlier: tuple[float, ...], kind: str):
    report = a_report(kind=kind, position_seconds=300.0, duration_seconds=300.0)

    converted = report.with_catalog_duration(600.0, earlier_durations=earlier)

    assert (converted.position_seconds, converted.duration_seconds) == (300, 600)
    assert not converted.reaches(80)


def test_earlier_longer_length_is_clipped_to_todays():
    report = a_report(position_seconds=400.0, played=((0.0, 100.0), (250.0, 400.0), (420.0, 430.0)))

    converted = report.with_catalog_duration(300.0, earlier_durations=(600.0,))

    assert (converted.position_seconds, converted.duration_seconds) == (300, 300)
    assert converted.played == ((0.0, 100.0), (250.0, 300.0))


def test_length_that_was_never_in_the_catalogue_is_rejected():
    with pytest.raises(Invalid) as rejected:
        a_report(position_seconds=1.0, duration_seconds=450.0).with_catalog_duration(
            300.0, earlier_durations=(600.0,)
        )

    assert rejected.value.code == "duration_mismatch"


def test_wrong_length_does_not_complete():
    with pytest.raises(Invalid):
        Report(
            position_seconds=80.0, duration_seconds=100.0, observed_at=NOON
        ).with_catalog_duration(600.0)
