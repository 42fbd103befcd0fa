"""Looks up courses and materials, and checks who may watch or change them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from progress_service.catalog.cache import CatalogCache
from progress_service.catalog.courses_store import CoursesStore
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.catalog.permits import permit_change, permit_put
from progress_service.clock import Clock
from progress_service.domain.catalog import VIDEO, Course, Material
from progress_service.domain.current_state import current_state_in
from progress_service.domain.progress import Progress
from progress_service.errors import NotEnrolled, NotFound
from progress_service.pacing import CHUNK, paced, yield_when_due

MAX_MATERIALS_IN_QUERY = 1_000  # With more, the courses of one query may take too long.


class CatalogService:
    """Reads courses and enrolments through the cache, and changes them."""

    def __init__(
        self,
        courses: CoursesStore,
        enrollments: EnrollmentsStore,
        cache: CatalogCache,
        *,
        clock: Clock,
    ) -> None:
        self._courses = courses
        self._enrollments = enrollments
        self._cache = cache
        self._clock = clock

    # -- courses -------------------------------------------------------------------------------

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

    async def materials_lowered_since(self, student_id: str, since: datetime) -> list[str]:
        """The student's materials whose threshold was lowered at or after *since*."""
        course_ids = await self._enrollments.course_ids_of(student_id)
        return [
            material.material_id
            for course in await self._courses.lowered_since(course_ids, since)
            for material in course.materials
            if any(change.stored_until >= since for change in material.lowered)
        ]

    # -- who may watch -------------------------------------------------------------------------

    async def video(self, student_id: str, material_id: str) -> tuple[Course, Material]:
        """The video, if the student may watch it.

        Raises:
            NotFound: no such video.
            NotEnrolled: the student is not enrolled in its course.
        """
        course = self._cache.course_of(material_id)
        if course is not None and self._cache.is_enrolled(student_id, course.course_id):
            material = course.by_id[material_id]
            if material.is_video:
                return course, material
        return await self._material(student_id, material_id, kind=VIDEO)

    async def material(self, student_id: str, material_id: str) -> tuple[Course, Material]:
        """Like `video`, for a material of any type."""
        return await self._material(student_id, material_id, kind="material")

    async def _material(
        self, student_id: str, material_id: str, *, kind: str
    ) -> tuple[Course, Material]:
        course = (await self.courses_of([material_id])).get(material_id)
        if course is None or (kind == VIDEO and not course.by_id[material_id].is_video):
            raise NotFound(kind, material_id)
        await self.require_enrolled(student_id, course.course_id)
        return course, course.by_id[material_id]

    async def watchable(
        self, student_id: str, material_ids: Sequence[str]
    ) -> dict[str, Course | NotFound | NotEnrolled]:
        """For each id, the course of the video, or why the student may not watch it."""
        courses = await self.courses_of(material_ids)
        course_ids = list({course.course_id for course in courses.values()})
        enrolled = await self.enrolled_in(student_id, course_ids)
        outcomes: dict[str, Course | NotFound | NotEnrolled] = {}
        for mid in material_ids:
            course = courses.get(mid)
            if course is None or not course.by_id[mid].is_video:
                outcomes[mid] = NotFound(VIDEO, mid)
            elif course.course_id not in enrolled:
                outcomes[mid] = NotEnrolled(course.course_id)
            else:
                outcomes[mid] = course
        return outcomes

    async def enrolled_in(self, student_id: str, course_ids: Sequence[str]) -> set[str]:
        """The courses of *course_ids* that the student is enrolled in."""
        cached = {cid for cid in course_ids if self._cache.is_enrolled(student_id, cid)}
        missing = [cid for cid in course_ids if cid not in cached]
        if not missing:
            return cached
        generation = self._cache.generation
        found = await self._enrollments.enrolled_in(student_id, missing)
        self._cache.add_enrollments(
            student_id, found.course_ids, is_paused=found.is_history_paused, generation=generation
        )
        return cached | found.course_ids

    async def enrolled_among(self, course_id: str, student_ids: Sequence[str]) -> list[str]:
        """The students of *student_ids* that are enrolled in the course, as stored."""
        return await self._enrollments.enrolled_among(course_id, student_ids)

    def invalidate_enrollment(self, student_id: str, course_id: str) -> None:
        """Invalidate a cached enrolment that has ended."""
        self._cache.invalidate_enrollment(student_id, course_id)

    async def require_enrolled(self, student_id: str, course_id: str) -> None:
        """Raise `NotEnrolled` unless the student is enrolled."""
        if not await self.enrolled_in(student_id, [course_id]):
            raise NotEnrolled(course_id)

    # -- who may change ------------------------------------------------------------------------

    async def editable(self, course_id: str, *, teacher_id: str | None) -> Course:
        """The course as stored, for one of its teachers or, with ``None``, for a service.

        Raises:
            NotFound: no such course.
            Forbidden: this teacher does not teach it.
        """
        course = await self._courses.course(course_id)
        permit_change(course_id, teacher_id)(course, None)
        assert course is not None  # noqa: S101 - permit_change requires it
        return course

    async def put_course(self, course: Course, *, teacher_id: str | None) -> None:
        """Store *course*; a teacher must teach the stored course or, if it is new, this one.

        Only one of its last teachers, or a service, can restore a removed course, because its
        enrolments are restored too. The check is part of the transaction that writes, so that a
        teacher who is removed in between cannot overwrite the change.

        Raises:
            Forbidden: this teacher does not teach it.
            Conflict: a material belongs to another course.
        """
        permit = None if teacher_id is None else permit_put(course, teacher_id)
        await self._courses.put_course(course, permit=permit, at=self._clock.now())
        self._cache.invalidate_course(course.course_id)

    async def delete_course(self, course_id: str, *, teacher_id: str | None) -> None:
        """Remove the course; learners' progress stays. Raises like `editable`."""
        permit = permit_change(course_id, teacher_id)
        await self._courses.delete_course(course_id, permit=permit)
        self._cache.invalidate_course(course_id)

    async def enroll(
        self, course_id: str, student_ids: Sequence[str], *, teacher_id: str | None
    ) -> None:
        """Enrol students; safe to repeat. Raises like `editable`."""
        at = self._clock.now()
        if teacher_id is None:  # nothing to check in a transaction
            await self.editable(course_id, teacher_id=None)
            await self._enrollments.enroll(course_id, student_ids, at=at)
            return
        check = partial(self._courses.check, course_id, permit_change(course_id, teacher_id))
        await self._enrollments.enroll_if(course_id, student_ids, at=at, check=check)

    async def unenroll(self, course_id: str, student_id: str, *, teacher_id: str | None) -> None:
        """End an enrolment; safe to repeat. Raises like `editable`."""
        check = partial(self._courses.check, course_id, permit_change(course_id, teacher_id))
        await self._enrollments.unenroll_if(course_id, student_id, check=check)
        self._cache.invalidate_enrollment(student_id, course_id)

    async def students_of(
        self, course_id: str, *, after: str | None, limit: int, teacher_id: str | None
    ) -> list[str]:
        """A page of student ids. Raises like `editable`."""
        await self.editable(course_id, teacher_id=teacher_id)
        return await self._enrollments.students_of(course_id, after=after, limit=limit)
