"""Drop-offs and replay peaks are found where they were planted, and nowhere else."""

from __future__ import annotations

import random

import pytest

from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.turning_points import TurningPoint, drop_offs, replay_peaks
from tests.synthetic_class import count_class, flat_class, with_cliff, with_replays

K = 5
LENGTH, PART_SECONDS = 600, 6
SEEDS = range(20)


def is_at(point: TurningPoint, seconds: float) -> bool:
    """Within a window of 3 parts of *seconds*."""
    return abs(point.peak * PART_SECONDS - seconds) <= 3 * PART_SECONDS


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_cliff_is_the_only_drop_off(seed: int):
    rng = random.Random(seed)
    cliff = rng.uniform(0.1, 0.8) * LENGTH
    counts = count_class(with_cliff(rng, flat_class(rng), cliff, share=0.25))

    (found,) = drop_offs(counts, k=K)

    assert is_at(found, cliff)


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_replays_are_the_only_peak(seed: int):
    rng = random.Random(seed)
    place = rng.uniform(0.1, 0.8) * LENGTH
    counts = count_class(with_replays(rng, flat_class(rng), place, share=0.4))

    (found,) = replay_peaks(counts, k=K)

    assert is_at(found, place) or found.first * PART_SECONDS <= place <= found.end * PART_SECONDS


@pytest.mark.parametrize("seed", SEEDS)
def test_flat_class_has_no_mark(seed: int):
    counts = count_class(flat_class(random.Random(seed)))

    assert drop_offs(counts, k=K) == []
    assert replay_peaks(counts, k=K) == []


def test_two_cliffs_are_ranked_by_the_viewers_lost():
    rng = random.Random(1)
    records = with_cliff(rng, flat_class(rng), 120, share=0.15)

    points = drop_offs(count_class(with_cliff(rng, records, 360, share=0.5)), k=K)

    assert [point.peak // 10 for point in points] == [6, 2]


def test_nobody_has_no_turning_points():
    assert drop_offs(ClassCounts(), k=K) == []
    assert replay_peaks(ClassCounts(), k=1) == []


@pytest.mark.parametrize("lost", [4, 5])
def test_drop_off_needs_five_learners(lost: int):
    exits = [0] * 20
    exits[8] = lost
    survival = [40] * 8 + [40 - lost] * 12
    counts = ClassCounts(viewers=40, exits=tuple(exits), survival=tuple(survival))

    assert len(drop_offs(counts, k=1)) == (lost == 5)


def test_drop_off_that_leaves_fewer_than_k_is_not_marked():
    exits, survival = [0] * 20, [20] * 8 + [3] * 12
    exits[8] = 17
    counts = ClassCounts(viewers=20, exits=tuple(exits), survival=tuple(survival))

    assert drop_offs(counts, k=5) == []
    assert drop_offs(counts, k=1) != []


def test_leaving_in_the_last_5_percent_is_no_drop_off():
    exits = [0] * 100
    exits[96] = 50
    counts = ClassCounts(viewers=200, exits=tuple(exits), survival=(200,) * 96 + (150,) * 4)

    assert drop_offs(counts, k=K) == []


@pytest.mark.parametrize("learners", [4, 5])
def test_replay_peak_needs_k_learners(learners: int):
    heat, replayers = [20] * 20, [0] * 20
    heat[10], replayers[10] = 60, learners
    counts = ClassCounts(viewers=20, seen=(20,) * 20, heat=tuple(heat), replayers=tuple(replayers))

    assert len(replay_peaks(counts, k=5)) == (learners == 5)
