"""Offline events sent later: wrong clocks, replays, and invalid events among valid ones."""

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
from progress_service.progress.ingest import MAX_CHANGES_IN_COMMAND
from tests import merge_model
from tests.builders import NOON, a_body, a_course_body, a_material_body, at, brief, wire
from tests.conftest import CallerOf, Commands, FakeClock, put_course

EVENTS = "/api/progress/events"
_ids = itertools.count()


def event(video_id: str = "intro", **given: Any) -> dict[str, Any]:
    """An offline event, observed a minute ago."""
    usual = {"event_id": f"e-{next(_ids)}", "video_id": video_id, "observed_at": wire(at(-60))}
    return {**usual, **a_body(), **given}


async def send(
    caller: httpx.AsyncClient, *events: Any, sent_at: datetime = NOON
) -> list[dict[str, Any]]:
    body = {"sent_at": wire(sent_at), "events": list(events)}
    response = await caller.post(EVENTS, json=body)
    assert response.status_code == 200, response.text
    results: list[dict[str, Any]] = response.json()["results"]
    return results


async def status(caller: httpx.AsyncClient, video_id: str = "intro") -> dict[str, Any]:
    found: dict[str, Any] = (await caller.get(f"/api/progress/video/{video_id}/status")).json()
    return found


async def stamps(database: Any) -> list[Any]:
    return [d["stored_at"] async for d in database["watch_progress"].find().sort("_id")]


# -- results -----------------------------------------------------------------------------------


async def test_event_results_are_in_request_order(ana: httpx.AsyncClient, course: Any):
    results = await send(
        ana, event(event_id="b"), event("hooks", event_id="a"), event(event_id="c")
    )

    assert results == [
        {"event_id": name, "status": "applied", "code": None, "detail": None} for name in "bac"
    ]


INVALID_EVENTS: dict[str, tuple[Any, str]] = {
    "an unknown video": (event("nowhere"), "video_not_found"),
    "a reading": (event("notes"), "video_not_found"),
    "a course without an enrolment": (event("foreign"), "not_enrolled"),
    "another duration": (event(total_duration=900), "duration_mismatch"),
    "beyond the end": (event(watch_time=601.5), "invalid"),
    "a negative position": (event(watch_time=-1), "invalid"),
    "a position as text": (event(watch_time="12"), "invalid"),
    "no position": ({"event_id": "x", "video_id": "intro", "total_duration": 600}, "invalid"),
    "no id": ({"video_id": "intro", **a_body()}, "invalid"),
    "a malformed event id": (event(event_id="a b"), "invalid"),
    "a malformed video id": (event("../intro"), "invalid"),
    "an unknown field": (event(student_id="ben"), "invalid"),
    "a time without an offset": (event(observed_at="2026-11-22T10:00:00"), "invalid"),
    "a time in words": (event(observed_at="yesterday"), "invalid"),
    "a time as a number": (event(observed_at=1_700_000_000), "invalid"),
    "an unknown kind": (event(kind="jump"), "invalid"),
    "a span reversed": (event(played=[[20, 10]]), "invalid"),
    "201 spans": (event(played=[[0, 1]] * 201), "invalid"),
    "null": (None, "invalid"),
    "text": ("event", "invalid"),
    "a list": ([], "invalid"),
    "a number": (7, "invalid"),
    "an empty object": ({}, "invalid"),
    "nested deep": ({"event_id": json.loads("[" * 150 + "]" * 150)}, "invalid"),
    "a query": ({**event(), "video_id": {"$ne": ""}}, "invalid"),
}


@pytest.mark.parametrize(("invalid", "code"), INVALID_EVENTS.values(), ids=INVALID_EVENTS.keys())
async def test_invalid_event_is_rejected_and_blocks_no_other(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any, invalid: Any, code: str
):
    await put_course(service, "vue", a_course_body(a_material_body("foreign")), students=())

    before, rejected, after = await send(ana, event(watch_time=50), invalid, event("hooks"))

    assert (before["status"], after["status"]) == ("applied", "applied")
    assert (rejected["status"], rejected["code"]) == ("rejected", code)
    assert rejected["detail"]
    assert rejected["retry"] is (code in {"video_not_found", "not_enrolled"})
    assert (await status(ana))["watch_time"] == 50
    assert (await status(ana, "hooks"))["watch_time"] == 125.5


