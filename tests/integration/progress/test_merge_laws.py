"""Whatever the order, the repetition and the grouping: one record, the one that is promised."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from progress_service.domain.intervals import Span, merge_spans
from progress_service.domain.progress import Progress, Report
from tests.builders import NOON, a_report
from tests.integration.progress.conftest import Records
from tests.model import Expected, Mark, expected

DURATION = 600
KINDS = ("heartbeat", "pause", "seek", "restart", "ended", "flush")

positions = st.one_of(
    st.sampled_from([0, 1, 2, 2.5, 3, 479.94, 479.999, 480, 480.5, 600]),
    st.integers(0, DURATION),
    st.floats(0, DURATION, allow_nan=False).map(lambda seconds: round(seconds, 3)),
)
moments = st.one_of(st.integers(0, 6), st.integers(0, 100_000_000)).map(
    lambda milliseconds: NOON + timedelta(milliseconds=milliseconds)
)
stretches = st.lists(
    st.tuples(st.integers(0, DURATION), st.integers(0, 40)).map(
        lambda span: (float(span[0]), float(min(span[0] + span[1], DURATION)))
    ),
    max_size=12,
).map(tuple)


def reports(devices: int = 6) -> st.SearchStrategy[Report]:
    """Any report about a video of ten minutes; moments often coincide."""
    return st.builds(
        Report,
        position_seconds=positions,
        duration_seconds=st.just(float(DURATION)),
        observed_at=moments,
        kind=st.sampled_from(KINDS),
        device_id=st.none() | st.integers(1, devices).map("device-{}".format),
        session_id=st.none() | st.sampled_from(["first", "second"]),
        played=stretches,
        played_seconds=st.none() | st.integers(0, 2_000).map(float),
    )


many_reports = st.lists(reports(), min_size=1, max_size=14)
seeds = st.integers(0, 2**32)


def shuffled(what: list[Report], seed: int) -> list[Report]:
    """The same in another order, and some of them twice."""
    chance = random.Random(seed)
    again = [one for one in what if chance.random() < 0.4]
    return chance.sample([*what, *again], len(what) + len(again))


def seen(progress: Progress) -> Expected:
    """What is held, in the words of the model."""
    return Expected(
        place=(
            progress.position_seconds,
            progress.duration_seconds,
            progress.percent,
            progress.observed_at,
        )
        if progress.observed_at
        else None,
        completed_at=progress.completed_at,
        spans=list(progress.watched_spans),
        devices={d.device_id: (d.position_seconds, d.observed_at) for d in progress.devices},
        furthest_percent=progress.furthest_percent,
    )


@settings(max_examples=60)
@given(what=many_reports, seed=seeds)
async def test_reports_one_by_one_give_what_the_model_says(
    records: Records, what: list[Report], seed: int
):
    held = await records.new().take(*shuffled(what, seed))

    assert seen(held) == expected(what)


@settings(max_examples=60)
@given(what=many_reports, seed=seeds)
async def test_reports_in_one_bulk_write_give_what_the_model_says(
    records: Records, what: list[Report], seed: int
):
    held = await records.new().take_together(*shuffled(what, seed))

    assert seen(held) == expected(what)


@settings(max_examples=40)
@given(what=many_reports, seed=seeds)
async def test_concurrent_reports_give_what_the_model_says(
    records: Records, what: list[Report], seed: int
):
    held = await records.new().take_concurrently(shuffled(what, seed))

    assert seen(held) == expected(what)


@settings(max_examples=60)
@given(what=st.lists(reports(devices=14), min_size=2, max_size=30), seed=seeds)
async def test_every_order_stores_the_same_document(
    records: Records, what: list[Report], seed: int
):
    one, other = records.new(), records.new()

    await one.take_together(*what)
    await other.take_together(*shuffled(what, seed))

    assert await other.document() == await one.document()


@settings(max_examples=40)
@given(what=many_reports, seed=seeds)
async def test_repeating_everything_changes_nothing_and_not_even_the_stamp(
    records: Records, what: list[Report], seed: int
):
    record = records.new()
    once = await record.take_together(*what)

    again = await record.take_together(*shuffled(what, seed))

    assert again == once


@settings(max_examples=60)
@given(
    what=many_reports,
    marks=st.lists(st.tuples(st.booleans(), st.integers(0, 100_000_000)), min_size=1, max_size=4),
    seed=seeds,
)
async def test_marks_made_in_turn_and_reports_in_any_order_give_what_the_model_says(
    records: Records, what: list[Report], marks: list[tuple[bool, int]], seed: int
):
    words = [Mark(done, NOON + timedelta(milliseconds=ms)) for done, ms in marks]
    words.sort(key=lambda mark: mark.at)

    held = await records.new().take_together(*interleaved(what, words, seed))

    assert seen(held) == expected(what, words)


def interleaved(what: list[Report], words: list[Mark], seed: int) -> list[Report | Mark]:
    """Reports at any turn after they were observed: nobody sends what has not happened yet."""
    chance = random.Random(seed)
    slots: list[list[Report | Mark]] = [[] for _ in range(len(words) + 1)]
    for report in shuffled(what, seed):
        earliest = sum(word.at < report.observed_at for word in words)
        slots[chance.randint(earliest, len(words))].append(report)
    line = slots[0]
    for word, later in zip(words, slots[1:], strict=True):
        line = [*line, word, *later]
    return line


fragments = st.lists(st.integers(0, 1_500), min_size=450, max_size=750, unique=True).map(
    lambda starts: [(float(20 * start), float(20 * start + 11 + start % 8)) for start in starts]
)


def as_told(spans: list[Span]) -> tuple[Span, ...]:
    """The rule: above 500 those within 10 s join."""
    fine = merge_spans(spans, join_gap_seconds=1)
    return fine if len(fine) <= 500 else merge_spans(spans, join_gap_seconds=10)


@settings(max_examples=15)
@given(spans=fragments, filled=st.integers(0, 30_000), seed=seeds)
async def test_very_many_spans_are_told_the_same_in_any_order(
    records: Records, spans: list[Span], filled: int, seed: int
):
    """Some orders are above 500 for a while and end below, when one long stretch fills the gaps."""
    spans = [*spans, (0.0, float(filled))]
    pieces = [
        a_report(duration_seconds=86_400.0, played=tuple(spans[i : i + 150]))
        for i in range(0, len(spans), 150)
    ]

    held = await records.new().take_together(*shuffled(pieces, seed))

    assert held.watched_spans == as_told(spans)
