"""Looks up courses and materials, and checks who may watch or change them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from progress_service.catalog.cache import NEVER, CatalogCache
from progress_service.catalog.course_lookups import CourseLookups
from progress_service.catalog.courses_store import CoursesStore
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.catalog.erased_learners import LearnerErasure
from progress_service.catalog.permits import permit_change, permit_put
from progress_service.clock import Clock
from progress_service.domain.catalog import VIDEO, Course, Material
from progress_service.errors import Erased, NotEnrolled, NotFound


class Watchable(NamedTuple):
    """A course that the student may watch. What was observed until ``erased_at`` is not stored."""

    course: Course
    erased_at: datetime


class CatalogService(CourseLookups):
    """Reads courses and enrolments through the cache, and changes them."""

    def __init__(
        self,
        courses: CoursesStore,
        enrollments: EnrollmentsStore,
        cache: CatalogCache,
        *,
        clock: Clock,
    ) -> None:
        super().__init__(courses, cache)
        self._enrollments = enrollments
        self._erased = enrollments.erased
        self._clock = clock

    # -- courses -------------------------------------------------------------------------------

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

    async def video(
        self, student_id: str, material_id: str, *, observed_at: datetime | None = None
    ) -> tuple[Course, Material]:
        """The video, if the student may watch it; *observed_at* is set to store something.

        Raises:
            NotFound: no such video.
            NotEnrolled: the student is not enrolled in its course.
            Erased: what was observed then was erased.
        """
        course = self._cache.course_of(material_id)
        if course is not None:
            erased_at = self._cache.erased_at(student_id, course.course_id)
            material = course.by_id[material_id]
            if erased_at is not None and material.is_video:
                if observed_at is not None and observed_at <= erased_at:
                    raise Erased()
                return course, material
        return await self._material(student_id, material_id, kind=VIDEO, observed_at=observed_at)

    async def material(
        self, student_id: str, material_id: str, *, observed_at: datetime | None = None
    ) -> tuple[Course, Material]:
        """Like `video`, for a material of any type."""
        return await self._material(
            student_id, material_id, kind="material", observed_at=observed_at
        )

    async def _material(
        self, student_id: str, material_id: str, *, kind: str, observed_at: datetime | None
    ) -> tuple[Course, Material]:
        course = (await self.courses_of([material_id])).get(material_id)
        try:
            if course is None or (kind == VIDEO and not course.by_id[material_id].is_video):
                raise NotFound(kind, material_id)
            erased_at = await self.require_enrolled(student_id, course.course_id)
        except (NotFound, NotEnrolled):
            if observed_at is not None:
                await self._erased.require_accepted(student_id, observed_at)
            raise
        if observed_at is not None and observed_at <= erased_at:
            raise Erased()
        return course, course.by_id[material_id]

    async def watchable(
        self, student_id: str, material_ids: Sequence[str]
    ) -> dict[str, Watchable | NotFound | NotEnrolled]:
        """For each id, the course of the video, or why the student may not watch it."""
        courses = await self.courses_of(material_ids)
        course_ids = list({course.course_id for course in courses.values()})
        enrolled = await self.enrolled_in(student_id, course_ids)
        outcomes: dict[str, Watchable | NotFound | NotEnrolled] = {}
        for mid in material_ids:
            course = courses.get(mid)
            if course is None or not course.by_id[mid].is_video:
                outcomes[mid] = NotFound(VIDEO, mid)
            elif course.course_id not in enrolled:
                outcomes[mid] = NotEnrolled(course.course_id)
            else:
                outcomes[mid] = Watchable(course, enrolled[course.course_id])
        return outcomes

    async def enrolled_in(self, student_id: str, course_ids: Sequence[str]) -> dict[str, datetime]:
        """When the student's data was erased, or `NEVER`, by those of *course_ids* with her."""
        cached = {cid: at for cid in course_ids if (at := self._cache.erased_at(student_id, cid))}
        missing = [cid for cid in course_ids if cid not in cached]
        if not missing:
            return cached
        generation = self._cache.generation
        stored = await self._enrollments.enrolled_in(student_id, missing)
        found = {course_id: at or NEVER for course_id, at in stored.courses.items()}
        self._cache.add_enrollments(
            student_id, found, is_paused=stored.is_history_paused, generation=generation
        )
        return cached | found

    async def enrolled_among(
        self, course_id: str, student_ids: Sequence[str]
    ) -> dict[str, datetime | None]:
        """When their data was erased, by those of *student_ids* that are enrolled, as stored."""
        return await self._enrollments.enrolled_among(course_id, student_ids)

    async def erasures_of(self, student_ids: Sequence[str]) -> dict[str, LearnerErasure]:
        """The erasures of *student_ids*, of those that have one."""
        return await self._erased.of(student_ids)

    def invalidate_enrollment(self, student_id: str, course_id: str) -> None:
        """Invalidate a cached enrolment that has ended."""
        self._cache.invalidate_enrollment(student_id, course_id)

    async def require_enrolled(self, student_id: str, course_id: str) -> datetime:
        """When the student's data was erased, or `NEVER`; raises `NotEnrolled` unless enrolled."""
        enrolled = await self.enrolled_in(student_id, [course_id])
        if course_id not in enrolled:
            raise NotEnrolled(course_id)
        return enrolled[course_id]

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
