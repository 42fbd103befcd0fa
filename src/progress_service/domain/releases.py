"""When numbers about a class may be replaced by newer ones.

A teacher who asks after each change could infer one learner from the difference of two responses. So
a release stays until the records of at least k learners differ from those it was made of.

The number that differ is a lower bound: waiting too long reveals nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, Protocol, Self, TypeVar


class Counts(Protocol):
    """Sums over a group of learners, which can be added."""

    @property
    def enrolled(self) -> int: ...

    @property
    def viewers(self) -> int: ...

    def __add__(self, other: Self) -> Self: ...

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


def may_replace(held: Snapshot[C] | None, groups: Iterable[Group[C]], *, k: int) -> bool:
    """True when a new snapshot of *groups* may replace *held*.

    One that is suppressed may always be replaced, and with k = 1 every one. At least k enrolments
    suffice where the records are the same.
    """
    if held is None or k == 1 or not is_publishable(held, k=k):
        return True
    groups = list(groups)
    if differing(groups, held) >= k:
        return True
    joined = sum(begun for _, begun in (group.newer(held.as_of) for group in groups))
    return joined >= k and are_records_same(groups, held)


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
    in what is not published anew either k or none.
    """
    if held is not None and held.definition_version != definition_version:
        held = None
    if held is not None and not may_replace(held.whole, cohorts.values(), k=k):
        return held

    def snapshot(before: Snapshot[C] | None, groups: Iterable[Group[C]]) -> Snapshot[C]:
        groups = list(groups)
        counts = sum((group.counts for group in groups), nobody)
        records = sum(group.records for group in groups)
        new = Snapshot(as_of, duration_seconds, records, counts)
        return new if before is None else _without_falls(before, new, groups, k=k)

    before: Mapping[str, Snapshot[C]] = held.cohorts if held is not None else {}
    groups = {name: cohorts.get(name) or Group(nobody) for name in {**before, **cohorts}}
    staying = _staying(before, groups, k=k)
    new = {
        name: before[name] if name in staying else snapshot(before.get(name), [group])
        for name, group in groups.items()
        if name in staying or name in cohorts
    }
    whole = snapshot(held.whole if held is not None else None, cohorts.values())
    return Release(definition_version, whole, _with_others(new, cohorts, k=k, as_of=as_of))


def _without_falls(
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


def _staying(
    before: Mapping[str, Snapshot[C]], groups: Mapping[str, Group[C]], *, k: int
) -> set[str]:
    """The published cohorts that may not be replaced yet.

    The whole without the new cohorts is what stays, and the cohorts that are not published. Of
    these, no learner may differ, or at least k.
    """
    published = {n for n, each in before.items() if is_publishable(each, k=k)}
    if k == 1:
        return set()
    staying = {name for name in published if differing([groups[name]], before[name]) < k}
    hidden = staying | (groups.keys() - published)
    number = sum(_differing_from(groups[name], before.get(name)) for name in hidden)
    are_same = all(_is_same(groups[name], before.get(name)) for name in hidden)
    return staying if are_same or number >= k else published


def _differing_from(group: Group[C], held: Snapshot[C] | None) -> int:
    return len(group.stored_at) if held is None else differing([group], held)


def _is_same(group: Group[C], held: Snapshot[C] | None) -> bool:
    return group.records == 0 if held is None else are_records_same([group], held)


def _with_others(
    snapshots: Mapping[str, Snapshot[C]],
    cohorts: Mapping[str, Group[C]],
    *,
    k: int,
    as_of: datetime,
) -> dict[str, Snapshot[C]]:
    """The *snapshots* of cohorts with the number of viewers in the rest of the class.

    The viewers outside all published cohorts are also a rest; where they are too few, a cohort
    joins them.
    """
    viewers = {name: group.counts.viewers for name, group in cohorts.items()}
    everyone = sum(viewers.values())
    new = {
        name: replace(each, others=everyone - viewers[name]) if each.as_of == as_of else each
        for name, each in snapshots.items()
    }
    published = [name for name in new if is_cohort_publishable(new[name], k=k)]
    rest = everyone - sum(viewers.get(name, 0) for name in published)
    for name in sorted(published, key=lambda name: (viewers.get(name, 0), name)):
        if rest == 0 or rest >= k:
            break
        new[name] = replace(new[name], others=0)
        rest += viewers.get(name, 0)
    return new


def times_compared(held: Release[C] | None, cohort: str) -> tuple[datetime, ...]:
    """The times since which a `Group` of that cohort needs what is unchanged.

    Those of every snapshot that it is compared with, also for a cohort that is new: learners who
    moved there brought their records along.
    """
    if held is None:
        return ()
    own = held.cohorts.get(cohort)
    return (held.whole.as_of,) if own is None else (held.whole.as_of, own.as_of)
