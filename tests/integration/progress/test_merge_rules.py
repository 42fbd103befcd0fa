"""Each merge rule on its own."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from progress_service.domain.catalog import Threshold, ThresholdChange
from progress_service.domain.progress import Progress
from progress_service.mongo.client import Database
from tests.builders import a_report, at
from tests.integration.progress.conftest import Records
from tests.merge_model import Mark

# -- the position ------------------------------------------------------------------------------


async def test_newest_position_wins(records: Records):
    newest, oldest = a_report(observed_at=at(20)), a_report(position_seconds=300.0)

    progress = await records.new().merge(newest, oldest)

    assert (progress.position_seconds, progress.observed_at) == (125.5, at(20))


async def test_position_moves_back_with_a_newer_seek(records: Records):
    forward = a_report(position_seconds=300.0)
    back = a_report(position_seconds=30.0, observed_at=at(10), kind="seek")

    progress = await records.new().merge(forward, back)

    assert progress.position_seconds == 30


async def test_larger_position_wins_at_the_same_time(records: Records):
    near, far = a_report(position_seconds=100.0), a_report(position_seconds=200.0)

    progress = await records.new().merge(far, near)

    assert progress.position_seconds == 200


async def test_length_and_percentage_are_those_of_the_newest_position(records: Records):
    short = a_report(position_seconds=100.0, duration_seconds=200.0)
    long = a_report(position_seconds=100.0, duration_seconds=400.0, observed_at=at(10))

    progress = await records.new().merge(long, short)

    assert (progress.duration_seconds, progress.percent) == (400, 25)


@pytest.mark.parametrize("position_seconds", [0.0, 1.0, 2.999])
async def test_start_position_does_not_move_the_position(records: Records, position_seconds: float):
    start = a_report(position_seconds=position_seconds, observed_at=at(3600))

    progress = await records.new().merge(a_report(), start)

    assert (progress.position_seconds, progress.observed_at) == (125.5, at())


async def test_position_from_three_seconds_on_is_not_a_start_position(records: Records):
    early = a_report(position_seconds=3.0, observed_at=at(10))

    progress = await records.new().merge(a_report(), early)

    assert progress.position_seconds == 3


async def test_restart_moves_the_position_to_the_start(records: Records):
    restart = a_report(position_seconds=0.0, observed_at=at(10), kind="restart")

    progress = await records.new().merge(a_report(), restart)

    assert (progress.position_seconds, progress.percent, progress.observed_at) == (0, 0, at(10))


async def test_restart_loses_to_a_newer_report(records: Records):
    restart = a_report(position_seconds=0.0, kind="restart")

    progress = await records.new().merge(a_report(observed_at=at(10)), restart)

    assert progress.position_seconds == 125.5


async def test_start_position_after_a_restart_does_not_move_the_position(records: Records):
    restart = a_report(position_seconds=0.0, kind="restart")
    start = a_report(position_seconds=2.0, observed_at=at(10))

    progress = await records.new().merge(restart, start)

    assert (progress.position_seconds, progress.observed_at) == (0, at())


async def test_start_position_is_stored_without_another_report(records: Records):
    progress = await records.new().merge(a_report(position_seconds=1.0))

    assert (progress.position_seconds, progress.observed_at) == (1, at())


async def test_start_position_is_replaced_by_an_older_report(records: Records):
    start = a_report(position_seconds=1.0)
    old = a_report(observed_at=at(days=-3))

    progress = await records.new().merge(start, old)

    assert progress.position_seconds == 125.5


# -- completion --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position_seconds", "is_completed"),
    [(79.99, False), (79.999999, False), (80.0, True), (80.01, True), (100.0, True)],
)
async def test_completion_starts_at_exactly_80_percent(
    records: Records, position_seconds: float, is_completed: bool
):
    report = a_report(position_seconds=position_seconds, duration_seconds=100.0)

    progress = await records.new().merge(report)

    assert progress.is_completed is is_completed


@pytest.mark.parametrize(("threshold", "is_completed"), [(95.0, False), (90.0, True)])
async def test_completion_depends_on_the_threshold(
    records: Records, threshold: float, is_completed: bool
):
    report = a_report(position_seconds=540.0)

    progress = await records.new(threshold_percent=threshold).merge(report)

    assert progress.is_completed is is_completed


async def test_completion_has_the_earliest_time_at_the_threshold(records: Records):
    late = a_report(position_seconds=600.0, observed_at=at(60))
    early = a_report(position_seconds=480.0, observed_at=at(30))

    progress = await records.new().merge(late, early)

    assert progress.completed_at == at(30)


async def test_rewatch_moves_position_and_percentage_and_stays_completed(records: Records):
    done = a_report(position_seconds=600.0)
    again = a_report(position_seconds=60.0, observed_at=at(days=1))

    progress = await records.new().merge(done, again)

    assert (progress.position_seconds, progress.percent, progress.completed_at) == (60, 10, at())


async def test_unmark_removes_the_completion(records: Records):
    progress = await records.new().merge(
        a_report(position_seconds=600.0), Mark(done=False, at=at(60))
    )

    assert progress.completed_at is None


async def test_unmark_leaves_position_and_spans(records: Records):
    report = a_report(position_seconds=600.0, played=((0.0, 60.0),))

    progress = await records.new().merge(report, Mark(done=False, at=at(60)))

    assert (progress.position_seconds, progress.watched_spans) == (600, ((0, 60),))


async def test_report_from_before_an_unmark_does_not_complete(records: Records):
    late = a_report(position_seconds=600.0, observed_at=at(59.999))

    progress = await records.new().merge(Mark(done=False, at=at(60)), late)

    assert progress.completed_at is None


async def test_report_from_the_time_of_an_unmark_does_not_complete(records: Records):
    same = a_report(position_seconds=600.0, observed_at=at(60))

    progress = await records.new().merge(Mark(done=False, at=at(60)), same)

    assert progress.completed_at is None


async def test_report_after_an_unmark_completes_again(records: Records):
    again = a_report(position_seconds=600.0, observed_at=at(60.001))

    progress = await records.new().merge(
        a_report(position_seconds=600.0), Mark(done=False, at=at(60)), again
    )

    assert progress.completed_at == at(60.001)


async def test_unmark_covers_an_earlier_report_of_a_fast_clock(records: Records):
    ahead = a_report(position_seconds=600.0, observed_at=at(4))

    progress = await records.new().merge(ahead, Mark(done=False, at=at(1)), ahead)

    assert progress.completed_at is None


async def test_unmark_covers_every_earlier_report_of_a_fast_clock(records: Records):
    ahead = [a_report(position_seconds=600.0, observed_at=at(seconds)) for seconds in (2, 4)]

    progress = await records.new().merge(*ahead, Mark(done=False, at=at(1)), *ahead)

    assert progress.completed_at is None


async def test_mark_completes_an_unwatched_video(records: Records):
    progress = await records.new().merge(Mark(done=True, at=at(5)))

    assert progress == Progress("intro", completed_at=at(5), stored_at=progress.stored_at)


async def test_mark_after_an_unmark_completes(records: Records):
    progress = await records.new().merge(
        Mark(done=True, at=at(1)), Mark(done=False, at=at(2)), Mark(done=True, at=at(3))
    )

    assert progress.completed_at == at(3)


async def test_mark_in_the_millisecond_of_an_earlier_unmark_completes(records: Records):
    progress = await records.new().merge(Mark(done=False, at=at(2)), Mark(done=True, at=at(2)))

    assert progress.is_completed


async def test_mark_given_again_keeps_the_first_time(records: Records):
    progress = await records.new().merge(Mark(done=True, at=at(1)), Mark(done=True, at=at(9)))

    assert progress.completed_at == at(1)


async def test_unmark_of_an_unwatched_video_leaves_it_incomplete(records: Records):
    progress = await records.new().merge(Mark(done=False, at=at()))

    assert not progress.is_completed


# -- watched spans -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ((0.0, 10.0), (5.0, 20.0), ((0, 20),)),
        ((0.0, 10.0), (11.0, 20.0), ((0, 20),)),
        ((0.0, 10.0), (11.001, 20.0), ((0, 10), (11.001, 20))),
        ((0.0, 50.0), (10.0, 20.0), ((0, 50),)),
        ((30.0, 40.0), (0.0, 10.0), ((0, 10), (30, 40))),
        ((5.0, 5.0), (5.0, 5.0), ((5, 5),)),
    ],
)
async def test_spans_merge_when_they_overlap_or_are_a_second_apart(
    records: Records,
    first: tuple[float, float],
    second: tuple[float, float],
    together: tuple[tuple[float, float], ...],
):
    progress = await records.new().merge(a_report(played=(first,)), a_report(played=(second,)))

    assert progress.watched_spans == together


async def test_spans_of_one_report_merge_too(records: Records):
    progress = await records.new().merge(a_report(played=((10.0, 20.0), (0.0, 9.5))))

    assert progress.watched_spans == ((0, 20),)


async def test_report_without_spans_leaves_the_stored_ones(records: Records):
    progress = await records.new().merge(
        a_report(played=((0.0, 10.0),)), a_report(observed_at=at(10))
    )

    assert progress.watched_spans == ((0, 10),)


def separate_spans(count: int) -> list[tuple[float, float]]:
    """*count* spans of 2.5 seconds, one every four seconds."""
    return [(4.0 * i, 4.0 * i + 2.5) for i in range(count)]


async def merge_all(records: Records, spans: list[tuple[float, float]]) -> Progress:
    pieces = [spans[i : i + 200] for i in range(0, len(spans), 200)]
    return await records.new().merge_in_one_write(
        *(
            a_report(position_seconds=0.0, duration_seconds=2_004.0, played=tuple(piece))
            for piece in pieces
        )
    )


async def test_spans_up_to_500_are_stored_exactly(records: Records):
    progress = await merge_all(records, separate_spans(500))

    assert progress.watched_spans == tuple(separate_spans(500))


async def test_spans_above_500_are_stored_as_whole_grid_cells(records: Records):
    progress = await merge_all(records, separate_spans(501))

    assert progress.watched_spans == ((0, 2_004),)
    assert progress.watched_seconds == 2_004


async def test_watched_seconds_count_each_second_once(records: Records):
    progress = await records.new().merge(
        a_report(played=((0.0, 60.0),)), a_report(played=((30.0, 90.0),))
    )

    assert progress.watched_seconds == 90


# -- devices -----------------------------------------------------------------------------------


async def test_device_has_its_own_newest_position(records: Records):
    phone = a_report(device_id="phone", position_seconds=50.0, observed_at=at(5))
    ipad = a_report(device_id="ipad", position_seconds=90.0, observed_at=at(9))
    older = a_report(device_id="phone", position_seconds=70.0, observed_at=at(1))

    progress = await records.new().merge(phone, ipad, older)

    places = [(d.device_id, d.position_seconds, d.observed_at) for d in progress.devices]
    assert places == [("ipad", 90, at(9)), ("phone", 50, at(5))]


async def test_devices_are_limited_to_the_eight_latest(records: Records):
    reports = [a_report(device_id=f"device-{i}", observed_at=at(i)) for i in range(9)]

    progress = await records.new().merge(*reports)

    assert [d.device_id for d in progress.devices] == [f"device-{i}" for i in range(8, 0, -1)]


async def test_devices_do_not_change_with_an_older_report_of_a_ninth(records: Records):
    record = records.new()
    eight = [a_report(device_id=f"device-{i}", observed_at=at(i)) for i in range(1, 9)]
    before = await record.merge(*eight)

    progress = await record.merge(a_report(device_id="device-0", observed_at=at(0)))

    assert progress.devices == before.devices


async def test_device_position_is_not_replaced_by_a_start_position(records: Records):
    progress = await records.new().merge(
        a_report(device_id="phone"),
        a_report(device_id="phone", position_seconds=0.0, observed_at=at(60)),
    )

    assert [(d.position_seconds, d.observed_at) for d in progress.devices] == [(125.5, at())]


async def test_device_has_the_played_and_furthest_seconds_of_its_session(records: Records):
    report = a_report(
        device_id="phone", session_id="s-1", played=((0.0, 300.0),), played_seconds=340.0
    )

    (place,) = (await records.new().merge(report)).devices

    assert (place.session_id, place.played_seconds, place.furthest_seconds) == ("s-1", 340, 300)


async def test_report_without_a_device_adds_no_device(records: Records):
    assert (await records.new().merge(a_report())).devices == ()


# -- stored_at ---------------------------------------------------------------------------------


async def test_stored_at_moves_with_a_change(records: Records):
    record = records.new()
    once = await record.merge(a_report())
    await asyncio.sleep(0.005)

    later = await record.merge(a_report(observed_at=at(10)))

    assert once.stored_at is not None
    assert later.stored_at is not None
    assert later.stored_at > once.stored_at


@pytest.mark.parametrize(
    "report",
    [
        a_report(),
        a_report(position_seconds=0.0),
        a_report(position_seconds=0.0, kind="restart"),
        a_report(position_seconds=600.0),
        a_report(device_id="phone", session_id="s-1", played_seconds=3.0),
        a_report(played=((0.0, 10.0), (20.0, 30.0))),
        a_report(position_seconds=125, duration_seconds=600, played=((0, 10),)),
    ],
)
async def test_stored_at_does_not_move_with_a_repeat(records: Records, report):
    record = records.new()
    once = await record.merge(report)
    await asyncio.sleep(0.005)

    assert await record.merge(report) == once


async def test_stored_at_does_not_move_with_a_report_that_changes_nothing(records: Records):
    record = records.new()
    once = await record.merge(a_report(played=((0.0, 60.0),)))
    await asyncio.sleep(0.005)

    progress = await record.merge(
        a_report(position_seconds=60.0, observed_at=at(-10), played=((10.0, 20.0),))
    )

    assert progress == once


# -- the document ------------------------------------------------------------------------------


async def test_document_of_a_plain_record_has_the_original_field_names(
    records: Records, database: Database
):
    await records.new().merge(a_report())

    stored = await database["watch_progress"].find_one({})
    assert stored is not None
    del stored["_id"], stored["stored_at"]
    assert stored == {
        "student_id": "student-0",
        "material_id": "intro",
        "course_id": "react",
        "watch_time": 125.5,
        "total_duration": 600,
        "progress_percentage": 20.92,
        "last_watched": at().replace(tzinfo=None),  # as the driver returns it
        "furthest_percentage": 125.5 / 600 * 100,
    }


async def test_concurrent_first_reports_make_one_record(records: Records, database: Database):
    reports = [a_report(position_seconds=float(i)) for i in range(10, 60)]

    progress = await records.new().merge_concurrently(reports)

    assert progress.position_seconds == 59
    assert await database["watch_progress"].count_documents({}) == 1


async def test_concurrent_first_writes_make_one_record(records: Records, database: Database):
    record = records.new()
    changes = [record.change(a_report(position_seconds=float(i))) for i in range(10, 60)]

    outcomes = await asyncio.gather(*(records.store.save_many([c]) for c in changes))

    assert sorted(outcomes) == [[False]] * 49 + [[True]]  # one of them created it
    assert await database["watch_progress"].count_documents({}) == 1


@pytest.mark.parametrize(
    "moment", [at(days=-700_000), at(days=-365_000), at(days=2_000_000)], ids=str
)
async def test_observed_at_may_be_any_calendar_date(records: Records, moment):
    assert moment.tzinfo is not None

    progress = await records.new().merge(a_report(observed_at=moment))

    assert progress.observed_at == moment


async def test_stored_at_does_not_move_with_a_repeat_that_has_microseconds(records: Records):
    record = records.new()
    report = a_report(observed_at=at(0, microseconds=1_999)).with_plausible_time(
        at() + timedelta(1)
    )
    once = await record.merge(report)

    assert await record.merge(report) == once


async def test_completion_by_a_lowered_threshold_keeps_its_date_after_later_reports(
    records: Records,
):
    record = records.new(threshold_percent=80)
    await record.merge(a_report(position_seconds=180.0))
    lowered = ThresholdChange(30.0, at(days=2), stored_until=await records.now())
    record.apply(Threshold(30.0, (lowered,)))

    for minute in range(3):
        progress = await record.merge(a_report(position_seconds=60.0, observed_at=at(60 * minute)))

        assert progress.completed_at == at(days=2)
