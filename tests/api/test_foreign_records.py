"""Records that another program wrote: progress like any other, and no danger to it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from bson import Decimal128, Int64, ObjectId, Timestamp
from bson.datetime_ms import DatetimeMS

from progress_service.mongo.client import Database
from progress_service.mongo.schema import COURSES, ENROLLMENTS, WATCH_PROGRESS
from tests.builders import NOON, a_body, a_course_body, a_material_body, at, brief, wire
from tests.conftest import CallerOf, put_course

SEEN_AT = datetime(2024, 10, 14, 10, 30, tzinfo=UTC)


def a_record(**given: Any) -> dict[str, Any]:
    """The seven fields, at 95 % of ten minutes."""
    usual = {
        "student_id": "ana",
        "material_id": "intro",
        "course_id": "react",
        "watch_time": 570.0,
        "total_duration": 600.0,
        "progress_percentage": 95.0,
        "last_watched": SEEN_AT,
    }
    return {name: value for name, value in {**usual, **given}.items() if value is not ...}


async def insert(database: Database, *records: dict[str, Any]) -> None:
    await database[WATCH_PROGRESS].insert_many(records)


async def get(caller: httpx.AsyncClient, path: str, **query: Any) -> Any:
    return (await caller.get(f"/api/progress/{path}", params=query)).raise_for_status().json()


async def everywhere(caller: httpx.AsyncClient) -> dict[str, Any]:
    """All that is answered about the course."""
    batch = await caller.post("/api/progress/videos/batch", json={"video_ids": ["intro", "hooks"]})
    return {
        "status": await get(caller, "video/intro/status"),
        "batch": batch.raise_for_status().json()["progress"],
        "course": (await get(caller, "course/react"))["progress"],
        "changes": (await get(caller, "changes"))["changes"],
        "resume": await get(caller, "video/intro/resume"),
        "shelf": (await get(caller, "continue-watching"))["items"],
        "mine": (await get(caller, "courses"))["courses"],
    }


async def watch(caller: httpx.AsyncClient, video_id: str = "intro", **given: Any) -> None:
    path = f"/api/progress/video/{video_id}/watch-time"
    (await caller.post(path, json=a_body(**given))).raise_for_status()


async def test_record_above_the_threshold_is_done_everywhere(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record())

    told = await everywhere(ana)

    assert told["status"]["completed"] is True
    assert told["status"]["last_watched"] == wire(SEEN_AT)
    assert told["batch"]["intro"]["completed"] is True
    assert told["course"]["videos"]["intro"]["completed"] is True
    assert told["course"]["materials"]["completed_ids"] == ["intro"]
    [course_of_hers] = told["mine"]
    assert course_of_hers["overall_progress"] == told["course"]["overall_progress"]
    assert course_of_hers["materials"] == {"total": 3, "completed": 1}
    [frame] = told["changes"]
    assert (frame["videoId"], frame["watchTime"], frame["completed"]) == ("intro", 570, True)
    assert told["resume"]["reason"] == "replay"


async def test_record_below_the_threshold_is_a_place_everywhere(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(
        database,
        a_record(watch_time=300, total_duration=600, progress_percentage=50, last_watched=NOON),
    )

    told = await everywhere(ana)

    assert told["status"]["completed"] is False
    assert told["status"]["progress_percentage"] == 50
    assert told["course"]["overall_progress"] == 16.67
    assert told["resume"]["watch_time"] == 300
    assert [card["material_id"] for card in told["shelf"]] == ["intro"]


async def test_one_old_record_and_one_report_are_both_among_the_changes(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record())
    await watch(ana, "hooks")

    answer = await get(ana, "changes")

    assert [frame["videoId"] for frame in answer["changes"]] == ["intro", "hooks"]
    assert (await get(ana, "changes", since=answer["cursor"]))["changes"] == []


async def test_later_report_keeps_what_an_old_record_reached(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record())

    await watch(ana, watch_time=60)

    status = await get(ana, "video/intro/status")
    assert (status["watch_time"], status["progress_percentage"]) == (60, 10)
    assert status["completed"] is True
    assert (await get(ana, "course/react"))["progress"]["materials"]["completed_ids"] == ["intro"]


async def test_earlier_report_does_not_move_the_place_of_an_old_record(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record(last_watched=at(-60)))

    await watch(ana, watch_time=60, observed_at=wire(at(-120)))

    assert (await get(ana, "video/intro/status"))["watch_time"] == 570


async def test_report_about_an_old_record_is_a_change(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record())
    cursor = (await get(ana, "changes"))["cursor"]

    await watch(ana, watch_time=60, played=[[0, 60]], device_id="phone", session_id="s1")

    [frame] = (await get(ana, "changes", since=cursor))["changes"]
    assert (frame["watchTime"], frame["completed"], frame["watchedSeconds"]) == (60, True, 60)


async def test_offline_events_merge_with_an_old_record(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record(watch_time=120.0, progress_percentage=20.0))
    event = {"event_id": "one", "video_id": "intro", **a_body(watch_time=200)}
    event["observed_at"] = wire(at(-30))

    answer = await ana.post("/api/progress/events", json={"sent_at": wire(NOON), "events": [event]})

    assert answer.raise_for_status().json()["results"][0]["status"] == "applied"
    assert (await get(ana, "video/intro/status"))["watch_time"] == 200


async def test_old_record_can_be_marked_and_unmarked(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record())
    path = "/api/progress/material/intro/complete"

    (await ana.delete(path)).raise_for_status()
    assert (await get(ana, "video/intro/status"))["completed"] is False

    (await ana.post(path)).raise_for_status()
    assert (await get(ana, "video/intro/status"))["completed"] is True


NUMBERS = {
    "int": 570,
    "long": Int64(570),
    "double": 570.0,
    "decimal": Decimal128("570"),
    "text": "570",
    "text with a fraction": " 570.0 ",
}


@pytest.mark.parametrize("kind", NUMBERS)
async def test_numbers_of_any_type_are_read(
    kind: str, ana: httpx.AsyncClient, course: Any, database: Database
):
    value = NUMBERS[kind]
    length = type(value)("600") if isinstance(value, Decimal128) else 600
    record = a_record(watch_time=value, total_duration=length, progress_percentage="95")
    await insert(database, record)

    told = await everywhere(ana)

    assert told["status"]["watch_time"] == 570
    assert told["status"]["completed"] is True
    assert told["changes"][0]["progressPercentage"] == 95
    await watch(ana, watch_time=60)
    assert (await get(ana, "video/intro/status"))["completed"] is True


SECONDS = int(SEEN_AT.timestamp())
DATES = {
    "date": SEEN_AT,
    "ISO text": "2024-10-14T10:30:00Z",
    "ISO text with an offset": "2024-10-14T12:30:00+02:00",
    "ISO text without a zone": "2024-10-14T10:30:00",
    "ISO text with milliseconds": "2024-10-14T10:30:00.000Z",
    "mail text": "Mon, 14 Oct 2024 10:30:00 GMT",
    "seconds": SECONDS,
    "seconds as a double": float(SECONDS),
    "seconds as text": str(SECONDS),
    "milliseconds": Int64(SECONDS * 1_000),
    "milliseconds as a double": SECONDS * 1_000.0,
    "milliseconds as a decimal": Decimal128(str(SECONDS * 1_000)),
    "timestamp": Timestamp(SECONDS, 1),
}
UNKNOWN_DATES = {
    "null": None,
    "missing": ...,
    "no date": "yesterday",
    "a number that is none": float("nan"),
    "endless": float("inf"),
    "below all": -1e300,
    "year 60000": DatetimeMS(1_831_000_000_000_000),
    "year 1": "0001-01-01T00:00:00+23:00",
    "a document": {"at": 1},
    "1970": 0,
    "2099": datetime(2099, 1, 1, tzinfo=UTC),
}


@pytest.mark.parametrize("kind", DATES)
async def test_dates_of_any_type_are_read(
    kind: str, ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record(last_watched=DATES[kind]))

    told = await everywhere(ana)

    assert told["status"]["last_watched"] == wire(SEEN_AT)
    assert told["changes"][0]["lastWatched"] == wire(SEEN_AT)


@pytest.mark.parametrize("kind", UNKNOWN_DATES)
async def test_a_date_that_cannot_be_known_leaves_the_place(
    kind: str, ana: httpx.AsyncClient, course: Any, database: Database
):
    place = {"watch_time": 300.0, "progress_percentage": 50.0}
    await insert(database, a_record(last_watched=UNKNOWN_DATES[kind], **place))

    told = await everywhere(ana)

    assert (told["status"]["watch_time"], told["status"]["last_watched"]) == (300, None)
    assert told["resume"]["watch_time"] == 300
    assert 270 <= told["resume"]["resume_at"] <= 300
    assert [card["material_id"] for card in told["shelf"]] == ["intro"]
    await watch(ana, watch_time=60)
    assert (await get(ana, "video/intro/status"))["watch_time"] == 60


MISSING = [
    {"progress_percentage": ...},
    {"watch_time": ...},
    {"total_duration": ...},
    {"course_id": ...},
    {"course_id": ObjectId("64b7abdecf1a2b3c4d5e6f70")},
    {"progress_percentage": float("inf")},
    {"progress_percentage": None, "last_watched": None},
    {"watch_time": "no number"},
    {"watch_time": float("nan")},
]


@pytest.mark.parametrize("given", MISSING, ids=brief)
async def test_what_is_missing_comes_of_the_other_fields(
    given: dict[str, Any], ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record(**given))

    told = await everywhere(ana)

    assert (told["status"]["watch_time"], told["status"]["progress_percentage"]) == (570, 95)
    assert told["status"]["completed"] is True


ODD = [
    {"watch_time": {"a": 1}, "progress_percentage": ..., "total_duration": ...},
    {"watch_time": "abc", "total_duration": "def", "progress_percentage": "ghi"},
    {"watch_time": float("nan"), "total_duration": float("inf"), "progress_percentage": None},
    {"watch_time": Decimal128("sNaN"), "total_duration": -1, "progress_percentage": ...},
    {"material_id": 7},
    {"material_id": ObjectId("64b7abdecf1a2b3c4d5e6f70")},
    {"material_id": ...},
    {"material_id": None},
    {"material_id": {"$gt": ""}},
    {"material_id": ["x", "y"]},
    {"watch_time": -5.0},
    {"watched_spans": "garbage"},
    {"watched_spans": [[0, 10], "garbage", [5], [None, 3], [9, 4], [{}, 1]]},
    {"watched_spans": [0, 10], "stored_at": SEEN_AT},
    {"watched_spans": [["a", "b"]], "stored_at": SEEN_AT, "furthest_percentage": 95.0},
    {"watched_spans": {"0": [0, 1]}, "stored_at": SEEN_AT, "completed_at": None},
    {"devices": "garbage", "stored_at": SEEN_AT},
    {"devices": [1, None, {"device_id": 5}, {"device_id": "p"}], "stored_at": SEEN_AT},
    {"devices": {"a": 1}, "stored_at": "garbage"},
    {"furthest_percentage": "garbage", "completed_at": "garbage"},
    {"watched_seconds": float("nan"), "stored_at": DatetimeMS(1_831_000_000_000_000)},
    {"watched_grid_seconds": "garbage", "watched_spans": [[0, 1]], "stored_at": SEEN_AT},
]


@pytest.mark.parametrize("given", ODD, ids=brief)
async def test_one_odd_record_takes_no_other_answer_down(
    given: dict[str, Any],
    ana: httpx.AsyncClient,
    course: Any,
    database: Database,
):
    await watch(ana, "hooks", watch_time=300)
    await insert(database, a_record(**given))

    told = await everywhere(ana)

    assert told["batch"]["hooks"]["watch_time"] == 300
    assert told["course"]["videos"]["hooks"]["watch_time"] == 300
    assert [each["course_id"] for each in told["mine"]] == ["react"]
    assert "hooks" in {frame["videoId"] for frame in told["changes"]}
    json.dumps(told, allow_nan=False)
    await watch(ana, watch_time=90, played=[[0, 90]], device_id="phone", session_id="s")
    (await ana.post("/api/progress/material/intro/complete")).raise_for_status()
    status = await get(ana, "video/intro/status")
    assert (status["watch_time"], status["completed"]) == (90, True)
    assert status["watched_seconds"] >= 90


async def test_a_record_that_cannot_be_read_is_logged_with_its_id_alone(
    ana: httpx.AsyncClient, course: Any, database: Database, capfd: pytest.CaptureFixture[str]
):
    record = {"_id": "odd-one", **a_record(watch_time="my-secret-content")}
    record |= {"total_duration": None, "progress_percentage": None}
    await insert(database, record)

    await everywhere(ana)

    out, err = capfd.readouterr()
    lines = [line for line in (out + err).splitlines() if "document_unreadable" in line]
    assert len(lines) >= 1
    assert all("odd-one" in line and "my-secret-content" not in line for line in lines)


async def test_enrolment_of_another_shape_is_an_enrolment(
    service: httpx.AsyncClient, caller: CallerOf, database: Database
):
    await put_course(service, "react", a_course_body(), students=())
    foreign = {
        "_id": ObjectId("64b7abdecf1a2b3c4d5e6f70"),
        "student_id": "bob",
        "course_id": "react",
        "progress": "none",
    }
    await database[ENROLLMENTS].insert_one(foreign)
    bob = caller("bob")

    address = "/api/catalog/courses/react/enrollments"
    (await service.put(f"{address}/bob")).raise_for_status()
    (await service.put(address, json={"student_ids": ["bob", "carl"]})).raise_for_status()
    for video_id in ("intro", "hooks"):
        await watch(bob, video_id, watch_time=590)
    (await bob.post("/api/progress/material/notes/complete")).raise_for_status()

    progress = (await get(bob, "course/react"))["progress"]
    assert progress["overall_progress"] == 100
    [held] = await database[ENROLLMENTS].find({"student_id": "bob"}).to_list(None)
    assert held["completed_ids"] == ["intro", "hooks", "notes"]
    assert (await get(bob, "continue-watching")) == {"items": []}
    (await bob.put("/api/progress/continue-watching/react/dismissed")).raise_for_status()
    (await service.delete(f"{address}/bob")).raise_for_status()
    assert (await bob.get("/api/progress/course/react")).status_code == 403


@pytest.fixture(params=["teacher", "service"])
def enrolling(
    request: pytest.FixtureRequest, service: httpx.AsyncClient, tom: httpx.AsyncClient
) -> httpx.AsyncClient:
    """Whoever may enrol students, in turn."""
    return tom if request.param == "teacher" else service


async def test_put_enrolls_beside_foreign_documents(
    enrolling: httpx.AsyncClient,
    service: httpx.AsyncClient,
    caller: CallerOf,
    database: Database,
):
    await put_course(service, "react", a_course_body(), students=())
    odd = [{"_id": 5, "student_id": "dora"}, {"_id": 6, "course_id": "react"}]
    odd += [{"_id": 7, "course_id": "react", "student_id": 7}]
    await database[ENROLLMENTS].insert_many(odd)

    (await enrolling.put("/api/catalog/courses/react/enrollments/dora")).raise_for_status()

    assert (await get(caller("dora"), "video/intro/status"))["watch_time"] == 0
    listed = await service.get("/api/catalog/courses/react/enrollments")
    assert listed.raise_for_status().json()["student_ids"] == ["dora"]


async def test_put_enrolls_where_our_id_lacks_its_fields(
    enrolling: httpx.AsyncClient,
    service: httpx.AsyncClient,
    caller: CallerOf,
    database: Database,
):
    await put_course(service, "react", a_course_body(), students=())
    await database[ENROLLMENTS].insert_one({"_id": "dora/react", "note": "theirs"})

    (await enrolling.put("/api/catalog/courses/react/enrollments/dora")).raise_for_status()

    assert (await get(caller("dora"), "video/intro/status"))["watch_time"] == 0
    assert (await get(caller("dora"), "course/react"))["progress"]["overall_progress"] == 0
    held = await database[ENROLLMENTS].find_one({"student_id": "dora", "course_id": "react"})
    assert held["note"] == "theirs"


async def test_lists_in_the_place_of_ids_take_no_other_answer_down(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any, database: Database
):
    await watch(ana, watch_time=300)
    await insert(database, a_record(student_id=["ana"], material_id="hooks"))
    vue = a_course_body(a_material_body("vue-intro"))
    await put_course(service, "vue", vue, students=())
    odd: list[dict[str, Any]] = [{"student_id": ["carl"], "course_id": "react"}]
    odd += [{"student_id": "ana", "course_id": ["vue"]}]
    await database[ENROLLMENTS].insert_many(odd)

    told = await everywhere(ana)

    assert told["batch"]["intro"]["watch_time"] == 300
    await get(ana, "video/hooks/status")
    assert (await ana.get("/api/progress/video/vue-intro/status")).status_code == 403
    address = "/api/catalog/courses/react/enrollments"
    listed = (await service.get(address)).raise_for_status().json()["student_ids"]
    assert listed == ["ana"]


async def test_foreign_courses_hide_no_others(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any, database: Database
):
    odd = {
        "_id": ObjectId("64b7abdecf1a2b3c4d5e6f70"),
        "name": "theirs",
        "materials": [{"material_id": "theirs"}],
    }
    shaped = {"_id": "theirs", "title": 5, "teacher_ids": None, "materials": [{}]}
    await database[COURSES].insert_many([odd, shaped])

    batch = await ana.post("/api/progress/videos/batch", json={"video_ids": ["intro", "theirs"]})

    assert batch.status_code == 200
    assert list(batch.json()["progress"]) == ["intro"]
    assert (await service.get("/api/catalog/courses/theirs")).status_code == 404
    body = a_course_body(a_material_body("new"))
    (await service.put("/api/catalog/courses/theirs", json=body)).raise_for_status()


async def test_course_of_another_program_is_a_course(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, database: Database
):
    video = {"material_id": "odd-1", "duration_seconds": Decimal128("600"), "chapters": ["x", {}]}
    materials = [video, {"title": "without an id"}, "garbage", {"material_id": 5}]
    odd = {"_id": "odd", "title": "Odd", "teacher_ids": ["tom", 5], "materials": materials}
    await database[COURSES].insert_one(odd)
    (await service.put("/api/catalog/courses/odd/enrollments/ana")).raise_for_status()

    await watch(ana, "odd-1", watch_time=590)

    progress = (await get(ana, "course/odd"))["progress"]
    assert (progress["overall_progress"], progress["materials"]["total"]) == (100, 1)
    path = "/api/progress/video/odd-1/watch-time"
    assert (await ana.post(path, json=a_body(total_duration=300))).status_code == 422
    course = (await service.get("/api/catalog/courses/odd")).raise_for_status().json()
    assert course["materials"][0]["duration_seconds"] == 600
