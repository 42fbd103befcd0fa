"""Notes which videos have changed since they were counted, for courses that somebody asks about."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from progress_service.analytics.store import WHOLE_COURSE
from progress_service.progress.merge import Change

ASKED_SECONDS = 600.0  # A course is asked about until so long after the last request.
RECOUNT_SECONDS = 30.0  # Changes that other processes store are not noted here.


@dataclass(slots=True)
class _Course:
    asked_at: float
    counted_at: dict[str, float] = field(default_factory=dict)  # by material


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

    def counting(self, course_id: str, material_id: str) -> None:
        """The video is counted from now on; changes that are noted later make it stale again."""
        if course := self._courses.get(course_id):
            course.counted_at[material_id] = time.monotonic()

    def is_stale(self, course_id: str, material_id: str) -> bool:
        """True when the video has to be counted."""
        course = self._courses.get(course_id)
        counted_at = course.counted_at.get(material_id) if course else None
        return counted_at is None or time.monotonic() - counted_at > RECOUNT_SECONDS

    def note_changes(self, changes: Iterable[Change]) -> None:
        """These changes of records were stored."""
        if not self._courses:
            return
        for change in changes:
            if course := self._courses.get(change.course_id):
                course.counted_at.pop(change.material_id, None)
                course.counted_at.pop(WHOLE_COURSE, None)

    def note_course(self, course_id: str) -> None:
        """The class or the catalogue entry of the course has changed."""
        if course := self._courses.get(course_id):
            course.counted_at.clear()

    def note_all(self) -> None:
        """Changes may have been missed."""
        for course in self._courses.values():
            course.counted_at.clear()
