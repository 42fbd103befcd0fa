"""Course totals, and the enrolment that keeps them; a crash between the two heals later."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cachetools import TTLCache

from progress_service.catalog.enrollments import Enrollment
from progress_service.catalog.service import CatalogService
from progress_service.courses.store import CoursesStore
from progress_service.domain.catalog import Course
from progress_service.domain.completion import CourseTotals, total_course
from progress_service.domain.course_list import CoursePage, CourseSummary, SortKey, page_of
from progress_service.domain.progress import Progress
from progress_service.errors import NotEnrolled, ServiceError
from progress_service.observability import get_logger
from progress_service.pacing import paced
from progress_service.progress.service import CompletionChanged, Standing
from progress_service.progress.store import summary_fields

log = get_logger("courses")
MAX_TRIES = 5  # Two devices finish two videos at once; five at once is nobody.
HEAL_SECONDS = 1.0
SETTLED_SECONDS = 60.0  # Players report on above the threshold; the enrolment knows already.
MAX_SETTLED = 50_000


@dataclass(frozen=True, slots=True)
class CourseStanding:
    """A student's way through a course."""

    course: Course
    totals: CourseTotals
    videos: dict[str, Standing]
    completed_at: datetime | None


class CoursesService:
    """Adds up courses, and keeps enrolments in step with what is done."""

    def __init__(
        self, store: CoursesStore, catalog: CatalogService, *, complete_at_percent: float
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._complete_at_percent = complete_at_percent
        self._settled: TTLCache[tuple[str, str], set[str]] = TTLCache(MAX_SETTLED, SETTLED_SECONDS)

    async def progress(self, *, student_id: str, course_id: str) -> CourseStanding:
        """How far the student is, material by material.

        Raises:
            NotFound: no such course.
            NotEnrolled: the student is not in it.
        """
        course = await self._catalog.course(course_id)
        enrollment, records = await self._read(student_id, course)
        if enrollment is None:
            self._catalog.forget_enrollment(student_id, course_id)
            raise NotEnrolled(course_id)
        totals = total_course(course, records)
        wanted = _in_step(enrollment, totals)
        if _needs_healing(enrollment, wanted):
            await self._heal(wanted, student_id=student_id, course_id=course_id)
        return CourseStanding(
            course=course,
            totals=totals,
            videos=self._standings(course, records),
            completed_at=wanted.completed_at,
        )

    async def courses_of(
        self, student_id: str, *, after: SortKey | None, limit: int
    ) -> tuple[CoursePage, int]:
        """A page of the student's courses, and how many records and courses it was made of.

        Two round trips to the database, whatever the number of courses; removed ones are left out.
        """
        enrollments, records = await self._store.read_all(student_id)
        courses = await self._catalog.courses(list(enrollments))
        summaries = [
            self._summary(course, enrollments[course_id], records)
            async for course_id, course in paced(courses.items())
        ]
        size = len(records) + sum(len(course.materials) for course in courses.values())
        return page_of(summaries, after=after, limit=limit), size

    def _summary(
        self, course: Course, enrollment: Enrollment, records: Mapping[str, Progress]
    ) -> CourseSummary:
        held = self._current(course, records)
        totals = total_course(course, held)
        moments = [at for one in held.values() for at in (one.observed_at, one.completed_at) if at]
        return CourseSummary(
            course_id=course.course_id,
            title=course.title,
            totals=totals,
            active_at=max(moments, default=None),
            completed_at=_in_step(enrollment, totals).completed_at,
        )

    async def completion_changed(self, change: CompletionChanged) -> None:
        """Bring the enrolment up to date with what was done, or undone. Safe to repeat."""
        key = (change.student_id, change.course.course_id)
        if change.undone:
            self._settled.pop(key, None)
        elif change.material_ids <= self._settled.get(key, frozenset()):
            return
        for _ in range(MAX_TRIES):
            enrollment, records = await self._read(change.student_id, change.course)
            if enrollment is None:
                return
            wanted = _in_step(enrollment, total_course(change.course, records))
            if change.undone:
                wanted = replace(wanted, completed_at=_undone_at(change, enrollment, wanted))
            if wanted == enrollment or await self._store.write(
                wanted, student_id=change.student_id, course_id=change.course.course_id
            ):
                if not change.undone:
                    self._settled.setdefault(key, set()).update(change.material_ids)
                return

    def enrollment_changed(self, student_id: str, course_id: str) -> None:
        """Somebody, here or elsewhere, wrote it: what was settled there may be so no more."""
        self._settled.pop((student_id, course_id), None)

    async def _heal(self, wanted: Enrollment, *, student_id: str, course_id: str) -> None:
        """A read that can be answered does not fail, or wait long, because this cannot be done."""
        try:
            async with asyncio.timeout(HEAL_SECONDS):
                await self._store.write(wanted, student_id=student_id, course_id=course_id)
        except (ServiceError, TimeoutError):
            log.warning("enrollment_not_healed")  # the next read tries again

    async def _read(
        self, student_id: str, course: Course
    ) -> tuple[Enrollment | None, dict[str, Progress]]:
        """The enrolment, and the current states of the records that exist."""
        enrollment, records = await self._store.read(
            student_id=student_id,
            course_id=course.course_id,
            material_ids=list(course.by_id),
            fields=summary_fields([course]),
        )
        return enrollment, self._current(course, records)

    def _current(self, course: Course, records: Mapping[str, Progress]) -> dict[str, Progress]:
        """The current states of those of *records* that are of *course*."""
        return {
            mid: self._catalog.current_state(records[mid], course)
            for mid in course.by_id
            if mid in records
        }

    def _standings(self, course: Course, records: dict[str, Progress]) -> dict[str, Standing]:
        return {
            mid: Standing(
                records.get(mid) or Progress(mid),
                course.threshold_percent(mid, default=self._complete_at_percent),
            )
            for mid in course.video_ids
        }


def _in_step(enrollment: Enrollment, totals: CourseTotals) -> Enrollment:
    """The enrolment as the records say; the course's own completion, once there, stays."""
    return replace(
        enrollment,
        completed_ids=totals.completed_ids,
        progress_percent=totals.overall_percent,
        completed_at=enrollment.completed_at or totals.completed_at,
    )


def _needs_healing(enrollment: Enrollment, wanted: Enrollment) -> bool:
    """Between completions the stored percentage may lag: a read must not write at every report."""
    return (enrollment.completed_ids, enrollment.completed_at) != (
        wanted.completed_ids,
        wanted.completed_at,
    )


def _undone_at(
    change: CompletionChanged, enrollment: Enrollment, wanted: Enrollment
) -> datetime | None:
    """Who takes back a required material that was done takes back that the course is done."""
    taken_back = change.material_ids.intersection(
        enrollment.completed_ids, change.course.counted_ids
    )
    return None if taken_back else wanted.completed_at
