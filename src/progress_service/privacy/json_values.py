"""Stored values as JSON values, whatever type they have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bson import DatetimeMS
from bson.decimal128 import Decimal128
from pydantic_core import to_json

from progress_service.mongo.client import in_utc

# Many programs take these for the end of a line: NEL, LINE SEPARATOR, PARAGRAPH SEPARATOR.
_SEPARATORS = {mark.encode(): f"\\u{ord(mark):04x}".encode() for mark in "\x85\u2028\u2029"}


def to_json_line(value: Any) -> bytes:
    """The JSON of *value* on one line, whatever a reader takes for the end of a line."""
    text = to_json(value)
    for mark, escaped in _SEPARATORS.items():
        text = text.replace(mark, escaped)
    return text + b"\n"


def to_json_value(value: Any) -> Any:
    """*value* with the types of JSON only.

    Times are text in UTC. Numbers that JSON does not have, and other types, are text.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return to_json_time(value)
    if isinstance(value, DatetimeMS):  # outside the years 1 to 9999
        return str(int(value))
    if isinstance(value, Decimal128):
        return str(value.to_decimal())
    if isinstance(value, Mapping):
        return {str(name): to_json_value(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [to_json_value(each) for each in value]
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def to_json_time(moment: datetime | None) -> str | None:
    """*moment* in UTC with milliseconds; without an offset, it is in UTC already."""
    if moment is None:
        return None
    aware = in_utc(moment) if moment.tzinfo is None else moment.astimezone(UTC)
    assert aware is not None  # noqa: S101 - only `None` gives `None`
    return aware.isoformat(timespec="milliseconds").replace("+00:00", "Z")
