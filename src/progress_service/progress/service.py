"""Decisions about reports: may this student, is it believable, is it done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from progress_service.catalog.service import CatalogService
from progress_service.domain.catalog import Course
from progress_service.domain.current_state import current_state
from progress_service.domain.intervals import Coverage, add_spans
from progress_service.domain.progress import Progress, Report
from progress_service.errors import ServiceError
from progress_service.observability import get_logger
from progress_service.pacing import paced
from progress_service.progress.group_commit import Grouped
from progress_service.progress.merge import Change, Marked, Seen
from progress_service.progress.store import (
    IN_FRAME,
    IN_TOTALS,
    Key,
    NeedsReplacing,
    ProgressStore,
    summary_fields,
)

MAX_CHANGES_AT_ONCE = 50  # Of one student, in one command.
log = get_logger("progress")


@dataclass(frozen=True, slots=True)
class CompletionChanged:
    """Stored changes that may have made materials done, or (``undone``) open again."""

    student_id: str
    material_ids: frozenset[str]
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


@dataclass(frozen=True, slots=True)
class Recorded:
    """Records that reports were merged into, and what the reports brought, by material."""

    records: Sequence[Progress] = ()
    added: Mapping[str, Coverage] = field(default_factory=dict)


class Standing(NamedTuple):
    """A record beside the threshold that applies to it."""

    progress: Progress
    complete_at_percent: float


def standing_of(record: Progress, course: Course, *, default_percent: float) -> Standing:
    """The current state of *record*, of a material of *course*, beside its threshold."""
    material_id = record.material_id
    threshold = course.threshold(material_id, default=default_percent)
    return Standing(current_state(record, course.by_id[material_id], threshold), threshold.percent)


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
        report = report.against(
            video.duration_seconds, earlier_durations=video.earlier_durations
        ).believed_at(self._clock())
        threshold = self.threshold_percent(course, material_id)
        change = Seen(
            student_id, material_id, course.course_id, report, threshold, lowered=video.lowered
        )
        try:
            await self._commits.submit(change)
        except NeedsReplacing:
            await self._store.replace(change)
        if report.reaches(threshold):
            await self._tell(CompletionChanged(student_id, frozenset((material_id,)), course))

    async def record_many(self, accepted: Sequence[Accepted], *, student_id: str) -> Recorded:
        """Merge reports that were checked already; durable when this returns.

        They go to the database some at a time, so that it has time for others between.

        Returns:
            The records they were merged into, without their spans.

        Raises:
            Unavailable: the outcome of some is unknown; repeating is harmless.
        """
        if not accepted:
            return Recorded()
        added = await _coverage_by_material(accepted)
        pending = dict(added)  # The first change of each material carries it all.
        seen = [
            Seen(
                student_id,
                one.material_id,
                one.course.course_id,
                one.report,
                self.threshold_percent(one.course, one.material_id),
                moves_place=one.moves_place,
                coverage=pending.pop(one.material_id, Coverage()),
                lowered=one.course.by_id[one.material_id].lowered,
            )
            for one in accepted
        ]
        for start in range(0, len(seen), MAX_CHANGES_AT_ONCE):
            await self._save(seen[start : start + MAX_CHANGES_AT_ONCE])
        await self._tell_completions(seen, {one.course.course_id: one.course for one in accepted})
        ids = list({change.material_id for change in seen})
        records = await self._store.read_many(student_id, ids, fields=IN_FRAME)
        return Recorded(list(records.values()), added)

    async def _save(self, seen: Sequence[Seen]) -> None:
        on_grid = [change for change in seen if change.added.grid_seconds is not None]
        others = [change for change in seen if change.added.grid_seconds is None]
        outcomes = await self._store.save_many(others) if others else []
        for change, outcome in zip(others, outcomes, strict=True):
            if isinstance(outcome, NeedsReplacing):
                on_grid.append(change)
            elif outcome is not None:
                raise outcome
        for change in on_grid:
            await self._store.replace(change)

    async def _tell_completions(self, seen: Sequence[Seen], courses: Mapping[str, Course]) -> None:
        done: dict[str, set[str]] = {}
        for change in seen:
            if change.report.reaches(change.threshold_percent):
                done.setdefault(change.course_id, set()).add(change.material_id)
        for course_id, material_ids in done.items():
            student_id = seen[0].student_id
            changed = CompletionChanged(student_id, frozenset(material_ids), courses[course_id])
            await self._tell(changed)

    async def mark(self, *, student_id: str, material_id: str, done: bool) -> Progress:
        """Take the student's own word that a material is done, or is not.

        Raises:
            NotFound, NotEnrolled: the student has no such material.
            Unavailable: the outcome is unknown; repeating is harmless.
        """
        course, material = await self._catalog.material(student_id, material_id)
        default = self._complete_at_percent
        threshold = course.threshold(material_id, default=default) if material.is_video else None
        whom = (student_id, material_id, course.course_id)
        await self._commits.submit(Marked(*whom, done, self._clock(), threshold))
        changed = CompletionChanged(student_id, frozenset((material_id,)), course, undone=not done)
        await self._tell(changed)
        records = await self._store.read_many(student_id, [material_id], fields=IN_TOTALS)
        record = records.get(material_id) or Progress(material_id)
        return self._standing(record, course).progress

    async def status(self, *, student_id: str, material_id: str) -> Standing:
        """Where the student stands with one video.

        Raises:
            NotFound, NotEnrolled: the student cannot watch that video.
        """
        course, _ = self._catalog.known_video(student_id, material_id) or await self._catalog.video(
            student_id, material_id
        )
        progress = await self._reads.submit((student_id, material_id))
        return self._standing(progress, course)

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
        fields = summary_fields(courses.values())
        records = await self._store.read_many(student_id, open_ids, fields=fields)
        return {
            mid: self._standing(records.get(mid) or Progress(mid), courses[mid]) for mid in open_ids
        }

    def _standing(self, record: Progress, course: Course) -> Standing:
        return standing_of(record, course, default_percent=self._complete_at_percent)

    def threshold_percent(self, course: Course, material_id: str) -> float:
        """From which percentage a material counts as done."""
        return course.threshold_percent(material_id, default=self._complete_at_percent)

    async def _tell(self, change: CompletionChanged) -> None:
        """The record is stored already, so trouble here must not make the answer an error."""
        try:
            await self._on_completion_changed(change)
        except ServiceError as error:
            log.warning("enrollment_not_updated", code=error.code)  # the next read heals it


async def _coverage_by_material(accepted: Sequence[Accepted]) -> dict[str, Coverage]:
    """All that was played, joined once: the database would do it again for each report."""
    played: dict[str, Coverage] = {}
    async for one in paced(accepted):
        report = one.report
        if report.played:
            before = played.get(one.material_id, Coverage())
            played[one.material_id] = add_spans(
                before, report.played, length_seconds=report.duration_seconds
            )
    return played
