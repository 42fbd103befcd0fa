"""A student's courses as a list: newest activity first, then those never started, by title."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from progress_service.domain.completion import CourseTotals
from progress_service.domain.opaque_text import decode_opaque, encode_opaque
from progress_service.errors import Invalid

MAX_CURSOR_CHARACTERS = 4_096
SORTED_CHARACTERS = 400  # Of a title; in a cursor, each takes at most eight characters.

SortKey = tuple[int, str, str]
"""(minus the newest activity in milliseconds, the title as it sorts, the course id)."""

NEVER_STARTED = 1  # Sorts after every activity, whose numbers are negative.


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
        """The sort key; no two courses have the same."""
        if self.active_at is None:
            return (NEVER_STARTED, _sorted_title(self.title), self.course_id)
        return (-round(self.active_at.timestamp() * 1000), "", self.course_id)


@dataclass(frozen=True, slots=True)
class CoursePage:
    """Some courses in order; ``next`` is the cursor of those that follow."""

    courses: tuple[CourseSummary, ...]
    next: str | None


def page_of(summaries: Iterable[CourseSummary], *, after: SortKey | None, limit: int) -> CoursePage:
    """At most *limit* of *summaries*, those that sort after *after*.

    The cursor is a position in the order, so a course that is added or removed between two pages
    shifts no other.
    """
    ordered = sorted(summaries, key=lambda summary: summary.sort_key)
    rest = [one for one in ordered if after is None or one.sort_key > after]
    page = tuple(rest[:limit])
    return CoursePage(page, encode_cursor(page[-1].sort_key) if len(rest) > limit else None)


def encode_cursor(key: SortKey) -> str:
    """Opaque text for *key*."""
    return encode_opaque(json.dumps(key, separators=(",", ":"), ensure_ascii=False))


def decode_cursor(text: str) -> SortKey:
    """The position in the list that *text* encodes.

    Raises:
        Invalid: it is not a cursor of this service.
    """
    try:
        activity, title, course_id = decode_opaque(text, max_characters=MAX_CURSOR_CHARACTERS)
        if type(activity) is not int or type(title) is not str or type(course_id) is not str:
            raise TypeError("not a position in the list")
    except (ValueError, TypeError, RecursionError) as error:
        detail = "is not a cursor of this service; leave it out to start with the first page"
        raise Invalid.field("after", detail, code="bad_cursor") from error
    return (activity, title, course_id)


def _sorted_title(title: str) -> str:
    """Case is ignored, and É sorts with E. A single character may become eighteen."""
    start = title[:SORTED_CHARACTERS]
    return unicodedata.normalize("NFKD", start).casefold()[:SORTED_CHARACTERS]
