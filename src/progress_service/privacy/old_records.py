"""Records that were not touched for too long: whose they are, and what becomes of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from progress_service.domain.catalog import Course
from progress_service.domain.current_state import current_state_in
from progress_service.domain.progress import Progress
from progress_service.privacy.retention_rules import is_stripped, what_remains
from progress_service.privacy.retention_store import Document, Removal

Courses = Mapping[str, Course]
"""By material id, the course that contains the material today."""
Key = tuple[str, str]
"""(student_id, course_id)."""

_GUARDS = ("student_id", "material_id", "stored_at", "last_watched")


@dataclass(frozen=True, slots=True)
class OldRecord:
    """A readable record."""

    document: Document
    progress: Progress
    student_id: str

    @classmethod
    def of(cls, document: Document, progress: Progress | None) -> OldRecord | None:
        """The record; ``None`` if it is unreadable, or about several students."""
        student_id = document.get("student_id")
        if progress is None or not isinstance(student_id, str):
            return None
        return cls(document, progress, student_id)

    @property
    def material_id(self) -> str:
        """The material."""
        return self.progress.material_id

    @property
    def is_stripped(self) -> bool:
        """True when it is no more than a completion already."""
        return is_stripped(self.document)

    def enrollments(self, courses: Courses) -> list[Key]:
        """The enrolments for which a completion stays: today's course, and that of the record."""
        today, earlier = courses.get(self.material_id), self.document.get("course_id")
        course_ids = {today.course_id} if today is not None else set()
        if isinstance(earlier, str):
            course_ids.add(earlier)
        return [(self.student_id, course_id) for course_id in sorted(course_ids)]

    def removal(self, courses: Courses, enrolled: set[Key]) -> Removal | None:
        """What to do with it; ``None`` if it stays as it is."""
        is_enrolled = not enrolled.isdisjoint(self.enrollments(courses))
        if is_enrolled and self.is_stripped:
            return None
        course = courses.get(self.material_id)
        current = self.progress if course is None else current_state_in(self.progress, course)
        remaining = what_remains(self.document, current, is_enrolled=is_enrolled)
        return Removal(self.document, _GUARDS, remaining)
