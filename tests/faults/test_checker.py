"""The history check finds every kind of difference."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .history import Call, History, Outcome, Reading, check

KEY = ("ana", "intro")
START = datetime(2026, 11, 22, 10, tzinfo=UTC)


def a_call(
    position: float,
    *,
    minute: int = 0,
    outcome: Outcome = "ok",
    played: tuple[tuple[float, float], ...] = (),
    kind: str = "heartbeat",
) -> Call:
    body = {
        "watch_time": position,
        "total_duration": 600.0,
        "observed_at": (START + timedelta(minutes=minute)).isoformat(),
        "kind": kind,
        "device_id": "phone",
        "played": played,
    }
    return Call("phone", KEY, body, outcome, sent_at=minute, responded_at=minute + 0.5)


def a_row(position: float, *, minute: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "student_id": KEY[0],
        "material_id": KEY[1],
        "watch_time": position,
        "total_duration": 600.0,
        "last_watched": START + timedelta(minutes=minute),
        "devices": [{"device_id": "phone"}],
        **more,
    }


def a_reading(call: Call, **more: Any) -> Reading:
    status: Mapping[str, Any] = {
        "watched_spans": [list(span) for span in call.spans],
        "completed": call.completes,
        "last_watched": call.body["observed_at"],
        **more,
    }
    return Reading(call.client, call.key, status)


def test_consistent_record_is_clean():
    history = History(
        [
            a_call(10, minute=1, played=((0, 10),)),
            a_call(590, minute=2, played=((0, 10), (500, 590))),
            a_call(0, minute=3),
            a_call(700, minute=4, outcome="failed"),
            a_call(40, minute=5, outcome="unknown", played=((30, 40),)),
        ]
    )
    done = START + timedelta(minutes=2)
    spans = [[0, 10], [500, 590]]

    without = check(history, [a_row(590, minute=2, watched_spans=spans, completed_at=done)])
    with_unknown = check(
        history,
        [a_row(40, minute=5, watched_spans=[[0, 10], [30, 40], [500, 590]], completed_at=done)],
    )

    assert without.is_clean, without
    assert with_unknown.is_clean, with_unknown


def test_missing_record_is_lost():
    assert check(History([a_call(10)]), []).lost


def test_missing_acknowledged_position_is_lost():
    history = History([a_call(10, minute=1), a_call(20, minute=2)])

    assert check(history, [a_row(10, minute=1)]).lost


def test_position_replaced_by_a_low_start_is_lost():
    history = History([a_call(100, minute=1), a_call(0, minute=2)])

    assert check(history, [a_row(0, minute=2)]).lost
    assert check(history, [a_row(100, minute=1)]).is_clean


def test_missing_acknowledged_restart_is_lost():
    history = History([a_call(100, minute=1), a_call(0, minute=2, kind="restart")])

    assert check(history, [a_row(100, minute=1)]).lost


def test_missing_acknowledged_spans_are_lost():
    history = History([a_call(10, played=((0, 10),))])

    assert check(history, [a_row(10, watched_spans=[[0, 9]])]).lost


def test_missing_or_late_acknowledged_completion_is_lost():
    history = History([a_call(500, minute=1), a_call(590, minute=2)])
    late = START + timedelta(minutes=2)

    assert check(history, [a_row(590, minute=2)]).lost
    assert check(history, [a_row(590, minute=2, completed_at=late)]).lost


def test_missing_acknowledged_device_is_lost():
    assert check(History([a_call(10)]), [a_row(10, devices=[])]).lost


def test_unsent_position_is_invented():
    history = History([a_call(10), a_call(11, outcome="failed")])

    assert check(history, [a_row(12)]).invented
    assert check(history, [a_row(11)]).invented


def test_unsent_record_is_invented():
    assert check(History(), [a_row(10)]).invented
    assert check(History([a_call(10, outcome="failed")]), [a_row(10)]).invented


def test_unplayed_spans_are_invented():
    history = History([a_call(10, played=((0, 10),)), a_call(10, played=((50, 60),))])

    assert check(history, [a_row(10, watched_spans=[[0, 60]])]).invented


def test_unreached_completion_is_invented():
    assert check(History([a_call(10)]), [a_row(10, completed_at=START)]).invented


def test_unused_device_is_invented():
    devices = [{"device_id": "phone"}, {"device_id": "fridge"}]

    assert check(History([a_call(10)]), [a_row(10, devices=devices)]).invented


def test_duplicate_record_is_doubled():
    assert check(History([a_call(10)]), [a_row(10), a_row(10)]).doubled


def test_duplicate_spans_are_doubled():
    history = History([a_call(10, played=((0, 10),))])

    assert check(history, [a_row(10, watched_spans=[[0, 10], [0, 10]])]).doubled


def test_duplicate_device_is_doubled():
    devices = [{"device_id": "phone"}, {"device_id": "phone"}]

    assert check(History([a_call(10)]), [a_row(10, devices=devices)]).doubled


def test_status_below_an_earlier_one_is_shrunk():
    call = a_call(590, played=((0, 10),))
    row = a_row(590, watched_spans=[[0, 10]], completed_at=START)

    assert check(History([call, a_reading(call)]), [row]).is_clean
    assert check(History([call, a_reading(call, watched_spans=[])]), [row]).shrunk
    assert check(History([call, a_reading(call, completed=False)]), [row]).shrunk
    assert check(History([call, a_reading(call, last_watched=None)]), [row]).shrunk


def test_outage_is_the_longest_wait_for_an_acknowledgement():
    minutes = [0, 1, 5, 6, 9]
    history = History([a_call(10, minute=minute) for minute in minutes])
    history.entries.append(a_call(10, minute=3, outcome="unknown"))

    assert history.outage_seconds(since=0) == 4
    assert history.outage_seconds(since=6) == 3
    assert history.outage_seconds(since=20) == float("inf")
