"""Stores many reports of one student: checks each by itself, writes all together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from progress_service.catalog.preferences import PreferencesService
from progress_service.catalog.service import CatalogService, Watchable
from progress_service.domain.catalog import Course
from progress_service.domain.intervals import Coverage, add_spans
from progress_service.domain.progress import Progress, Report
from progress_service.errors import Erased, NotEnrolled, NotFound, ServiceError
from progress_service.pacing import paced
from progress_service.progress.merge import ReportChange
from progress_service.progress.projections import IN_FRAME
from progress_service.progress.service import CompletionChanged, ProgressService
from progress_service.progress.store import ProgressStore
from progress_service.progress.write_errors import NeedsReplacing

MAX_CHANGES_IN_COMMAND = 50  # Per student, so that the database serves others in between.


@dataclass(frozen=True, slots=True)
class Candidate:
    """A report to check. ``moves_position`` is false if the report is too old to do so."""

    material_id: str
    report: Report
    moves_position: bool = True


@dataclass(frozen=True, slots=True)
class Ingested:
    """The outcome for the candidates.

    ``rejected`` has the error of each rejected candidate, by its index. ``records`` are the records
    that the others were merged into, without spans. ``created_ids`` are the materials whose record
    contains nothing else.
    """

    rejected: dict[int, ServiceError] = field(default_factory=dict)
    records: Sequence[Progress] = ()
    created_ids: frozenset[str] = frozenset()


class Ingest:
    """Checks and stores reports. An invalid report does not affect the others."""

    def __init__(
        self,
        store: ProgressStore,
        progress: ProgressService,
        catalog: CatalogService,
        preferences: PreferencesService,
    ) -> None:
        self._store = store
        self._progress = progress
        self._catalog = catalog
        self._preferences = preferences

    async def ingest(self, candidates: Sequence[Candidate], *, student_id: str) -> Ingested:
        """Merge the valid candidates; durable when this returns.

        Raises:
            Unavailable: the outcome of some is unknown; repeating is harmless.
        """
        found = await self._catalog.watchable(student_id, [c.material_id for c in candidates])
        rejected: dict[int, ServiceError] = {}
        accepted: list[Candidate] = []
        courses: dict[str, Course] = {}
        async for index, candidate in paced(enumerate(candidates)):
            try:
                watchable = found[candidate.material_id]
                if not isinstance(watchable, Watchable):
                    raise watchable
                accepted.append(_checked(candidate, watchable))
                courses[candidate.material_id] = watchable.course
            except ServiceError as error:
                rejected[index] = error
        rejected |= await self._erased_among(rejected, candidates, student_id=student_id)
        if not accepted:
            return Ingested(rejected)
        is_paused = await self._preferences.is_history_paused(student_id)
        changes = await _changes(
            accepted, courses, student_id=student_id, keeps_history=not is_paused
        )
        try:
            created_ids = await self._save(changes)
            await self._progress.notify_session_ends(changes)
            await self._notify_completions(changes, courses)
        except Erased as error:  # since they were checked
            return Ingested(dict.fromkeys(range(len(candidates)), error))
        records = await self._store.read_many(student_id, list(courses), fields=IN_FRAME)
        return Ingested(rejected, list(records.values()), created_ids)

    async def _erased_among(
        self,
        rejected: Mapping[int, ServiceError],
        candidates: Sequence[Candidate],
        *,
        student_id: str,
    ) -> dict[int, ServiceError]:
        """The errors of rejected candidates whose student's data was erased."""
        absent = [i for i, e in rejected.items() if isinstance(e, NotFound | NotEnrolled)]
        if not absent:
            return {}
        erasure = (await self._catalog.erasures_of([student_id])).get(student_id)
        if erasure is None:
            return {}
        return {i: Erased() for i in absent if erasure.rejects(candidates[i].report.observed_at)}

    async def _save(self, changes: Sequence[ReportChange]) -> frozenset[str]:
        """Store *changes* in batches; return the materials whose record they created."""
        created: set[str] = set()
        for start in range(0, len(changes), MAX_CHANGES_IN_COMMAND):
            created |= await self._save_some(changes[start : start + MAX_CHANGES_IN_COMMAND])
        return frozenset(created)

    async def _save_some(self, changes: Sequence[ReportChange]) -> set[str]:
        to_replace = [change for change in changes if change.added.grid_seconds is not None]
        others = [change for change in changes if change.added.grid_seconds is None]
        outcomes = await self._store.save_many(others) if others else []
        created: set[str] = set()
        for change, outcome in zip(others, outcomes, strict=True):
            if isinstance(outcome, NeedsReplacing):
                to_replace.append(change)
            elif isinstance(outcome, Exception):
                raise outcome
            elif outcome:
                created.add(change.material_id)
        for change in to_replace:
            await self._store.replace(change)
        return created

    async def _notify_completions(
        self, changes: Sequence[ReportChange], courses: dict[str, Course]
    ) -> None:
        completed: dict[str, set[str]] = {}
        for change in changes:
            if change.completes:
                completed.setdefault(change.course_id, set()).add(change.material_id)
        for material_ids in completed.values():
            course = courses[next(iter(material_ids))]
            await self._progress.notify_completion(
                CompletionChanged(changes[0].student_id, frozenset(material_ids), course)
            )


def _checked(candidate: Candidate, watchable: Watchable) -> Candidate:
    if candidate.report.observed_at <= watchable.erased_at:
        raise Erased()
    video = watchable.course.by_id[candidate.material_id]
    report = candidate.report.with_catalog_duration(
        video.duration_seconds, earlier_durations=video.earlier_durations
    )
    return Candidate(candidate.material_id, report, candidate.moves_position)


async def _changes(
    accepted: Sequence[Candidate],
    courses: dict[str, Course],
    *,
    student_id: str,
    keeps_history: bool,
) -> list[ReportChange]:
    """The changes to store; the first of each material has all spans that were played of it.

    They are merged once here; otherwise the database would do it for each report.
    """
    pending = await _coverage_by_material(accepted)
    return [
        ReportChange(
            student_id,
            one.material_id,
            courses[one.material_id].course_id,
            one.report,
            courses[one.material_id].thresholds[one.material_id],
            moves_position=one.moves_position,
            coverage=pending.pop(one.material_id, Coverage()),
            keeps_history=keeps_history,
        )
        for one in accepted
    ]


async def _coverage_by_material(accepted: Sequence[Candidate]) -> dict[str, Coverage]:
    played: dict[str, Coverage] = {}
    async for one in paced(accepted):
        report = one.report
        if report.played:
            before = played.get(one.material_id, Coverage())
            played[one.material_id] = add_spans(
                before, report.played, length_seconds=report.duration_seconds
            )
    return played
