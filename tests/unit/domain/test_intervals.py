"""Spans of seconds: laws of the union."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.intervals import Span, clip_spans, merge_spans, total_seconds

spans = st.lists(
    st.tuples(st.floats(0, 1_000), st.floats(0, 100)).map(lambda s: (s[0], s[0] + s[1])),
    max_size=30,
)
gaps = st.sampled_from([0.0, 1.0, 10.0])


@given(what=spans, gap=gaps)
def test_merged_spans_are_sorted_and_further_apart_than_the_gap(what: list[Span], gap: float):
    merged = merge_spans(what, join_gap_seconds=gap)

    assert all(start <= end for start, end in merged)
    assert all(b[0] - a[1] > gap for a, b in pairwise(merged))


@given(what=spans, gap=gaps, seed=st.integers(0, 2**32))
def test_order_does_not_matter(what: list[Span], gap: float, seed: int):
    other = random.Random(seed).sample(what, len(what))

    assert merge_spans(other, join_gap_seconds=gap) == merge_spans(what, join_gap_seconds=gap)


@given(what=spans, gap=gaps)
def test_merging_again_changes_nothing(what: list[Span], gap: float):
    once = merge_spans(what, join_gap_seconds=gap)

    assert merge_spans([*once, *what, *once], join_gap_seconds=gap) == once


@given(one=spans, other=spans, gap=gaps)
def test_merging_in_parts_is_merging_at_once(one: list[Span], other: list[Span], gap: float):
    parts = [*merge_spans(one, join_gap_seconds=gap), *merge_spans(other, join_gap_seconds=gap)]

    assert merge_spans(parts, join_gap_seconds=gap) == merge_spans(
        [*one, *other], join_gap_seconds=gap
    )


@given(what=spans)
def test_every_point_of_a_span_is_covered_and_no_other(what: list[Span]):
    merged = merge_spans(what)
    edges = {point for span in what for point in span}
    middles = {(a + b) / 2 for a, b in pairwise(sorted(edges))}

    for point in edges | middles:
        is_in = any(start <= point <= end for start, end in what)
        assert is_in == any(start <= point <= end for start, end in merged)


@given(what=spans, gap=gaps)
def test_spans_given_are_left_alone(what: list[Span], gap: float):
    before = list(what)

    merge_spans(what, join_gap_seconds=gap)

    assert what == before


@given(what=spans)
def test_the_total_counts_each_second_once(what: list[Span]):
    merged = merge_spans(what)

    total = total_seconds(merged)
    longest = max((end - start for start, end in what), default=0)
    assert longest <= total + 1e-9
    assert total <= sum(end - start for start, end in what) + 1e-6


@given(what=spans, end=st.floats(0, 1_200))
def test_clipped_spans_end_in_time_and_lose_nothing_before(what: list[Span], end: float):
    clipped = clip_spans(what, end_seconds=end)

    assert all(start <= stop <= end for start, stop in clipped)
    before = sum(max(0.0, min(stop, end) - start) for start, stop in what)
    assert total_seconds(clipped) == pytest.approx(before)


def test_nothing_in_nothing_out():
    assert merge_spans([]) == ()
