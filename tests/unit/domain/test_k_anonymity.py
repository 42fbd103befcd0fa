"""Rounding for privacy: laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.k_anonymity import HIGH_SHARE, LOW_SHARE, KAnonymity

ks = st.integers(2, 50)
numbers = st.integers(0, 2_000)


@given(number=numbers, whole=numbers)
def test_numbers_are_exact_with_k_1(number: int, whole: int):
    exact = KAnonymity(1)

    assert exact.may_publish(0)
    assert exact.count(number, of=whole) == number
    assert exact.share(number, whole) == (number / whole if whole else None)
    assert exact.total(number + 0.25, unit=60, learners=0) == number + 0.25


@given(k=ks, number=numbers)
def test_counts_are_multiples_of_k_and_at_most_half_of_it_away(k: int, number: int):
    told = KAnonymity(k).count(number)

    assert told % k == 0
    assert abs(told - number) * 2 <= k


@given(k=ks, number=numbers)
def test_counts_rise_with_what_they_count(k: int, number: int):
    rounding = KAnonymity(k)

    assert rounding.count(number) <= rounding.count(number + 1)


@given(k=ks, whole=numbers, data=st.data())
def test_counts_of_a_group_are_multiples_of_k_and_less_than_k_away(
    k: int, whole: int, data: st.DataObject
):
    number = data.draw(st.integers(0, whole))

    told = KAnonymity(k).count(number, of=whole)

    assert told % k == 0
    assert abs(told - number) < k
    assert told <= KAnonymity(k).count(whole, of=whole)


@given(k=st.integers(4, 50), more=numbers)
def test_count_of_a_group_never_tells_that_everyone_or_nobody_is_in_it(k: int, more: int):
    rounding, whole = KAnonymity(k), k + more

    assert rounding.count(whole, of=whole) == rounding.count(whole - 1, of=whole)
    assert rounding.count(0, of=whole) == rounding.count(1, of=whole)


@given(k=ks, whole=numbers, data=st.data())
def test_shares_are_0_or_1_or_in_between_and_of_multiples_of_k(
    k: int, whole: int, data: st.DataObject
):
    rounding = KAnonymity(k)
    share = rounding.share(data.draw(st.integers(0, whole)), whole)

    if rounding.count(whole) == 0:
        assert share is None
        return
    assert share is not None
    assert share in (0.0, 1.0) or LOW_SHARE <= share <= HIGH_SHARE
    parts = share * rounding.count(whole) / k
    assert parts == pytest.approx(round(parts))


def test_shares_below_5_and_above_95_percent_are_0_and_1():
    rounding = KAnonymity(5)

    assert [rounding.share(n, 1_000) for n in (45, 50, 950, 960)] == [0.0, 0.05, 0.95, 1.0]


@given(k=ks, seconds=st.floats(0, 1e6), unit=st.floats(1, 1e4), learners=numbers)
def test_totals_are_of_at_least_k_learners_and_multiples_of_k_units(
    k: int, seconds: float, unit: float, learners: int
):
    total = KAnonymity(k).total(seconds, unit=unit, learners=learners)

    assert (total is None) is (learners < k)
    if total is not None:
        assert total / unit / k == pytest.approx(round(total / unit / k))


@given(k=ks, learners=numbers)
def test_fewer_than_k_learners_are_not_published(k: int, learners: int):
    assert KAnonymity(k).may_publish(learners) is (learners >= k)
