"""A class whose records are in a real database, and the counts of it."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from progress_service.analytics.counting import Counting
from progress_service.analytics.release_maker import counted_video
from progress_service.catalog.class_members import ClassMember
from progress_service.domain.catalog import Course, ThresholdChange
from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.course_counts import CourseCounts
from progress_service.domain.current_state import current_state_in
from progress_service.domain.progress import Progress, Report
from progress_service.domain.releases import Release, next_release
from progress_service.domain.snapshots import C, Group
from progress_service.mongo.client import Database
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.progress.class_records import ClassRecords
from progress_service.progress.merge import Change, CompletionMark, ReportChange
from progress_service.progress.store import ProgressStore
from progress_service.progress.write_errors import NeedsReplacing
from tests.builders import NOON

VIDEOS = ("intro", "hooks")
T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """Something that one learner does with one material. A share is of the length."""

    material_id: str
    kind: str
    minute: int
    share: float = 0.0
    spans: tuple[tuple[float, float], ...] = ()
    session_id: str | None = None
    device_id: str | None = None
    played_seconds: float | None = None


@dataclass(frozen=True)
class CatalogChange:
    """A length and a threshold from now on."""

    duration_seconds: float
    percent: float


class ClassUnderTest:
    """Learners of a course whose records are in a real database."""

    def __init__(self, database: Database, course: Course, prefix: str, size: int) -> None:
        self.course = course
        self.reports: dict[tuple[str, str], list[Report]] = {}
        self.student_ids = [f"{prefix}-{number}" for number in range(size)]
        self._database = database
        self._records = database[WATCH_PROGRESS]
        self._store = ProgressStore(database)
        self._counting = Counting(ClassRecords(database), newest=1)
        self._held: dict[str, Release[Any]] = {}

    async def do(self, actions: Sequence[Sequence[Step]]) -> None:
        """Store what each learner does."""
        changes: list[Change] = []
        for student_id, own in zip(self.student_ids, actions, strict=False):
            for step in own:
                if step.kind == "foreign":
                    await self._insert_foreign(student_id, step)
                else:
                    changes.append(self._change(student_id, step))
        outcomes = await self._store.save_many(changes) if changes else []
        for change, outcome in zip(changes, outcomes, strict=True):
            if isinstance(outcome, NeedsReplacing) and isinstance(change, ReportChange):
                await self._store.replace(change)
            else:
                assert not isinstance(outcome, Exception)

    async def change_catalog(self, change: CatalogChange) -> None:
        """Give the videos another length, and the course another threshold."""
        hello = await self._database.client.admin.command("hello")
        now = hello["localTime"].replace(tzinfo=UTC)
        history: tuple[ThresholdChange, ...] = ()
        if change.percent < self.course.thresholds["intro"].percent:
            history = (ThresholdChange(change.percent, now, now),)
        materials = tuple(
            replace(m, duration_seconds=change.duration_seconds, lowered=(*m.lowered, *history))
            if m.is_video
            else m
            for m in self.course.materials
        )
        self.course = replace(self.course, materials=materials, complete_at_percent=change.percent)

    async def records(self) -> dict[str, dict[str, Progress]]:
        """By learner and material: the stored records, as a status returns them."""
        keys = list(itertools.product(self.student_ids, self.course.by_id))
        found = await self._store.read_each(keys)
        by_student: dict[str, dict[str, Progress]] = {sid: {} for sid in self.student_ids}
        for (student_id, material_id), progress in zip(keys, found, strict=True):
            if progress.stored_at is not None:
                by_student[student_id][material_id] = current_state_in(progress, self.course)
        return by_student

    async def counted_video(self, material_id: str) -> tuple[ClassCounts, ClassCounts]:
        """The release that replaced the one before, and one without any before it."""
        video = counted_video(self.course, material_id)
        assert video is not None
        groups = await self._counting.video(
            video, self._members(), since=lambda _: (), run=immediately
        )
        return self._released(material_id, groups, ClassCounts())

    async def counted_course(self) -> tuple[CourseCounts, CourseCounts]:
        """As `counted_video`."""
        groups = await self._counting.course(
            self.course, self._members(), since=lambda _: (), now=NOON, run=immediately
        )
        return self._released("", groups, CourseCounts())

    def _released(self, name: str, groups: dict[str, Group[C]], nobody: C) -> tuple[C, C]:
        def release(held: Release[C] | None) -> Release[C]:
            return next_release(
                held,
                groups,
                nobody=nobody,
                k=1,
                as_of=datetime.now(UTC),
                duration_seconds=0.0,
                definition_version=1,
            )

        self._held[name] = release(self._held.get(name))
        return self._held[name].whole.counts, release(None).whole.counts

    def _members(self) -> list[ClassMember]:
        """In two cohorts."""
        return [
            ClassMember(student_id, NOON - timedelta(days=10 * (number % 2)), None)
            for number, student_id in enumerate(self.student_ids)
        ]

    def _change(self, student_id: str, step: Step) -> Change:
        key = (student_id, step.material_id, self.course.course_id)
        at = NOON - timedelta(minutes=step.minute)
        if step.kind != "report" or step.material_id not in VIDEOS:
            return CompletionMark(*key, done=step.kind != "unmark", at=at)
        length = self.course.by_id[step.material_id].duration_seconds
        assert length is not None
        report = Report(
            position_seconds=round(step.share * length, 3),
            duration_seconds=length,
            observed_at=at,
            session_id=step.session_id,
            device_id=step.device_id,
            played=tuple((round(s * length, 3), round(e * length, 3)) for s, e in step.spans),
            played_seconds=step.played_seconds,
        )
        self.reports.setdefault(key[:2], []).append(report)
        return ReportChange(*key, report, self.course.thresholds[step.material_id])

    async def _insert_foreign(self, student_id: str, step: Step) -> None:
        """A record of another program, if there is none yet."""
        key = {"student_id": student_id, "material_id": step.material_id}
        length = self.course.by_id[step.material_id].duration_seconds or 60.0
        document = {
            "watch_time": str(step.share * length),
            "total_duration": length,
            "last_watched": (NOON - timedelta(minutes=step.minute)).isoformat(),
            "watched_spans": [[s * length, e * length] for s, e in step.spans] or "none",
            "sessions": [7, {"spans": "x"}],
        }
        await self._records.update_one(key, {"$setOnInsert": document}, upsert=True)


async def immediately(call: Callable[[], Awaitable[T]]) -> T:
    """Run without a pace."""
    return await call()
