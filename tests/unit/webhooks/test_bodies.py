"""The JSON of an event."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.outbox_events import OutboxEvent, course_completed
from progress_service.webhooks.bodies import body_of
from tests.builders import NOON
from tests.unit.webhooks.builders import an_event


def test_body_has_type_timestamp_and_data_only():
    assert json.loads(body_of(an_event())) == {
        "type": "video.completed",
        "timestamp": "2026-11-22T12:00:00Z",
        "data": {
            "student_id": "ana",
            "course_id": "react",
            "material_id": "intro",
            "completed_at": "2026-11-22T12:00:00Z",
        },
    }


def test_course_has_no_material():
    event = course_completed("ana", "react", completed_at=NOON, unmarked_at=None)

    assert set(json.loads(body_of(event))["data"]) == {"student_id", "course_id", "completed_at"}


@pytest.mark.parametrize("offset_hours", [None, 0, 5.5, -8])
def test_moments_are_written_in_utc(offset_hours: float | None):
    zone = None if offset_hours is None else timezone(timedelta(hours=offset_hours))
    moment = NOON.replace(tzinfo=None) if zone is None else NOON.astimezone(zone)

    body = json.loads(body_of(an_event(completed_at=moment)))

    assert body["timestamp"] == body["data"]["completed_at"] == "2026-11-22T12:00:00Z"


@given(student_id=st.text(), moment=st.datetimes(timezones=st.just(UTC)))
def test_body_is_ascii_and_the_same_each_time(student_id: str, moment: datetime):
    event = an_event(student_id, completed_at=moment)

    assert body_of(event) == body_of(event)
    assert body_of(event).isascii()
    assert json.loads(body_of(event))["data"]["student_id"] == student_id


def test_value_that_is_not_json_is_an_error_and_not_a_guess():
    event = OutboxEvent("e1", "video.completed", "ana", NOON, {"number": float("nan")})

    with pytest.raises(ValueError, match="JSON"):
        body_of(event)
