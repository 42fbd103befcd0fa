"""Sessions and other fields that another program wrote break no report and no analytics."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from bson import Binary, Decimal128, Int64
from bson.datetime_ms import DatetimeMS

from progress_service.mongo.client import Database
from progress_service.mongo.schema import ENROLLMENTS, WATCH_PROGRESS
from tests.api.test_foreign_records import a_record, get, insert, read_everywhere, watch
from tests.builders import NOON, brief, wire

pytestmark = pytest.mark.settings(analytics_min_learners=1)

NAIVE = NOON.replace(tzinfo=None)


def a_session(**given: Any) -> dict[str, Any]:
    """A session of this service that played from 10 s to 20 s."""
    usual = {"observed_at": NAIVE, "played_seconds": 10.0, "spans": {"10_0": [10.0, 20.0]}}
    return {**usual, **given}


PLAYED: list[Any] = ["9", None, -5, [1], {}, True, math.inf, float("nan"), 1e300, Int64(2**62)]
PLAYED += [Decimal128("9")]
SESSIONS: list[Any] = [
    None,
    7,
    "text",
    True,
    float("nan"),
    Decimal128("1E+6000"),
    Binary(b"\x00" * 100),
    DatetimeMS(1_831_000_000_000_000),
    [],
    [1, None, "x", [], {}],
    [{"session_id": "s", "observed_at": NOON, "played_seconds": 9.0, "spans": [[0, 9]]}],
    [[[[[]]]]] * 20_000,
    {"s": 1, "t": None, "u": "x", "v": [], "w": {}},
    {"": a_session(), "$bad": a_session(), "a.b": a_session(), "s": 5},
    {"s": a_session(observed_at="yesterday")},
    {"s": a_session(observed_at=DatetimeMS(1_831_000_000_000_000))},
    *({"s": a_session(played_seconds=seconds)} for seconds in PLAYED),
    *({"s": a_session(spans=spans)} for spans in (5, "x", None, [], [[0, 9]], {"0": 5})),
    *(
        {"s": a_session(spans={"0_0": span, "10_0": [10.0, 20.0]})}
        for span in (
            *(None, [], [1], ["a", "b"], [None, 3], [3, None], [9, 4], [[0], [9]], [{}, 1]),
            *([-50.0, 5.0], [0.0, 1e300], [float("nan"), 5.0], [0.0, float("inf")], NOON, True),
            *([0, 5, 9], [Decimal128("0"), Decimal128("5")], [Int64(0), Int64(5)], "x", {"a": 1}),
        )
    ),
    {f"s{number}": a_session() for number in range(20_000)},
    {"s": a_session(spans={f"{n}_0": [float(n), n + 0.5] for n in range(0, 80_000, 2)})},
    {f"s{number}": number for number in range(100_000)},
]


async def analytics(service: httpx.AsyncClient) -> tuple[dict[str, Any], dict[str, Any]]:
    """Those of the video ``intro``, and of the course."""
    video = await get(service, "analytics/video/intro")
    return video, await get(service, "analytics/course/react")


@pytest.mark.parametrize("stamped", [True, False], ids=["stamped", "not stamped"])
@pytest.mark.parametrize("sessions", SESSIONS, ids=brief)
async def test_sessions_of_any_type_break_nothing(
    sessions: Any,
    stamped: bool,
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    course: Any,
    database: Database,
):
    stamp = {"stored_at": NOON, "furthest_percentage": 95.0} if stamped else {}
    await insert(database, a_record(sessions=sessions, **stamp))

    responses = await read_everywhere(ana)
    before, _ = await analytics(service)
    await watch(
        ana,
        watch_time=300,
        played=[[100, 200]],
        device_id="phone",
        session_id="s",
        played_seconds=99,
    )
    await watch(ana, watch_time=310, played_seconds=99, observed_at=wire(NOON))
    (await ana.post("/api/progress/material/intro/complete")).raise_for_status()
    after, whole = await analytics(service)

    assert responses["status"]["completed"] is True
    assert (before["learners"]["viewers"], before["learners"]["completed"]) == (1, 1)
    assert (after["learners"]["viewers"], after["learners"]["completed"]) == (1, 1)
    assert after["starts"] >= 1
    heat = after["curves"]["heat"]
    assert all(number >= 0 for number in heat)
    assert sum(heat[17:33]) >= 16  # What was reported since is counted.
    assert whole["learners"] == {"enrolled": 1, "started": 1, "completed": 0}


SPANS: list[Any] = [5, "x", {}, [0, 10], [["a", "b"]], [None], [[]], [[None, 3]], [[-9, 3]]]
SPANS += [[[0, 1e300]], [[float("nan"), 1]], [[Decimal128("0"), Decimal128("9")]], [[0, math.inf]]]
NUMBERS: list[Any] = ["x", [], {}, math.inf, float("nan"), -1e300, Decimal128("1E+6000"), NOON]
DATES: list[Any] = ["x", 5, [], {}, DatetimeMS(1_831_000_000_000_000), DatetimeMS(-(2**62))]
DEVICES: list[Any] = [5, "x", {}, [5], [{"furthest_time": "x"}], [[]]]
NUMBER_FIELDS = ("watch_time", "furthest_percentage", "furthest_time", "watched_seconds")
DATE_FIELDS = ("last_watched", "completed_at", "unmarked_at", "stored_at")
FIELDS: list[dict[str, Any]] = [
    *({"watched_spans": value} for value in SPANS),
    *({name: value} for name in NUMBER_FIELDS for value in NUMBERS),
    *({name: value} for name in DATE_FIELDS for value in DATES),
    *({"devices": value} for value in DEVICES),
]


@pytest.mark.parametrize("given", FIELDS, ids=brief)
async def test_any_field_of_another_type_breaks_no_analytics(
    given: dict[str, Any], service: httpx.AsyncClient, course: Any, database: Database
):
    (await service.put("/api/catalog/courses/react/enrollments/bob")).raise_for_status()
    usual = {"stored_at": NOON, "furthest_percentage": 95.0, **given}
    await insert(database, a_record(student_id="bob", **usual), a_record())

    video, whole = await analytics(service)

    assert video["learners"]["enrolled"] == 2
    assert video["learners"]["viewers"] >= 1
    assert video["learners"]["completed"] >= 1
    assert sum(each["learners"] for each in whole["progress_histogram"]) == 2
    assert whole["learners"]["started"] == video["learners"]["viewers"]


async def test_course_counts_records_of_another_program(
    service: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record(), a_record(material_id="hooks", watch_time=60.0))

    whole = await get(service, "analytics/course/react")

    assert whole["learners"]["started"] == 1
    assert [each["learners"] for each in whole["progress_histogram"]] == [0] * 6 + [1] + [0] * 3


async def test_records_of_the_version_before_are_counted(
    service: httpx.AsyncClient, course: Any, database: Database
):
    record = {
        "furthest_percentage": 50.0,
        "progress_percentage": 50.0,
        "watch_time": 300.0,
        "watched_spans": [[0.0, 300.0]],
        "watched_seconds": 300.0,
        "last_watched": datetime(2026, 11, 20, tzinfo=UTC),
        "stored_at": datetime(2026, 11, 20, tzinfo=UTC),
    }
    await insert(database, a_record(**record))

    video, _ = await analytics(service)

    assert video["learners"] == {"enrolled": 1, "viewers": 1, "completed": 0}
    assert (video["starts"], video["views"], video["watch_seconds_total"]) == (0, 0, 0)
    assert video["average_percentage_viewed"] == 50
    assert video["curves"]["retention"] == [1.0] * 50 + [0.0] * 50
    assert video["curves"]["heat"] == video["curves"]["replays"] == [0] * 100
    [stored] = await database[WATCH_PROGRESS].find({"student_id": "ana"}).to_list(None)
    assert "sessions" not in stored  # counting rewrites no record of ours


async def test_odd_enrolments_break_no_analytics(
    service: httpx.AsyncClient, course: Any, database: Database
):
    odd: list[Any] = [None, 5, "x", [], DatetimeMS(1_831_000_000_000_000)]
    await database[ENROLLMENTS].insert_many(
        [
            {"student_id": f"odd-{n}", "course_id": "react", "enrolled_at": at, "completed_at": at}
            for n, at in enumerate(odd)
        ]
    )
    await insert(database, *(a_record(student_id=f"odd-{n}") for n in range(len(odd))))

    video, whole = await analytics(service)

    assert video["learners"] == {"enrolled": 6, "viewers": 5, "completed": 5}
    assert whole["learners"]["enrolled"] == 6
