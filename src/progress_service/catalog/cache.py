"""Caches the catalogue, and who has paused their history, in this process for a short time.

Only positive results are cached, so new courses and enrolments take effect immediately. The change
streams invalidate removed ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from cachetools import TTLCache

from progress_service.domain.catalog import Course

TTL_SECONDS = 60.0  # The longest time until another worker's change takes effect.
MAX_COURSES = 5_000
MAX_MATERIALS = 200_000
MAX_ENROLLMENTS = 200_000
NEVER = datetime.min.replace(tzinfo=UTC)
MAX_STUDENTS = 200_000


class CatalogCache:
    """Courses by id and by material, and enrolments.

    A caller that adds a result passes the `generation` from before the read. If anything was
    invalidated in between, the result is not cached.
    """

    def __init__(self) -> None:
        self._courses: TTLCache[str, Course] = TTLCache(MAX_COURSES, TTL_SECONDS)
        self._course_ids: TTLCache[str, str] = TTLCache(MAX_MATERIALS, TTL_SECONDS)
        self._enrolled: TTLCache[tuple[str, str], datetime] = TTLCache(MAX_ENROLLMENTS, TTL_SECONDS)
        self._is_paused: TTLCache[str, bool] = TTLCache(MAX_STUDENTS, TTL_SECONDS)
        self.generation = 0
        self.may_cache: Callable[[str], bool] = lambda _: True
        """Returns whether a student may be cached; not one who is being erased."""

    def course(self, course_id: str) -> Course | None:
        """The course, if it is cached."""
        return self._courses.get(course_id)

    def course_of(self, material_id: str) -> Course | None:
        """The course that contains the material, if it is cached."""
        course_id = self._course_ids.get(material_id)
        course = self._courses.get(course_id) if course_id is not None else None
        return course if course is not None and material_id in course.by_id else None

    def erased_at(self, student_id: str, course_id: str) -> datetime | None:
        """When the data of an enrolled student was last erased, or `NEVER`.

        ``None`` if the enrolment is not cached.
        """
        return self._enrolled.get((student_id, course_id))

    def is_history_paused(self, student_id: str) -> bool | None:
        """Whether the student's history is paused; ``None`` if that is not cached."""
        return self._is_paused.get(student_id)

    def add_course(self, course: Course, *, generation: int) -> None:
        """Cache *course*, unless anything was invalidated since *generation*."""
        if generation != self.generation:
            return
        self._courses[course.course_id] = course
        for material_id in course.by_id:
            self._course_ids[material_id] = course.course_id

    def add_enrollments(
        self,
        student_id: str,
        enrolled: Mapping[str, datetime],
        *,
        is_paused: bool,
        generation: int,
    ) -> None:
        """Cache enrolments and whether the history is paused, as `add_history`.

        *enrolled* has, for each course, when the student's data was last erased, or `NEVER`.
        """
        if generation == self.generation and self.may_cache(student_id):
            self._is_paused[student_id] = is_paused
            for course_id, erased_at in enrolled.items():
                self._enrolled[student_id, course_id] = erased_at

    def add_history(self, student_id: str, *, is_paused: bool, generation: int) -> None:
        """Cache it, unless anything was invalidated since *generation*."""
        if generation == self.generation and self.may_cache(student_id):
            self._is_paused[student_id] = is_paused

    def invalidate_course(self, course_id: str) -> None:
        """Invalidate a course that was changed or removed."""
        self.generation += 1
        self._courses.pop(course_id, None)

    def invalidate_enrollment(self, student_id: str, course_id: str) -> None:
        """Invalidate an enrolment that ended."""
        self.generation += 1
        self._enrolled.pop((student_id, course_id), None)

    def invalidate_student(self, student_id: str) -> None:
        """Invalidate everything about a student."""
        self.generation += 1
        for key in [key for key in self._enrolled if key[0] == student_id]:
            self._enrolled.pop(key, None)
        self._is_paused.pop(student_id, None)

    def invalidate_history(self, student_id: str) -> None:
        """Invalidate whether the history is paused: the student has changed it."""
        self.generation += 1
        self._is_paused.pop(student_id, None)

    def clear(self) -> None:
        """Invalidate everything: changes may have been missed."""
        self.generation += 1
        self._courses.clear()
        self._course_ids.clear()
        self._enrolled.clear()
        self._is_paused.clear()