async def test_event_for_a_missing_course_or_enrolment_is_applied_on_retry(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    enrollment = "/api/catalog/courses/react/enrollments/ana"
    late = event(watch_time=50, played=[[0, 50]])
    await service.delete(enrollment)
    [lapsed] = await send(ana, late)
    await service.delete("/api/catalog/courses/react")
    [removed] = await send(ana, late)
    await put_course(service, "react", course)

    [applied] = await send(ana, late)

    assert (lapsed["code"], lapsed["retry"]) == ("not_enrolled", True)
    assert (removed["code"], removed["retry"]) == ("video_not_found", True)
    assert applied == {
        "event_id": late["event_id"],
        "status": "applied",
        "code": None,
        "detail": None,
    }
    assert (await status(ana))["watched_spans"] == [[0, 50]]


async def test_event_with_an_earlier_duration_is_applied(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await put_course(service, "react", a_course_body(a_material_body(duration_seconds=300)))

    [result] = await send(ana, event(watch_time=200, played=[[0, 100], [200, 400]]))

    assert result["status"] == "applied"
    assert (await status(ana))["watched_spans"] == [[0, 100], [200, 300]]


async def test_batch_of_invalid_events_succeeds(ana: httpx.AsyncClient):
    results = await send(ana, None, event("nowhere"))

    assert [result["status"] for result in results] == ["rejected", "rejected"]


INVALID_BATCHES: dict[str, Any] = {
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
    "an unknown field": {"sent_at": wire(NOON), "events": [event()], "student_id": "ben"},
}


@pytest.mark.parametrize("body", INVALID_BATCHES.values(), ids=INVALID_BATCHES.keys())
async def test_invalid_batch_is_rejected_completely(
    ana: httpx.AsyncClient, course: Any, database: Any, body: Any
):
    response = await ana.post(EVENTS, json=body)

    assert response.status_code == 422
    assert response.json()["errors"]
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
async def test_malformed_batch_body_is_rejected(ana: httpx.AsyncClient, raw: bytes):
    response = await ana.post(EVENTS, content=raw, headers={"Content-Type": "application/json"})

    assert response.status_code == 422


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 4_000])
async def test_event_with_an_invalid_number_is_rejected_alone(
    ana: httpx.AsyncClient, course: Any, number: str
):
    valid = json.dumps(event("hooks"))
    invalid = json.dumps(event(watch_time=-4_711)).replace("-4711", number)
    raw = f'{{"sent_at": "{wire(NOON)}", "events": [{invalid}, {valid}]}}'

    response = await ana.post(EVENTS, content=raw, headers={"Content-Type": "application/json"})

    assert response.status_code == 200, response.text
    assert [r["status"] for r in response.json()["results"]] == ["rejected", "applied"]


@pytest.mark.parametrize(
    "invalid",
    [
        '{"event_id": "\\ud800"}',
        '{"event_id": "e", "played": [' + "9" * 5_000 + "]}",
        '{"event_id": "e", "played": ' + "[" * 300 + "]" * 300 + "}",
        "9" * 5_000,
    ],
    ids=brief,
)
async def test_event_that_a_strict_parser_cannot_read_is_rejected_alone(
    ana: httpx.AsyncClient, course: Any, invalid: str
):
    valid = json.dumps(event("hooks"))
    raw = f'{{"sent_at": "{wire(NOON)}", "events": [{invalid}, {valid}]}}'

    response = await ana.post(EVENTS, content=raw, headers={"Content-Type": "application/json"})

    assert response.status_code == 200, response.text
    assert [r["status"] for r in response.json()["results"]] == ["rejected", "applied"]


