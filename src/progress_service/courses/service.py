"""Course totals of one student, and the list of all their courses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from progress_service.catalog.enrollments import Enrollment, is_stale, recomputed
from progress_service.catalog.service import CatalogService
from progress_service.courses.store import CoursesStore
from progress_service.courses.totals import EnrollmentTotals, current_records
from progress_service.domain.catalog import Course
from progress_service.domain.completion import CourseTotals, summarize_course
from progress_service.domain.course_list import CoursePage, CourseSummary, SortKey, page_of
from progress_service.domain.progress import Progress
from progress_service.errors import NotEnrolled
from progress_service.pacing import paced
from progress_service.progress.service import MaterialStatus


@dataclass(frozen=True, slots=True)
class CourseStatus:
    """A student's progress in a course."""

    course: Course
    totals: CourseTotals
    videos: dict[str, MaterialStatus]
    completed_at: datetime | None


class CoursesService:
    """Returns course totals, and stores them where the enrolment is stale."""

    def __init__(
        self, store: CoursesStore, totals: EnrollmentTotals, catalog: CatalogService
    ) -> None:
        self._store = store
        self._totals = totals
        self._catalog = catalog

    async def progress(self, *, student_id: str, course_id: str) -> CourseStatus:
        """The student's progress in the course and its materials.

        Raises:
            NotFound: no such course.
            NotEnrolled: the student is not enrolled in it.
        """
        course = await self._catalog.course(course_id)
        enrollment, records = await self._totals.read(student_id, course)
        if enrollment is None:
            self._catalog.invalidate_enrollment(student_id, course_id)
            raise NotEnrolled(course_id)
        totals = summarize_course(course, records)
        computed = recomputed(enrollment, totals)
        if is_stale(enrollment, computed):
            await self._totals.repair(
                enrollment, computed, records, student_id=student_id, course=course
            )
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
        held = current_records(course, records)
        totals = summarize_course(course, held)
        moments = [at for one in held.values() for at in (one.observed_at, one.completed_at) if at]
        return CourseSummary(
            course_id=course.course_id,
            title=course.title,
            totals=totals,
            active_at=max(moments, default=None),
            completed_at=recomputed(enrollment, totals).completed_at,
        )


def _statuses(course: Course, states: Mapping[str, Progress]) -> dict[str, MaterialStatus]:
    thresholds = course.thresholds
    return {
        mid: MaterialStatus(states.get(mid) or Progress(mid), thresholds[mid].percent)
        for mid in course.video_ids
    }
