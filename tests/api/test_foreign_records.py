"""Records of another program count as progress and break nothing."""

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


async def read_everywhere(caller: httpx.AsyncClient) -> dict[str, Any]:
    """The responses of every endpoint about the course."""
    batch = await caller.post("/api/progress/videos/batch", json={"video_ids": ["intro", "hooks"]})
    return {
        "status": await get(caller, "video/intro/status"),
        "batch": batch.raise_for_status().json()["progress"],
        "course": (await get(caller, "course/react"))["progress"],
        "changes": (await get(caller, "changes"))["changes"],
        "resume": await get(caller, "video/intro/resume"),
        "cards": (await get(caller, "continue-watching"))["items"],
        "my_courses": (await get(caller, "courses"))["courses"],
    }


async def watch(caller: httpx.AsyncClient, video_id: str = "intro", **given: Any) -> None:
    path = f"/api/progress/video/{video_id}/watch-time"
    (await caller.post(path, json=a_body(**given))).raise_for_status()


async def test_record_above_the_threshold_is_complete_everywhere(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record())

    responses = await read_everywhere(ana)

    assert responses["status"]["completed"] is True
    assert responses["status"]["last_watched"] == wire(SEEN_AT)
    assert responses["batch"]["intro"]["completed"] is True
    assert responses["course"]["videos"]["intro"]["completed"] is True
    assert responses["course"]["materials"]["completed_ids"] == ["intro"]
    [listed_course] = responses["my_courses"]
    assert listed_course["overall_progress"] == responses["course"]["overall_progress"]
    assert listed_course["materials"] == {"total": 3, "completed": 1}
    [frame] = responses["changes"]
    assert (frame["videoId"], frame["watchTime"], frame["completed"]) == ("intro", 570, True)
    assert responses["resume"]["reason"] == "replay"


