"""Computes the pages of a gradebook, and what changed since an earlier one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from progress_service.catalog.class_pages import EnrolledStudent, StudentRange
from progress_service.catalog.enrollments import Enrollment, is_stale, recomputed
from progress_service.catalog.service import CatalogService
from progress_service.domain.catalog import Course
from progress_service.domain.completion import summarize_course
from progress_service.domain.gradebook import GradebookCursor, GradebookRow, PagePosition
from progress_service.domain.progress import Progress
from progress_service.errors import Invalid
from progress_service.gradebook.page_reading import GradebookPage, PageReading, begin_reading
from progress_service.gradebook.store import GradebookStore
from progress_service.pacing import paced

BATCH_RECORDS = 2_000  # Read at once.
MAX_BATCH_STUDENTS = 200
STUDENT_RECORDS = 4  # A student takes as much work as so many records.
CHECKS_PER_RECORD = 4  # To check when a record has changed takes a fraction of reading it.
REPAIRS_AT_ONCE = 8


class RepairTotals(Protocol):
    """Stores the totals of an enrolment that is stale; does not raise."""

    async def __call__(
        self,
        stored: Enrollment,
        computed: Enrollment,
        records: Mapping[str, Progress],
        *,
        student_id: str,
        course: Course,
    ) -> None: ...


class GradebookService:
    """Computes the rows of all students of a course, a page at a time."""

    def __init__(
        self, store: GradebookStore, catalog: CatalogService, *, repair_totals: RepairTotals
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._repair_totals = repair_totals

    async def page(
        self,
        course_id: str,
        *,
        limit: int,
        after: PagePosition | None = None,
        changed_since: GradebookCursor | None = None,
    ) -> GradebookPage:
        """The first page, or the one at *after*.

        A page ends early when it has taken `MAX_RECORDS` records to compute it.

        Args:
            course_id: the course.
            limit: how many rows the page has at most.
            after: the ``next`` of the previous page.
            changed_since: the ``cursor`` of an earlier list, for rows that changed since.

        Raises:
            NotFound: no such course.
            Invalid: *after* belongs to a list that began with another cursor.
            Unavailable: the database does not respond.
        """
        if after is not None and changed_since is not None and after.since != changed_since:
            detail = "belongs to a list with another `changed_since`; send that, or leave it out"
            raise Invalid.field("after", detail, code="bad_cursor")
        course = await self._catalog.course(course_id)
        now = await self._store.server_time()
        reading = begin_reading(course, now, limit=limit, after=after, changed_since=changed_since)
        return await self._store.gate.run(partial(self._read, reading))

    async def _read(self, reading: PageReading) -> GradebookPage:
        course_id = reading.course.course_id
        if reading.since is not None:
            ended = await self._store.classes.ended(
                StudentRange(course_id, reading.after_id),
                limit=reading.limit + 1,
                since=reading.since.reaches_back_to,
                after=reading.now,
            )
            reading.add_ended(ended)
        while not reading.is_complete:
            await self._read_batch(reading)
        enrolled_again: set[str] = set()
        if reading.ended:  # after the rows, so that nobody is missing in both
            ids = [student_id for student_id, _ in reading.ended]
            enrolled_again = await self._store.classes.enrolled_among(
                course_id, ids, after=reading.now
            )
        return reading.page(enrolled_again=enrolled_again)

    async def _read_batch(self, reading: PageReading) -> None:
        materials = max(1, len(reading.course.materials))
        size = max(1, min(reading.limit + 1, MAX_BATCH_STUDENTS, BATCH_RECORDS // materials))
        students = await self._store.classes.enrolled(
            StudentRange(reading.course.course_id, reading.after_id, reading.last_id),
            limit=size,
            changed_since=reading.changed_since,
            after=reading.now,
        )
        changed = await self._changed(reading, students)
        await self._add_rows(reading, changed)
        reading.is_at_end = len(students) < size
        if students:
            reading.after_id = students[-1].student_id

    async def _changed(
        self, reading: PageReading, students: Sequence[EnrolledStudent]
    ) -> Sequence[EnrolledStudent]:
        """Those of *students* whose row may have changed."""
        since = reading.changed_since
        if since is None:
            return students
        unsure = [one.student_id for one in students if not _was_written(one, since=since)]
        checks = len(unsure) * len(reading.course.materials)
        reading.records += len(unsure) * STUDENT_RECORDS + checks // CHECKS_PER_RECORD
        changed = await self._store.progress.changed_among(
            reading.course, unsure, since=since, after=reading.now
        )
        unchanged = set(unsure) - changed
        return [one for one in students if one.student_id not in unchanged]

    async def _add_rows(self, reading: PageReading, students: Sequence[EnrolledStudent]) -> None:
        if not students:
            return
        states = await self._store.progress.current_states(
            reading.course, [one.student_id for one in students], after=reading.now
        )
        repairs: list[Awaitable[None]] = []
        async for student in paced(students):
            held = states[student.student_id]
            row, computed = _row(reading, student, held)
            is_repaired = is_stale(student.enrollment, computed) and reading.may_repair()
            if is_repaired:
                repairs.append(self._repair(reading, student, computed, held))
            reading.add(row, student, is_repaired=is_repaired)
            reading.records += STUDENT_RECORDS + len(held)
        for start in range(0, len(repairs), REPAIRS_AT_ONCE):
            await asyncio.gather(*repairs[start : start + REPAIRS_AT_ONCE])

    def _repair(
        self,
        reading: PageReading,
        student: EnrolledStudent,
        computed: Enrollment,
        states: Mapping[str, Progress],
    ) -> Awaitable[None]:
        """Store totals, as every read of a course does: a completed course stays completed."""
        return self._repair_totals(
            student.enrollment,
            computed,
            states,
            student_id=student.student_id,
            course=reading.course,
        )


def _was_written(student: EnrolledStudent, *, since: datetime) -> bool:
    """True if the row may have changed, whenever its records were stored.

    A report that is repeated because its outcome was unknown changes no record, but the enrolment
    notes it.
    """
    stamps = (student.active_at, student.changed_at)
    return any(stamp is not None and stamp >= since for stamp in stamps)


def _row(
    reading: PageReading, student: EnrolledStudent, states: Mapping[str, Progress]
) -> tuple[GradebookRow, Enrollment]:
    totals = summarize_course(reading.course, states)
    computed = recomputed(student.enrollment, totals)
    row = GradebookRow(
        student_id=student.student_id,
        enrolled_at=student.enrolled_at,
        overall_percent=totals.overall_percent,
        completed_ids=totals.completed_ids,
        last_observed_at=totals.last_observed_at,
        completed_at=computed.completed_at,
    )
    return row, computed
