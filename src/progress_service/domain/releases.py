"""When numbers about a class may be replaced by newer ones.

A teacher who asks after each change could infer one learner from the difference of two responses.
So a release stays until the records of at least k learners differ from those it was made of.

The number that differ is a lower bound: waiting too long reveals nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic

from progress_service.domain.cohort_suppression import (
    KnownBounds,
    known_bounds,
    suppress_cohorts,
)
from progress_service.domain.snapshots import (
    C,
    Group,
    Snapshot,
    are_records_same,
    differing,
    is_publishable,
    without_falls,
)


@dataclass(frozen=True, slots=True)
class Release(Generic[C]):
    """The published counts of a video or course: the whole class, and cohorts by their name.

    ``known`` is what the releases of the class up to now say about each cohort.
    """

    definition_version: int
    whole: Snapshot[C]
    cohorts: Mapping[str, Snapshot[C]] = field(default_factory=dict)
    known: Mapping[str, KnownBounds] = field(default_factory=dict)


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
        return new if before is None else without_falls(before, new, groups, k=k)

    before: Mapping[str, Snapshot[C]] = held.cohorts if held is not None else {}
    groups = {name: cohorts.get(name) or Group(nobody) for name in {**before, **cohorts}}
    staying = _staying(before, groups, k=k)
    new = {
        name: before[name] if name in staying else snapshot(before.get(name), [group])
        for name, group in groups.items()
        if name in staying or name in cohorts
    }
    whole = snapshot(held.whole if held is not None else None, cohorts.values())
    last, known = (held.whole, held.known) if held is not None else (None, {})
    known = known_bounds(known, last, whole, groups, k=k)
    shown = suppress_cohorts(new, groups, whole, known, k=k)
    return Release(definition_version, whole, shown, known)


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


def times_compared(held: Release[C] | None, cohort: str) -> tuple[datetime, ...]:
    """The times since which a `Group` of that cohort needs what is unchanged.

    Those of every snapshot that it is compared with, also for a cohort that is new: learners who
    moved there brought their records along.
    """
    if held is None:
        return ()
    own = held.cohorts.get(cohort)
    return (held.whole.as_of,) if own is None else (held.whole.as_of, own.as_of)
