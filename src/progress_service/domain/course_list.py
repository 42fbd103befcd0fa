"""A student's courses as a list: newest activity first, then the never begun ones by title."""

from __future__ import annotations

import base64
import binascii
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from progress_service.domain.completion import CourseTotals
from progress_service.errors import Invalid

MAX_CURSOR_CHARACTERS = 4_096  # A title of 500 characters takes half of it.

SortKey = tuple[int, str, str]
"""(minus the newest activity in milliseconds, the title as it sorts, the course id)."""

NEVER_BEGUN = 1  # Sorts after every activity, whose numbers are negative.


@dataclass(frozen=True, slots=True)
class CourseSummary:
    """One course of a student. ``active_at``: when anything there was last watched or done."""

    course_id: str
    title: str
    totals: CourseTotals
    active_at: datetime | None
    completed_at: datetime | None

    @property
    def sort_key(self) -> SortKey:
        """The place in the list; no two courses have the same."""
        if self.active_at is None:
            return (NEVER_BEGUN, _sorted_title(self.title), self.course_id)
        return (-round(self.active_at.timestamp() * 1000), "", self.course_id)


@dataclass(frozen=True, slots=True)
class CoursePage:
    """Some courses in order; ``next`` is the cursor of those that follow."""

    courses: tuple[CourseSummary, ...]
    next: str | None


def page_of(summaries: Iterable[CourseSummary], *, after: SortKey | None, limit: int) -> CoursePage:
    """At most *limit* of *summaries*, those that sort after *after*.

    The cursor names a place, not a number of courses: one that is added or removed between two
    pages shifts no other.
    """
    ordered = sorted(summaries, key=lambda summary: summary.sort_key)
    rest = [one for one in ordered if after is None or one.sort_key > after]
    page = tuple(rest[:limit])
    return CoursePage(page, encode_cursor(page[-1].sort_key) if len(rest) > limit else None)


def encode_cursor(key: SortKey) -> str:
    """Opaque text for *key*."""
    packed = json.dumps(key, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode_cursor(text: str) -> SortKey:
    """The place in the list that *text* stands for.

    Raises:
        Invalid: it is not one of ours.
    """
    try:
        if len(text) > MAX_CURSOR_CHARACTERS:
            raise ValueError("too long")
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        activity, title, course_id = json.loads(packed)
        if type(activity) is not int or type(title) is not str or type(course_id) is not str:
            raise TypeError("not a place in the list")
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        detail = "is not a cursor of this service; leave it out to start with the first page"
        raise Invalid.field("after", detail, code="bad_cursor") from error
    return (activity, title, course_id)


def _sorted_title(title: str) -> str:
    """Case does not count, and É sorts beside E."""
    return unicodedata.normalize("NFKD", title).casefold()