async def test_batch_above_one_mebibyte_is_rejected(ana: httpx.AsyncClient):
    padding = [event(played=[[n, n + 0.123456789] for n in range(200)]) for _ in range(300)]

    response = await ana.post(EVENTS, json={"sent_at": wire(NOON), "events": padding})

    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("role", ["teacher", "service"])
async def test_events_require_the_student_role(caller: CallerOf, role: Any):
    response = await caller("tom", role).post(EVENTS, json={"sent_at": wire(NOON), "events": [{}]})

    assert response.status_code == 403


# -- storage, cursors and rate limits ----------------------------------------------------------


async def test_batch_of_500_events_takes_few_bulk_writes(
    commands: Commands, ana: httpx.AsyncClient, course: Any, database: Any
):
    await send(ana, event())  # so that the catalogue is cached
    events = [event(("intro", "hooks")[n % 2], watch_time=n / 2) for n in range(500)]

    # A change event of the course may have invalidated the catalogue cache; then it is read again.
    with (
        commands.counted(database.name) as in_all,
        commands.counted(database.name, WATCH_PROGRESS) as sent,
    ):
        results = await send(ana, *events)

    assert {result["status"] for result in results} == {"applied"}
    assert (sent.count("update"), sent.count("find")) == (500 // MAX_CHANGES_IN_COMMAND, 1)
    assert in_all.count("find") <= 3, in_all


async def test_batch_cursor_excludes_its_own_events(ana: httpx.AsyncClient, course: Any):
    body = {"sent_at": wire(NOON), "events": [event(), event("hooks")]}
    cursor = (await ana.post(EVENTS, json=body)).json()["cursor"]

    response = (await ana.get("/api/progress/changes", params={"since": cursor})).json()

    assert response["changes"] == []


async def test_batch_cursor_includes_changes_of_another_device(ana: httpx.AsyncClient, course: Any):
    """The phone sends an old position of a video that has moved on since."""
    await ana.post("/api/progress/video/intro/watch-time", json=a_body(watch_time=300))
    stale = event("intro", watch_time=20, observed_at=wire(at(-3_600)), device_id="phone")
    body = {"sent_at": wire(NOON), "events": [stale, event("hooks")]}
    cursor = (await ana.post(EVENTS, json=body)).json()["cursor"]

    response = (await ana.get("/api/progress/changes", params={"since": cursor})).json()

    assert [(c["videoId"], c["watchTime"]) for c in response["changes"]] == [("intro", 300)]


async def test_events_with_many_spans_are_stored_in_time(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    """6 000 fragments of a day-long video cover 0.4 s of every 11 s, which is less than half."""
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
    stored = await status(ana, "day")
    assert (stored["watched_seconds"], stored["watched_spans"]) == (0, [])


@pytest.mark.settings(watch_time_rate="1/hour", read_rate="3/hour", events_rate="8/hour")
async def test_events_have_their_own_rate_limit(ana: httpx.AsyncClient, course: Any):
    await ana.post("/api/progress/video/intro/watch-time", json=a_body())
    body = {"sent_at": wire(NOON), "events": [event(), event(watch_time=2), event(watch_time=3)]}
    fewer = {**body, "events": body["events"][:2]}

    responses = [await ana.post(EVENTS, json=one) for one in (body, body, body, fewer, fewer)]

    assert [response.status_code for response in responses] == [200, 200, 429, 200, 429]
    # The limit recovers one event in 450 s.
    assert 1 <= int(responses[2].headers["retry-after"]) <= 450
    assert (await ana.get("/api/progress/video/intro/status")).status_code == 200


@pytest.mark.settings(events_rate="100/hour")
async def test_batch_larger_than_the_burst_is_accepted_when_the_limit_is_unused(
    ana: httpx.AsyncClient, course: Any
):
    body = {"sent_at": wire(NOON), "events": [event(watch_time=n) for n in range(150)]}

    responses = [await ana.post(EVENTS, json=body) for _ in range(2)]

    assert [response.status_code for response in responses] == [200, 429]


@pytest.mark.settings(read_rate="3/hour")
@pytest.mark.parametrize("body", ["{", '{"sent_at": 1, "events": []}', "[]"])
async def test_invalid_batches_count_toward_the_read_rate(ana: httpx.AsyncClient, body: str):
    headers = {"content-type": "application/json"}

    responses = [await ana.post(EVENTS, content=body, headers=headers) for _ in range(4)]

    assert [response.status_code for response in responses] == [422, 422, 422, 429]


async def test_completion_by_events_updates_the_course(ana: httpx.AsyncClient, course: Any):
    await send(ana, event(watch_time=600), event("hooks", watch_time=480))

    progress = (await ana.get("/api/progress/course/react")).json()["progress"]

    assert progress["materials"]["completed_ids"] == ["intro", "hooks"]
    assert progress["overall_progress"] == 66.67


# -- clocks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [-24_000, -1, 1, 24_000])
async def test_wrong_clock_is_corrected(ana: httpx.AsyncClient, course: Any, hours: int):
    wrong = timedelta(hours=hours)

    await send(ana, event(observed_at=wire(at(-600) + wrong)), sent_at=NOON + wrong)

    assert (await status(ana))["last_watched"] == wire(at(-600))


@pytest.mark.parametrize("seconds", [-5, -3.2, 0, 0.7, 5])
async def test_clock_offset_up_to_five_seconds_is_not_corrected(
    ana: httpx.AsyncClient, course: Any, seconds: float
):
    await send(ana, event(observed_at=wire(at(-600))), sent_at=at(seconds))

    assert (await status(ana))["last_watched"] == wire(at(-600))


@pytest.mark.parametrize("seconds", [-5.001, 5.001, 6])
async def test_clock_offset_beyond_five_seconds_is_corrected(
    ana: httpx.AsyncClient, course: Any, seconds: float
):
    await send(ana, event(observed_at=wire(at(-600 + seconds))), sent_at=at(seconds))

    corrected = datetime.fromisoformat((await status(ana))["last_watched"])
    assert at(-601) <= corrected <= at(-600)


@pytest.mark.parametrize("observed", [at(6), at(3_600), at(days=300_000)], ids=str)
async def test_observed_at_in_the_future_becomes_now(
    ana: httpx.AsyncClient, course: Any, observed: datetime
):
    await send(ana, event(observed_at=wire(observed)))

    assert (await status(ana))["last_watched"] == wire(NOON)


@pytest.mark.parametrize("sent_at", [at(days=-700_000), at(days=2_900_000)], ids=str)
@pytest.mark.parametrize("observed", [at(days=-700_000), at(days=2_900_000)], ids=str)
async def test_timestamps_at_the_ends_of_the_calendar_are_applied(
    ana: httpx.AsyncClient, course: Any, sent_at: datetime, observed: datetime
):
    [result] = await send(ana, event(observed_at=wire(observed)), sent_at=sent_at)

    assert result["status"] == "applied"
    last = (await status(ana))["last_watched"]
    assert last is None or datetime.fromisoformat(last) <= NOON
    if observed < NOON < sent_at:  # impossible for a device with a working clock
        assert last == wire(NOON)


async def test_observed_at_defaults_to_sent_at(ana: httpx.AsyncClient, course: Any):
    one = event()
    del one["observed_at"]

    await send(ana, one, sent_at=at(hours=7))

    assert (await status(ana))["last_watched"] == wire(NOON)


# -- replays -----------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong_seconds", [0, 3_600, -3_600, 86_400 * 365, -7.5])
async def test_batch_sent_twice_changes_nothing(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock, database: Any, wrong_seconds: float
):
    """Also with a wrong clock, when the second attempt takes a little longer in transit."""
    wrong = timedelta(seconds=wrong_seconds)
    events = [
        event(watch_time=100 + n, device_id="phone", observed_at=wire(at(-600 + n) + wrong))
        for n in range(5)
    ]
    clock.advance(0.2)
    await send(ana, *events, sent_at=NOON + wrong)
    once, stamped = await status(ana), await stamps(database)

    clock.advance(30.04)  # half a minute later, and 40 ms longer in transit
    await send(ana, *reversed(events), sent_at=at(30) + wrong)

    assert await status(ana) == once
    assert await stamps(database) == stamped


async def test_batch_from_the_future_sent_twice_changes_nothing(
    ana: httpx.AsyncClient, course: Any, clock: FakeClock, database: Any
):
    one = event(observed_at=wire(at(60)))
    await send(ana, one, sent_at=at(1))
    once, stamped = await status(ana), await stamps(database)

    clock.advance(0.5)
    await send(ana, one, sent_at=at(1))

    assert await status(ana) == once
    assert await stamps(database) == stamped


async def test_batch_with_uncorrectable_times_sent_twice_changes_nothing(
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


async def test_observed_at_after_sent_at_is_never_in_the_future(
    ana: httpx.AsyncClient, course: Any
):
    wrong = timedelta(hours=1)

    await send(ana, event(observed_at=wire(at(3) + wrong)), sent_at=NOON + wrong)

    assert (await status(ana))["last_watched"] == wire(NOON)


async def test_report_sent_again_as_an_event_changes_nothing(
    ana: httpx.AsyncClient, course: Any, database: Any
):
    report = a_body(observed_at=wire(at(-60)), device_id="phone", played=[[0, 60]])
    await ana.post("/api/progress/video/intro/watch-time", json=report)
    stamped = await stamps(database)

    await send(ana, {"event_id": "e", "video_id": "intro", **report})

    assert await stamps(database) == stamped


# -- events over 90 days old -------------------------------------------------------------------


async def test_event_over_90_days_old_adds_spans_but_not_its_position(
    ana: httpx.AsyncClient, course: Any
):
    old = event(
        watch_time=600,
        device_id="phone",
        played=[[0, 600]],
        observed_at=wire(at(days=-90, seconds=-1)),
    )

    [result] = await send(ana, old)

    stored = await status(ana)
    assert result["status"] == "applied"
    assert (stored["watch_time"], stored["last_watched"]) == (0, None)
    assert (stored["watched_seconds"], stored["completed"]) == (600, True)


async def test_event_exactly_90_days_old_sets_the_position(ana: httpx.AsyncClient, course: Any):
    await send(ana, event(observed_at=wire(at(days=-90))))

    assert (await status(ana))["watch_time"] == 125.5


async def test_event_age_is_computed_after_clock_correction(ana: httpx.AsyncClient, course: Any):
    wrong = timedelta(days=-200)

    await send(ana, event(observed_at=wire(at(-60) + wrong)), sent_at=NOON + wrong)

    assert (await status(ana))["watch_time"] == 125.5


# -- merge model -------------------------------------------------------------------------------

DEVICES = {"phone": 3_600, "tablet": -90_000, "laptop": 0}
"""Device id → clock offset in seconds."""

offline_reports = st.builds(
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
    """The event as the device queued it, by its own clock."""
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
@given(reports=st.lists(offline_reports, min_size=1, max_size=12), seed=st.integers(0, 2**32))
async def test_events_of_three_devices_with_wrong_clocks_match_the_merge_model(
    ana: httpx.AsyncClient, course: Any, database: Any, reports: list[Report], seed: int
):
    """In any order and any batches, and sent any number of times."""
    rng = random.Random(seed)
    await database["watch_progress"].delete_many({})
    queue = [*reports, *(report for report in reports if rng.random() < 0.5)]
    rng.shuffle(queue)
    while queue:
        size = rng.randint(1, 6)
        batch, queue = queue[:size], queue[size:]
        for device_id, wrong_seconds in DEVICES.items():
            if events := [as_event(r) for r in batch if r.device_id == device_id]:
                await send(ana, *events, sent_at=NOON + timedelta(seconds=wrong_seconds))

    stored, expected = await status(ana), merge_model.expected(reports)

    assert expected.place is not None
    position, duration, percent, observed_at = expected.place
    assert stored == {
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
