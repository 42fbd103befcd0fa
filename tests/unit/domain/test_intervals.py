"""Spans of seconds: laws of the merge."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.intervals import Span, clip_spans, merge_spans, total_seconds

span_lists = st.lists(
    st.tuples(st.floats(0, 1_000), st.floats(0, 100)).map(lambda s: (s[0], s[0] + s[1])),
    max_size=30,
)
gaps = st.sampled_from([0.0, 1.0, 10.0])


@given(spans=span_lists, gap=gaps)
def test_merged_spans_are_sorted_and_further_apart_than_the_gap(spans: list[Span], gap: float):
    merged = merge_spans(spans, join_gap_seconds=gap)

    assert all(start <= end for start, end in merged)
    assert all(b[0] - a[1] > gap for a, b in pairwise(merged))


@given(spans=span_lists, gap=gaps, seed=st.integers(0, 2**32))
def test_merge_does_not_depend_on_the_order(spans: list[Span], gap: float, seed: int):
    other = random.Random(seed).sample(spans, len(spans))

    assert merge_spans(other, join_gap_seconds=gap) == merge_spans(spans, join_gap_seconds=gap)


@given(spans=span_lists, gap=gaps)
def test_merge_is_idempotent(spans: list[Span], gap: float):
    once = merge_spans(spans, join_gap_seconds=gap)

    assert merge_spans([*once, *spans, *once], join_gap_seconds=gap) == once


@given(one=span_lists, other=span_lists, gap=gaps)
def test_merge_in_parts_equals_one_merge(one: list[Span], other: list[Span], gap: float):
    parts = [*merge_spans(one, join_gap_seconds=gap), *merge_spans(other, join_gap_seconds=gap)]

    assert merge_spans(parts, join_gap_seconds=gap) == merge_spans(
        [*one, *other], join_gap_seconds=gap
    )


@given(spans=span_lists)
def test_merge_covers_exactly_the_points_of_its_spans(spans: list[Span]):
    merged = merge_spans(spans)
    edges = {point for span in spans for point in span}
    middles = {(a + b) / 2 for a, b in pairwise(sorted(edges))}

    for point in edges | middles:
        is_in = any(start <= point <= end for start, end in spans)
        assert is_in == any(start <= point <= end for start, end in merged)


@given(spans=span_lists, gap=gaps)
def test_merge_does_not_change_its_argument(spans: list[Span], gap: float):
    before = list(spans)

    merge_spans(spans, join_gap_seconds=gap)

    assert spans == before


@given(spans=span_lists)
def test_total_counts_each_second_once(spans: list[Span]):
    merged = merge_spans(spans)

    total = total_seconds(merged)
    longest = max((end - start for start, end in spans), default=0)
    assert longest <= total + 1e-9
    assert total <= sum(end - start for start, end in spans) + 1e-6


@given(spans=span_lists, end=st.floats(0, 1_200))
def test_clipped_spans_keep_everything_before_the_end(spans: list[Span], end: float):
    clipped = clip_spans(spans, end_seconds=end)

    assert all(start <= stop <= end for start, stop in clipped)
    before = sum(max(0.0, min(stop, end) - start) for start, stop in spans)
    assert total_seconds(clipped) == pytest.approx(before)


def test_merge_of_nothing_is_empty():
    assert merge_spans([]) == ()
