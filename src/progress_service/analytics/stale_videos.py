"""Notes which videos have changed since they were counted, for courses that somebody asks about."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from progress_service.analytics.store import WHOLE_COURSE
from progress_service.progress.merge import Change

ASKED_SECONDS = 600.0  # A course is asked about until so long after the last request.
RECOUNT_SECONDS = 30.0  # Changes that other processes store are not noted here.
BUSY_SECONDS = 1.0  # When to look again after another process that is counting.


@dataclass(slots=True)
class _Course:
    asked_at: float
    counted_at: dict[str, float] = field(default_factory=dict)  # by material
    changed_at: dict[str, float] = field(default_factory=dict)  # likewise, the newest change
    busy_until: dict[str, float] = field(default_factory=dict)  # likewise
    all_changed_at: float = -math.inf

    def newest_change(self, material_id: str) -> float:
        return max(self.changed_at.get(material_id, -math.inf), self.all_changed_at)


class StaleVideos:
    """Which videos to count again. Knows only courses that were asked about lately."""

    def __init__(self) -> None:
        self._courses: dict[str, _Course] = {}

    def ask(self, course_id: str) -> None:
        """Somebody asks about the course."""
        now = time.monotonic()
        for old in [cid for cid, c in self._courses.items() if now - c.asked_at > ASKED_SECONDS]:
            del self._courses[old]
        course = self._courses.pop(course_id, None) or _Course(now)
        course.asked_at = now
        self._courses[course_id] = course  # the newest comes last

    def asked(self) -> list[str]:
        """The courses that are asked about, the newest request first."""
        return list(reversed(self._courses))

    def counted(self, course_id: str, material_id: str, *, seconds_ago: float = 0.0) -> None:
        """A count has begun so long ago; changes that are noted later make it stale again."""
        if course := self._courses.get(course_id):
            course.counted_at[material_id] = time.monotonic() - seconds_ago

    def busy(self, course_id: str, material_id: str) -> None:
        """Another process is counting the video."""
        if course := self._courses.get(course_id):
            course.busy_until[material_id] = time.monotonic() + BUSY_SECONDS

    def is_busy(self, course_id: str, material_id: str) -> bool:
        """True for a moment after `busy`."""
        course = self._courses.get(course_id)
        until = course.busy_until.get(material_id, -math.inf) if course else -math.inf
        return time.monotonic() < until

    def is_stale(self, course_id: str, material_id: str) -> bool:
        """True when the video has to be counted."""
        course = self._courses.get(course_id)
        if course is None:
            return True
        counted_at = course.counted_at.get(material_id, -math.inf)
        return time.monotonic() - counted_at > RECOUNT_SECONDS or (
            counted_at <= course.newest_change(material_id)
        )

    def max_age_seconds(self, course_id: str, material_id: str) -> float:
        """How long ago a count may have begun that suffices: after the newest change."""
        course = self._courses.get(course_id)
        if course is None:
            return 0.0
        changed_seconds_ago = time.monotonic() - course.newest_change(material_id)
        return min(changed_seconds_ago, RECOUNT_SECONDS)

    def note_changes(self, changes: Iterable[Change]) -> None:
        """These changes of records were stored."""
        if not self._courses:
            return
        now = time.monotonic()
        for change in changes:
            if course := self._courses.get(change.course_id):
                course.changed_at[change.material_id] = now
                course.changed_at[WHOLE_COURSE] = now

    def note_course(self, course_id: str) -> None:
        """The class or the catalogue entry of the course has changed."""
        if course := self._courses.get(course_id):
            course.all_changed_at = time.monotonic()

    def note_missing(self, course_id: str, material_ids: Iterable[str]) -> None:
        """These have no release. Count again those that were counted, and no others."""
        if course := self._courses.get(course_id):
            for material_id in material_ids:
                if not self.is_stale(course_id, material_id):
                    course.changed_at[material_id] = time.monotonic()

    def note_all(self) -> None:
        """Changes may have been missed."""
        for course in self._courses.values():
            course.all_changed_at = time.monotonic()
