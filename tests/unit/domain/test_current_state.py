"""A stored record under today's length and threshold."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from progress_service.domain.catalog import Threshold, ThresholdChange
from progress_service.domain.current_state import current_state
from progress_service.domain.progress import DevicePosition, Progress
from tests.builders import a_reading, a_video, at

CHANGED = at(3_600)


def lowered(percent: float, seconds: float = 3_600) -> ThresholdChange:
    return ThresholdChange(percent, at(seconds), at(seconds))


def a_record(percent: float = 85.0, **given: object) -> Progress:
    """A record stored at noon, under a threshold of 90 %."""
    defaults = Progress(
        "intro",
        position_seconds=6 * percent,
        duration_seconds=600.0,
        percent=percent,
        furthest_percent=percent,
        observed_at=at(),
        stored_at=at(),
    )
    return defaults._replace(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("threshold", "completed_at"),
    [
        (Threshold(90), None),
        (Threshold(80, (lowered(80),)), CHANGED),
        (Threshold(85, (lowered(85),)), CHANGED),
        (Threshold(85.01, (lowered(85.01),)), None),
        (Threshold(90, (lowered(80),)), CHANGED),
        (Threshold(70, (lowered(86, 60), lowered(80, 120), lowered(70, 180))), at(120)),
        (Threshold(80), at()),
    ],
    ids=[
        "unchanged",
        "lowered",
        "exactly",
        "not low enough",
        "lowered and raised again",
        "lowered step by step",
        "a setting has no date",
    ],
)
def test_lowered_threshold_completes_records_that_had_reached_it(
    threshold: Threshold, completed_at: datetime | None
):
    assert current_state(a_record(), a_video(), threshold).completed_at == completed_at


def test_threshold_raised_again_completes_no_later_record():
    later = a_record(stored_at=at(7_200), observed_at=at(7_200))

    assert not current_state(later, a_video(), Threshold(90, (lowered(80),))).is_completed


def test_completion_by_a_report_keeps_its_date():
    completed = a_record(completed_at=at(-60))

    state = current_state(completed, a_video(), Threshold(80, (lowered(80),)))

    assert state.completed_at == at(-60)


def test_unmark_discards_what_was_reached_before_it():
    unmarked = a_record(unmarked_at=at(60))
    again = unmarked._replace(furthest_since_unmark_percent=81.0)
    threshold = Threshold(80, (lowered(80),))

    assert not current_state(unmarked, a_video(), threshold).is_completed
    assert current_state(again, a_video(), threshold).completed_at == CHANGED


def test_reading_is_not_completed_by_a_percentage():
    reading = a_reading("intro")

    assert not current_state(a_record(), reading, Threshold(80)).is_completed


def test_record_without_a_date_can_be_completed():
    record = a_record(observed_at=None, stored_at=None)

    assert current_state(record, a_video(), Threshold(80)).completed_at == datetime(
        2015, 1, 1, tzinfo=UTC
    )


# -- length ------------------------------------------------------------------------------------


def read_at(length: float | None, record: Progress) -> Progress:
    return current_state(record, a_video(duration_seconds=length), Threshold(90))


@pytest.mark.parametrize(
    ("length", "position", "percent"),
    [(300.0, 300.0, 100.0), (1_200.0, 400.0, 33.33), (600.0, 400.0, 66.67), (None, 400.0, 66.67)],
)
def test_position_is_read_against_todays_length(
    length: float | None, position: float, percent: float
):
    state = read_at(length, a_record(66.67, position_seconds=400.0))

    assert (state.position_seconds, state.percent) == (position, percent)
    assert state.duration_seconds == (length or 600)
    assert not state.is_completed


def test_spans_and_devices_are_clipped_to_todays_length():
    record = a_record(
        66.67,
        position_seconds=400.0,
        watched_spans=((0.0, 50.0), (250.0, 400.0)),
        watched_seconds=350.0,
        devices=(DevicePosition("phone", 400.0, at()), DevicePosition("tv", 100.0, at())),
    )

    state = read_at(300, record)

    assert state.watched_spans == ((0, 50), (250, 300))
    assert state.watched_seconds == 300
    assert [(place.device_id, place.position_seconds) for place in state.devices] == [
        ("phone", 300),
        ("tv", 100),
    ]


def test_positions_of_other_devices_beyond_the_end_are_dropped():
    record = a_record(
        16.67,
        position_seconds=100.0,
        devices=(DevicePosition("tv", 100.0, at()), DevicePosition("phone", 400.0, at(-60))),
    )

    assert [place.device_id for place in read_at(300, record).devices] == ["tv"]


@pytest.mark.parametrize(
    ("length", "is_shortened"), [(399.0, False), (398.9, True), (400.0, False), (500.0, False)]
)
def test_position_more_than_a_second_beyond_the_end_is_shortened(length: float, is_shortened: bool):
    record = a_record(66.67, position_seconds=400.0)

    assert read_at(length, record).is_shortened is is_shortened


def test_unwatched_video_stays_at_zero():
    assert read_at(300, Progress("intro")) == Progress("intro")


def test_position_stored_without_a_length_has_todays():
    stored = a_record(0.0, position_seconds=100.0, duration_seconds=0.0)

    state = read_at(600, stored)

    assert (state.position_seconds, state.duration_seconds, state.percent) == (100, 600, 16.67)
    assert not state.is_shortened
