"""The published measures of a class and one video: exact with k = 1, else rounded everywhere."""

from __future__ import annotations

import random
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.domain.catalog import Chapter
from progress_service.domain.class_counts import ClassCounts, part_count, view_seconds
from progress_service.domain.class_measures import VideoMeasures, measure
from progress_service.domain.k_anonymity import KAnonymity
from tests.builders import a_video
from tests.synthetic_class import count_class, count_record, flat_class, with_cliff, with_replays

LENGTH = 600
seeds = st.integers(0, 2**32)


def a_class(seed: int, learners: int = 40) -> ClassCounts:
    rng = random.Random(seed)
    return count_class(flat_class(rng, learners=learners, length=60))


def measured(counts: ClassCounts, k: int) -> VideoMeasures:
    return measure(counts, KAnonymity(k), duration_seconds=60, video=a_video())


@pytest.mark.parametrize(("seconds", "parts"), [(0.5, 1), (9.5, 10), (100, 100), (7_200, 100)])
def test_curves_have_a_part_a_second_and_at_most_100(seconds: float, parts: int):
    assert part_count(seconds) == parts


def test_view_is_30_seconds_or_half_of_a_shorter_video():
    assert (view_seconds(600), view_seconds(40)) == (30, 20)


@given(seed=seeds, cut=st.integers(0, 12))
def test_counts_of_groups_add_up_to_those_of_the_class(seed: int, cut: int):
    records = flat_class(random.Random(seed), learners=12, length=60)

    together = count_class(records[:cut]) + count_class(records[cut:])

    whole = count_class(records)
    for each in fields(ClassCounts):
        assert getattr(together, each.name) == pytest.approx(getattr(whole, each.name)), each.name


@given(seed=seeds)
def test_measures_are_exact_with_k_1(seed: int):
    counts = a_class(seed, learners=7)

    found = measured(counts, 1)

    viewers = counts.viewers
    assert (found.viewers, found.completed, found.starts) == (
        viewers,
        counts.completed,
        counts.starts,
    )
    assert found.watch_seconds_total == counts.watch_seconds
    assert found.average_watch_seconds_per_viewer == counts.watch_seconds / viewers
    assert found.average_percentage_viewed == counts.watched_shares / viewers * 100
    assert found.completion_rate_of_viewers == counts.completed_viewers / viewers
    assert found.curves.retention == tuple(seen / viewers for seen in counts.seen)
    assert found.curves.exits == tuple(left / viewers for left in counts.exits)
    assert found.curves.survival == tuple(there / viewers for there in counts.survival)
    assert found.curves.heat == counts.heat
    assert found.curves.replays == counts.replays


@given(seed=seeds, k=st.integers(2, 12), learners=st.integers(1, 40))
def test_counts_are_multiples_of_k_and_shares_of_multiples(seed: int, k: int, learners: int):
    found = measured(a_class(seed, learners), k)

    if found.suppressed:
        assert learners < k
        assert found == VideoMeasures()
        return
    numbers = [found.enrolled, found.viewers, found.completed, found.starts, found.views]
    numbers += [*found.curves.heat, *found.curves.replays]
    numbers += [point.viewers_lost for point in found.drop_offs]
    numbers += [peak.replays for peak in found.replay_peaks]
    assert all(number is not None and number % k == 0 for number in numbers)
    assert found.viewers is not None
    for share in (*found.curves.retention, *found.curves.exits, *found.curves.survival):
        assert share in (0.0, 1.0) or 0.05 <= share <= 0.95
        assert share * found.viewers / k == pytest.approx(round(share * found.viewers / k))


def test_nobody_has_no_numbers_to_divide_by():
    found = measured(ClassCounts(enrolled=3), 1)

    assert (found.suppressed, found.enrolled, found.viewers) == (False, 3, 0)
    assert found.average_watch_seconds_per_view is None
    assert found.completion_rate_of_viewers is None
    assert found.curves.retention == ()


def test_numbers_that_would_tell_of_each_viewer_are_told_as_of_all_but_a_few():
    """With eight viewers, only eight would round to ten."""
    everyone = measured(ClassCounts(enrolled=8, viewers=8, completed=8, completed_viewers=8), 5)
    all_but_one = measured(ClassCounts(enrolled=8, viewers=8, completed=7, completed_viewers=7), 5)

    assert everyone == all_but_one
    assert everyone.completed == 10


@pytest.mark.parametrize(("left", "told"), [(4, 0.0), (5, 0.25), (15, 0.75), (16, 0.0)])
def test_exits_are_told_of_at_least_k_who_leave_at_least_k_others(left: int, told: float):
    counts = ClassCounts(
        enrolled=20,
        viewers=20,
        seen=(20,),
        heat=(20,),
        replayers=(0,),
        exits=(left,),
        survival=(0,),
    )

    assert measured(counts, 5).curves.exits == (told,)


def test_replays_of_fewer_than_k_learners_are_not_told():
    counts = ClassCounts(
        viewers=20,
        seen=(20,) * 2,
        heat=(60,) * 2,
        replayers=(4, 5),
        exits=(0,) * 2,
        survival=(20,) * 2,
    )

    curves = measured(counts, 5).curves

    assert curves.replays == (0, 40)
    assert curves.heat == (20, 60)


@given(seconds=st.floats(0, 1e5), players=st.integers(0, 10))
def test_watch_seconds_are_of_at_least_k_learners(seconds: float, players: int):
    counts = ClassCounts(viewers=20, views=20, players=players, watch_seconds=seconds)

    total = measured(counts, 5).watch_seconds_total

    assert (total is None) is (players < 5)
    assert total is None or total % (5 * 60) == 0


def test_marks_name_their_chapters():
    rng = random.Random(3)
    records = with_cliff(rng, flat_class(rng, length=LENGTH), 310, share=0.3)
    counts = count_class(with_replays(rng, records, 120, share=0.5))
    chapters = tuple(Chapter(n * 100.0, f"Chapter {n}") for n in range(6))

    found = measure(
        counts, KAnonymity(5), duration_seconds=LENGTH, video=a_video(chapters=chapters)
    )

    assert [point.chapter for point in found.drop_offs] == ["Chapter 3"]
    assert [peak.chapter for peak in found.replay_peaks] == ["Chapter 1"]


@given(seed=seeds)
def test_counts_without_departures_are_never_below_those_before(seed: int):
    records = flat_class(random.Random(seed), learners=9, length=60)
    before, after = count_class(records), count_class(records[:-2])

    kept = after.without_departures(before)

    assert kept.seen == before.seen
    assert (kept.enrolled, kept.exits) == (after.enrolled, after.exits)
    assert after.without_moves(before).exits == before.exits
    assert count_record(records[0]).without_departures(ClassCounts()) == count_record(records[0])
