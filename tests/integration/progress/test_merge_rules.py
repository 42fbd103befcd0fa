"""Each rule of the merge by itself."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from progress_service.domain.catalog import Threshold, ThresholdChange
from progress_service.domain.progress import Progress
from progress_service.mongo.client import Database
from tests.builders import a_report, at
from tests.integration.progress.conftest import Records
from tests.model import Mark

# -- the place ---------------------------------------------------------------------------------


async def test_the_newest_place_wins(records: Records):
    newest, oldest = a_report(observed_at=at(20)), a_report(position_seconds=300.0)

    held = await records.new().take(newest, oldest)

    assert (held.position_seconds, held.observed_at) == (125.5, at(20))


async def test_going_back_on_purpose_is_honoured(records: Records):
    forward = a_report(position_seconds=300.0)
    back = a_report(position_seconds=30.0, observed_at=at(10), kind="seek")

    held = await records.new().take(forward, back)

    assert held.position_seconds == 30


async def test_at_the_same_moment_the_larger_position_wins(records: Records):
    near, far = a_report(position_seconds=100.0), a_report(position_seconds=200.0)

    held = await records.new().take(far, near)

    assert held.position_seconds == 200


async def test_length_and_percentage_come_with_the_place(records: Records):
    short = a_report(position_seconds=100.0, duration_seconds=200.0)
    long = a_report(position_seconds=100.0, duration_seconds=400.0, observed_at=at(10))

    held = await records.new().take(long, short)

    assert (held.duration_seconds, held.percent) == (400, 25)


@pytest.mark.parametrize("position_seconds", [0.0, 1.0, 2.999])
async def test_a_start_position_nobody_asked_for_does_not_move_the_place(
    records: Records, position_seconds: float
):
    start = a_report(position_seconds=position_seconds, observed_at=at(3600))

    held = await records.new().take(a_report(), start)

    assert (held.position_seconds, held.observed_at) == (125.5, at())


async def test_from_three_seconds_on_a_position_is_believed(records: Records):
    early = a_report(position_seconds=3.0, observed_at=at(10))

    held = await records.new().take(a_report(), early)

    assert held.position_seconds == 3


async def test_a_restart_moves_the_place_to_the_start(records: Records):
    restart = a_report(position_seconds=0.0, observed_at=at(10), kind="restart")

    held = await records.new().take(a_report(), restart)

    assert (held.position_seconds, held.percent, held.observed_at) == (0, 0, at(10))


async def test_a_restart_still_yields_to_something_newer(records: Records):
    restart = a_report(position_seconds=0.0, kind="restart")

    held = await records.new().take(a_report(observed_at=at(10)), restart)

    assert held.position_seconds == 125.5


async def test_a_start_position_after_a_restart_does_not_move_it(records: Records):
    restart = a_report(position_seconds=0.0, kind="restart")
    start = a_report(position_seconds=2.0, observed_at=at(10))

    held = await records.new().take(restart, start)

    assert (held.position_seconds, held.observed_at) == (0, at())


async def test_a_start_position_is_held_while_there_is_nothing_else(records: Records):
    held = await records.new().take(a_report(position_seconds=1.0))

    assert (held.position_seconds, held.observed_at) == (1, at())


async def test_a_late_old_report_replaces_a_mere_start_position(records: Records):
    start = a_report(position_seconds=1.0)
    old = a_report(observed_at=at(days=-3))

    held = await records.new().take(start, old)

    assert held.position_seconds == 125.5


# -- done --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position_seconds", "is_completed"),
    [(79.99, False), (79.999999, False), (80.0, True), (80.01, True), (100.0, True)],
)
async def test_exactly_eighty_percent_completes(
    records: Records, position_seconds: float, is_completed: bool
):
    report = a_report(position_seconds=position_seconds, duration_seconds=100.0)

    held = await records.new().take(report)

    assert held.is_completed is is_completed


@pytest.mark.parametrize(("threshold", "is_completed"), [(95.0, False), (90.0, True)])
async def test_the_threshold_that_applies_decides(
    records: Records, threshold: float, is_completed: bool
):
    report = a_report(position_seconds=540.0)

    held = await records.new(threshold_percent=threshold).take(report)

    assert held.is_completed is is_completed


async def test_the_earliest_moment_at_the_threshold_is_kept(records: Records):
    late = a_report(position_seconds=600.0, observed_at=at(60))
    early = a_report(position_seconds=480.0, observed_at=at(30))

    held = await records.new().take(late, early)

    assert held.completed_at == at(30)


async def test_a_rewatch_moves_place_and_percentage_but_stays_done(records: Records):
    done = a_report(position_seconds=600.0)
    again = a_report(position_seconds=60.0, observed_at=at(days=1))

    held = await records.new().take(done, again)

    assert (held.position_seconds, held.percent, held.completed_at) == (60, 10, at())


async def test_an_unmark_forgets_that_it_was_done(records: Records):
    held = await records.new().take(a_report(position_seconds=600.0), Mark(done=False, at=at(60)))

    assert held.completed_at is None


async def test_after_an_unmark_what_was_watched_and_where_stays(records: Records):
    report = a_report(position_seconds=600.0, played=((0.0, 60.0),))

    held = await records.new().take(report, Mark(done=False, at=at(60)))

    assert (held.position_seconds, held.watched_spans) == (600, ((0, 60),))


async def test_a_report_from_before_the_unmark_does_not_bring_it_back(records: Records):
    late = a_report(position_seconds=600.0, observed_at=at(59.999))

    held = await records.new().take(Mark(done=False, at=at(60)), late)

    assert held.completed_at is None


async def test_a_report_of_the_very_moment_of_the_unmark_does_not_bring_it_back(records: Records):
    same = a_report(position_seconds=600.0, observed_at=at(60))

    held = await records.new().take(Mark(done=False, at=at(60)), same)

    assert held.completed_at is None


async def test_a_report_after_the_unmark_completes_again(records: Records):
    again = a_report(position_seconds=600.0, observed_at=at(60.001))

    held = await records.new().take(
        a_report(position_seconds=600.0), Mark(done=False, at=at(60)), again
    )

    assert held.completed_at == at(60.001)


async def test_an_unmark_forgets_what_a_fast_clock_reported_before_it(records: Records):
    ahead = a_report(position_seconds=600.0, observed_at=at(4))

    held = await records.new().take(ahead, Mark(done=False, at=at(1)), ahead)

    assert held.completed_at is None


async def test_an_unmark_forgets_the_later_ones_of_a_fast_clock_too(records: Records):
    ahead = [a_report(position_seconds=600.0, observed_at=at(seconds)) for seconds in (2, 4)]

    held = await records.new().take(*ahead, Mark(done=False, at=at(1)), *ahead)

    assert held.completed_at is None


async def test_a_mark_completes_what_was_never_played(records: Records):
    held = await records.new().take(Mark(done=True, at=at(5)))

    assert held == Progress("intro", completed_at=at(5), stored_at=held.stored_at)


async def test_a_mark_after_an_unmark_counts(records: Records):
    held = await records.new().take(
        Mark(done=True, at=at(1)), Mark(done=False, at=at(2)), Mark(done=True, at=at(3))
    )

    assert held.completed_at == at(3)


async def test_a_mark_in_the_same_millisecond_as_the_unmark_before_it_counts(records: Records):
    held = await records.new().take(Mark(done=False, at=at(2)), Mark(done=True, at=at(2)))

    assert held.is_completed


async def test_marking_again_keeps_the_first_moment(records: Records):
    held = await records.new().take(Mark(done=True, at=at(1)), Mark(done=True, at=at(9)))

    assert held.completed_at == at(1)


async def test_unmarking_what_nobody_touched_leaves_it_open(records: Records):
    held = await records.new().take(Mark(done=False, at=at()))

    assert not held.is_completed


# -- what was seen -----------------------------------------------------------------------------


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
async def test_stretches_unite_and_those_a_second_apart_join(
    records: Records,
    first: tuple[float, float],
    second: tuple[float, float],
    together: tuple[tuple[float, float], ...],
):
    held = await records.new().take(a_report(played=(first,)), a_report(played=(second,)))

    assert held.watched_spans == together


async def test_stretches_of_one_report_join_too(records: Records):
    held = await records.new().take(a_report(played=((10.0, 20.0), (0.0, 9.5))))

    assert held.watched_spans == ((0, 20),)


async def test_a_report_without_stretches_keeps_those_there_are(records: Records):
    held = await records.new().take(a_report(played=((0.0, 10.0),)), a_report(observed_at=at(10)))

    assert held.watched_spans == ((0, 10),)


def stretches(count: int) -> list[tuple[float, float]]:
    """So many stretches of two and a half seconds, one every four."""
    return [(4.0 * i, 4.0 * i + 2.5) for i in range(count)]


async def take_all(records: Records, spans: list[tuple[float, float]]) -> Progress:
    pieces = [spans[i : i + 200] for i in range(0, len(spans), 200)]
    return await records.new().take_together(
        *(
            a_report(position_seconds=0.0, duration_seconds=2_004.0, played=tuple(piece))
            for piece in pieces
        )
    )


async def test_five_hundred_stretches_are_kept_as_they_are(records: Records):
    held = await take_all(records, stretches(500))

    assert held.watched_spans == tuple(stretches(500))


async def test_above_five_hundred_the_cells_of_a_grid_count_as_a_whole(records: Records):
    held = await take_all(records, stretches(501))

    assert held.watched_spans == ((0, 2_004),)
    assert held.watched_seconds == 2_004


async def test_seconds_watched_count_each_second_once(records: Records):
    held = await records.new().take(
        a_report(played=((0.0, 60.0),)), a_report(played=((30.0, 90.0),))
    )

    assert held.watched_seconds == 90


# -- devices -----------------------------------------------------------------------------------


async def test_each_device_keeps_its_own_newest_place(records: Records):
    phone = a_report(device_id="phone", position_seconds=50.0, observed_at=at(5))
    ipad = a_report(device_id="ipad", position_seconds=90.0, observed_at=at(9))
    older = a_report(device_id="phone", position_seconds=70.0, observed_at=at(1))

    held = await records.new().take(phone, ipad, older)

    places = [(d.device_id, d.position_seconds, d.observed_at) for d in held.devices]
    assert places == [("ipad", 90, at(9)), ("phone", 50, at(5))]


async def test_the_eight_latest_devices_are_kept(records: Records):
    reports = [a_report(device_id=f"device-{i}", observed_at=at(i)) for i in range(9)]

    held = await records.new().take(*reports)

    assert [d.device_id for d in held.devices] == [f"device-{i}" for i in range(8, 0, -1)]


async def test_a_late_report_of_a_ninth_old_device_leaves_the_eight(records: Records):
    record = records.new()
    eight = [a_report(device_id=f"device-{i}", observed_at=at(i)) for i in range(1, 9)]
    before = await record.take(*eight)

    held = await record.take(a_report(device_id="device-0", observed_at=at(0)))

    assert held.devices == before.devices


async def test_a_start_position_does_not_replace_the_place_of_its_device(records: Records):
    held = await records.new().take(
        a_report(device_id="phone"),
        a_report(device_id="phone", position_seconds=0.0, observed_at=at(60)),
    )

    assert [(d.position_seconds, d.observed_at) for d in held.devices] == [(125.5, at())]


async def test_a_place_of_a_device_says_what_its_session_had_seen(records: Records):
    report = a_report(
        device_id="phone", session_id="s-1", played=((0.0, 300.0),), played_seconds=340.0
    )

    (place,) = (await records.new().take(report)).devices

    assert (place.session_id, place.played_seconds, place.furthest_seconds) == ("s-1", 340, 300)


async def test_a_report_without_a_device_is_no_device(records: Records):
    assert (await records.new().take(a_report())).devices == ()


# -- the stamp ---------------------------------------------------------------------------------


async def test_a_change_moves_the_stamp(records: Records):
    record = records.new()
    once = await record.take(a_report())
    await asyncio.sleep(0.005)

    later = await record.take(a_report(observed_at=at(10)))

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
async def test_a_repeat_does_not_move_the_stamp(records: Records, report):
    record = records.new()
    once = await record.take(report)
    await asyncio.sleep(0.005)

    assert await record.take(report) == once


async def test_a_report_that_loses_in_every_part_does_not_move_the_stamp(records: Records):
    record = records.new()
    once = await record.take(a_report(played=((0.0, 60.0),)))
    await asyncio.sleep(0.005)

    held = await record.take(
        a_report(position_seconds=60.0, observed_at=at(-10), played=((10.0, 20.0),))
    )

    assert held == once


# -- what is stored ----------------------------------------------------------------------------


async def test_a_plain_record_has_the_fields_of_old_under_their_names(
    records: Records, database: Database
):
    await records.new().take(a_report())

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
        "last_watched": at().replace(tzinfo=None),  # as the driver gives it
        "furthest_percentage": 125.5 / 600 * 100,
    }


async def test_fifty_first_reports_at_once_make_one_record(records: Records, database: Database):
    reports = [a_report(position_seconds=float(i)) for i in range(10, 60)]

    held = await records.new().take_concurrently(reports)

    assert held.position_seconds == 59
    assert await database["watch_progress"].count_documents({}) == 1


async def test_fifty_first_reports_in_writes_of_their_own_make_one_record(
    records: Records, database: Database
):
    record = records.new()
    changes = [record.change(a_report(position_seconds=float(i))) for i in range(10, 60)]

    outcomes = await asyncio.gather(*(records.store.save_many([c]) for c in changes))

    assert outcomes == [[None]] * 50
    assert await database["watch_progress"].count_documents({}) == 1


@pytest.mark.parametrize(
    "moment", [at(days=-700_000), at(days=-365_000), at(days=2_000_000)], ids=str
)
async def test_any_moment_of_the_calendar_can_be_stored(records: Records, moment):
    assert moment.tzinfo is not None

    held = await records.new().take(a_report(observed_at=moment))

    assert held.observed_at == moment


async def test_microseconds_of_the_clock_do_not_make_a_repeat_a_change(records: Records):
    record = records.new()
    report = a_report(observed_at=at(0, microseconds=1_999)).believed_at(at() + timedelta(1))
    once = await record.take(report)

    assert await record.take(report) == once


async def test_later_reports_keep_the_date_of_a_lowered_threshold(records: Records):
    record = records.new(threshold_percent=80)
    await record.take(a_report(position_seconds=180.0))
    lowered = ThresholdChange(30.0, at(days=2), stored_until=await records.now())
    record.apply(Threshold(30.0, (lowered,)))

    for minute in range(3):
        held = await record.take(a_report(position_seconds=60.0, observed_at=at(60 * minute)))

        assert held.completed_at == at(days=2)
