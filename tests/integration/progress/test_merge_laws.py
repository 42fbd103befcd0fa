"""Merge laws: in any order, repetition and batching, changes give the record of the model."""

from __future__ import annotations

import dataclasses
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progress_service.domain.catalog import Threshold, ThresholdChange
from progress_service.domain.current_state import current_state
from progress_service.domain.intervals import (
    GRID_CELLS,
    MAX_STORED_SPANS,
    Coverage,
    Span,
    add_spans,
    total_seconds,
)
from progress_service.domain.progress import Progress, Report
from tests.builders import NOON, a_report, a_video
from tests.integration.progress.conftest import Record, Records
from tests.merge_model import (
    Expected,
    Mark,
    completed_at_after_changes,
    expected,
    marked_by,
    unmarked_by,
    with_catalog_duration,
)

DURATION = 600
HOURS = 7_200.0
KINDS = ("heartbeat", "pause", "seek", "restart", "ended", "flush")

positions = st.one_of(
    st.sampled_from([0, 1, 2, 2.5, 3, 479.94, 479.999, 480, 480.5, 600]),
    st.integers(0, DURATION),
    st.floats(0, DURATION, allow_nan=False).map(lambda seconds: round(seconds, 3)),
)
times = st.one_of(st.integers(0, 6), st.integers(0, 100_000_000)).map(
    lambda milliseconds: NOON + timedelta(milliseconds=milliseconds)
)
played_spans = st.lists(
    st.tuples(st.integers(0, DURATION), st.integers(0, 40)).map(
        lambda span: (float(span[0]), float(min(span[0] + span[1], DURATION)))
    ),
    max_size=12,
).map(tuple)


def any_report(devices: int = 6) -> st.SearchStrategy[Report]:
    """Any report about a video of ten minutes; times often coincide."""
    return st.builds(
        Report,
        position_seconds=positions,
        duration_seconds=st.just(float(DURATION)),
        observed_at=times,
        kind=st.sampled_from(KINDS),
        device_id=st.none() | st.integers(1, devices).map("device-{}".format),
        session_id=st.none() | st.sampled_from(["first", "second"]),
        played=played_spans,
        played_seconds=st.none() | st.integers(0, 2_000).map(float),
    )


many_reports = st.lists(any_report(), min_size=1, max_size=14)
seeds = st.integers(0, 2**32)


def shuffled(reports: list[Report], seed: int) -> list[Report]:
    """*reports* in another order, and some of them twice."""
    chance = random.Random(seed)
    again = [one for one in reports if chance.random() < 0.4]
    return chance.sample([*reports, *again], len(reports) + len(again))


def as_expected(progress: Progress) -> Expected:
    """*progress* in the form of the model."""
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
@given(reports=many_reports, seed=seeds)
async def test_reports_merged_one_by_one_match_the_model(
    records: Records, reports: list[Report], seed: int
):
    progress = await records.new().merge(*shuffled(reports, seed))

    assert as_expected(progress) == expected(reports)


@settings(max_examples=60)
@given(reports=many_reports, seed=seeds)
async def test_reports_merged_in_one_write_match_the_model(
    records: Records, reports: list[Report], seed: int
):
    progress = await records.new().merge_in_one_write(*shuffled(reports, seed))

    assert as_expected(progress) == expected(reports)


@settings(max_examples=40)
@given(reports=many_reports, seed=seeds)
async def test_reports_merged_concurrently_match_the_model(
    records: Records, reports: list[Report], seed: int
):
    progress = await records.new().merge_concurrently(shuffled(reports, seed))

    assert as_expected(progress) == expected(reports)


@settings(max_examples=60)
@given(reports=st.lists(any_report(devices=14), min_size=2, max_size=30), seed=seeds)
async def test_reports_in_any_order_store_the_same_document(
    records: Records, reports: list[Report], seed: int
):
    one, other = records.new(), records.new()

    await one.merge_in_one_write(*reports)
    await other.merge_in_one_write(*shuffled(reports, seed))

    assert await other.document() == await one.document()


