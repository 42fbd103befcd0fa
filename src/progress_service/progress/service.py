"""Decisions about reports: may this student, is it believable, is it done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from progress_service.catalog.service import CatalogService
from progress_service.domain.catalog import Course
from progress_service.domain.intervals import Span, merge_spans
from progress_service.domain.progress import Progress, Report
from progress_service.errors import ServiceError
from progress_service.observability import get_logger
from progress_service.progress.group_commit import Grouped
from progress_service.progress.merge import Change, Marked, Seen
from progress_service.progress.store import NOT_IN_STATUS, Key, ProgressStore

log = get_logger("progress")


@dataclass(frozen=True, slots=True)
class CompletionChanged:
    """A stored change that may have made a material done, or (``undone``) open again."""

    student_id: str
    material_id: str
    course: Course
    undone: bool = False


OnCompletionChanged = Callable[[CompletionChanged], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A believable report about a video that the student may watch."""

    course: Course
    material_id: str
    report: Report
    moves_place: bool


class Standing(NamedTuple):
    """A record beside the threshold that applies to it."""

    progress: Progress
    complete_at_percent: float


class ProgressService:
    """Takes reports in and gives standings out, for the student of the token."""

    def __init__(
        self,
        store: ProgressStore,
        commits: Grouped[Change, None],
        reads: Grouped[Key, Progress],
        catalog: CatalogService,
        *,
        complete_at_percent: float,
        clock: Callable[[], datetime],
        on_completion_changed: OnCompletionChanged,
    ) -> None:
        self._store = store
        self._commits = commits
        self._reads = reads
        self._catalog = catalog
        self._complete_at_percent = complete_at_percent
        self._clock = clock
        self._on_completion_changed = on_completion_changed

    async def record(self, report: Report, *, student_id: str, material_id: str) -> None:
        """Merge *report* into the student's record; durable when this returns.

        Raises:
            NotFound, NotEnrolled: the student cannot watch that video.
            Invalid: the length contradicts the catalogue.
            Unavailable: the outcome is unknown; repeating is harmless.
        """
        course, video = self._catalog.known_video(
            student_id, material_id
        ) or await self._catalog.video(student_id, material_id)
        report = report.against(video.duration_seconds).believed_at(self._clock())
        threshold = self.threshold_percent(course, material_id)
        await self._commits.submit(
            Seen(student_id, material_id, course.course_id, report, threshold)
        )
        if report.reaches(threshold):
            await self._tell(CompletionChanged(student_id, material_id, course))

    async def record_many(self, accepted: Sequence[Accepted], *, student_id: str) -> list[Progress]:
        """Merge reports that were checked already, in one trip; durable when this returns.

        Returns:
            The records they were merged into.

        Raises:
            Unavailable: the outcome of some is unknown; repeating is harmless.
        """
        if not accepted:
            return []
        played = _played_by_material(accepted)
        seen = [
            Seen(
                student_id,
                one.material_id,
                one.course.course_id,
                one.report,
                self.threshold_percent(one.course, one.material_id),
                moves_place=one.moves_place,
                spans=played.pop(one.material_id, ()),
            )
            for one in accepted
        ]
        for outcome in await self._store.save_many(seen):
            if outcome is not None:
                raise outcome
        courses = {one.material_id: one.course for one in accepted}
        for done in {s.material_id for s in seen if s.report.reaches(s.threshold_percent)}:
            await self._tell(CompletionChanged(student_id, done, courses[done]))
        return list((await self._store.read_many(student_id, list(courses))).values())

    async def mark(self, *, student_id: str, material_id: str, done: bool) -> Progress:
        """Take the student's own word that a material is done, or is not.

        Raises:
            NotFound, NotEnrolled: the student has no such material.
            Unavailable: the outcome is unknown; repeating is harmless.
        """
        course, _ = await self._catalog.material(student_id, material_id)
        now = self._clock()
        await self._commits.submit(Marked(student_id, material_id, course.course_id, done, now))
        await self._tell(CompletionChanged(student_id, material_id, course, undone=not done))
        return await self._reads.submit((student_id, material_id))

    async def status(self, *, student_id: str, material_id: str) -> Standing:
        """Where the student stands with one video.

        Raises:
            NotFound, NotEnrolled: the student cannot watch that video.
        """
        course, _ = self._catalog.known_video(student_id, material_id) or await self._catalog.video(
            student_id, material_id
        )
        progress = await self._reads.submit((student_id, material_id))
        return Standing(progress, self.threshold_percent(course, material_id))

    async def statuses(
        self, *, student_id: str, material_ids: Sequence[str]
    ) -> dict[str, Standing]:
        """Like `status` for many; videos the student cannot watch are left out."""
        courses = await self._catalog.courses_of(material_ids)
        course_ids = list({course.course_id for course in courses.values()})
        enrolled = await self._catalog.enrolled_in(student_id, course_ids)
        open_ids = [
            mid
            for mid, course in courses.items()
            if course.course_id in enrolled and course.by_id[mid].is_video
        ]
        if not open_ids:
            return {}
        records = await self._store.read_many(student_id, open_ids, fields=NOT_IN_STATUS)
        return {
            mid: Standing(
                records.get(mid) or Progress(mid), self.threshold_percent(courses[mid], mid)
            )
            for mid in open_ids
        }

    def threshold_percent(self, course: Course, material_id: str) -> float:
        """From which percentage a material counts as done."""
        return course.threshold_percent(material_id, default=self._complete_at_percent)

    async def _tell(self, change: CompletionChanged) -> None:
        """The record is stored already, so trouble here must not make the answer an error."""
        try:
            await self._on_completion_changed(change)
        except ServiceError as error:
            log.warning("enrollment_not_updated", code=error.code)  # the next read heals it


def _played_by_material(accepted: Sequence[Accepted]) -> dict[str, tuple[Span, ...]]:
    """All that was played, to be joined once: the database would do it again for each report."""
    played: dict[str, list[Span]] = {}
    for one in accepted:
        played.setdefault(one.material_id, []).extend(one.report.played)
    return {mid: merge_spans(spans) for mid, spans in played.items()}
