"""Kept reports, handed in later: wrong clocks, repeats, nonsense among sense."""

from __future__ import annotations

import itertools
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progress_service.domain.progress import Report
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.progress.service import MAX_CHANGES_AT_ONCE
from tests import model
from tests.builders import NOON, a_body, a_course_body, a_material_body, at, brief, wire
from tests.conftest import CallerOf, Commands, FakeClock, put_course

EVENTS = "/api/progress/events"
_ids = itertools.count()


def event(video_id: str = "intro", **given: Any) -> dict[str, Any]:
    """A kept report, seen a minute ago."""
    usual = {"event_id": f"e-{next(_ids)}", "video_id": video_id, "observed_at": wire(at(-60))}
    return {**usual, **a_body(), **given}


async def send(
    caller: httpx.AsyncClient, *events: Any, sent_at: datetime = NOON
) -> list[dict[str, Any]]:
    body = {"sent_at": wire(sent_at), "events": list(events)}
    answer = await caller.post(EVENTS, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


async def status(caller: httpx.AsyncClient, video_id: str = "intro") -> dict[str, Any]:
    return (await caller.get(f"/api/progress/video/{video_id}/status")).json()


async def stamps(database: Any) -> list[Any]:
    return [d["stored_at"] async for d in database["watch_progress"].find().sort("_id")]


# -- answers -----------------------------------------------------------------------------------


async def test_each_event_is_answered_in_order(ana: httpx.AsyncClient, course: Any):
    results = await send(
        ana, event(event_id="b"), event("hooks", event_id="a"), event(event_id="c")
    )

    assert results == [
        {"event_id": name, "status": "applied", "code": None, "detail": None} for name in "bac"
    ]


BAD_EVENTS: dict[str, tuple[Any, str]] = {
    "an unknown video": (event("nowhere"), "video_not_found"),
    "a reading": (event("notes"), "video_not_found"),
    "a course of others": (event("foreign"), "not_enrolled"),
    "another length": (event(total_duration=900), "duration_mismatch"),
    "beyond the end": (event(watch_time=601.5), "invalid"),
    "a negative place": (event(watch_time=-1), "invalid"),
    "a place in letters": (event(watch_time="12"), "invalid"),
    "no place": ({"event_id": "x", "video_id": "intro", "total_duration": 600}, "invalid"),
    "no id": ({"video_id": "intro", **a_body()}, "invalid"),
    "an id that is none": (event(event_id="a b"), "invalid"),
    "a video that is no id": (event("../intro"), "invalid"),
    "a field nobody knows": (event(student_id="ben"), "invalid"),
    "a time without an offset": (event(observed_at="2026-11-22T10:00:00"), "invalid"),
    "a time in words": (event(observed_at="yesterday"), "invalid"),
    "a time as a number": (event(observed_at=1_700_000_000), "invalid"),
    "a kind nobody knows": (event(kind="jump"), "invalid"),
    "a span reversed": (event(played=[[20, 10]]), "invalid"),
    "201 spans": (event(played=[[0, 1]] * 201), "invalid"),
    "null": (None, "invalid"),
    "text": ("event", "invalid"),
    "a list": ([], "invalid"),
    "a number": (7, "invalid"),
    "an empty object": ({}, "invalid"),
    "nested deep": ({"event_id": json.loads("[" * 150 + "]" * 150)}, "invalid"),
    "a query": (event(video_id={"$ne": ""}), "invalid"),
}


@pytest.mark.parametrize(("bad", "code"), BAD_EVENTS.values(), ids=BAD_EVENTS.keys())
async def test_a_bad_event_is_rejected_and_blocks_no_other(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any, bad: Any, code: str
):
    await put_course(service, "vue", a_course_body(a_material_body("foreign")), students=())

    before, rejected, after = await send(ana, event(watch_time=50), bad, event("hooks"))

    assert (before["status"], after["status"]) == ("applied", "applied")
    assert (rejected["status"], rejected["code"]) == ("rejected", code)
    assert rejected["detail"]
    assert rejected["retry"] is (code in {"video_not_found", "not_enrolled"})
    assert (await status(ana))["watch_time"] == 50
    assert (await status(ana, "hooks"))["watch_time"] == 125.5


async def test_event_for_a_course_or_an_enrolment_that_is_away_is_applied_later(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    enrollment = "/api/catalog/courses/react/enrollments/ana"
    seen = event(watch_time=50, played=[[0, 50]])
    await service.delete(enrollment)
    [lapsed] = await send(ana, seen)
    await service.delete("/api/catalog/courses/react")
    [removed] = await send(ana, seen)
    await put_course(service, "react", course)

    [applied] = await send(ana, seen)

    assert (lapsed["code"], lapsed["retry"]) == ("not_enrolled", True)
    assert (removed["code"], removed["retry"]) == ("video_not_found", True)
    assert applied == {
        "event_id": seen["event_id"],
        "status": "applied",
        "code": None,
        "detail": None,
    }
    assert (await status(ana))["watched_spans"] == [[0, 50]]


async def test_event_with_a_length_that_changed_since_is_applied(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await put_course(service, "react", a_course_body(a_material_body(duration_seconds=300)))

    [result] = await send(ana, event(watch_time=200, played=[[0, 100], [200, 400]]))

    assert result["status"] == "applied"
    assert (await status(ana))["watched_spans"] == [[0, 100], [200, 300]]


async def test_a_batch_of_nothing_but_nonsense_is_answered_too(ana: httpx.AsyncClient):
    results = await send(ana, None, event("nowhere"))

    assert [result["status"] for result in results] == ["rejected", "rejected"]


NO_BATCHES: dict[str, Any] = {
    "null": None,
    "a list": [],
    "no events": {"sent_at": wire(NOON)},
    "empty events": {"sent_at": wire(NOON), "events": []},
    "events in an object": {"sent_at": wire(NOON), "events": {}},
    "501 events": {"sent_at": wire(NOON), "events": [event()] * 501},
    "no sent_at": {"events": [event()]},
    "sent_at null": {"sent_at": None, "events": [event()]},
    "sent_at a number": {"sent_at": 1_700_000_000, "events": [event()]},
    "sent_at without an offset": {"sent_at": "2026-11-22T10:00:00", "events": [event()]},
    "sent_at beyond the calendar": {"sent_at": "9999-12-31T23:59:59-23:59", "events": [event()]},
    "a field nobody knows": {"sent_at": wire(NOON), "events": [event()], "student_id": "ben"},
}


@pytest.mark.parametrize("body", NO_BATCHES.values(), ids=NO_BATCHES.keys())
async def test_a_batch_that_is_none_is_refused_whole(
    ana: httpx.AsyncClient, course: Any, database: Any, body: Any
):
    answer = await ana.post(EVENTS, json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert await database["watch_progress"].count_documents({}) == 0


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense",
        b"[" * 10_000,
        b'{"sent_at": "2026-11-22T12:00:00Z", "events": [' + b"[" * 10_000 + b"]" * 10_000 + b"]}",
        b"\xff\xfe",
    ],
    ids=brief,
)
async def test_hostile_bodies_are_refused(ana: httpx.AsyncClient, raw: bytes):
    answer = await ana.post(EVENTS, content=raw, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 4_000])
async def test_numbers_that_are_none_reject_their_event_alone(
    ana: httpx.AsyncClient, course: Any, number: str
):
    good = json.dumps(event("hooks"))
    bad = json.dumps(event(watch_time=-4_711)).replace("-4711", number)
    raw = f'{{"sent_at": "{wire(NOON)}", "events": [{bad}, {good}]}}'

    answer = await ana.post(EVENTS, content=raw, headers={"Content-Type": "application/json"})

    assert answer.status_code == 200, answer.text
    assert [r["status"] for r in answer.json()["results"]] == ["rejected", "applied"]


@pytest.mark.parametrize(
    "bad",
    [
        '{"event_id": "\\ud800"}',
        '{"event_id": "e", "played": [' + "9" * 5_000 + "]}",
        '{"event_id": "e", "played": ' + "[" * 300 + "]" * 300 + "}",
        "9" * 5_000,
    ],
    ids=brief,
)
async def test_what_no_strict_parser_takes_rejects_its_event_alone(
    ana: httpx.AsyncClient, course: Any, bad: str
):
    good = json.dumps(event("hooks"))
    raw = f'{{"sent_at": "{wire(NOON)}", "events": [{bad}, {good}]}}'

    answer = await ana.post(EVENTS, content=raw, headers={"Content-Type": "application/json"})

    assert answer.status_code == 200, answer.text
    assert [r["status"] for r in answer.json()["results"]] == ["rejected", "applied"]


async def test_above_a_mebibyte_is_refused(ana: httpx.AsyncClient):
    padding = [event(played=[[n, n + 0.123456789] for n in range(200)]) for _ in range(300)]

    answer = await ana.post(EVENTS, json={"sent_at": wire(NOON), "events": padding})

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("role", ["teacher", "service"])
async def test_events_are_for_students(caller: CallerOf, role: Any):
    answer = await caller("tom", role).post(EVENTS, json={"sent_at": wire(NOON), "events": [{}]})

    assert answer.status_code == 403


# -- how it is written -------------------------------------------------------------------------


async def test_five_hundred_events_are_few_bulk_writes(
    commands: Commands, ana: httpx.AsyncClient, course: Any, database: Any
):
    await send(ana, event())  # so that the catalogue is remembered
    events = [event(("intro", "hooks")[n % 2], watch_time=n / 2) for n in range(500)]

    # News of the course may just have made the service forget the catalogue: that is asked apart.
    with (
        commands.counted(database.name) as in_all,
        commands.counted(database.name, WATCH_PROGRESS) as sent,
    ):
        results = await send(ana, *events)

    assert {result["status"] for result in results} == {"applied"}
    assert (sent.count("update"), sent.count("find")) == (500 // MAX_CHANGES_AT_ONCE, 1)
    assert in_all.count("find") <= 3, in_all


async def test_the_cursor_goes_on_after_the_batch(ana: httpx.AsyncClient, course: Any):
    body = {"sent_at": wire(NOON), "events": [event(), event("hooks")]}
    cursor = (await ana.post(EVENTS, json=body)).json()["cursor"]

    answer = (await ana.get("/api/progress/changes", params={"since": cursor})).json()

    assert answer["changes"] == []


async def test_the_cursor_hides_nothing_that_another_device_did(
    ana: httpx.AsyncClient, course: Any
):
    """The phone hands in an old place of a video that is further on since."""
    await ana.post("/api/progress/video/intro/watch-time", json=a_body(watch_time=300))
    stale = event("intro", watch_time=20, observed_at=wire(at(-3_600)), device_id="phone")
    body = {"sent_at": wire(NOON), "events": [stale, event("hooks")]}
    cursor = (await ana.post(EVENTS, json=body)).json()["cursor"]

    answer = (await ana.get("/api/progress/changes", params={"since": cursor})).json()

    assert [(c["videoId"], c["watchTime"]) for c in answer["changes"]] == [("intro", 300)]


async def test_many_events_with_many_spans_are_stored_in_time(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    """Six thousand fragments of a day-long video, which are 0.4 of each 11 s: less than half."""
    await put_course(
        service, "long", a_course_body(a_material_body("day", duration_seconds=86_400))
    )
    events = [
        event(
            "day",
            total_duration=86_400,
            played=[[n + 11 * m, n + 11 * m + 0.4] for m in range(200)],
        )
        for n in range(0, 66_000, 2_200)
    ]

    results = await send(ana, *events)

    assert {result["status"] for result in results} == {"applied"}
    held = await status(ana, "day")
    assert (held["watched_seconds"], held["watched_spans"]) == (0, [])


@pytest.mark.settings(watch_time_rate="1/hour", read_rate="3/hour", events_rate="8/hour")
async def test_events_have_an_allowance_of_their_own(ana: httpx.AsyncClient, course: Any):
    await ana.post("/api/progress/video/intro/watch-time", json=a_body())
    body = {"sent_at": wire(NOON), "events": [event(), event(watch_time=2), event(watch_time=3)]}
    fewer = {**body, "events": body["events"][:2]}

    answers = [await ana.post(EVENTS, json=one) for one in (body, body, body, fewer, fewer)]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 200, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 450  # one event comes back in 450 s
    assert (await ana.get("/api/progress/video/intro/status")).status_code == 200


@pytest.mark.settings(events_rate="100/hour")
async def test_a_batch_larger_than_the_burst_is_taken_when_nothing_is_used(
    ana: httpx.AsyncClient, course: Any
):
    body = {"sent_at": wire(NOON), "events": [event(watch_time=n) for n in range(150)]}

    answers = [await ana.post(EVENTS, json=body) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]


@pytest.mark.settings(read_rate="3/hour")
@pytest.mark.parametrize("body", ["{", '{"sent_at": 1, "events": []}', "[]"])
async def test_batches_that_make_no_sense_count_as_calls(ana: httpx.AsyncClient, body: str):
    headers = {"content-type": "application/json"}

    answers = [await ana.post(EVENTS, content=body, headers=headers) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 429]


async def test_a_completion_from_events_moves_the_course(ana: httpx.AsyncClient, course: Any):
    await send(ana, event(watch_time=600), event("hooks", watch_time=480))

    progress = (await ana.get("/api/progress/course/react")).json()["progress"]

    assert progress["materials"]["completed_ids"] == ["intro", "hooks"]
    assert progress["overall_progress"] == 66.67


# -- clocks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [-24_000, -1, 1, 24_000])
async def test_a_wrong_clock_is_mended(ana: httpx.AsyncClient, course: Any, hours: int):
    wrong = timedelta(hours=hours)

    await send(ana, event(observed_at=wire(at(-600) + wrong)), sent_at=NOON + wrong)

    assert (await status(ana))["last_watched"] == wire(at(-600))


@pytest.mark.parametrize("seconds", [-5, -3.2, 0, 0.7, 5])
async def test_ordinary_drift_is_left_alone(ana: httpx.AsyncClient, course: Any, seconds: float):
    await send(ana, event(observed_at=wire(at(-600))), sent_at=at(seconds))

    assert (await status(ana))["last_watched"] == wire(at(-600))


@pytest.mark.parametrize("seconds", [-5.001, 5.001, 6])
async def test_beyond_five_seconds_a_clock_is_mended(
    ana: httpx.AsyncClient, course: Any, seconds: float
):
    await send(ana, event(observed_at=wire(at(-600 + seconds))), sent_at=at(seconds))

    mended = datetime.fromisoformat((await status(ana))["last_watched"])
    assert at(-601) <= mended <= at(-600)


@pytest.mark.parametrize("observed", [at(6), at(3_600), at(days=300_000)], ids=str)
async def test_nothing_is_ever_in_the_future(
    ana: httpx.AsyncClient, course: Any, observed: datetime
):
    await send(ana, event(observed_at=wire(observed)))

    assert (await status(ana))["last_watched"] == wire(NOON)


@pytest.mark.parametrize("sent_at", [at(days=-700_000), at(days=2_900_000)], ids=str)
@pytest.mark.parametrize("observed", [at(days=-700_000), at(days=2_900_000)], ids=str)
async def test_the_ends_of_the_calendar_break_nothing(
    ana: httpx.AsyncClient, course: Any, sent_at: datetime, observed: datetime
):
    [result] = await send(ana, event(observed_at=wire(observed)), sent_at=sent_at)

    assert result["status"] == "applied"
    last = (await status(ana))["last_watched"]
    assert last is None or datetime.fromisoformat(last) <= NOON
    if observed < NOON < sent_at:  # no time that a device with a clock can have seen
        assert last == wire(NOON)


async def test_a_missing_time_is_the_moment_of_sending(ana: httpx.AsyncClient, course: Any):
    one = event()
    del one["observed_at"]

    await send(ana, one, sent_at=at(hours=7))

    assert (await status(ana))["last_watched"] == wire(NOON)


# -- twice -------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong_seconds", [0, 3_600, -3_600, 86_400 * 365, -7.5])
async def test_a_batch_sent_twice_changes_nothing(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock, database: Any, wrong_seconds: float
):
    """Also by a wrong clock, when the second attempt takes a little longer on its way."""
    wrong = timedelta(seconds=wrong_seconds)
    events = [
        event(watch_time=100 + n, device_id="phone", observed_at=wire(at(-600 + n) + wrong))
        for n in range(5)
    ]
    clock.advance(0.2)
    await send(ana, *events, sent_at=NOON + wrong)
    once, stamped = await status(ana), await stamps(database)

    clock.advance(30.04)  # half a minute later, and 40 ms longer under way
    await send(ana, *reversed(events), sent_at=at(30) + wrong)

    assert await status(ana) == once
    assert await stamps(database) == stamped


async def test_a_batch_from_the_future_sent_twice_changes_nothing(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock, database: Any
):
    one = event(observed_at=wire(at(60)))
    await send(ana, one, sent_at=at(1))
    once, stamped = await status(ana), await stamps(database)

    clock.advance(0.5)
    await send(ana, one, sent_at=at(1))

    assert await status(ana) == once
    assert await stamps(database) == stamped


async def test_a_time_that_no_calendar_can_correct_is_that_of_the_attempt(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock, database: Any
):
    one = event(observed_at="1970-01-01T00:00:00Z")
    sent_at = datetime(9999, 12, 31, tzinfo=UTC)
    clock.advance(0.2)
    await send(ana, one, sent_at=sent_at)
    once, stamped = await status(ana), await stamps(database)

    clock.advance(0.5)
    await send(ana, one, sent_at=sent_at)

    assert once["last_watched"] == wire(NOON)
    assert await status(ana) == once
    assert await stamps(database) == stamped


async def test_a_time_after_the_sending_is_never_in_the_future(ana: httpx.AsyncClient, course: Any):
    wrong = timedelta(hours=1)

    await send(ana, event(observed_at=wire(at(3) + wrong)), sent_at=NOON + wrong)

    assert (await status(ana))["last_watched"] == wire(NOON)


async def test_what_was_reported_live_and_is_handed_in_again_changes_nothing(
    ana: httpx.AsyncClient, course: Any, database: Any
):
    report = a_body(observed_at=wire(at(-60)), device_id="phone", played=[[0, 60]])
    await ana.post("/api/progress/video/intro/watch-time", json=report)
    stamped = await stamps(database)

    await send(ana, {"event_id": "e", "video_id": "intro", **report})

    assert await stamps(database) == stamped


# -- ninety days -------------------------------------------------------------------------------


async def test_over_ninety_days_old_what_was_seen_counts_and_the_place_does_not(
    ana: httpx.AsyncClient, course: Any
):
    old = event(
        watch_time=600,
        device_id="phone",
        played=[[0, 600]],
        observed_at=wire(at(days=-90, seconds=-1)),
    )

    [result] = await send(ana, old)

    held = await status(ana)
    assert result["status"] == "applied"
    assert (held["watch_time"], held["last_watched"]) == (0, None)
    assert (held["watched_seconds"], held["completed"]) == (600, True)


async def test_exactly_ninety_days_old_the_place_counts(ana: httpx.AsyncClient, course: Any):
    await send(ana, event(observed_at=wire(at(days=-90))))

    assert (await status(ana))["watch_time"] == 125.5


async def test_age_is_judged_after_the_clock_is_mended(ana: httpx.AsyncClient, course: Any):
    wrong = timedelta(days=-200)

    await send(ana, event(observed_at=wire(at(-60) + wrong)), sent_at=NOON + wrong)

    assert (await status(ana))["watch_time"] == 125.5


# -- the law -----------------------------------------------------------------------------------

DEVICES = {"phone": 3_600, "tablet": -90_000, "laptop": 0}
"""Three devices, and by how many seconds their clocks are wrong."""

kept = st.builds(
    Report,
    position_seconds=st.integers(0, 600).map(float),
    duration_seconds=st.just(600.0),
    observed_at=st.integers(0, 86_400).map(lambda ago: NOON - timedelta(seconds=ago)),
    kind=st.sampled_from(["heartbeat", "pause", "seek", "restart", "ended", "flush"]),
    device_id=st.sampled_from(list(DEVICES)),
    session_id=st.none() | st.sampled_from(["morning", "evening"]),
    played=st.lists(
        st.tuples(st.integers(0, 500), st.integers(0, 90)).map(
            lambda span: (float(span[0]), float(span[0] + span[1]))
        ),
        max_size=4,
    ).map(tuple),
    played_seconds=st.none() | st.integers(0, 900).map(float),
)


def as_event(report: Report) -> dict[str, Any]:
    """What the device kept, by its own clock."""
    wrong = timedelta(seconds=DEVICES[report.device_id or ""])
    return {
        "event_id": f"e-{next(_ids)}",
        "video_id": "intro",
        "watch_time": report.position_seconds,
        "total_duration": report.duration_seconds,
        "observed_at": wire(report.observed_at + wrong),
        "kind": report.kind,
        "device_id": report.device_id,
        "session_id": report.session_id,
        "played": [list(span) for span in report.played],
        "played_seconds": report.played_seconds,
    }


@settings(max_examples=40)
@given(reports=st.lists(kept, min_size=1, max_size=12), seed=st.integers(0, 2**32))
async def test_three_devices_with_wrong_clocks_end_in_the_state_of_the_model(
    ana: httpx.AsyncClient, course: Any, database: Any, reports: list[Report], seed: int
):
    """Whatever the order and the grouping of their queues, and however often they are sent."""
    chance = random.Random(seed)
    await database["watch_progress"].delete_many({})
    queue = [*reports, *(report for report in reports if chance.random() < 0.5)]
    chance.shuffle(queue)
    while queue:
        size = chance.randint(1, 6)
        group, queue = queue[:size], queue[size:]
        for device_id, wrong_seconds in DEVICES.items():
            if events := [as_event(r) for r in group if r.device_id == device_id]:
                await send(ana, *events, sent_at=NOON + timedelta(seconds=wrong_seconds))

    held, expected = await status(ana), model.expected(reports)

    assert expected.place is not None
    position, duration, percent, observed_at = expected.place
    assert held == {
        "watch_time": position,
        "total_duration": duration,
        "progress_percentage": percent,
        "last_watched": wire(observed_at),
        "completed": expected.completed_at is not None,
        "completed_at": wire(expected.completed_at) if expected.completed_at else None,
        "complete_at_percent": 80,
        "watched_seconds": sum(end - start for start, end in expected.spans),
        "watched_spans": [list(span) for span in expected.spans],
    }
