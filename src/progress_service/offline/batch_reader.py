"""Parses a batch one event at a time.

A batch may have a hundred thousand numbers. Parsing them at once would block other requests, so
this module reads the outer object and the list, and parses each event by itself.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from progress_service.edge.json_body import check_encoding
from progress_service.errors import Invalid
from progress_service.pacing import yield_when_due

MAX_DIGITS = 400  # Of a whole number; no valid one has more.
MAX_FIELDS = 64  # Of a batch or an event; no valid one has as many.
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class RawEvent:
    """One element of the list: its JSON text, its id if it has one, and its number of fields."""

    text: str
    event_id: object
    fields: int


@dataclass(frozen=True, slots=True)
class RawBatch:
    """The other fields of a batch, and its events; ``None`` if `events` is not a list."""

    head: dict[str, Any]
    events: list[RawEvent] | None


async def read_batch(raw: bytes, *, max_events: int) -> RawBatch:
    """Parse a JSON body.

    Raises:
        Invalid: not a JSON object in UTF-8, or too many events or fields.
    """
    try:
        return await _Reader(raw.decode("utf-8-sig"), max_events).batch()
    except UnicodeDecodeError:
        check_encoding(raw)  # raises, and names the encoding if it is known
        raise
    except json.JSONDecodeError as error:
        check_encoding(raw)
        detail = f"is no JSON object: {error.msg} at character {error.pos}"
        raise Invalid.field("body", detail) from error
    except RecursionError as error:
        raise Invalid.field("body", "is nested too deeply") from error


class _Reader:
    def __init__(self, text: str, max_events: int) -> None:
        self._text = text
        self._at = 0
        self._max_events = max_events

    async def batch(self) -> RawBatch:
        head: dict[str, Any] = {}
        events: list[RawEvent] | None = None
        self._skip("{")
        while not self._is_end("}", is_first=not head and events is None):
            key, _ = self._value()
            if not isinstance(key, str):
                raise self._error("Expecting a field name")
            self._skip(":")
            if key == "events":  # The last of repeated fields counts, as in every parser.
                events = None
                head.pop(key, None)
            if key == "events" and self._text.startswith("[", self._space()):
                events = [event async for event in self._events()]
            else:
                head[key], _ = self._value()
            if len(head) > MAX_FIELDS:
                raise Invalid.field("body", f"has more than {MAX_FIELDS} fields")
        if self._space() != len(self._text):
            raise self._error("Extra data")
        return RawBatch(head, events)

    async def _events(self) -> AsyncIterator[RawEvent]:
        turn_began_at = time.perf_counter()
        count = 0
        self._skip("[")
        while not self._is_end("]", is_first=count == 0):
            value, text = self._value()
            count += 1
            if count > self._max_events:
                raise Invalid.field("events", f"at most {self._max_events} events in a batch")
            fields = value if isinstance(value, dict) else {}
            yield RawEvent(text, fields.get("event_id"), len(fields))
            turn_began_at = await yield_when_due(turn_began_at)

    def _value(self) -> tuple[Any, str]:
        start = self._space()
        value, self._at = _DECODER.raw_decode(self._text, start)
        return value, self._text[start : self._at]

    def _is_end(self, mark: str, *, is_first: bool) -> bool:
        """True after the last element; else skips the comma before the next one."""
        at = self._space()
        if self._text.startswith(mark, at):
            self._at = at + 1
            return True
        if not is_first:
            self._skip(",")
        return False

    def _skip(self, mark: str) -> None:
        at = self._space()
        if not self._text.startswith(mark, at):
            raise self._error(f"Expecting {mark!r}")
        self._at = at + 1

    def _space(self) -> int:
        match = _SPACE.match(self._text, self._at)
        return match.end() if match else self._at

    def _error(self, message: str) -> json.JSONDecodeError:
        return json.JSONDecodeError(message, self._text, self._at)


def _whole(digits: str) -> float:
    """Read integers with too many digits as infinity, because Python raises for them."""
    return int(digits) if len(digits) <= MAX_DIGITS else math.inf


_DECODER = json.JSONDecoder(parse_int=_whole)
