"""One page of a gradebook while it is read: what it holds so far, and where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from progress_service.catalog.class_pages import EnrolledStudent
from progress_service.catalog.enrollment_activity import MAX_LAG
from progress_service.domain.catalog import Course
from progress_service.domain.gradebook import (
    GradebookCursor,
    GradebookRow,
    PagePosition,
    name_of_ended,
)
from progress_service.mongo.server_time import ServerTime

MAX_RECORDS = 11_000  # Read for one page, in about a tenth of a second.

MAX_REPAIRS = 50  # Of stale enrolments; the next read repairs others.


@dataclass(frozen=True, slots=True)
class GradebookPage:
    """Rows in the order of the student ids.

    ``ended_ids`` are students whose enrolment has ended. ``next`` is ``None`` at the end of the
    list. ``cursor`` is where the next list of changes begins.
    """

    course_id: str
    rows: tuple[GradebookRow, ...]
    ended_ids: tuple[str, ...]
    next: PagePosition | None
    cursor: GradebookCursor


@dataclass(slots=True)
class PageReading:
    """What was read of a page. ``since`` and ``until`` bound the list it belongs to."""

    course: Course
    limit: int
    now: ServerTime
    since: GradebookCursor | None
    until: GradebookCursor
    after_id: str | None
    last_id: str | None = None  # No page of this list goes further.
    ended: list[tuple[str, datetime]] = field(default_factory=list)
    records: int = 0  # That were read, or as much work.
    repairs: int = 0
    is_at_end: bool = False
    _rows: list[GradebookRow] = field(default_factory=list)
    _names: list[tuple[str, str]] = field(default_factory=list)

    @property
    def changed_since(self) -> datetime | None:
        """Only rows that changed since then; ``None``: all, because the course has changed."""
        if self.since is None or self.since.rules != self.course.rules_fingerprint:
            return None
        return self.since.reaches_back_to

    @property
    def is_complete(self) -> bool:
        """True when nothing more is read; one row beyond the limit shows that a page follows."""
        return self.is_at_end or len(self._rows) > self.limit or self.records >= MAX_RECORDS

    def may_repair(self) -> bool:
        """True if one more enrolment may be repaired for this page, which is then counted."""
        self.repairs += 1
        return self.repairs <= MAX_REPAIRS

    def add(self, row: GradebookRow, student: EnrolledStudent, *, is_repaired: bool) -> None:
        """Add *row*, unless the client has the same; name it in the cursor if it is recent."""
        name = row.name
        if is_repaired or self._is_recent(student):
            self._names.append((row.student_id, name))
        if self.since is None or name not in self.since.seen:
            self._rows.append(row)

    def _is_recent(self, student: EnrolledStudent) -> bool:
        """True if the next list of changes would contain the row again."""
        begins_at = self.until.reaches_back_to
        active_at, changed_at = student.active_at, student.changed_at
        return (active_at is not None and active_at >= begins_at - MAX_LAG) or (
            changed_at is not None and changed_at >= begins_at
        )

    def add_ended(self, found: Sequence[tuple[str, datetime]]) -> None:
        """Add students whose enrolment ended, and when; of too many, the page has the first."""
        self.ended = list(found[: self.limit])
        if len(found) > self.limit:
            self.last_id = self.ended[-1][0]

    def page(self, *, enrolled_again: set[str]) -> GradebookPage:
        """The finished page; *enrolled_again* are students in `ended` that are enrolled now."""
        ends_at = self._end()
        rows = tuple(self._rows[: self.limit])
        ended = [(sid, at) for sid, at in self.ended if ends_at is None or sid <= ends_at]
        names = [name for sid, name in self._names if ends_at is None or sid <= ends_at]
        unseen: list[str] = []
        for student_id, ended_at in ended:
            name = name_of_ended(student_id, ended_at)
            if ended_at >= self.until.reaches_back_to:
                names.append(name)
            is_known = self.since is not None and name in self.since.seen
            if student_id not in enrolled_again and not is_known:
                unseen.append(student_id)
        cursor = self.until.after_page(names, rules=self.course.rules_fingerprint)
        position = None if ends_at is None else PagePosition(ends_at, self.since, cursor)
        return GradebookPage(self.course.course_id, rows, tuple(unseen), position, cursor)

    def _end(self) -> str | None:
        """The last student of the page; ``None`` if no page follows."""
        if len(self._rows) > self.limit:
            return self._rows[self.limit - 1].student_id
        return self.last_id if self.is_at_end else self.after_id


def begin_reading(
    course: Course,
    now: ServerTime,
    *,
    limit: int,
    after: PagePosition | None,
    changed_since: GradebookCursor | None,
) -> PageReading:
    """The first page of a list that begins *now*, or the page at *after*."""
    if after is not None:
        return PageReading(course, limit, now, after.since, after.until, after.after_id)
    rules = course.rules_fingerprint
    until = GradebookCursor.at(now.now, course_id=course.course_id, rules=rules)
    return PageReading(course, limit, now, changed_since, until, None)
