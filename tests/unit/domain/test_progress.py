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


@given(tenths=st.integers(1_000, 864_000), threshold=st.sampled_from([50, 80, 90, 95]))
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
        ("watch_time", {"position_seconds": 601.001}),
        ("watch_time", {"position_seconds": math.nan}),
        ("watch_time", {"position_seconds": math.inf}),
        ("played", {"played": ((0.0, 1.0),) * 201}),
        ("played.1", {"played": ((0.0, 1.0), (3.0, 2.0))}),
        ("played.0", {"played": ((-1.0, 1.0),)}),
        ("played.0", {"played": ((1.0, 601.001),)}),
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


@pytest.mark.parametrize("beyond_seconds", [0.001, 0.02, 0.5, 1])
def test_up_to_a_second_beyond_the_end_is_rounding(beyond_seconds: float):
    end = 600 + beyond_seconds

    report = a_report(position_seconds=end, played=((0.0, 5.0), (590.0, end)))

    assert report.position_seconds == 600
    assert report.played == ((0.0, 5.0), (590.0, 600.0))


def test_a_span_that_begins_beyond_the_end_is_nothing():
    assert a_report(played=((600.2, 600.7),)).played == ()


# -- the end -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "own"),
    [(126.0, 125.4), (10.0, 7.9), (600.0, 588.0), (600.0, 612.0), (600.0, 600.0), (None, 125.4)],
)
@pytest.mark.parametrize("threshold", [80, 99.9, 100])
def test_a_video_played_to_its_end_is_done(known: float | None, own: float, threshold: float):
    report = a_report(kind="ended", position_seconds=own, duration_seconds=own).against(known)

    assert report.reaches(threshold)
    assert report.percent == 100
    assert report.position_seconds == report.duration_seconds == (known or own)


@pytest.mark.parametrize("kind", ["heartbeat", "pause", "seek", "restart", "ended", "flush"])
@pytest.mark.parametrize(("known", "own"), [(600.0, 600.0), (126.0, 125.4), (10.0, 7.9)])
@pytest.mark.parametrize(("left_seconds", "is_end"), [(0, True), (1, True), (1.01, False)])
def test_the_last_second_of_a_video_is_its_end(
    kind: str, known: float, own: float, left_seconds: float, is_end: bool
):
    report = a_report(kind=kind, position_seconds=own - left_seconds, duration_seconds=own)

    assert report.against(known).reaches(100) is (is_end or kind == "ended")


def test_a_player_that_ended_far_from_the_end_ends_nothing():
    report = a_report(kind="ended", position_seconds=300.0).against(600.0)

    assert not report.reaches(80)
    assert report.position_seconds == 300


def test_a_start_is_no_end_even_of_a_video_of_a_second():
    assert not a_report(position_seconds=0.0, duration_seconds=0.9).reaches(80)


def naive(year: int, month: int) -> datetime:
    """A bound as Hypothesis wants it: it adds the zone itself."""
    return datetime(year, month, 1)  # noqa: DTZ001


# -- time --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead_seconds", [-(10**8), -1, 0, 4.999, 5])
def test_the_past_and_five_seconds_of_drift_are_believed(ahead_seconds: float):
    report = a_report(observed_at=at(ahead_seconds))

    assert report.believed_at(NOON).observed_at == at(ahead_seconds)


@pytest.mark.parametrize("ahead_seconds", [5.001, 60, 10**9])
def test_a_future_beyond_it_becomes_now(ahead_seconds: float):
    report = a_report(observed_at=at(ahead_seconds))

    assert report.believed_at(NOON).observed_at == NOON


@pytest.mark.parametrize(
    "observed_at",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2000, 1, 1, tzinfo=UTC),
        datetime(2014, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
    ],
)
def test_time_of_a_device_without_a_clock_becomes_now(observed_at: datetime):
    assert a_report(observed_at=observed_at).believed_at(NOON).observed_at == NOON


def test_time_from_2015_on_is_believed():
    first = datetime(2015, 1, 1, tzinfo=UTC)

    assert a_report(observed_at=first).believed_at(NOON).observed_at == first


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


@pytest.mark.parametrize("earlier", [(300.0,), (400.0, 300.0), (301.0,)])
@pytest.mark.parametrize("kind", ["heartbeat", "ended"])
def test_an_earlier_length_is_measured_by_todays(earlier: tuple[float, ...], kind: str):
    report = a_report(kind=kind, position_seconds=300.0, duration_seconds=300.0)

    measured = report.against(600.0, earlier_durations=earlier)

    assert (measured.position_seconds, measured.duration_seconds) == (300, 600)
    assert not measured.reaches(80)


def test_an_earlier_longer_length_is_clipped_to_todays():
    report = a_report(position_seconds=400.0, played=((0.0, 100.0), (250.0, 400.0), (420.0, 430.0)))

    measured = report.against(300.0, earlier_durations=(600.0,))

    assert (measured.position_seconds, measured.duration_seconds) == (300, 300)
    assert measured.played == ((0.0, 100.0), (250.0, 300.0))


def test_a_length_that_never_was_is_refused():
    with pytest.raises(Invalid) as refused:
        a_report(position_seconds=1.0, duration_seconds=450.0).against(
            300.0, earlier_durations=(600.0,)
        )

    assert refused.value.code == "duration_mismatch"


def test_a_lie_about_the_length_completes_nothing():
    with pytest.raises(Invalid):
        Report(position_seconds=80.0, duration_seconds=100.0, observed_at=NOON).against(600.0)
