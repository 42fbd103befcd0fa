"""Looks up courses through the cache."""

from __future__ import annotations

import time
from collections.abc import Sequence

from progress_service.catalog.cache import CatalogCache
from progress_service.catalog.courses_store import CoursesStore
from progress_service.domain.catalog import Course
from progress_service.domain.current_state import current_state_in
from progress_service.domain.progress import Progress
from progress_service.errors import NotFound
from progress_service.pacing import CHUNK, paced, yield_when_due

MAX_MATERIALS_IN_QUERY = 1_000  # With more, the courses of one query may take too long.


class CourseLookups:
    """The courses, by their ids and by their materials."""

    def __init__(self, courses: CoursesStore, cache: CatalogCache) -> None:
        self._courses = courses
        self._cache = cache

    async def course(self, course_id: str) -> Course:
        """The course.

        Raises:
            NotFound: no such course.
        """
        if (cached := self._cache.course(course_id)) is not None:
            return cached
        generation = self._cache.generation
        found = await self._courses.course(course_id)
        if found is None:
            raise NotFound("course", course_id)
        self._cache.add_course(found, generation=generation)
        return found

    async def courses(self, course_ids: Sequence[str]) -> dict[str, Course]:
        """The existing courses of *course_ids*, by id; one query for all that are not cached."""
        courses = {cid: cached for cid in course_ids if (cached := self._cache.course(cid))}
        missing = [cid for cid in course_ids if cid not in courses]
        if missing:
            generation = self._cache.generation
            for course in await self._courses.courses(missing):
                self._cache.add_course(course, generation=generation)
                courses[course.course_id] = course
        return courses

    async def courses_of(self, material_ids: Sequence[str]) -> dict[str, Course]:
        """The course of each existing material, by material; few queries for the uncached.

        A student may have ten thousand records, so this yields to the event loop regularly.
        """
        courses = await self._cached_courses_of(material_ids)
        missing = [mid for mid in material_ids if mid not in courses]
        while missing:
            generation = self._cache.generation
            requested = frozenset(missing)
            found = await self._courses.courses_with(missing[:MAX_MATERIALS_IN_QUERY])
            async for course in paced(found):
                self._cache.add_course(course, generation=generation)
                courses |= {mid: course for mid in course.by_id if mid in requested}
            missing = [mid for mid in missing[MAX_MATERIALS_IN_QUERY:] if mid not in courses]
        return courses

    async def _cached_courses_of(self, material_ids: Sequence[str]) -> dict[str, Course]:
        courses: dict[str, Course] = {}
        last: Course | None = None
        turn_began_at = time.perf_counter()
        for start in range(0, len(material_ids), CHUNK):
            for mid in material_ids[start : start + CHUNK]:
                if last is None or mid not in last.by_id:  # neighbours usually share a course
                    last = self._cache.course_of(mid)
                if last is not None:
                    courses[mid] = last
            turn_began_at = await yield_when_due(turn_began_at)
        return courses

    async def current_states(self, records: Sequence[Progress]) -> list[Progress]:
        """The current states of *records*; those of no course stay as stored."""
        courses = await self.courses_of([record.material_id for record in records])
        return [
            current_state_in(record, courses[record.material_id])
            if record.material_id in courses
            else record
            async for record in paced(records)
        ]