async def test_record_below_the_threshold_is_a_position_everywhere(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(
        database,
        a_record(watch_time=300, total_duration=600, progress_percentage=50, last_watched=NOON),
    )

    responses = await read_everywhere(ana)

    assert responses["status"]["completed"] is False
    assert responses["status"]["progress_percentage"] == 50
    assert responses["course"]["overall_progress"] == 16.67
    assert responses["resume"]["watch_time"] == 300
    assert [card["material_id"] for card in responses["cards"]] == ["intro"]


async def test_changes_include_a_foreign_record_and_a_report(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record())
    await watch(ana, "hooks")

    response = await get(ana, "changes")

    assert [frame["videoId"] for frame in response["changes"]] == ["intro", "hooks"]
    assert (await get(ana, "changes", since=response["cursor"]))["changes"] == []


async def test_report_after_a_foreign_record_keeps_its_completion(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record())

    await watch(ana, watch_time=60)

    status = await get(ana, "video/intro/status")
    assert (status["watch_time"], status["progress_percentage"]) == (60, 10)
    assert status["completed"] is True
    assert (await get(ana, "course/react"))["progress"]["materials"]["completed_ids"] == ["intro"]


async def test_report_before_a_foreign_record_does_not_move_its_position(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record(last_watched=at(-60)))

    await watch(ana, watch_time=60, observed_at=wire(at(-120)))

    assert (await get(ana, "video/intro/status"))["watch_time"] == 570


async def test_report_on_a_foreign_record_is_a_change(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record())
    cursor = (await get(ana, "changes"))["cursor"]

    await watch(ana, watch_time=60, played=[[0, 60]], device_id="phone", session_id="s1")

    [frame] = (await get(ana, "changes", since=cursor))["changes"]
    assert (frame["watchTime"], frame["completed"], frame["watchedSeconds"]) == (60, True, 60)


async def test_offline_event_merges_with_a_foreign_record(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record(watch_time=120.0, progress_percentage=20.0))
    event = {"event_id": "one", "video_id": "intro", **a_body(watch_time=200)}
    event["observed_at"] = wire(at(-30))

    response = await ana.post(
        "/api/progress/events", json={"sent_at": wire(NOON), "events": [event]}
    )

    assert response.raise_for_status().json()["results"][0]["status"] == "applied"
    assert (await get(ana, "video/intro/status"))["watch_time"] == 200


async def test_foreign_record_can_be_marked_and_unmarked(
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
async def test_numbers_of_any_bson_type_are_read(
    kind: str, ana: httpx.AsyncClient, course: Any, database: Database
):
    value = NUMBERS[kind]
    length = type(value)("600") if isinstance(value, Decimal128) else 600
    record = a_record(watch_time=value, total_duration=length, progress_percentage="95")
    await insert(database, record)

    responses = await read_everywhere(ana)

    assert responses["status"]["watch_time"] == 570
    assert responses["status"]["completed"] is True
    assert responses["changes"][0]["progressPercentage"] == 95
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
    "other text": "yesterday",
    "NaN": float("nan"),
    "infinity": float("inf"),
    "minus 1e300": -1e300,
    "year 60000": DatetimeMS(1_831_000_000_000_000),
    "year 1": "0001-01-01T00:00:00+23:00",
    "a document": {"at": 1},
    "1970": 0,
    "2099": datetime(2099, 1, 1, tzinfo=UTC),
}


@pytest.mark.parametrize("kind", DATES)
async def test_dates_of_any_bson_type_are_read(
    kind: str, ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record(last_watched=DATES[kind]))

    responses = await read_everywhere(ana)

    assert responses["status"]["last_watched"] == wire(SEEN_AT)
    assert responses["changes"][0]["lastWatched"] == wire(SEEN_AT)


@pytest.mark.parametrize("kind", UNKNOWN_DATES)
async def test_unreadable_date_leaves_the_position(
    kind: str, ana: httpx.AsyncClient, course: Any, database: Database
):
    position = {"watch_time": 300.0, "progress_percentage": 50.0}
    await insert(database, a_record(last_watched=UNKNOWN_DATES[kind], **position))

    responses = await read_everywhere(ana)

    assert (responses["status"]["watch_time"], responses["status"]["last_watched"]) == (300, None)
    assert responses["resume"]["watch_time"] == 300
    assert 270 <= responses["resume"]["resume_at"] <= 300
    assert [card["material_id"] for card in responses["cards"]] == ["intro"]
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
async def test_missing_fields_are_computed_from_the_others(
    given: dict[str, Any], ana: httpx.AsyncClient, course: Any, database: Database
):
    await insert(database, a_record(**given))

    responses = await read_everywhere(ana)

    assert (responses["status"]["watch_time"], responses["status"]["progress_percentage"]) == (
        570,
        95,
    )
    assert responses["status"]["completed"] is True


MALFORMED = [
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


@pytest.mark.parametrize("given", MALFORMED, ids=brief)
async def test_malformed_record_breaks_no_other_response(
    given: dict[str, Any],
    ana: httpx.AsyncClient,
    course: Any,
    database: Database,
):
    await watch(ana, "hooks", watch_time=300)
    await insert(database, a_record(**given))

    responses = await read_everywhere(ana)

    assert responses["batch"]["hooks"]["watch_time"] == 300
    assert responses["course"]["videos"]["hooks"]["watch_time"] == 300
    assert [each["course_id"] for each in responses["my_courses"]] == ["react"]
    assert "hooks" in {frame["videoId"] for frame in responses["changes"]}
    json.dumps(responses, allow_nan=False)
    await watch(ana, watch_time=90, played=[[0, 90]], device_id="phone", session_id="s")
    (await ana.post("/api/progress/material/intro/complete")).raise_for_status()
    status = await get(ana, "video/intro/status")
    assert (status["watch_time"], status["completed"]) == (90, True)
    assert status["watched_seconds"] >= 90


async def test_unreadable_record_is_logged_with_its_id_only(
    ana: httpx.AsyncClient, course: Any, database: Database, capfd: pytest.CaptureFixture[str]
):
    record = {"_id": "odd-one", **a_record(watch_time="my-secret-content")}
    record |= {"total_duration": None, "progress_percentage": None}
    await insert(database, record)

    await read_everywhere(ana)

    out, err = capfd.readouterr()
    lines = [line for line in (out + err).splitlines() if "document_unreadable" in line]
    assert len(lines) >= 1
    assert all("odd-one" in line and "my-secret-content" not in line for line in lines)


async def test_foreign_enrolment_is_an_enrolment(
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
    [stored] = await database[ENROLLMENTS].find({"student_id": "bob"}).to_list(None)
    assert stored["completed_ids"] == ["intro", "hooks", "notes"]
    assert (await get(bob, "continue-watching")) == {"items": []}
    (await bob.put("/api/progress/continue-watching/react/dismissed")).raise_for_status()
    (await service.delete(f"{address}/bob")).raise_for_status()
    assert (await bob.get("/api/progress/course/react")).status_code == 403


@pytest.fixture(params=["teacher", "service"])
def enroller(
    request: pytest.FixtureRequest, service: httpx.AsyncClient, tom: httpx.AsyncClient
) -> httpx.AsyncClient:
    """A client of each role that may enrol students."""
    return tom if request.param == "teacher" else service


async def test_enrolment_is_put_beside_foreign_documents(
    enroller: httpx.AsyncClient,
    service: httpx.AsyncClient,
    caller: CallerOf,
    database: Database,
):
    await put_course(service, "react", a_course_body(), students=())
    foreign = [{"_id": 5, "student_id": "dora"}, {"_id": 6, "course_id": "react"}]
    foreign += [{"_id": 7, "course_id": "react", "student_id": 7}]
    await database[ENROLLMENTS].insert_many(foreign)

    (await enroller.put("/api/catalog/courses/react/enrollments/dora")).raise_for_status()

    assert (await get(caller("dora"), "video/intro/status"))["watch_time"] == 0
    listed = await service.get("/api/catalog/courses/react/enrollments")
    assert listed.raise_for_status().json()["student_ids"] == ["dora"]


async def test_enrolment_is_put_where_a_foreign_document_has_its_id(
    enroller: httpx.AsyncClient,
    service: httpx.AsyncClient,
    caller: CallerOf,
    database: Database,
):
    await put_course(service, "react", a_course_body(), students=())
    await database[ENROLLMENTS].insert_one({"_id": "dora/react", "note": "theirs"})

    (await enroller.put("/api/catalog/courses/react/enrollments/dora")).raise_for_status()

    assert (await get(caller("dora"), "video/intro/status"))["watch_time"] == 0
    assert (await get(caller("dora"), "course/react"))["progress"]["overall_progress"] == 0
    stored = await database[ENROLLMENTS].find_one({"student_id": "dora", "course_id": "react"})
    assert stored is not None
    assert stored["note"] == "theirs"


async def test_records_with_lists_as_ids_break_no_other_response(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any, database: Database
):
    await watch(ana, watch_time=300)
    await insert(database, a_record(student_id=["ana"], material_id="hooks"))
    vue = a_course_body(a_material_body("vue-intro"))
    await put_course(service, "vue", vue, students=())
    foreign: list[dict[str, Any]] = [{"student_id": ["carl"], "course_id": "react"}]
    foreign += [{"student_id": "ana", "course_id": ["vue"]}]
    await database[ENROLLMENTS].insert_many(foreign)

    responses = await read_everywhere(ana)

    assert responses["batch"]["intro"]["watch_time"] == 300
    await get(ana, "video/hooks/status")
    assert (await ana.get("/api/progress/video/vue-intro/status")).status_code == 403
    address = "/api/catalog/courses/react/enrollments"
    listed = (await service.get(address)).raise_for_status().json()["student_ids"]
    assert listed == ["ana"]


async def test_foreign_courses_do_not_hide_others(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, course: Any, database: Database
):
    foreign = {
        "_id": ObjectId("64b7abdecf1a2b3c4d5e6f70"),
        "name": "theirs",
        "materials": [{"material_id": "theirs"}],
    }
    shaped = {"_id": "theirs", "title": 5, "teacher_ids": None, "materials": [{}]}
    await database[COURSES].insert_many([foreign, shaped])

    batch = await ana.post("/api/progress/videos/batch", json={"video_ids": ["intro", "theirs"]})

    assert batch.status_code == 200
    assert list(batch.json()["progress"]) == ["intro"]
    assert (await service.get("/api/catalog/courses/theirs")).status_code == 404
    body = a_course_body(a_material_body("new"))
    (await service.put("/api/catalog/courses/theirs", json=body)).raise_for_status()


async def test_foreign_course_is_a_course(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, database: Database
):
    video = {"material_id": "odd-1", "duration_seconds": Decimal128("600"), "chapters": ["x", {}]}
    materials = [video, {"title": "without an id"}, "garbage", {"material_id": 5}]
    foreign = {"_id": "odd", "title": "Odd", "teacher_ids": ["tom", 5], "materials": materials}
    await database[COURSES].insert_one(foreign)
    (await service.put("/api/catalog/courses/odd/enrollments/ana")).raise_for_status()

    await watch(ana, "odd-1", watch_time=590)

    progress = (await get(ana, "course/odd"))["progress"]
    assert (progress["overall_progress"], progress["materials"]["total"]) == (100, 1)
    path = "/api/progress/video/odd-1/watch-time"
    assert (await ana.post(path, json=a_body(total_duration=300))).status_code == 422
    course = (await service.get("/api/catalog/courses/odd")).raise_for_status().json()
    assert course["materials"][0]["duration_seconds"] == 600
