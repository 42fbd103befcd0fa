"""The releases of a class in memory, of groups built like those of `analytics.counting`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic

from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.cohorts import cohort_of
from progress_service.domain.course_counts import CourseCounts, LearnerInCourse, count_learner
from progress_service.domain.releases import Release, may_replace, next_release, times_compared
from progress_service.domain.snapshots import C, Group, Snapshot, is_cohort_publishable
from tests.synthetic_class import WatchRecord


@dataclass
class Member:
    enrolled_at: datetime
    record: WatchRecord | None = None
    counts: ClassCounts = field(default_factory=lambda: ClassCounts(enrolled=1))

    def __post_init__(self) -> None:
        self.cohort = cohort_of(self.enrolled_at)

    def in_course(self) -> LearnerInCourse:
        if self.record is None:
            return LearnerInCourse()
        record = self.record
        done = record.completed_at
        return LearnerInCourse(
            percent=100.0 if done else record.furthest / record.length * 100,
            has_started=record.is_viewer,
            completed_at=done,
            last_watched=record.stored_at,
            newest_completion=done,
        )


class Published(Generic[C]):
    """The releases of the video or of the course, with one k."""

    def __init__(self, nobody: C, k: int, *, length: float) -> None:
        self.length = length
        self.nobody, self.k = nobody, k
        self.release: Release[C] | None = None
        self._sums: dict[str, tuple[list[object], C]] = {}  # by cohort: of whom, and the sum

    def groups(
        self, members: Mapping[str, Member], now: datetime, *, is_counted: bool = True
    ) -> dict[str, Group[C]]:
        by_cohort: defaultdict[str, list[Member]] = defaultdict(list)
        for member in members.values():
            by_cohort[member.cohort].append(member)
        return {
            name: Group(
                self._sum(name, inside, now) if is_counted else self.nobody,
                records=sum(one.record is not None for one in inside),
                stored_at=self._newest([o.record.stored_at for o in inside if o.record]),
                enrolled_at=self._newest([one.enrolled_at for one in inside]),
                unchanged_records={
                    at: sum(o.record is not None and o.record.stored_at <= at for o in inside)
                    for at in times_compared(self.release, name)
                },
                unchanged_enrolled={
                    at: sum(one.enrolled_at <= at for one in inside)
                    for at in times_compared(self.release, name)
                },
            )
            for name, inside in by_cohort.items()
        }

    def _sum(self, cohort: str, inside: list[Member], now: datetime) -> C:
        """The counts of the cohort, kept while its learners are the same and on the same day."""
        each: list[object] = [one.counts for one in inside] + [now.date().toordinal()]
        held, counts = self._sums.get(cohort, ([], self.nobody))
        if len(held) != len(each) or not all(map(_is_same, held, each)):
            counts = sum((self._count(one, now) for one in inside), self.nobody)
            self._sums[cohort] = (each, counts)
        return counts

    def _count(self, member: Member, now: datetime) -> C:
        if isinstance(self.nobody, CourseCounts):
            return count_learner(member.in_course(), now=now)  # type: ignore[return-value]
        return member.counts  # type: ignore[return-value]

    def _newest(self, times: list[datetime]) -> tuple[datetime, ...]:
        return tuple(sorted(times, reverse=True)[: self.k])

    def poll(self, members: Mapping[str, Member], now: datetime) -> None:
        held = self.release
        if held is not None and self.k > 1:  # Counting takes time: only where it may be released.
            uncounted = self.groups(members, now, is_counted=False).values()
            if not may_replace(held.whole, uncounted, k=self.k):
                return
        self.release = next_release(
            self.release,
            self.groups(members, now),
            nobody=self.nobody,
            k=self.k,
            as_of=now,
            duration_seconds=self.length,
            definition_version=1,
        )

    def told(self) -> dict[str, Snapshot[C]]:
        """The snapshots that are published; the whole class is named ``""``."""
        assert self.release is not None
        cohorts = self.release.cohorts.items()
        told = {n: each for n, each in cohorts if is_cohort_publishable(each, k=self.k)}
        return {"": self.release.whole, **told}


def _is_same(one: object, other: object) -> bool:
    return one is other or (isinstance(one, int) and one == other)
