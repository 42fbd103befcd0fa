"""Reads the enrolment and the records of a course in one round trip."""

from __future__ import annotations

from collections.abc import Sequence

from progress_service.catalog.enrollments import Enrollment
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.domain.progress import Progress
from progress_service.progress.projections import IN_DATED_SUMMARY, IN_SUMMARY, Fields
from progress_service.progress.store import ProgressStore


class CoursesStore:
    """Queries over both collections, composed of the queries of their owners."""

    def __init__(self, enrollments: EnrollmentsStore, progress: ProgressStore) -> None:
        self._enrollments = enrollments
        self._progress = progress

    async def read(
        self,
        *,
        student_id: str,
        course_id: str,
        material_ids: Sequence[str],
        fields: Fields = IN_SUMMARY,
    ) -> tuple[Enrollment | None, dict[str, Progress]]:
        """The enrolment, and the records of *material_ids* by id."""
        union = self._progress.union(student_id, material_ids, fields=fields)
        enrollments, documents = await self._enrollments.read_with(
            student_id, course_id, union=union
        )
        records = await self._progress.read_documents(documents, student_id=student_id)
        return enrollments.get(course_id), records

    async def read_all(self, student_id: str) -> tuple[dict[str, Enrollment], dict[str, Progress]]:
        """All enrolments of the student by course, and all their records by material."""
        union = self._progress.union(student_id, None, fields=IN_DATED_SUMMARY)
        enrollments, documents = await self._enrollments.read_with(student_id, None, union=union)
        return enrollments, await self._progress.read_documents(documents, student_id=student_id)
