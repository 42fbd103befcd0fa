"""Numbers and times, read from values of any type."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from bson import Decimal128, Int64, ObjectId, Timestamp
from bson.datetime_ms import DatetimeMS
from hypothesis import given
from hypothesis import strategies as st

from progress_service.mongo.values import to_moment, to_number
from tests.builders import NOON, brief

SEEN_AT = datetime(2024, 10, 14, 10, 30, tzinfo=UTC)
SECONDS = int(SEEN_AT.timestamp())
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.dictionaries(st.text(), st.integers()),
    st.lists(st.integers()),
    st.decimals().map(str).filter(lambda text: len(text) <= 30).map(Decimal128),
    st.integers(-(2**63), 2**63 - 1).map(DatetimeMS),
)


@pytest.mark.parametrize(
    "value", [570, 570.0, Int64(570), Decimal128("570"), "570", " 570.0 ", "5.7e2"], ids=brief
)
def test_number_of_any_type_is_read(value: Any):
    assert to_number(value) == 570.0


NOT_NUMBERS: list[Any] = [
    None,
    True,
    "",
    "abc",
    "9" * 100,
    float("nan"),
    float("inf"),
    "nan",
    "-Infinity",
    Decimal128("NaN"),
    Decimal128("sNaN"),
    Decimal128("Infinity"),
    10**400,
    [1],
    {"a": 1},
    ObjectId("64b7abdecf1a2b3c4d5e6f70"),
    b"5",
]


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=brief)
def test_number_that_cannot_be_read_is_none(value: Any):
    assert to_number(value) is None


@pytest.mark.parametrize(
    "value",
    [
        SEEN_AT,
        SEEN_AT.replace(tzinfo=None),
        SEEN_AT.astimezone(timezone(timedelta(hours=5))),
        "2024-10-14T10:30:00Z",
        "2024-10-14 10:30:00",
        "2024-10-14T12:30:00.000+02:00",
        "20241014T103000Z",
        "Mon, 14 Oct 2024 10:30:00 +0000",
        SECONDS,
        Int64(SECONDS),
        str(SECONDS),
        SECONDS * 1_000,
        str(SECONDS * 1_000),
        SECONDS * 1_000_000,
        SECONDS * 1_000_000_000,
        Decimal128(str(SECONDS)),
        Timestamp(SECONDS, 5),
    ],
    ids=brief,
)
def test_time_of_any_type_is_read(value: Any):
    assert to_moment(value, now=NOON) == SEEN_AT


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "yesterday",
        True,
        0,
        -1,
        1e300,
        float("nan"),
        datetime(2014, 12, 31, tzinfo=UTC),
        NOON + timedelta(seconds=6),
        "9999-12-31T23:59:59-23:00",
        DatetimeMS(2**62),
        {"$date": 1},
    ],
    ids=brief,
)
def test_time_that_cannot_be_read_is_none(value: Any):
    assert to_moment(value, now=NOON) is None


@given(ANYTHING)
def test_value_of_any_kind_is_read_without_an_error(value: Any):
    number, moment = to_number(value), to_moment(value, now=NOON)

    assert number is None or abs(number) < float("inf")
    assert moment is None or moment.tzinfo is UTC