@settings(max_examples=40)
@given(reports=many_reports, seed=seeds)
async def test_reports_repeated_change_nothing_not_even_stored_at(
    records: Records, reports: list[Report], seed: int
):
    record = records.new()
    once = await record.merge_in_one_write(*reports)

    again = await record.merge_in_one_write(*shuffled(reports, seed))

    assert again == once


@settings(max_examples=60)
@given(
    reports=many_reports,
    marks=st.lists(st.tuples(st.booleans(), st.integers(0, 100_000_000)), min_size=1, max_size=4),
    seed=seeds,
)
async def test_marks_in_order_and_reports_in_any_order_match_the_model(
    records: Records, reports: list[Report], marks: list[tuple[bool, int]], seed: int
):
    sent_marks = [Mark(done, NOON + timedelta(milliseconds=ms)) for done, ms in marks]
    sent_marks.sort(key=lambda mark: mark.at)

    progress = await records.new().merge_in_one_write(*interleaved(reports, sent_marks, seed))

    assert as_expected(progress) == expected(reports, sent_marks)


SERVICES = ("importer", "$lms", "proctor")


def a_service_mark(done: bool, at: datetime, service_id: str | None, ago: float | None) -> Mark:
    """A mark; with *ago*, it names a time so many seconds earlier."""
    is_dated = done and ago is not None
    completed_at = at - timedelta(seconds=round(ago or 0)) if is_dated else None
    return Mark(done, at, service_id, completed_at)


service_marks = st.lists(
    st.builds(
        a_service_mark,
        done=st.sampled_from([True, True, True, False]),
        at=times,
        service_id=st.sampled_from([*SERVICES, None]),
        ago=st.one_of(st.none(), st.integers(0, 100_000)),
    ),
    min_size=1,
    max_size=7,
    unique_by=lambda mark: mark.at,
)


@settings(max_examples=80)
@given(reports=st.lists(any_report(), max_size=5), marks=service_marks, seed=seeds)
async def test_marks_by_services_match_the_model(
    records: Records, reports: list[Report], marks: list[Mark], seed: int
):
    marks.sort(key=lambda mark: mark.at)
    record = records.new()

    progress = await record.merge_in_one_write(*interleaved(reports, marks, seed))

    assert as_expected(progress) == expected(reports, marks)
    assert await stored_marks(record) == (marked_by(marks), unmarked_by(marks))


@settings(max_examples=60)
@given(
    reports=st.lists(any_report(), max_size=4),
    marks=st.lists(
        st.builds(
            a_service_mark,
            done=st.just(True),
            at=times,
            service_id=st.sampled_from(SERVICES),
            ago=st.integers(0, 100_000),
        ),
        min_size=2,
        max_size=6,
    ),
    seed=seeds,
)
async def test_dated_marks_in_any_order_store_the_same_document(
    records: Records, reports: list[Report], marks: list[Mark], seed: int
):
    one, other = records.new(), records.new()
    chance = random.Random(seed)
    changes: list[Report | Mark] = [*reports, *marks]

    once = await one.merge_in_one_write(*changes)
    await other.merge_in_one_write(*chance.sample([*changes, *marks], len(changes) + len(marks)))

    assert await other.document() == await one.document()
    assert await one.merge_in_one_write(*marks) == once


async def stored_marks(
    record: Record,
) -> tuple[tuple[datetime, str] | None, tuple[datetime, str] | None]:
    """``marked_by`` and ``unmarked_by``, as the model has them."""
    document = await record.document()
    first, last = (
        (held["at"].replace(tzinfo=UTC), held["service"]) if held else None
        for held in (document.get("marked_by"), document.get("unmarked_by"))
    )
    return first, last


