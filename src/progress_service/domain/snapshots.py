"""A group of learners at one time, and which of them differ from those at another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, Protocol, Self, TypeVar

Portion = tuple[int, int]
"""How many learners, of how many."""


class Counts(Protocol):
    """Sums over a group of learners, which can be added."""

    @property
    def enrolled(self) -> int: ...

    @property
    def viewers(self) -> int: ...

    def __add__(self, other: Self) -> Self: ...

    def portions(self) -> list[Portion]: ...

    def without_departures(self, before: Self) -> Self: ...

    def without_moves(self, before: Self) -> Self: ...


C = TypeVar("C", bound=Counts)


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[C]):
    """The counts of a group of learners, of whom ``records`` had a record, up to ``as_of``.

    ``duration_seconds`` is the length that a video had, and ``others`` the number of viewers in the
    rest of the class; 0 for a cohort that must not be published. The counts may still
    contain ``departed`` learners who have left, and the earlier positions of ``moved`` learners.
    """

    as_of: datetime
    duration_seconds: float
    records: int
    counts: C
    others: int = 0
    departed: int = 0
    moved: int = 0


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
    """At least how many learners of the *groups* together have other records than in *held*.

    Learners who joined or moved without a change of their record do not count: a change of one
    learner would not be hidden among them.
    """
    groups = list(groups)
    newer = sum(stored for stored, _ in (group.newer(held.as_of) for group in groups))
    unchanged = sum(group.unchanged_records.get(held.as_of, 0) for group in groups)
    return max(newer, held.records - unchanged)


def are_records_same(groups: Iterable[Group[C]], held: Snapshot[C]) -> bool:
    """True when certainly no record of *held* has changed or is gone, and none is new."""
    groups = list(groups)
    enrolled = sum(group.unchanged_enrolled.get(held.as_of, 0) for group in groups)
    return (
        all(group.newer(held.as_of)[0] == 0 for group in groups)
        and sum(group.records for group in groups) == held.records
        and enrolled == held.counts.enrolled
    )


def is_publishable(snapshot: Snapshot[C], *, k: int) -> bool:
    """True when the group is large enough to be published."""
    return k == 1 or snapshot.counts.viewers >= k


def is_cohort_publishable(snapshot: Snapshot[C], *, k: int) -> bool:
    """True when both the cohort and the rest of the class are large enough."""
    return is_publishable(snapshot, k=k) and (k == 1 or snapshot.others >= k)


def without_falls(
    before: Snapshot[C], new: Snapshot[C], groups: Iterable[Group[C]], *, k: int
) -> Snapshot[C]:
    """*new*, in which fewer than k learners do not make a number fall.

    What learners have watched only grows. So a number that falls would tell what those have watched
    who left, and that no other learner has watched more. Positions also move; there, a number that
    falls would tell where those were who moved or left.
    """
    if k == 1 or not is_publishable(before, k=k):
        return new
    groups = list(groups)
    here = sum(group.unchanged_enrolled.get(before.as_of, 0) for group in groups)
    unchanged = sum(group.unchanged_records.get(before.as_of, 0) for group in groups)
    departed = before.departed + before.counts.enrolled - here
    moved = before.moved + max(0, before.records - unchanged)
    counts = new.counts
    if departed < k:
        counts = counts.without_departures(before.counts)
    if moved < k:
        counts = counts.without_moves(before.counts)
    return replace(
        new,
        counts=counts,
        departed=departed if departed < k else 0,
        moved=moved if moved < k else 0,
    )
