"""Whatever a class did, what is counted of it equals a count in plain Python, and a recount."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.course_counts import CourseCounts
from progress_service.mongo.client import Database
from tests.builders import NOON, a_course, a_reading, a_video
from tests.integration.analytics.class_under_test import (
    VIDEOS,
    CatalogChange,
    ClassUnderTest,
    Step,
)
from tests.integration.analytics.learner_counts import count_learner_in, count_watching

LENGTHS = (9.5, 40.0, 61.3, 600.0, 9_000.0)
Document = dict[str, Any]

SHARES = (0.0, 0.01, 0.1, 0.33, 0.5, 0.79, 0.8, 0.99, 1.0)
SPANS = list(itertools.combinations(SHARES, 2))
shares = st.sampled_from(SHARES)
steps = st.builds(
    Step,
    material_id=st.sampled_from([*VIDEOS, "notes"]),
    kind=st.sampled_from(["report"] * 6 + ["mark", "unmark", "foreign"]),
    minute=st.integers(0, 5_000),
    share=shares,
    spans=st.lists(st.sampled_from(SPANS), max_size=4).map(tuple),
    session_id=st.sampled_from([None, "one", "two", "three.1"]),
    device_id=st.sampled_from([None, "phone", "laptop"]),
    played_seconds=st.sampled_from([None, 0.0, 0.5, 1.0, 31.5, 20_000.0]),
)
classes = st.lists(st.lists(steps, max_size=6), min_size=1, max_size=4)
catalog_changes = st.builds(
    CatalogChange, st.sampled_from(LENGTHS), st.sampled_from([30.0, 50.0, 80.0, 100.0])
)


numbers = itertools.count()


@settings(max_examples=20)
@given(
    length=st.sampled_from(LENGTHS),
    before=classes,
    change=catalog_changes | st.none(),
    after=classes,
)
async def test_counts_equal_those_of_each_learner(
    database: Database,
    length: float,
    before: list[list[Step]],
    change: CatalogChange | None,
    after: list[list[Step]],
):
    videos = [a_video(video_id, duration_seconds=length) for video_id in VIDEOS]
    course = a_course("react", *videos, a_reading("notes", required=False))
    learners = ClassUnderTest(database, course, f"class-{next(numbers)}", len(before) + 1)
    await learners.do(before)
    await assert_counts(learners)
    if change is not None:
        await learners.change_catalog(change)
        await assert_counts(learners)
    await learners.do(after)
    await assert_counts(learners)


async def assert_counts(learners: ClassUnderTest) -> None:
    """Compare what is counted in the database with the sum over learners."""
    records = await learners.records()
    incremental, rebuilt = await learners.counted_course()
    expected = sum(
        (count_learner_in(learners.course, own, now=NOON) for own in records.values()),
        CourseCounts(),
    )
    assert incremental == rebuilt
    assert rebuilt == expected
    for video_id in VIDEOS:
        length = learners.course.by_id[video_id].duration_seconds
        assert length is not None
        video, recounted = await learners.counted_video(video_id)
        watched = [
            count_watching(
                own.get(video_id), learners.reports.get((student_id, video_id), ()), length
            )
            for student_id, own in records.items()
        ]
        assert video == recounted
        assert_same(recounted, watched)


def assert_same(counts: ClassCounts, watched: Sequence[Document]) -> None:
    """Compare *counts* with the sums of *watched*."""
    sums: Counter[str] = Counter()
    curves: dict[str, list[int]] = {}
    for learner in watched:
        for name, value in learner.items():
            if isinstance(value, list):
                curve = curves.setdefault(name, [0] * len(value))
                curves[name] = [a + b for a, b in zip(curve, value, strict=True)]
            else:
                sums[name] += value
    assert {name: getattr(counts, name) for name in sums} == pytest.approx(dict(sums), abs=1e-6)
    assert {name: list(getattr(counts, name)) for name in curves} == curves
