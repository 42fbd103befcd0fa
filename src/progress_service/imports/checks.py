"""Checks rows against the catalogue, and turns them into changes of records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from progress_service.catalog.erased_learners import LearnerErasure
from progress_service.catalog.preferences import PreferencesService
from progress_service.catalog.service import CatalogService
from progress_service.domain.catalog import VIDEO, Course, Material
from progress_service.domain.intervals import clip_spans
from progress_service.domain.progress import Report
from progress_service.errors import (
    Erased,
    Forbidden,
    Invalid,
    NotEnrolled,
    NotFound,
    ServiceError,
)
from progress_service.imports.rows import ImportRow
from progress_service.pacing import paced
from progress_service.plausible_time import is_plausible
from progress_service.progress.merge import RecordedCompletion, ReportChange
from progress_service.progress.schemas import in_wire_names
from progress_service.progress.tracked_writes import ImportedChange

_Pair = tuple[str, str]
Checked = ImportedChange | ServiceError
"""The change that a row makes, or why it is rejected."""


class RowChecks:
    """The rules for rows: what exists, who may watch it, and how long it is."""

    def __init__(
        self, catalog: CatalogService, preferences: PreferencesService, *, now: datetime
    ) -> None:
        """
        Args:
            catalog: courses and enrolments.
            preferences: who has paused the history: of them, only completions are stored.
            now: replaces implausible times; the same for all rows of an import.
        """
        self._catalog = catalog
        self._preferences = preferences
        self._now = now

    async def check(self, rows: Sequence[ImportRow]) -> tuple[list[Checked], Mapping[str, Course]]:
        """The change of each row, in order; and the courses by material.

        Raises:
            Unavailable: the database does not respond.
        """
        courses = await self._catalog.courses_of(list({row.material_id for row in rows}))
        enrolled = await self._enrolled(rows, courses)
        absent = await self._erasures(rows, courses, enrolled)
        paused = await self._preferences.paused_among(list({row.student_id for row in rows}))
        checked: list[Checked] = []
        async for row in paced(rows):
            try:
                if (erasure := absent.get(row.student_id)) and erasure.rejects(self._time_of(row)):
                    raise Erased()
                change = self._change(row, courses.get(row.material_id), enrolled)
                if row.student_id in paused:
                    change = replace(change, keeps_history=False)
                checked.append(change)
            except Invalid as error:
                checked.append(in_wire_names(error))
            except ServiceError as error:
                checked.append(error)
        return checked, courses

    async def _enrolled(
        self, rows: Sequence[ImportRow], courses: Mapping[str, Course]
    ) -> dict[_Pair, datetime | None]:
        """When the student's data was erased, by the pairs among *rows* that are enrolments."""
        students: defaultdict[str, set[str]] = defaultdict(set)
        for row in rows:
            if course := courses.get(row.material_id):
                students[course.course_id].add(row.student_id)
        return {
            (student_id, course_id): erased_at
            for course_id, student_ids in students.items()
            for student_id, erased_at in (
                await self._catalog.enrolled_among(course_id, list(student_ids))
            ).items()
        }

    async def _erasures(
        self,
        rows: Sequence[ImportRow],
        courses: Mapping[str, Course],
        enrolled: Mapping[_Pair, datetime | None],
    ) -> Mapping[str, LearnerErasure]:
        """The erasures of students who have rows without an enrolment, or without a material."""
        absent = {
            row.student_id
            for row in rows
            if (course := courses.get(row.material_id)) is None
            or (row.student_id, course.course_id) not in enrolled
        }
        return await self._catalog.erasures_of(list(absent)) if absent else {}

    def _time_of(self, row: ImportRow) -> datetime:
        """The earliest time in *row*."""
        times = [self._plausible(at) for at in (row.observed_at, row.completed_at)]
        return min((at for at in times if at is not None), default=self._now)

    def _change(
        self, row: ImportRow, course: Course | None, enrolled: Mapping[_Pair, datetime | None]
    ) -> ImportedChange:
        kind = VIDEO if row.has_position else "material"
        if course is None or (row.has_position and not course.by_id[row.material_id].is_video):
            raise NotFound(kind, row.material_id)
        if (row.student_id, course.course_id) not in enrolled:
            raise _not_enrolled(course.course_id)
        erased_at = enrolled[row.student_id, course.course_id]
        if erased_at is not None and self._time_of(row) <= erased_at:
            raise Erased()
        key = (row.student_id, row.material_id, course.course_id)
        material, threshold = course.by_id[row.material_id], course.thresholds[row.material_id]
        completed_at = self._plausible(row.completed_at)
        if not row.has_position:
            assert completed_at is not None  # noqa: S101 - a row has one of the two
            return RecordedCompletion(*key, completed_at, threshold if material.is_video else None)
        return ReportChange(*key, self._report(row, material), threshold, completed_at=completed_at)

    def _report(self, row: ImportRow, video: Material) -> Report:
        duration = row.duration_seconds or video.duration_seconds
        if duration is None:
            raise Invalid.field("total_duration", "is required: the catalogue has no length")
        position = row.position_seconds
        if position is None:
            position = (row.position_percent or 0.0) / 100 * duration
        report = Report(
            position_seconds=position,
            duration_seconds=duration,
            observed_at=row.observed_at or self._now,
            played=clip_spans(row.played, end_seconds=duration) if row.played else (),
        )
        report = report.with_catalog_duration(
            video.duration_seconds, earlier_durations=video.earlier_durations
        )
        return report.with_plausible_time(self._now)

    def _plausible(self, moment: datetime | None) -> datetime | None:
        """*moment* in whole milliseconds, as `Report.with_plausible_time`."""
        if moment is None:
            return None
        at = moment if is_plausible(moment, now=self._now) else self._now
        return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _not_enrolled(course_id: str) -> ServiceError:
    return Forbidden(
        f"The student is not enrolled in course {course_id!r}. Enrol the student "
        f"(PUT /api/catalog/courses/{course_id}/enrollments/…), then send the row again.",
        code=NotEnrolled.code,
    )
