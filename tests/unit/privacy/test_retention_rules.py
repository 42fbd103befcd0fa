"""What remains of a record that was not touched for longer than the retention period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from bson.decimal128 import Decimal128
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.progress import Progress
from progress_service.privacy.retention_rules import (
    OF_COMPLETION,
    is_stripped,
    record_touched_at,
    what_remains,
)
from tests.builders import NOON, at


def _stored(moment: datetime) -> datetime:
    """*moment* as the database returns it."""
    return moment.replace(tzinfo=None)


times = st.integers(0, 10**8).map(lambda seconds: _stored(NOON - timedelta(seconds=seconds)))
names = st.sampled_from(
    [
        "student_id",
        "material_id",
        "course_id",
        "watch_time",
        "last_watched",
        "completed_at",
        "marked_by",
        "unmarked_at",
        "unmarked_by",
        "sessions",
        "devices",
        "of another program",
    ]
)
values = st.none() | times | st.text(max_size=5) | st.integers() | st.just({"at": NOON})
documents = st.dictionaries(names, values).map(lambda fields: {"_id": ObjectId(), **fields})


@given(documents, st.none() | times, st.booleans())
def test_remains_of_record_are_completion_of_enrolled_student(
    document: dict[str, Any], completed_at: datetime | None, is_enrolled: bool
):
    current = Progress("intro", completed_at=completed_at, stored_at=NOON)

    remaining = what_remains(document, current, is_enrolled=is_enrolled)

    assert (remaining is not None) == (is_enrolled and completed_at is not None)
    if remaining is not None:
        assert remaining.keys() <= OF_COMPLETION - {"_id"}
        assert remaining["completed_at"] == completed_at
        kept = remaining.keys() - {"completed_at", "stored_at"}
        assert all(remaining[name] == document[name] for name in kept)


@given(documents, times)
def test_remains_of_remains_are_the_same(document: dict[str, Any], completed_at: datetime):
    current = Progress("intro", completed_at=completed_at, stored_at=NOON)
    once = what_remains(document, current, is_enrolled=True)
    assert once is not None

    assert is_stripped({"_id": document["_id"], **once})
    assert what_remains(once, current, is_enrolled=True) == once


@given(documents)
def test_record_that_has_anything_else_is_not_stripped(document: dict[str, Any]):
    if document.keys() - OF_COMPLETION:
        assert not is_stripped(document)


MADE_AT = _stored(at(days=-935, hours=-12))
IN_2025 = _stored(datetime(2025, 1, 1, tzinfo=UTC))
MADE = ObjectId.from_datetime(MADE_AT)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"stored_at": MADE_AT, "last_watched": NOON}, MADE_AT),
        ({"last_watched": "2025-01-01T00:00:00Z"}, IN_2025),
        ({"last_watched": Decimal128("1735689600")}, IN_2025),
        ({"last_watched": None}, MADE_AT),
        ({"last_watched": "soon"}, MADE_AT),
        ({}, MADE_AT),
    ],
)
def test_record_is_dated_by_its_stamp_or_else_its_newest_date(
    fields: dict[str, Any], expected: datetime
):
    touched = record_touched_at({"_id": MADE, **fields}, now=NOON)

    assert touched is not None
    assert _stored(touched) == expected


def test_record_without_any_date_is_never_old():
    assert record_touched_at({"_id": "ana_intro"}, now=NOON) is None


def test_record_of_the_future_is_dated_by_its_id():
    stamp = NOON + timedelta(days=1)

    touched = record_touched_at({"_id": MADE, "stored_at": stamp}, now=NOON)

    assert touched is not None
    assert _stored(touched) == MADE_AT