def interleaved(reports: list[Report], marks: list[Mark], seed: int) -> list[Report | Mark]:
    """The marks in order; each report anywhere after its time."""
    chance = random.Random(seed)
    slots: list[list[Report | Mark]] = [[] for _ in range(len(marks) + 1)]
    for report in shuffled(reports, seed):
        earliest = sum(mark.at < report.observed_at for mark in marks)
        slots[chance.randint(earliest, len(marks))].append(report)
    changes = slots[0]
    for mark, later in zip(marks, slots[1:], strict=True):
        changes = [*changes, mark, *later]
    return changes


@st.composite
def report_of_accepted_length(draw: st.DrawFn) -> Report:
    """A report by a player that rounds the length, or still has an earlier file."""
    own = draw(st.sampled_from([600.0, 595.0, 588.0, 612.0, 300.0, 900.0]))
    left = draw(st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0, 12.0, 40.0, 150.0, 290.0, 299.0]))
    report = draw(any_report())
    played = tuple(span for span in report.played if span[1] <= own)
    return dataclasses.replace(
        report, position_seconds=own - left, duration_seconds=own, played=played
    )


@settings(max_examples=60)
@given(
    reports=st.lists(report_of_accepted_length(), min_size=1, max_size=10),
    threshold=st.sampled_from([80.0, 99.5, 100.0]),
    seed=seeds,
)
async def test_reports_of_any_accepted_length_match_the_model(
    records: Records, reports: list[Report], threshold: float, seed: int
):
    earlier = (900.0, 300.0)
    received = [
        report.with_catalog_duration(600.0, earlier_durations=earlier) for report in reports
    ]

    progress = await records.new(threshold_percent=threshold).merge_in_one_write(
        *shuffled(received, seed)
    )

    assert as_expected(progress) == expected(
        [with_catalog_duration(report, 600.0, earlier) for report in reports],
        threshold_percent=threshold,
    )


LOWERED_AT = NOON + timedelta(days=2)


@settings(max_examples=60)
@given(
    before=st.lists(any_report(), max_size=6),
    after=st.lists(any_report(), max_size=6),
    lowered=st.sampled_from([40.0, 60.0, 79.99]),
    last=st.sampled_from([30.0, 60.0, 80.0, 95.0]),
    seed=seeds,
)
async def test_threshold_changes_match_the_model(
    records: Records,
    before: list[Report],
    after: list[Report],
    lowered: float,
    last: float,
    seed: int,
):
    record = records.new(threshold_percent=80)
    await record.merge(*shuffled(before, seed))
    changes = [ThresholdChange(lowered, LOWERED_AT, stored_until=await records.now())]
    if last < lowered:
        lowered = last
        changes.append(ThresholdChange(last, LOWERED_AT, stored_until=await records.now()))
    threshold = Threshold(last, tuple(changes))
    record.apply(threshold)

    progress = await record.merge(*shuffled(after, seed))

    state = current_state(progress, a_video(), threshold)
    assert state.completed_at == completed_at_after_changes(
        before, after, first=80, lowered=lowered, lowered_at=LOWERED_AT, last=last
    )


fragments = st.lists(
    st.tuples(st.integers(0, 3_000), st.integers(1, 40)).map(
        lambda span: (float(2 * span[0]), float(min(2 * span[0] + span[1] / 8, HOURS)))
    ),
    min_size=1,
    max_size=200,
).map(tuple)
tiny = tuple((1.7 * index, 1.7 * index + 0.1) for index in range(1_999))
GRID = [cell * HOURS / GRID_CELLS for cell in range(GRID_CELLS + 1)]


def long_report(*played: Span) -> Report:
    return a_report(duration_seconds=HOURS, played=played)


def reports_of_tiny_spans() -> list[Report]:
    """More spans than a record may hold, in as few reports as possible."""
    return [long_report(*tiny[start : start + 200]) for start in range(0, len(tiny), 200)]


