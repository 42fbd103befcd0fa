"""Stored values as they should be, whatever BSON type another program wrote them in."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from bson.decimal128 import Decimal128
from bson.timestamp import Timestamp

from progress_service.plausible_time import is_plausible

MAX_TEXT_CHARACTERS = 64  # Longer than any number or date.
# An epoch number is seconds below the first bound, then milliseconds, microseconds, nanoseconds.
_EPOCH_UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (math.inf, 1e9))


def to_number(value: Any) -> float | None:
    """A finite number out of an int, long, double, ``Decimal128`` or text; else ``None``."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal128):
        value = value.to_decimal()
        if value.is_snan():
            return None
    elif isinstance(value, str):
        if len(value) > MAX_TEXT_CHARACTERS:
            return None
    elif not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def to_moment(value: Any, *, now: datetime) -> datetime | None:
    """An aware time out of a date, ISO or mail text, or an epoch number; else ``None``.

    That of a wrong clock counts as unknown.
    """
    moment = _parsed(value)
    if moment is None:
        return None
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:  # the first or the last day of all, in another zone
        return None
    if not is_plausible(moment, now=now):
        return None
    return moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)  # as BSON stores it


def _parsed(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, Timestamp):
        return value.as_datetime()
    if (number := to_number(value)) is not None:
        return _from_epoch(number)
    if isinstance(value, str) and len(value) <= MAX_TEXT_CHARACTERS:
        for parse in (datetime.fromisoformat, parsedate_to_datetime):
            try:
                return parse(value.strip())
            except (ValueError, TypeError, IndexError, OverflowError):
                continue
    return None


def _from_epoch(number: float) -> datetime | None:
    per_second = next(unit for bound, unit in _EPOCH_UNITS if number < bound)
    try:
        return datetime.fromtimestamp(number / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None
