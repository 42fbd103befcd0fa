"""When numbers about a class may be replaced by newer ones.

A teacher who asks after each change could infer one learner from the difference of two responses.
So a release stays until the records of at least k learners differ from those it was made of.

The number that differ is a lower bound: waiting too long reveals nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, Self, TypeVar


class Counts(Protocol):
    """Sums over a group of learners, which can be added."""

    @property
    def enrolled(self) -> int: ...

    @property
    def viewers(self) -> int: ...

    def __add__(self, other: Self) -> Self: ...


C = TypeVar("C", bound=Counts)


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[C]):
    """The counts of a group of learners, of whom ``records`` had a record, up to ``as_of``.

    ``duration_seconds`` is the length that a video had, and ``others`` the number of viewers in the
    rest of the class.
    """

    as_of: datetime
    duration_seconds: float
    records: int
    counts: C
    others: int = 0


@dataclass(frozen=True, slots=True)
class Release(Generic[C]):
    """The published counts of a video or course: the whole class, and cohorts by their name."""

    definition_version: int
    whole: Snapshot[C]
    cohorts: Mapping[str, Snapshot[C]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group(Generic[C]):
    """A group of learners as it is now.

    ``stored_at`` and ``enrolled_at`` are the newest k times of their kind, one for each learner.
    ``unchanged_records`` and ``unchanged_enrolled`` have, for the time of a snapshot, how many of
    that kind are not newer.
    """

    counts: C
    records: int = 0
    stored_at: tuple[datetime, ...] = ()
    enrolled_at: tuple[datetime, ...] = ()
    unchanged_records: Mapping[datetime, int] = field(default_factory=dict)
    unchanged_enrolled: Mapping[datetime, int] = field(default_factory=dict)

    def newer(self, since: datetime) -> tuple[int, int]:
        """The records stored and the enrolments begun after *since*; up to k of each."""
        return (
            sum(at > since for at in self.stored_at),
            sum(at > since for at in self.enrolled_at),
        )


def differing(groups: Iterable[Group[C]], held: Snapshot[C]) -> int:
    """At least how many learners of the *groups* together differ from those of *held*."""
    groups = list(groups)
    newer = [group.newer(held.as_of) for group in groups]
    records = sum(group.unchanged_records.get(held.as_of, 0) for group in groups)
    enrolled = sum(group.unchanged_enrolled.get(held.as_of, 0) for group in groups)
    return max(
        sum(stored for stored, _ in newer),
        sum(begun for _, begun in newer),
        held.records - records,
        held.counts.enrolled - enrolled,
    )


def may_replace(held: Snapshot[C] | None, groups: Iterable[Group[C]], *, k: int) -> bool:
    """True when a new snapshot of *groups* may replace *held*.

    One that is suppressed may always be replaced, and with k = 1 every one.
    """
    if held is None or k == 1 or not is_publishable(held, k=k):
        return True
    return differing(groups, held) >= k


def is_publishable(snapshot: Snapshot[C], *, k: int) -> bool:
    """True when the group is large enough to be published."""
    return k == 1 or snapshot.counts.viewers >= k


def is_cohort_publishable(snapshot: Snapshot[C], *, k: int) -> bool:
    """True when both the cohort and the rest of the class are large enough."""
    return is_publishable(snapshot, k=k) and (k == 1 or snapshot.others >= k)


def next_release(
    held: Release[C] | None,
    cohorts: Mapping[str, Group[C]],
    *,
    nobody: C,
    k: int,
    as_of: datetime,
    duration_seconds: float,
    definition_version: int,
) -> Release[C]:
    """*held*, or a new release of the *cohorts* that make up the class, where it may be replaced.

    A cohort is replaced together with the whole, and only when k learners differ in the cohort, and
    in the rest of the class either k or none.
    """
    if held is not None and held.definition_version != definition_version:
        held = None
    if held is not None and not may_replace(held.whole, cohorts.values(), k=k):
        return held
    counts = sum((group.counts for group in cohorts.values()), nobody)
    records = sum(group.records for group in cohorts.values())
    whole = Snapshot(as_of, duration_seconds, records, counts)
    before: Mapping[str, Snapshot[C]] = held.cohorts if held is not None else {}
    new: dict[str, Snapshot[C]] = {}
    for name in {**before, **cohorts}:
        group = cohorts.get(name) or Group(nobody)
        rest = [other for key, other in cohorts.items() if key != name]
        if name in before and not _may_replace_cohort(before[name], group, rest, k=k):
            new[name] = before[name]
        elif name in cohorts:
            others = counts.viewers - group.counts.viewers
            new[name] = Snapshot(as_of, duration_seconds, group.records, group.counts, others)
    return Release(definition_version, whole, new)


def _may_replace_cohort(
    held: Snapshot[C], group: Group[C], rest: Iterable[Group[C]], *, k: int
) -> bool:
    if k == 1 or not is_cohort_publishable(held, k=k):
        return True
    newer = [other.newer(held.as_of) for other in rest]
    in_rest = max(sum(stored for stored, _ in newer), sum(begun for _, begun in newer))
    return differing([group], held) >= k and (in_rest == 0 or in_rest >= k)
