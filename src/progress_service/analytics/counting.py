"""Counts a class in batches of learners, so that the database serves others in between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

from progress_service.analytics.course_pipeline import reduce_learners
from progress_service.analytics.pipelines import CountedVideo, begin_key, count_learners, end_key
from progress_service.catalog.class_members import ClassMember
from progress_service.domain.catalog import Course
from progress_service.domain.class_counts import ClassCounts, running_totals
from progress_service.domain.cohorts import cohort_of
from progress_service.domain.course_counts import CourseCounts, LearnerInCourse, count_learner
from progress_service.domain.snapshots import Group
from progress_service.mongo.client import in_utc
from progress_service.pacing import paced
from progress_service.progress.class_records import ClassRecords

BATCH_LEARNERS = 1_000  # Some ninety milliseconds, of which five parse the pipeline.
COURSE_BATCH_RECORDS = 10_000
Result = TypeVar("Result")
Paced = Callable[[Callable[[], Awaitable[Result]]], Awaitable[Result]]
"""Runs a call on the database when its turn comes."""
Since = Callable[[str], Sequence[datetime]]
"""For a cohort, the times of the snapshots that it is compared with."""


class Counting:
    """Counts the learners of a class, for each cohort."""

    def __init__(self, records: ClassRecords, *, newest: int) -> None:
        """A group of learners gets the *newest* times of changes, that many of each kind."""
        self._records = records
        self._newest = newest

    async def video(
        self,
        video: CountedVideo,
        members: Sequence[ClassMember],
        *,
        since: Since,
        run: Paced[list[dict[str, Any]]],
    ) -> dict[str, Group[ClassCounts]]:
        """The class as groups by cohort, for one video. *run* paces the calls."""
        groups: dict[str, Group[ClassCounts]] = {}
        for name, learners in by_cohort(members).items():
            times = since(name)
            parts = [part async for part in self._batches(video, learners, since=times, run=run)]
            groups[name] = self._united(learners, parts, since=times)
        return groups

    async def course(
        self,
        course: Course,
        members: Sequence[ClassMember],
        *,
        since: Since,
        now: datetime,
        run: Paced[list[dict[str, Any]]],
    ) -> dict[str, Group[CourseCounts]]:
        """The class as groups by cohort, for the whole course."""
        groups: dict[str, Group[CourseCounts]] = {}
        for name, learners in by_cohort(members).items():
            rows: dict[str, dict[str, Any]] = {}
            for batch in _batched(learners, COURSE_BATCH_RECORDS // max(len(course.by_id), 1) + 1):
                found = await self._reduced(course, batch, run=run)
                rows |= {row["_id"]: row for row in found}
            counts = CourseCounts()
            async for learner in paced(learners):
                state = _learner_in(course, learner, rows.get(learner.student_id))
                counts += count_learner(state, now=now)
            groups[name] = self._group_of(learners, rows.values(), counts, since(name))
        return groups

    async def _reduced(
        self, course: Course, batch: Sequence[ClassMember], *, run: Paced[list[dict[str, Any]]]
    ) -> list[dict[str, Any]]:
        stages = reduce_learners(course, [one.student_id for one in batch])
        reduce = partial(self._records.aggregate, stages)
        found = await run(reduce)
        if foreign := [(row["_id"], mid) for row in found for mid in row["foreign"]]:
            await self._records.modernize(foreign)
            found = await run(reduce)
        return found

    def _group_of(
        self,
        learners: Sequence[ClassMember],
        rows: Iterable[Mapping[str, Any]],
        counts: CourseCounts,
        since: Sequence[datetime],
    ) -> Group[CourseCounts]:
        stored = [at for row in rows if (at := in_utc(row["stored_at"])) is not None]
        return Group(
            counts,
            records=len(stored),
            stored_at=_newest(stored, self._newest),
            enrolled_at=_newest([one.enrolled_at for one in learners], self._newest),
            unchanged_records={at: sum(each <= at for each in stored) for at in since},
            unchanged_enrolled={at: sum(one.enrolled_at <= at for one in learners) for at in since},
        )

    async def _batches(
        self,
        video: CountedVideo,
        learners: Sequence[ClassMember],
        *,
        since: Sequence[datetime],
        run: Paced[list[dict[str, Any]]],
    ) -> AsyncIterator[dict[str, Any]]:
        for batch in _batched(learners, BATCH_LEARNERS):
            ids = [learner.student_id for learner in batch]
            stages = count_learners(video, ids, newest=self._newest, since=since)
            count = partial(self._records.aggregate, stages)
            (result,) = await run(count)
            if foreign := [document["student_id"] for document in result["foreign"]]:
                await self._records.modernize([(sid, video.material_id) for sid in foreign])
                (result,) = await run(count)
            yield _to_part(result, video.parts)

    def _united(
        self,
        learners: Sequence[ClassMember],
        parts: Iterable[Mapping[str, Any]],
        *,
        since: Sequence[datetime],
    ) -> Group[ClassCounts]:
        parts = list(parts)
        stored = [in_utc(at) for part in parts for at in part.get("newest", ())]
        enrolled = ClassCounts(enrolled=len(learners))
        return Group(
            counts=sum((part["counts"] for part in parts), enrolled),
            records=sum(part.get("records", 0) for part in parts),
            stored_at=_newest([at for at in stored if at is not None], self._newest),
            enrolled_at=_newest([learner.enrolled_at for learner in learners], self._newest),
            unchanged_records={
                at: sum(part.get(f"unchanged_{i}", 0) for part in parts)
                for i, at in enumerate(since)
            },
            unchanged_enrolled={at: sum(one.enrolled_at <= at for one in learners) for at in since},
        )


def by_cohort(members: Iterable[ClassMember]) -> dict[str, list[ClassMember]]:
    """The learners of each cohort."""
    names: dict[date, str] = {}  # To name each of ten thousand blocked the event loop for 20 ms.
    cohorts: defaultdict[str, list[ClassMember]] = defaultdict(list)
    for member in members:
        day = member.enrolled_at.date()
        if (name := names.get(day)) is None:
            name = names[day] = cohort_of(member.enrolled_at)
        cohorts[name].append(member)
    return dict(cohorts)


def _batched(learners: Sequence[ClassMember], size: int) -> Iterator[Sequence[ClassMember]]:
    for start in range(0, len(learners), size):
        yield learners[start : start + size]


def _learner_in(
    course: Course, member: ClassMember, row: Mapping[str, Any] | None
) -> LearnerInCourse:
    """The learner's state; the *row* has what the records say."""
    if row is None:
        return LearnerInCourse(completed_at=member.completed_at)
    counted = len(course.counted_ids)
    is_done = counted > 0 and row["done"] == counted
    percent = 100.0 if is_done else min(round(row["percent"] / max(counted, 1), 2), 99.99)
    return LearnerInCourse(
        percent=percent,
        has_started=bool(row["has_started"]),
        completed_at=member.completed_at or (in_utc(row["completed_at"]) if is_done else None),
        last_watched=in_utc(row["last_watched"]),
        newest_completion=in_utc(row["any_completed_at"]),
    )


