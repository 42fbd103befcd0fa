"""Token buckets: a burst at once, then a steady rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.edge.token_buckets import TokenBuckets


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def new_buckets(clock: Clock) -> TokenBuckets:
    return TokenBuckets(capacity=2_000, refill_seconds=100, clock=clock)


def test_bucket_allows_a_burst_and_then_the_rate():
    clock = Clock()
    buckets = new_buckets(clock)

    assert [buckets.take("ana", 500) for _ in range(5)] == [0, 0, 0, 0, 25]
    clock.now += 25
    assert buckets.take("ana", 500) == 0
    assert buckets.take("ana", 1) == pytest.approx(1 / 20)


def test_bucket_is_separate_for_each_key():
    buckets = new_buckets(Clock())
    buckets.take("ana", 2_000)

    assert buckets.take("ben", 2_000) == 0


def test_full_bucket_grants_more_than_its_capacity_and_refills_longer():
    clock = Clock()
    buckets = new_buckets(clock)

    assert buckets.take("ana", 3_000) == 0
    clock.now += 50
    assert buckets.take("ana", 1) == pytest.approx(1 / 20)
    clock.now += 1 / 20
    assert buckets.take("ana", 1) == 0


def test_full_buckets_are_removed():
    clock = Clock()
    buckets = new_buckets(clock)
    for number in range(100):
        buckets.take(f"student-{number}", 1)

    clock.now += 1
    for number in range(50):
        buckets.take(f"other-{number}", 1)

    assert len(buckets) <= 50


def test_pruning_removes_full_buckets_without_a_call():
    clock = Clock()
    buckets = new_buckets(clock)
    buckets.take("ana", 1)
    clock.now += 1
    buckets.take("ben", 2_000)

    buckets.prune()

    assert len(buckets) == 1
    assert buckets.take("ben", 1) > 0


@given(
    st.lists(st.tuples(st.floats(0, 30), st.integers(1, 700)), min_size=1, max_size=60),
)
def test_bucket_never_grants_more_than_the_burst_and_the_rate(requested: list[tuple[float, int]]):
    clock = Clock()
    buckets = new_buckets(clock)
    taken: list[tuple[float, int]] = []

    for pause_seconds, tokens in requested:
        clock.now += pause_seconds
        if (wait_seconds := buckets.take("ana", tokens)) == 0:
            taken.append((clock.now, tokens))
        else:
            later = Clock()
            later.now = clock.now + wait_seconds
            buckets._clock, clock = later, later  # a caller that waits that long gets them
            assert buckets.take("ana", tokens) == 0
            taken.append((clock.now, tokens))

    for index, (since, _) in enumerate(taken):
        total = 0
        for at, tokens in taken[index:]:
            total += tokens
            assert total <= 2_000 + 20 * (at - since) + 1e-3
