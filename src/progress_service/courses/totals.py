"""Keeps the totals that an enrolment stores up to date.

The event of a completion is stored before the totals that list it. A crash between the two is
repaired like any stale enrolment, and then gives the same event.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from cachetools import TTLCache

from progress_service.catalog.enrollments import Enrollment, recomputed
from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.courses.completion_events import completion_events
from progress_service.courses.store import CoursesStore
from progress_service.domain.catalog import Course
from progress_service.domain.completion import summarize_course
from progress_service.domain.current_state import current_state_in
from progress_service.domain.outbox_events import AddEvents
from progress_service.domain.progress import Progress
from progress_service.errors import ServiceError
from progress_service.observability.logging import get_logger
from progress_service.progress.projections import summary_fields
from progress_service.progress.service import CompletionChanged

log = get_logger("courses")
MAX_TRIES = 5  # Two devices may finish videos at once; five never do.
REPAIR_SECONDS = 1.0
SYNCED_SECONDS = 60.0  # Players keep reporting above the threshold; skip those updates.
MAX_SYNCED = 50_000


class EnrollmentTotals:
    """Updates enrolments when materials are completed, and repairs stale ones."""

    def __init__(
        self, store: CoursesStore, enrollments: EnrollmentsStore, *, add_events: AddEvents
    ) -> None:
        self._store = store
        self._enrollments = enrollments
        self._add_events = add_events
        self._synced: TTLCache[tuple[str, str], set[str]] = TTLCache(MAX_SYNCED, SYNCED_SECONDS)

    async def completion_changed(self, change: CompletionChanged) -> None:
        """Update the enrolment after materials were completed or reopened. Safe to repeat.

        Raises:
            Unavailable: the event of a completion may not be stored.
        """
        key = (change.student_id, change.course.course_id)
        if change.undone:
            self._synced.pop(key, None)
        elif change.material_ids <= self._synced.get(key, frozenset()):
            return
        for _ in range(MAX_TRIES):
            enrollment, records = await self.read(change.student_id, change.course)
            if enrollment is None:
                return
            computed = recomputed(enrollment, summarize_course(change.course, records))
            if change.undone:
                computed = replace(computed, completed_at=_undone_at(change, enrollment, computed))
            if await self._update(enrollment, computed, change, records):
                return

    async def _update(
        self,
        enrollment: Enrollment,
        computed: Enrollment,
        change: CompletionChanged,
        records: Mapping[str, Progress],
    ) -> bool:
        """Store the events and the totals; false if another change came first.

        An error of the totals must not fail the request: the next read repairs them.
        """
        student_id, course = change.student_id, change.course
        if computed != enrollment:
            await self._add_completions(
                enrollment, computed, records, student_id=student_id, course=course
            )
            try:
                if not await self._enrollments.write_totals(
                    computed, student_id=student_id, course_id=course.course_id
                ):
                    return False
            except ServiceError as error:
                log.warning("enrollment_update_failed", code=error.code)
                return True
        if not change.undone:
            self._synced.setdefault((student_id, course.course_id), set()).update(
                change.material_ids
            )
        return True

    async def _add_completions(
        self,
        stored: Enrollment,
        computed: Enrollment,
        records: Mapping[str, Progress],
        *,
        student_id: str,
        course: Course,
    ) -> None:
        events = completion_events(stored, computed, records, student_id=student_id, course=course)
        if events:
            await self._add_events(events)

    def enrollment_changed(self, student_id: str, course_id: str) -> None:
        """Note that the enrolment was written, here or elsewhere: it may be stale."""
        self._synced.pop((student_id, course_id), None)

    def forget_student(self, student_id: str) -> None:
        """Forget what is known of a student's enrolments."""
        for key in [key for key in self._synced if key[0] == student_id]:
            self._synced.pop(key, None)

    def forget_all(self) -> None:
        """Forget what is known of all enrolments."""
        self._synced.clear()

    async def repair(
        self,
        stored: Enrollment,
        computed: Enrollment,
        records: Mapping[str, Progress],
        *,
        student_id: str,
        course: Course,
    ) -> None:
        """Store the events and the totals, if that is fast: a read must not fail or wait for it."""
        try:
            async with asyncio.timeout(REPAIR_SECONDS):
                await self._add_completions(
                    stored, computed, records, student_id=student_id, course=course
                )
                await self._enrollments.write_totals(
                    computed, student_id=student_id, course_id=course.course_id
                )
        except (ServiceError, TimeoutError):
            log.warning("enrollment_repair_failed")  # the next read tries again

    async def read(
        self, student_id: str, course: Course
    ) -> tuple[Enrollment | None, dict[str, Progress]]:
        """The enrolment, and the current states of the records that exist."""
        enrollment, records = await self._store.read(
            student_id=student_id,
            course_id=course.course_id,
            material_ids=list(course.by_id),
            fields=summary_fields([course]),
        )
        return enrollment, current_records(course, records)


def current_records(course: Course, records: Mapping[str, Progress]) -> dict[str, Progress]:
    """The current states of the *records* that belong to *course*."""
    return {mid: current_state_in(records[mid], course) for mid in course.by_id if mid in records}


def _undone_at(
    change: CompletionChanged, enrollment: Enrollment, computed: Enrollment
) -> datetime | None:
    """The course's completion; ``None`` if a completed required material was reopened."""
    reopened = change.material_ids.intersection(enrollment.completed_ids, change.course.counted_ids)
    return None if reopened else computed.completed_at
