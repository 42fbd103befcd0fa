"""A gradebook: the progress of every student of a course, a page at a time, and what changed."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from progress_service.domain.opaque_text import decode_opaque, encode_opaque
from progress_service.errors import Invalid

MARGIN = timedelta(seconds=30)
"""A change is stored at most this long after the database has stamped it, which includes the
deadline of every write, and how much the clocks of its members differ."""
MAX_NAMED = 200  # Rows in a cursor; with more changes than that at its end, some are sent twice.
NAME_BYTES = 6  # 48 bits: one row in 10^14 has the name of its predecessor.
NAME_CHARACTERS = 8  # As text.
MAX_CHARACTERS = 8_192
UNKNOWN_RULES = ""
"""In a cursor: its rows were computed by different forms of the course."""


@dataclass(frozen=True, slots=True)
class GradebookRow:
    """The progress of one student in the course, as `getCourseProgress` has it."""

    student_id: str
    enrolled_at: datetime | None
    overall_percent: float
    completed_ids: tuple[str, ...]
    last_observed_at: datetime | None
    completed_at: datetime | None

    @property
    def name(self) -> str:
        """A short name of the row and all its values."""
        values = (
            self.student_id,
            _milliseconds(self.enrolled_at),
            self.overall_percent,
            self.completed_ids,
            _milliseconds(self.last_observed_at),
            _milliseconds(self.completed_at),
        )
        return _short_name(values)


def name_of_ended(student_id: str, ended_at: datetime) -> str:
    """A short name of an enrolment that has ended."""
    return _short_name((student_id, _milliseconds(ended_at)))


def _short_name(values: object) -> str:
    packed = json.dumps(values).encode()
    digest = hashlib.blake2b(packed, digest_size=NAME_BYTES).digest()
    return base64.urlsafe_b64encode(digest).decode()


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1_000)


@dataclass(frozen=True, slots=True)
class GradebookCursor:
    """Up to where a client has read a course.

    ``at_ms`` is when the first page was read, by the clock of the database. What the client has
    was computed by ``rules``, a fingerprint of the course. ``seen`` names rows from close before
    ``at_ms``, whose changes would otherwise be sent again.
    """

    course_id: str
    at_ms: int
    rules: str
    seen: frozenset[str] = frozenset()

    @property
    def reaches_back_to(self) -> datetime:
        """Changes stamped from here on may be unknown to the client."""
        return datetime.fromtimestamp(self.at_ms / 1_000, UTC) - MARGIN

    @classmethod
    def at(cls, moment: datetime, *, course_id: str, rules: str) -> GradebookCursor:
        """The cursor of a client that begins to read at *moment*."""
        return cls(course_id, int(moment.timestamp() * 1_000), rules)

    def after_page(self, names: Iterable[str], *, rules: str) -> GradebookCursor:
        """The cursor after one more page, which was computed by *rules*; the newest names first."""
        named = list(dict.fromkeys([*self.seen, *names]))[:MAX_NAMED]
        same = rules if rules == self.rules else UNKNOWN_RULES
        return GradebookCursor(self.course_id, self.at_ms, same, frozenset(named))

    def encode(self) -> str:
        """The cursor as opaque text."""
        return encode_opaque(json.dumps(self._packed(), separators=(",", ":"), ensure_ascii=False))

    def _packed(self) -> list[object]:
        return [self.course_id, self.at_ms, self.rules, "".join(sorted(self.seen))]

    @classmethod
    def decode(cls, text: str, *, course_id: str) -> GradebookCursor:
        """The cursor in *text*.

        Raises:
            Invalid: it is not a cursor of this course.
        """
        try:
            return _unpacked(decode_opaque(text, max_characters=MAX_CHARACTERS), course_id)
        except (ValueError, TypeError, OverflowError, OSError, RecursionError) as error:
            detail = "is not a `cursor` of this course; leave it out to get every student"
            raise Invalid.field("changed_since", detail, code="bad_cursor") from error


@dataclass(frozen=True, slots=True)
class PagePosition:
    """Where the next page begins: after a student, with the bounds of the first page.

    ``since`` is the cursor that the list began with; ``None`` for a list of everybody. ``until`` is
    the cursor for the next list.
    """

    after_id: str
    since: GradebookCursor | None
    until: GradebookCursor

    def encode(self) -> str:
        """The position as opaque text."""
        since = None if self.since is None else self.since._packed()
        packed = [self.after_id, since, self.until._packed()]
        return encode_opaque(json.dumps(packed, separators=(",", ":"), ensure_ascii=False))

    @classmethod
    def decode(cls, text: str, *, course_id: str) -> PagePosition:
        """The position in *text*.

        Raises:
            Invalid: it is not a position in a list of this course.
        """
        try:
            after_id, since, until = decode_opaque(text, max_characters=MAX_CHARACTERS)
            if type(after_id) is not str:
                raise TypeError("not a student")
            after_id.encode()
            held = None if since is None else _unpacked(since, course_id)
            return cls(after_id, held, _unpacked(until, course_id))
        except (ValueError, TypeError, OverflowError, OSError, RecursionError) as error:
            detail = "is not the `next` of a page of this course; leave it out to start again"
            raise Invalid.field("after", detail, code="bad_cursor") from error


def _unpacked(packed: object, course_id: str) -> GradebookCursor:
    if not isinstance(packed, list):
        raise TypeError("not a cursor")
    of_course, at_ms, rules, names = packed
    if not (type(at_ms) is int and type(rules) is str and type(names) is str):
        raise TypeError("not a cursor")
    if of_course != course_id or len(names) > MAX_NAMED * NAME_CHARACTERS:
        raise ValueError("not a cursor of this course")
    starts = range(0, len(names), NAME_CHARACTERS)
    seen = frozenset(names[start : start + NAME_CHARACTERS] for start in starts)
    cursor = GradebookCursor(course_id, at_ms, rules, seen)
    _ = cursor.reaches_back_to  # raises for times that there are not
    return cursor
