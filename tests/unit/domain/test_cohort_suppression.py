"""Cohorts are suppressed where all published numbers together would determine the others."""

from __future__ import annotations

from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.releases import Release, next_release
from progress_service.domain.snapshots import Group, is_cohort_publishable
from tests.builders import at

K = 5


def a_cohort(viewers: int, seen: int, *, seconds: float = 0) -> Group[ClassCounts]:
    """*viewers* of whom so many have seen the only part; all watched at *seconds*."""
    counts = ClassCounts(enrolled=viewers, viewers=viewers, seen=(seen,), survival=(0,))
    times = (at(seconds),) * min(viewers, K)
    return Group(counts, viewers, times, times, {at(0): 0}, {at(0): viewers})


def released(
    groups: dict[str, Group[ClassCounts]],
    held: Release[ClassCounts] | None = None,
    *,
    k: int = K,
    seconds: float = 0,
) -> Release[ClassCounts]:
    return next_release(
        held,
        groups,
        nobody=ClassCounts(),
        k=k,
        as_of=at(seconds),
        duration_seconds=600,
        definition_version=1,
    )


def published(release: Release[ClassCounts], k: int = K) -> list[str]:
    return sorted(n for n, each in release.cohorts.items() if is_cohort_publishable(each, k=k))


def test_four_cohorts_of_fifty_are_all_published():
    groups = {f"W{n}": a_cohort(50, seen) for n, seen in enumerate((41, 38, 50, 44))}

    assert published(released(groups)) == ["W0", "W1", "W2", "W3"]


def test_cohort_that_determines_the_rest_is_suppressed():
    """At least 33 have seen the part, and at most 22 in W1: that leaves all 11 others."""
    groups = {"W1": a_cohort(25, 22), "W2": a_cohort(6, 6), "W3": a_cohort(5, 5)}

    assert "W1" not in published(released(groups))
    assert published(released({**groups, "W1": a_cohort(25, 19)})) == ["W1", "W2", "W3"]


def test_two_cohorts_that_determine_each_other_are_suppressed():
    assert published(released({"W1": a_cohort(14, 12), "W2": a_cohort(14, 14)})) == []
    assert published(released({"W1": a_cohort(14, 9), "W2": a_cohort(14, 10)})) == ["W1", "W2"]


def test_cohort_is_compared_with_what_the_class_said_before():
    """At first at least 13 of the 17 have seen it, so 12 of the 16 in W1; now at most 12 have."""
    first = released({"W1": a_cohort(16, 12), "W2": a_cohort(1, 1)})

    later = {"W1": a_cohort(16, 12, seconds=60), "W2": a_cohort(8, 4, seconds=60)}

    assert published(released(later)) == ["W1", "W2"]
    assert "W1" not in published(released(later, first, seconds=60))


def test_nothing_is_suppressed_with_k_1():
    groups = {"W1": a_cohort(3, 2), "W2": a_cohort(2, 2)}

    assert published(released(groups, k=1), k=1) == ["W1", "W2"]
