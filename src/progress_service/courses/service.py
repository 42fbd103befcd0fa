"""Computes course totals, and stores them in the enrolment; reads repair a stale one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cachetools import TTLCache

from progress_service.catalog.enrollments import Enrollment, is_stale, recomputed
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.catalog.service import CatalogService
from progress_service.courses.store import CoursesStore
from progress_service.domain.catalog import Course
from progress_service.domain.completion import CourseTotals, summarize_course
from progress_service.domain.course_list import CoursePage, CourseSummary, SortKey, page_of
from progress_service.domain.current_state import current_state_in
from progress_service.domain.progress import Progress
from progress_service.errors import NotEnrolled, ServiceError
from progress_service.observability.logging import get_logger
from progress_service.pacing import paced
from progress_service.progress.projections import summary_fields
from progress_service.progress.service import CompletionChanged, MaterialStatus

log = get_logger("courses")
MAX_TRIES = 5  # Two devices may finish videos at once; five never do.
REPAIR_SECONDS = 1.0
SYNCED_SECONDS = 60.0  # Players keep reporting above the threshold; skip those updates.
MAX_SYNCED = 50_000


@dataclass(frozen=True, slots=True)
class CourseStatus:
    """A student's progress in a course."""

    course: Course
    totals: CourseTotals
    videos: dict[str, MaterialStatus]
    completed_at: datetime | None


class CoursesService:
    """Computes course totals, and updates enrolments when materials are completed."""

    def __init__(
        self, store: CoursesStore, enrollments: EnrollmentsStore, catalog: CatalogService
    ) -> None:
        self._store = store
        self._enrollments = enrollments
        self._catalog = catalog
        self._synced: TTLCache[tuple[str, str], set[str]] = TTLCache(MAX_SYNCED, SYNCED_SECONDS)

    async def progress(self, *, student_id: str, course_id: str) -> CourseStatus:
        """The student's progress in the course and its materials.

        Raises:
            NotFound: no such course.
            NotEnrolled: the student is not enrolled in it.
        """
        course = await self._catalog.course(course_id)
        enrollment, records = await self._read(student_id, course)
        if enrollment is None:
            self._catalog.invalidate_enrollment(student_id, course_id)
            raise NotEnrolled(course_id)
        totals = summarize_course(course, records)
        computed = recomputed(enrollment, totals)
        if is_stale(enrollment, computed):
            await self._repair(computed, student_id=student_id, course_id=course_id)
        return CourseStatus(
            course=course,
            totals=totals,
            videos=_statuses(course, records),
            completed_at=computed.completed_at,
        )

    async def courses_of(
        self, student_id: str, *, after: SortKey | None, limit: int
    ) -> tuple[CoursePage, int]:
        """A page of the student's courses, and the number of records and materials that were read.

        Two round trips to the database, whatever the number of courses; omits removed courses.
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
        totals = summarize_course(course, held)
        moments = [at for one in held.values() for at in (one.observed_at, one.completed_at) if at]
        return CourseSummary(
            course_id=course.course_id,
            title=course.title,
            totals=totals,
            active_at=max(moments, default=None),
            completed_at=recomputed(enrollment, totals).completed_at,
        )

    async def completion_changed(self, change: CompletionChanged) -> None:
        """Update the enrolment after materials were completed or reopened. Safe to repeat."""
        key = (change.student_id, change.course.course_id)
        if change.undone:
            self._synced.pop(key, None)
        elif change.material_ids <= self._synced.get(key, frozenset()):
            return
        for _ in range(MAX_TRIES):
            enrollment, records = await self._read(change.student_id, change.course)
            if enrollment is None:
                return
            computed = recomputed(enrollment, summarize_course(change.course, records))
            if change.undone:
                computed = replace(computed, completed_at=_undone_at(change, enrollment, computed))
            if computed == enrollment or await self._enrollments.write_totals(
                computed, student_id=change.student_id, course_id=change.course.course_id
            ):
                if not change.undone:
                    self._synced.setdefault(key, set()).update(change.material_ids)
                return

    def enrollment_changed(self, student_id: str, course_id: str) -> None:
        """Note that the enrolment was written, here or elsewhere: it may be stale."""
        self._synced.pop((student_id, course_id), None)

    async def _repair(self, computed: Enrollment, *, student_id: str, course_id: str) -> None:
        """Store the totals, if that is fast: a read must not fail or wait for it."""
        try:
            async with asyncio.timeout(REPAIR_SECONDS):
                await self._enrollments.write_totals(
                    computed, student_id=student_id, course_id=course_id
                )
        except (ServiceError, TimeoutError):
            log.warning("enrollment_repair_failed")  # the next read tries again

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

    @staticmethod
    def _current(course: Course, records: Mapping[str, Progress]) -> dict[str, Progress]:
        """The current states of the *records* that belong to *course*."""
        return {
            mid: current_state_in(records[mid], course) for mid in course.by_id if mid in records
        }


def _statuses(course: Course, states: Mapping[str, Progress]) -> dict[str, MaterialStatus]:
    thresholds = course.thresholds
    return {
        mid: MaterialStatus(states.get(mid) or Progress(mid), thresholds[mid].percent)
        for mid in course.video_ids
    }


def _undone_at(
    change: CompletionChanged, enrollment: Enrollment, computed: Enrollment
) -> datetime | None:
    """The course's completion; ``None`` if a completed required material was reopened."""
    reopened = change.material_ids.intersection(enrollment.completed_ids, change.course.counted_ids)
    return None if reopened else computed.completed_at