@settings(max_examples=40)
@given(many=st.lists(fragments, min_size=1, max_size=8), has_grid=st.booleans())
async def test_watched_spans_match_the_coverage_rule(
    records: Records, many: list[tuple[Span, ...]], has_grid: bool
):
    record = records.new()
    first = reports_of_tiny_spans() if has_grid else []
    expected_coverage = Coverage()
    for played in [*(report.played for report in first), *many]:
        expected_coverage = add_spans(expected_coverage, played, length_seconds=HOURS)

    progress = await record.merge(*first, *(long_report(*played) for played in many))

    assert progress.watched_spans == expected_coverage.spans
    assert progress.watched_seconds == pytest.approx(total_seconds(expected_coverage.spans))
    assert (await record.document()).get("watched_grid_seconds") == expected_coverage.grid_seconds


@settings(max_examples=20)
@given(many=st.lists(fragments, min_size=1, max_size=8), seed=seeds)
async def test_watched_spans_on_a_grid_are_the_same_in_any_order(
    records: Records, many: list[tuple[Span, ...]], seed: int
):
    one, other = records.new(), records.new()
    for record in (one, other):
        await record.merge(*reports_of_tiny_spans())
    reports = [long_report(*played) for played in many]

    progress = await one.merge_in_one_write(*reports)

    assert await other.merge_in_one_write(*shuffled(reports, seed)) == with_stored_at(
        progress, await other.read()
    )
    assert len(progress.watched_spans) <= MAX_STORED_SPANS
    assert {edge for span in progress.watched_spans for edge in span} <= set(GRID)


def with_stored_at(progress: Progress, other: Progress) -> Progress:
    """*progress* with the stored_at of *other*."""
    return progress._replace(stored_at=other.stored_at)


@pytest.mark.parametrize("order", ["forwards", "backwards"])
async def test_watched_spans_never_exceed_the_maximum(records: Records, order: str):
    record = records.new()
    for report in reports_of_tiny_spans() if order == "forwards" else reports_of_tiny_spans()[::-1]:
        progress = await record.merge(report)

        document = await record.document()
        assert len(document["watched_spans"]) <= MAX_STORED_SPANS
        assert document["watched_seconds"] == progress.watched_seconds

    assert document["watched_grid_seconds"] == HOURS
    assert progress.watched_spans == ()  # 6 % of each cell


async def test_grid_cell_counts_from_half_of_it_on(records: Records):
    cell = HOURS / GRID_CELLS
    record = records.new()
    await record.merge(*reports_of_tiny_spans())

    progress = await record.merge(
        long_report(
            (0, cell * 0.5), (cell, cell * 1.49), (2 * cell, 2.25 * cell), (2.7 * cell, 3.4 * cell)
        )
    )

    assert progress.watched_spans == ((0.0, cell), (2 * cell, 3 * cell))
    assert progress.watched_seconds == pytest.approx(2 * cell)


async def test_grid_retains_watched_cells_when_the_length_changes(records: Records):
    record = records.new()
    await record.merge(*reports_of_tiny_spans(), long_report((720, 1_440)))

    longer = await record.merge(a_report(duration_seconds=2 * HOURS, played=((7_200.0, 7_920.0),)))
    shorter = await record.merge(a_report(duration_seconds=HOURS / 2, played=((0.0, 86.4),)))

    assert longer.watched_spans == ((720.0, 1_440.0), (7_200.0, 7_920.0))
    assert shorter.watched_spans == ((0.0, 86.4), (720.0, 1_440.0), (7_200.0, 7_920.0))


@settings(max_examples=20)
@given(many=st.lists(fragments, min_size=2, max_size=6))
async def test_concurrent_reports_that_need_the_grid_lose_nothing(
    records: Records, many: list[tuple[Span, ...]]
):
    record = records.new()
    await record.merge(*reports_of_tiny_spans()[:2])
    reports = [long_report(*played) for played in many]
    wide = long_report((1_000, 2_000))

    progress = await record.merge_concurrently([*reports_of_tiny_spans()[2:], *reports, wide])

    assert len(progress.watched_spans) <= MAX_STORED_SPANS
    assert any(
        start <= 1_001 and end >= 1_999 - HOURS / GRID_CELLS
        for start, end in progress.watched_spans
    )
