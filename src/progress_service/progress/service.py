"""Checks and stores reports and marks, and returns statuses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from progress_service.catalog.preferences import PreferencesService
from progress_service.catalog.service import CatalogService, Watchable
from progress_service.clock import Clock
from progress_service.domain.catalog import Course
from progress_service.domain.current_state import current_state_in
from progress_service.domain.outbox_events import AddEvents
from progress_service.domain.progress import Progress, Report
from progress_service.errors import Invalid
from progress_service.mongo.batcher import Batcher
from progress_service.plausible_time import is_plausible
from progress_service.progress.merge import Change, CompletionMark, ReportChange
from progress_service.progress.projections import IN_TOTALS, summary_fields
from progress_service.progress.session_ends import session_ends
from progress_service.progress.store import Key, ProgressStore
from progress_service.progress.write_errors import NeedsReplacing

_IMPLAUSIBLE_TIME = (
    "must lie between 2015 and now; correct the clock, or leave it out for the current time"
)


@dataclass(frozen=True, slots=True)
class CompletionChanged:
    """Stored changes that may have completed materials or, if ``undone``, reopened them."""

    student_id: str
    material_ids: frozenset[str]
    course: Course
    undone: bool = False


OnCompletionChanged = Callable[[CompletionChanged], Awaitable[None]]


class MaterialStatus(NamedTuple):
    """The current state of a record, and the threshold that applies to it."""

    progress: Progress
    complete_at_percent: float


def material_status(record: Progress, course: Course) -> MaterialStatus:
    """The status of a *record* of a material of *course*."""
    threshold = course.thresholds[record.material_id]
    return MaterialStatus(current_state_in(record, course), threshold.percent)


class ProgressService:
    """Stores reports and marks of a student, and returns statuses."""

    def __init__(
        self,
        store: ProgressStore,
        writes: Batcher[Change, bool],
        reads: Batcher[Key, Progress],
        catalog: CatalogService,
        preferences: PreferencesService,
        *,
        clock: Clock,
        on_completion_changed: OnCompletionChanged,
        add_session_events: AddEvents | None = None,
    ) -> None:
        self._store = store
        self._writes = writes
        self._reads = reads
        self._catalog = catalog
        self._preferences = preferences
        self._clock = clock
        self._on_completion_changed = on_completion_changed
        self._add_session_events = add_session_events

    async def record(self, report: Report, *, student_id: str, material_id: str) -> None:
        """Merge *report* into the student's record; durable when this returns.

        If the student has paused the history, only a completion is stored.

        Raises:
            NotFound, NotEnrolled: the student may not watch that video.
            Erased: what was observed then was erased.
            Invalid: the length contradicts the catalogue.
            Unavailable: the outcome is unknown; repeating is harmless.
        """
        report = report.with_plausible_time(self._clock.now())
        course, video = await self._catalog.video(
            student_id, material_id, observed_at=report.observed_at
        )
        report = report.with_catalog_duration(
            video.duration_seconds, earlier_durations=video.earlier_durations
        )
        threshold = course.thresholds[material_id]
        is_paused = await self._preferences.is_history_paused(student_id)
        change = ReportChange(
            student_id,
            material_id,
            course.course_id,
            report,
            threshold,
            keeps_history=not is_paused,
        )
        try:
            await self._writes.submit(change)
        except NeedsReplacing:
            await self._store.replace(change)
        await self.notify_session_ends([change])
        if change.completes:
            changed = CompletionChanged(student_id, frozenset((material_id,)), course)
            await self.notify_completion(changed)

    async def mark(
        self,
        *,
        student_id: str,
        material_id: str,
        done: bool,
        completed_at: datetime | None = None,
        service_id: str | None = None,
    ) -> Progress:
        """Store a mark that a material is done, or not done.

        Args:
            student_id: whose material it is.
            material_id: a material of any type.
            done: false for an unmark.
            completed_at: when it was done; ``None`` for now.
            service_id: the service that marks it; ``None`` for the student.

        Raises:
            NotFound, NotEnrolled: the student has no such material.
            Erased: what was completed then was erased.
            Invalid: *completed_at* is in the future, or before 2015.
            Unavailable: the outcome is unknown; repeating is harmless.
        """
        now = self._clock.now()
        if completed_at is not None and not is_plausible(completed_at, now=now):
            raise Invalid.field("completed_at", _IMPLAUSIBLE_TIME)
        at = completed_at or now
        course, material = await self._catalog.material(student_id, material_id, observed_at=at)
        threshold = course.thresholds[material_id] if material.is_video else None
        mark = CompletionMark(
            student_id,
            material_id,
            course.course_id,
            done,
            at,
            threshold,
            service_id=service_id,
            is_dated=completed_at is not None,
        )
        await self._writes.submit(mark)
        changed = CompletionChanged(student_id, frozenset((material_id,)), course, undone=not done)
        await self.notify_completion(changed)
        records = await self._store.read_many(student_id, [material_id], fields=IN_TOTALS)
        return current_state_in(records.get(material_id) or Progress(material_id), course)

    async def status(self, *, student_id: str, material_id: str) -> MaterialStatus:
        """The student's progress in one video.

        Raises:
            NotFound, NotEnrolled: the student may not watch that video.
        """
        course, _ = await self._catalog.video(student_id, material_id)
        return material_status(await self._reads.submit((student_id, material_id)), course)

    async def statuses(
        self, *, student_id: str, material_ids: Sequence[str]
    ) -> dict[str, MaterialStatus]:
        """Like `status` for many; omits videos that the student may not watch."""
        found = await self._catalog.watchable(student_id, material_ids)
        courses = {mid: one.course for mid, one in found.items() if isinstance(one, Watchable)}
        if not courses:
            return {}
        fields = summary_fields(courses.values())
        records = await self._store.read_many(student_id, list(courses), fields=fields)
        return {
            mid: material_status(records.get(mid) or Progress(mid), course)
            for mid, course in courses.items()
        }

    async def notify_completion(self, change: CompletionChanged) -> None:
        """Announce a stored change.

        Raises:
            Unavailable: other systems may not learn of it; repeat the change.
        """
        await self._on_completion_changed(change)

    async def notify_session_ends(self, changes: Sequence[ReportChange]) -> None:
        """Announce the sessions that stored *changes* end, if another system wants to know.

        Raises:
            Unavailable: it may not learn of them; repeat the changes.
        """
        if self._add_session_events is not None and (events := session_ends(changes)):
            await self._add_session_events(events)
