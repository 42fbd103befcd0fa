"""A release is replaced only when the records of at least k learners differ: examples and laws."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.releases import Release, may_replace, next_release, times_compared
from progress_service.domain.snapshots import (
    Group,
    Snapshot,
    differing,
    is_cohort_publishable,
    is_publishable,
)
from tests.builders import NOON, at

K = 5


def counts(viewers: int, **given: object) -> ClassCounts:
    return ClassCounts(enrolled=viewers, viewers=viewers, **given)  # type: ignore[arg-type]


def a_group(
    viewers: int,
    *,
    changed: int = 0,
    joined: int = 0,
    gone: int = 0,
    since: datetime = NOON,
    **given: object,
) -> Group[ClassCounts]:
    """A group that had as many viewers as now and *gone*, without those who *joined* since."""
    now = at(seconds=since.timestamp() - at(0).timestamp() + 10)
    return Group(
        counts(viewers, **given),
        records=viewers,
        stored_at=(now,) * min(changed, K) or (since,),
        enrolled_at=(now,) * min(joined, K) or (since,),
        unchanged_records={since: viewers - changed},
        unchanged_enrolled={since: viewers - joined},
    )


def released(
    cohorts: Mapping[str, Group[ClassCounts]],
    held: Release[ClassCounts] | None = None,
    *,
    k: int = K,
    seconds: float = 0,
    version: int = 1,
) -> Release[ClassCounts]:
    return next_release(
        held,
        cohorts,
        nobody=ClassCounts(),
        k=k,
        as_of=at(seconds),
        duration_seconds=600,
        definition_version=version,
    )


@given(changed=st.integers(0, 20))
def test_release_stays_until_k_records_differ(changed: int):
    held = released({"W1": a_group(20)})

    new = released({"W1": a_group(20, changed=changed)}, held, seconds=60)

    assert (new is not held) is (changed >= K)


@given(gone=st.integers(0, 15))
def test_release_stays_until_k_learners_are_gone(gone: int):
    held = released({"W1": a_group(20)})

    new = released({"W1": a_group(20 - gone)}, held, seconds=60)

    assert (new is not held) is (gone >= K)


@given(joined=st.integers(0, 20), changed=st.integers(0, K - 1))
def test_learners_who_join_or_move_do_not_hide_a_changed_record(joined: int, changed: int):
    held = released({"W1": a_group(20)})

    new = released({"W1": a_group(20, joined=joined, changed=changed)}, held, seconds=60)

    assert new is held


def test_k_enrolments_alone_make_a_new_release():
    held = released({"W1": a_group(20)})
    before = a_group(20)
    joined = Group(
        ClassCounts(enrolled=25, viewers=20),
        records=20,
        stored_at=before.stored_at,
        enrolled_at=(at(10),) * K,
        unchanged_records={at(0): 20},
        unchanged_enrolled={at(0): 20},
    )

    assert released({"W1": joined}, held, seconds=60).whole.counts.enrolled == 25


@given(changed=st.integers(0, 3))
def test_release_is_always_replaced_with_k_1(changed: int):
    held = released({"W1": a_group(4)}, k=1)

    assert released({"W1": a_group(4, changed=changed)}, held, k=1, seconds=1) is not held


def test_suppressed_release_is_always_replaced():
    held = released({"W1": a_group(4)})

    assert not is_publishable(held.whole, k=K)
    assert released({"W1": a_group(5, changed=1)}, held, seconds=1).whole.counts.viewers == 5


def test_release_of_another_definition_is_replaced():
    held = released({"W1": a_group(20)})

    assert released({"W1": a_group(20)}, held, version=2) is not held


@given(groups=st.lists(st.tuples(st.integers(5, 9), st.integers(0, 5)), min_size=1, max_size=5))
def test_differing_is_at_most_the_number_of_changed_learners(groups: list[tuple[int, int]]):
    held = Snapshot(at(0), 600, sum(n for n, _ in groups), counts(sum(n for n, _ in groups)))

    number = differing([a_group(n, changed=c) for n, c in groups], held)

    assert number == sum(c for _, c in groups)
    assert may_replace(held, [a_group(n, changed=c) for n, c in groups], k=K) is (number >= K)


def test_fewer_than_k_departures_let_no_number_fall():
    held = released({"W1": a_group(20, seen=(18, 9), exits=(4, 0))})

    new = released({"W1": a_group(18, changed=6, seen=(16, 10), exits=(0, 6))}, held, seconds=60)

    assert new.whole.counts.seen == (18, 10)
    assert new.whole.counts.exits == (0, 6)  # at least k have moved
    assert new.whole.departed == 2


def test_k_departures_let_numbers_fall():
    held = released({"W1": a_group(20, seen=(18, 9))})

    new = released({"W1": a_group(15, changed=1, seen=(13, 4))}, held, seconds=60)

    assert new.whole.counts.seen == (13, 4)
    assert new.whole.departed == 0


def test_departures_add_up_over_releases():
    first = released({"W1": a_group(20, seen=(18,))})
    second = released({"W1": a_group(17, changed=5, seen=(15,))}, first, seconds=60)

    third = released({"W1": a_group(15, changed=5, seen=(13,), since=at(60))}, second, seconds=120)

    assert second.whole.counts.seen == (18,)
    assert third.whole.counts.seen == (13,)


def test_cohort_needs_k_viewers_on_both_sides():
    def published(*sizes: int) -> list[str]:
        release = released({f"W{n}": a_group(size) for n, size in enumerate(sizes)})
        return [n for n, each in release.cohorts.items() if is_cohort_publishable(each, k=K)]

    assert published(20) == []
    assert published(20, 4) == []
    assert published(5, 5) == ["W0", "W1"]
    assert published(20, 10, 2, 2) == ["W0"]  # with W1, the four others would be the difference
    assert published(20, 10, 3, 2) == ["W0", "W1"]


def test_cohort_is_replaced_when_k_differ_in_it_and_none_in_the_rest():
    held = released({"W1": a_group(10), "W2": a_group(10)})

    new = released({"W1": a_group(10, changed=5), "W2": a_group(10)}, held, seconds=60)

    assert (new.cohorts["W1"].as_of, new.cohorts["W2"].as_of) == (at(60), at(0))


@given(few=st.integers(1, K - 1))
def test_cohort_stays_while_few_differ_in_the_rest(few: int):
    held = released({"W1": a_group(10), "W2": a_group(10)})

    new = released({"W1": a_group(10, changed=5), "W2": a_group(10, changed=few)}, held, seconds=60)

    assert new.whole.as_of == at(60)
    assert new.cohorts == held.cohorts


def test_cohorts_are_replaced_together_when_k_differ_in_each():
    held = released({"W1": a_group(10), "W2": a_group(10)})

    new = released({name: a_group(10, changed=5) for name in ("W1", "W2")}, held, seconds=60)

    assert {each.as_of for each in new.cohorts.values()} == {at(60)}


def test_times_compared_include_those_of_the_whole_for_a_new_cohort():
    held = released({"W1": a_group(10), "W2": a_group(10)})

    assert times_compared(None, "W1") == ()
    assert times_compared(held, "W1") == (at(0), at(0))
    assert times_compared(held, "W3") == (at(0),)
