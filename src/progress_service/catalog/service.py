"""Who may watch what, and who may change it. Answers are remembered for a short while."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from cachetools import TTLCache

from progress_service.catalog.permits import permit_change, permit_put
from progress_service.catalog.store import CatalogStore
from progress_service.domain.catalog import COMPLETE_AT_PERCENT, VIDEO, Course, Material
from progress_service.domain.current_state import current_state_in
from progress_service.domain.progress import Progress
from progress_service.errors import NotEnrolled, NotFound
from progress_service.pacing import CHUNK, paced, yield_when_due

REMEMBER_SECONDS = 60.0  # At most this long can another worker's change go unnoticed.
MAX_ASKED = 1_000  # Materials in one query; more courses than that would take it too long.
MAX_COURSES = 5_000
MAX_MATERIALS = 200_000
MAX_ENROLLMENTS = 200_000

Clock = Callable[[], datetime]


class CatalogService:
    """Answers "may this student watch that?" from memory; asks the store when it must.

    Only good news is remembered, so a new course or enrolment counts at once. What is taken away is
    forgotten by `forget_course` and `forget_enrollment`.
    """

    def __init__(
        self,
        store: CatalogStore,
        *,
        clock: Clock,
        complete_at_percent: float = COMPLETE_AT_PERCENT,
    ) -> None:
        self._store = store
        self._clock = clock
        self._complete_at_percent = complete_at_percent
        self._courses: TTLCache[str, Course] = TTLCache(MAX_COURSES, REMEMBER_SECONDS)
        self._course_ids: TTLCache[str, str] = TTLCache(MAX_MATERIALS, REMEMBER_SECONDS)
        self._enrolled: TTLCache[tuple[str, str], bool] = TTLCache(
            MAX_ENROLLMENTS, REMEMBER_SECONDS
        )
        self._forgotten = 0  # Counts forgetting, so that an answer older than it is not kept.

    # -- what there is -------------------------------------------------------------------------

    async def course(self, course_id: str) -> Course:
        """The course.

        Raises:
            NotFound: there is none.
        """
        if (known := self._courses.get(course_id)) is not None:
            return known
        generation = self._forgotten
        found = await self._store.course(course_id)
        if found is None:
            raise NotFound("course", course_id)
        self._remember(found, generation)
        return found

    async def courses(self, course_ids: Sequence[str]) -> dict[str, Course]:
        """Those of *course_ids* that exist, by id; one query for all that are not cached."""
        courses = {cid: known for cid in course_ids if (known := self._courses.get(cid))}
        missing = [cid for cid in course_ids if cid not in courses]
        if missing:
            generation = self._forgotten
            for course in await self._store.courses(missing):
                self._remember(course, generation)
                courses[course.course_id] = course
        return courses

    async def courses_of(self, material_ids: Sequence[str]) -> dict[str, Course]:
        """The course of each material that exists; one query for all that is not in memory.

        A student may have records of ten thousand: then it is some queries, and others have turns.
        """
        courses: dict[str, Course] = {}
        last: Course | None = None
        turn_began_at = time.perf_counter()
        for start in range(0, len(material_ids), CHUNK):
            for mid in material_ids[start : start + CHUNK]:
                if last is None or mid not in last.by_id:  # neighbours are mostly of one course
                    last = self._course_of(mid)
                if last is not None:
                    courses[mid] = last
            turn_began_at = await yield_when_due(turn_began_at)
        asked = [mid for mid in material_ids if mid not in courses]
        while asked:
            generation = self._forgotten
            wanted = frozenset(asked)
            async for course in paced(await self._store.courses_with(asked[:MAX_ASKED])):
                self._remember(course, generation)
                courses |= {mid: course for mid in course.by_id if mid in wanted}
            asked = [mid for mid in asked[MAX_ASKED:] if mid not in courses]
        return courses

    def _course_of(self, material_id: str) -> Course | None:
        course_id = self._course_ids.get(material_id)
        course = self._courses.get(course_id) if course_id is not None else None
        return course if course is not None and material_id in course.by_id else None

    async def current_states(self, records: Sequence[Progress]) -> list[Progress]:
        """*records* by what the catalogue says today; those of no course as they are stored."""
        courses = await self.courses_of([record.material_id for record in records])
        return [
            self.current_state(record, courses[record.material_id])
            if record.material_id in courses
            else record
            async for record in paced(records)
        ]

    async def materials_lowered_since(self, student_id: str, since: datetime) -> list[str]:
        """The student's materials whose threshold was lowered at or after *since*."""
        return [
            material.material_id
            for course in await self._store.courses_lowered_since(student_id, since)
            for material in course.materials
            if any(change.stored_until >= since for change in material.lowered)
        ]

    def current_state(self, record: Progress, course: Course) -> Progress:
        """*record*, of a material of *course*, by what that says today."""
        return current_state_in(record, course, default_percent=self._complete_at_percent)

    # -- who may -------------------------------------------------------------------------------

    def known_video(self, student_id: str, material_id: str) -> tuple[Course, Material] | None:
        """`video`, when memory alone can say yes."""
        course = self._course_of(material_id)
        if course is None or (student_id, course.course_id) not in self._enrolled:
            return None
        material = course.by_id[material_id]
        return (course, material) if material.is_video else None

    async def video(self, student_id: str, material_id: str) -> tuple[Course, Material]:
        """The video, if the student may watch it.

        Raises:
            NotFound: no such video.
            NotEnrolled: it is in a course the student is not enrolled in.
        """
        if (known := self.known_video(student_id, material_id)) is not None:
            return known
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

    async def enrolled_in(self, student_id: str, course_ids: Sequence[str]) -> set[str]:
        """Those of *course_ids* the student is enrolled in."""
        known = {cid for cid in course_ids if (student_id, cid) in self._enrolled}
        asked = [cid for cid in course_ids if cid not in known]
        if not asked:
            return known
        generation = self._forgotten
        found = await self._store.enrolled_in(student_id, asked)
        if generation == self._forgotten:
            for course_id in found:
                self._enrolled[student_id, course_id] = True
        return known | found

    async def enrolled_among(self, course_id: str, student_ids: Sequence[str]) -> list[str]:
        """Those of *student_ids* enrolled in the course, asked of the store."""
        return await self._store.enrolled_among(course_id, student_ids)

    async def require_enrolled(self, student_id: str, course_id: str) -> None:
        """Pass, or raise `NotEnrolled`."""
        if not await self.enrolled_in(student_id, [course_id]):
            raise NotEnrolled(course_id)

    # -- changing it ---------------------------------------------------------------------------

    async def editable(self, course_id: str, *, teacher_id: str | None) -> Course:
        """The course as stored, for one of its teachers or (``None``) for a service.

        Raises:
            NotFound: there is none.
            Forbidden: this teacher does not teach it.
        """
        course = await self._store.course(course_id)
        permit_change(course_id, teacher_id)(course, None)
        assert course is not None  # noqa: S101 - that was permitted
        return course

    async def put_course(self, course: Course, *, teacher_id: str | None) -> None:
        """Store *course*; a teacher must teach it, before and (when new) after.

        A course that was removed comes back by one of its last teachers or a service only: its
        enrolments come back with it. Whose course it is is decided when it is written, so that a
        teacher who loses it meanwhile cannot take it back.

        Raises:
            Forbidden: this teacher does not teach it.
            Conflict: a material belongs to another course.
        """
        permit = None if teacher_id is None else permit_put(course, teacher_id)
        await self._store.put_course(
            course,
            permit=permit,
            at=self._clock(),
            default_percent=self._complete_at_percent,
        )
        self.forget_course(course.course_id)

    async def delete_course(self, course_id: str, *, teacher_id: str | None) -> None:
        """Remove the course; what learners did stays. Raises as `editable`."""
        await self._store.delete_course(course_id, permit=permit_change(course_id, teacher_id))
        self.forget_course(course_id)

    async def enroll(
        self, course_id: str, student_ids: Sequence[str], *, teacher_id: str | None
    ) -> None:
        """Enrol students; harmless to repeat. Raises as `editable`."""
        if teacher_id is None:  # many at once need no transaction
            await self.editable(course_id, teacher_id=None)
            await self._store.enroll(course_id, student_ids, at=self._clock())
            return
        permit = permit_change(course_id, teacher_id)
        await self._store.enroll_if(course_id, student_ids, at=self._clock(), permit=permit)

    async def unenroll(self, course_id: str, student_id: str, *, teacher_id: str | None) -> None:
        """End an enrolment; harmless to repeat. Raises as `editable`."""
        permit = permit_change(course_id, teacher_id)
        await self._store.unenroll(course_id, student_id, permit=permit)
        self.forget_enrollment(student_id, course_id)

    async def students_of(
        self, course_id: str, *, after: str | None, limit: int, teacher_id: str | None
    ) -> list[str]:
        """A page of student ids. Raises as `editable`."""
        await self.editable(course_id, teacher_id=teacher_id)
        return await self._store.students_of(course_id, after=after, limit=limit)

    # -- forgetting ----------------------------------------------------------------------------

    def forget_course(self, course_id: str) -> None:
        """A course changed or went; ask the store next time."""
        self._forgotten += 1
        self._courses.pop(course_id, None)

    def forget_enrollment(self, student_id: str, course_id: str) -> None:
        """An enrolment ended; ask the store next time."""
        self._forgotten += 1
        self._enrolled.pop((student_id, course_id), None)

    def forget_all(self) -> None:
        """Changes may have gone unnoticed; ask the store for everything."""
        self._forgotten += 1
        self._courses.clear()
        self._course_ids.clear()
        self._enrolled.clear()

    def _remember(self, course: Course, generation: int) -> None:
        if generation != self._forgotten:
            return
        self._courses[course.course_id] = course
        for material_id in course.by_id:
            self._course_ids[material_id] = course.course_id
