"""Values of other systems → seconds, times and text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from progress_service.errors import Invalid

MAX_CHARACTERS = 1_000
_NUMBER = re.compile(r"[+-]?(\d{1,18}\.?\d{0,18}|\.\d{1,18})")
_CLOCK = re.compile(r"(?:(\d{1,6}):)?(\d{1,6}):(\d{1,2}(?:\.\d{1,9})?)")
_SECONDS_PER = {"seconds": 1.0, "milliseconds": 0.001, "minutes": 60.0, "hours": 3_600.0}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_text(value: Any, *, field: str) -> str:
    """A cell or a JSON value as text, without surrounding space; nothing is empty.

    Raises:
        Invalid: it is an object or a list, or is too long.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        text = repr(value) if isinstance(value, float) else f"{value:d}"
        return text.removesuffix(".0")
    if not isinstance(value, str):
        raise Invalid.field(field, "is an object or a list; map a value inside it")
    if len(value) > MAX_CHARACTERS:
        raise Invalid.field(field, f"has more than {MAX_CHARACTERS} characters")
    return value.strip()


def to_number(text: str, *, field: str, decimal: str = ".") -> float:
    """The number in *text*.

    Raises:
        Invalid: there is none.
    """
    plain = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    plain = plain.removesuffix("%")
    if decimal == ",":
        plain = plain.replace(".", "").replace(",", ".")
    if not _NUMBER.fullmatch(plain) or not plain.isascii():
        raise Invalid.field(field, "is not a number; check the unit and the decimal sign")
    return float(plain)


def to_seconds(text: str, *, field: str, unit: str, decimal: str = ".") -> float:
    """The duration in *text*, in seconds; *unit* is any but percent.

    Raises:
        Invalid: it is none.
    """
    if unit == "clock":
        if not (match := _CLOCK.fullmatch(text.replace(",", "."))):
            raise Invalid.field(field, "is not a duration like 1:02:03 or 2:03")
        hours, minutes, seconds = match.groups()
        return int(hours or 0) * 3_600 + int(minutes) * 60 + float(seconds)
    number = to_number(text, field=field, decimal=decimal) * _SECONDS_PER[unit]
    return round(number, 6)


def to_moment(text: str, *, field: str, form: str, zone: tzinfo) -> datetime:
    """The time in *text*, in UTC.

    Args:
        text: the value.
        field: for the error.
        form: ``iso``, ``unix``, ``unix_ms``, or a format of `datetime.strptime`.
        zone: of a time without an offset.

    Raises:
        Invalid: it is none in that format.
    """
    try:
        if form in ("unix", "unix_ms"):
            number = to_number(text, field=field)
            return _EPOCH + timedelta(seconds=number if form == "unix" else number / 1_000)
        moment = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid.field(field, f"is not a time in the format {form}") from error