def _to_part(result: Mapping[str, Any], parts: int) -> dict[str, Any]:
    """The counts of one batch beside the values that a `Group` needs."""
    sums = result["sums"][0] if result["sums"] else {}
    steps = {step["_id"]: step["n"] for step in result["steps"]}
    viewers = sums.get("viewers", 0)
    counts = ClassCounts(
        viewers=viewers,
        completed=sums.get("completed", 0),
        completed_viewers=sums.get("completed_viewers", 0),
        players=sums.get("players", 0),
        starts=sums.get("starts", 0),
        views=sums.get("views", 0),
        watch_seconds=float(sums.get("watch_seconds", 0)),
        watched_shares=float(sums.get("watched_shares", 0)),
        seen=_curve(steps, "seen", parts),
        heat=_curve(steps, "heat", parts),
        replayers=_curve(steps, "replayers", parts),
        exits=tuple(steps.get(begin_key("exits") + part, 0) for part in range(parts)),
        survival=_survival(steps, viewers, parts),
    )
    return {**sums, "counts": counts}


def _curve(steps: Mapping[int, int], name: str, parts: int) -> tuple[int, ...]:
    begin, end = begin_key(name), end_key(name)
    return running_totals(
        [steps.get(begin + part, 0) - steps.get(end + part, 0) for part in range(parts)]
    )


def _survival(steps: Mapping[int, int], viewers: int, parts: int) -> tuple[int, ...]:
    """For each part, the viewers who reached its end; a run ends with the last part reached."""
    end = end_key("survival")
    left = running_totals([steps.get(end + part, 0) for part in range(parts)])
    return tuple(viewers - gone for gone in left)


def _newest(times: Iterable[datetime], number: int) -> tuple[datetime, ...]:
    return tuple(sorted(times, reverse=True)[:number])
