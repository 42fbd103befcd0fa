"""Whatever a class did, what is counted of it equals a count in plain Python, and a recount."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progress_service.analytics.counting import Counting
from progress_service.analytics.releases import counted_video
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
from progress_service.progress.store import NeedsReplacing, ProgressStore
from tests.builders import NOON, a_course, a_reading, a_video
from tests.integration.analytics.learner_counts import count_learner_in, count_watching

VIDEOS = ("intro", "hooks")
LENGTHS = (9.5, 40.0, 61.3, 600.0, 9_000.0)
Document = dict[str, Any]
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


shares = st.sampled_from([0.0, 0.01, 0.1, 0.33, 0.5, 0.79, 0.8, 0.99, 1.0])
steps = st.builds(
    Step,
    material_id=st.sampled_from([*VIDEOS, "notes"]),
    kind=st.sampled_from(["report"] * 6 + ["mark", "unmark", "foreign"]),
    minute=st.integers(0, 5_000),
    share=shares,
    spans=st.lists(st.tuples(shares, shares).filter(lambda s: s[0] < s[1]), max_size=4).map(tuple),
    session_id=st.sampled_from([None, "one", "two", "three.1"]),
    device_id=st.sampled_from([None, "phone", "laptop"]),
    played_seconds=st.sampled_from([None, 0.0, 0.5, 1.0, 31.5, 20_000.0]),
)
classes = st.lists(st.lists(steps, max_size=6), min_size=1, max_size=4)
catalog_changes = st.builds(
    CatalogChange, st.sampled_from(LENGTHS), st.sampled_from([30.0, 50.0, 80.0, 100.0])
)


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


numbers = itertools.count()


@settings(max_examples=20)
@given(
    length=st.sampled_from(LENGTHS),
    before=classes,
    change=catalog_changes | st.none(),
    after=classes,
)
async def test_counts_equal_those_of_each_learner(
    database: Database,
    length: float,
    before: list[list[Step]],
    change: CatalogChange | None,
    after: list[list[Step]],
):
    videos = [a_video(video_id, duration_seconds=length) for video_id in VIDEOS]
    course = a_course("react", *videos, a_reading("notes", required=False))
    learners = ClassUnderTest(database, course, f"class-{next(numbers)}", len(before) + 1)
    await learners.do(before)
    await assert_counts(learners)
    if change is not None:
        await learners.change_catalog(change)
        await assert_counts(learners)
    await learners.do(after)
    await assert_counts(learners)


async def assert_counts(learners: ClassUnderTest) -> None:
    """Compare what is counted in the database with the sum over learners."""
    records = await learners.records()
    incremental, rebuilt = await learners.counted_course()
    expected = sum(
        (count_learner_in(learners.course, own, now=NOON) for own in records.values()),
        CourseCounts(),
    )
    assert incremental == rebuilt
    assert rebuilt == expected
    for video_id in VIDEOS:
        length = learners.course.by_id[video_id].duration_seconds
        assert length is not None
        video, recounted = await learners.counted_video(video_id)
        watched = [
            count_watching(
                own.get(video_id), learners.reports.get((student_id, video_id), ()), length
            )
            for student_id, own in records.items()
        ]
        assert video == recounted
        assert_same(recounted, watched)


def assert_same(counts: ClassCounts, watched: Sequence[Document]) -> None:
    """Compare *counts* with the sums of *watched*."""
    sums: Counter[str] = Counter()
    curves: dict[str, list[int]] = {}
    for learner in watched:
        for name, value in learner.items():
            if isinstance(value, list):
                curve = curves.setdefault(name, [0] * len(value))
                curves[name] = [a + b for a, b in zip(curve, value, strict=True)]
            else:
                sums[name] += value
    assert {name: getattr(counts, name) for name in sums} == pytest.approx(dict(sums), abs=1e-6)
    assert {name: list(getattr(counts, name)) for name in curves} == curves
