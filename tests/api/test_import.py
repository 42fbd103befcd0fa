"""Imports over HTTP: rows in two formats, a result for each, and what the records then have."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pymongo.errors import AutoReconnect

from progress_service.edge.problems import MAX_LARGE_BODY_BYTES
from progress_service.imports import routes
from progress_service.imports.service import Import
from progress_service.mongo import writes
from progress_service.mongo.client import Database
from progress_service.mongo.schema import IMPORT_DRY_RUNS, WATCH_PROGRESS
from progress_service.pacing import respond_by
from tests.builders import NOON, a_body, at, wire
from tests.conftest import CallerOf, FakeClock, put_course

PATH = "/api/progress/import"
NDJSON, CSV = "application/x-ndjson", "text/csv"
HEADER = "student_id,video_id,watch_time,total_duration,observed_at,completed_at"


def a_row(**given: Any) -> dict[str, Any]:
    """Ana at 125.5 of 600 seconds, an hour before noon; ``None`` leaves a field out."""
    row = {
        "student_id": "ana",
        "video_id": "intro",
        "watch_time": 125.5,
        "total_duration": 600,
        "observed_at": wire(at(hours=-1)),
        **given,
    }
    return {name: value for name, value in row.items() if value is not None}


def a_completion(**given: Any) -> dict[str, Any]:
    """Ana completed the reading, an hour before noon."""
    row = {"student_id": "ana", "video_id": "notes", "completed_at": wire(at(hours=-1))}
    return {**row, **given}


def ndjson(*rows: Any) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


async def send(
    service: httpx.AsyncClient, body: bytes, *, dry_run: bool = False, content_type: str = NDJSON
) -> list[dict[str, Any]]:
    """The results of an import."""
    query = {"dry_run": "true"} if dry_run else {}
    headers = {"Content-Type": content_type} if content_type else {}
    response = await service.post(PATH, content=body, params=query, headers=headers)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == NDJSON
    results = [json.loads(line) for line in response.text.splitlines()]
    assert [result["row"] for result in results] == list(range(1, len(results) + 1))
    return results


async def problem(service: httpx.AsyncClient, body: bytes, **headers: str) -> dict[str, Any]:
    """The problem that an import returns."""
    response = await service.post(PATH, content=body, headers=headers)
    assert response.status_code == 422, response.text
    found: dict[str, Any] = response.json()
    return found


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["status"] for result in results]


async def status_of(student: httpx.AsyncClient, video_id: str = "intro") -> dict[str, Any]:
    response = await student.get(f"/api/progress/video/{video_id}/status")
    found: dict[str, Any] = response.json()
    return found


async def course_of(student: httpx.AsyncClient) -> dict[str, Any]:
    response = await student.get("/api/progress/course/react")
    found: dict[str, Any] = response.json()["progress"]
    return found


pytestmark = pytest.mark.usefixtures("course")


# -- what a row does ---------------------------------------------------------------------------


async def test_row_is_applied_and_a_repeat_changes_nothing(
    service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    first = await send(service, ndjson(a_row()))
    second = await send(service, ndjson(a_row()))

    assert first == [{"row": 1, "status": "applied"}]
    assert second == [{"row": 1, "status": "unchanged"}]
    status = await status_of(ana)
    assert (status["watch_time"], status["last_watched"]) == (125.5, wire(at(hours=-1)))


async def test_older_row_lowers_nothing(service: httpx.AsyncClient, ana: httpx.AsyncClient):
    await ana.post("/api/progress/video/intro/watch-time", json=a_body(watch_time=300))

    [result] = await send(service, ndjson(a_row(watch_time=20)))

    assert result["status"] == "unchanged"
    assert (await status_of(ana))["watch_time"] == 300


async def test_row_of_years_ago_moves_the_position(
    service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    await send(service, ndjson(a_row(observed_at="2016-02-03T04:05:06+02:00")))

    assert (await status_of(ana))["last_watched"] == "2016-02-03T02:05:06Z"


@pytest.mark.parametrize("observed_at", ["2009-01-01T00:00:00Z", wire(at(days=30))])
async def test_implausible_time_becomes_that_of_the_import(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, observed_at: str
):
    results = await send(service, ndjson(*[a_row(observed_at=observed_at)] * 2))

    assert statuses(results) == ["applied", "unchanged"]
    assert (await status_of(ana))["last_watched"] == wire(NOON)


async def test_row_above_the_threshold_completes_the_video(
    service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    await send(service, ndjson(a_row(watch_time=480)))

    assert (await status_of(ana))["completed_at"] == wire(at(hours=-1))
    assert (await course_of(ana))["materials"]["completed_ids"] == ["intro"]


async def test_completion_has_its_own_time_and_the_earliest_counts(
    service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    times = [wire(at(days=-20)), wire(at(days=-30)), wire(at(days=-10))]

    results = await send(service, ndjson(*(a_row(completed_at=time) for time in times)))

    assert statuses(results) == ["applied", "applied", "unchanged"]
    status = await status_of(ana)
    assert (status["completed"], status["completed_at"]) == (True, times[1])
    assert status["watch_time"] == 125.5


async def test_completion_without_a_position_is_stored_for_any_material(
    service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    results = await send(service, ndjson(a_completion(), a_completion(video_id="intro")))

    assert statuses(results) == ["applied", "applied"]
    assert (await course_of(ana))["materials"]["completed_ids"] == ["intro", "notes"]


async def test_completion_before_an_unmark_stays_cancelled(
    service: httpx.AsyncClient, ana: httpx.AsyncClient
):
    await send(service, ndjson(a_completion()))
    await ana.delete("/api/progress/material/notes/complete")

    results = await send(service, ndjson(a_completion()))

    assert statuses(results) == ["unchanged"]
    assert (await course_of(ana))["materials"]["completed_ids"] == []


async def test_enrolment_is_updated_and_completes_the_course(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, database: Database
):
    rows = [a_completion(video_id=name) for name in ("intro", "hooks", "notes")]

    await send(service, ndjson(*rows))

    enrolment = await database.enrollments.find_one({"student_id": "ana"})
    assert enrolment is not None
    assert enrolment["progress"] == 100
    assert enrolment["completed_at"] == at(hours=-1).replace(tzinfo=None)


# -- rejected rows -----------------------------------------------------------------------------


REJECTED = {
    "unknown video": (a_row(video_id="nowhere"), "video_not_found"),
    "unknown material": (a_completion(video_id="nowhere"), "material_not_found"),
    "position in a reading": (a_row(video_id="notes"), "video_not_found"),
    "not enrolled": (a_row(student_id="ben"), "not_enrolled"),
    "another length": (a_row(total_duration=900), "duration_mismatch"),
    "beyond the end": (a_row(watch_time=700), "invalid"),
    "negative": (a_row(watch_time=-1), "invalid"),
    "a text": (a_row(watch_time="125.5"), "invalid"),
    "no position": (a_row(watch_time=None), "invalid"),
    "no length": (a_row(total_duration=None), "invalid"),
    "no time": (a_row(observed_at=None), "invalid"),
    "a time without an offset": (a_row(observed_at="2026-11-22T10:00:00"), "invalid"),
    "a number as time": (a_row(observed_at=1_700_000_000), "invalid"),
    "no student": (a_row(student_id=None), "invalid"),
    "a NUL": (a_row(student_id="a\0na"), "invalid"),
    "an unknown field": (a_row(note="x"), "invalid"),
    "nothing": ({}, "invalid"),
    "a list": ([], "invalid"),
    "null": (None, "invalid"),
    "year 9999": (a_row(observed_at="9999-12-31T23:59:59-12:00"), "invalid"),
}


@pytest.mark.parametrize(("row", "code"), REJECTED.values(), ids=REJECTED)
async def test_bad_row_is_rejected_and_does_not_affect_the_others(
    service: httpx.AsyncClient, row: Any, code: str
):
    body = ndjson(a_row(), row, a_row(video_id="hooks"))

    predicted = await send(service, body, dry_run=True)
    results = await send(service, body)

    assert predicted == results
    assert statuses(results) == ["applied", "rejected", "applied"]
    assert results[1]["code"] == code
    assert results[1]["detail"]


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"NaN",
        b"\xff\xfe",
        b'{"student_id": "\\ud800"}',
        b'{"watch_time": ' + b"9" * 4_000 + b"}",
        b"[" * 4_000,
        b'"' + b"a" * 100_000 + b'"',
        b"\x00",
    ],
    ids=range(8),
)
async def test_line_that_is_no_row_is_rejected(service: httpx.AsyncClient, line: bytes):
    results = await send(service, ndjson(a_row()) + line + b"\n" + ndjson(a_row()))

    assert statuses(results) == ["applied", "rejected", "unchanged"]


async def test_not_enrolled_student_is_applied_after_the_remedy(service: httpx.AsyncClient):
    body = ndjson(a_row(student_id="ben"))
    [first] = await send(service, body)
    await service.put("/api/catalog/courses/react/enrollments/ben")

    [second] = await send(service, body)

    assert "PUT /api/catalog/courses/react/enrollments/" in first["detail"]
    assert second["status"] == "applied"


# -- formats -----------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
async def test_csv_is_read(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, separator: str, line_end: str, mark: str
):
    lines = [
        HEADER,
        f'"ana",intro,125.5,600,"{wire(at(hours=-1))}",',
        f"ana,notes,,,,{wire(at(hours=-2))}",
        "",
        "ana,hooks,many,600,,",
    ]
    body = mark + line_end.join(line.replace(",", separator) for line in lines)

    results = await send(service, body.encode(), content_type=CSV)

    assert statuses(results) == ["applied", "applied", "rejected"]
    assert (await status_of(ana))["watch_time"] == 125.5


async def test_csv_columns_may_be_left_out_and_reordered(service: httpx.AsyncClient):
    body = f"completed_at,video_id,student_id\n{wire(at(hours=-1))},notes,ana\n"

    assert statuses(await send(service, body.encode(), content_type=CSV)) == ["applied"]


async def test_unclosed_quote_spoils_its_row_only(service: httpx.AsyncClient):
    rows = [f"ana,intro,{n},600,{wire(at(hours=-1))}," for n in (10, 20, 30)]
    body = "\n".join([HEADER, '"' + rows[0], *rows[1:]])

    results = await send(service, body.encode(), content_type=CSV)

    assert statuses(results) == ["rejected", "applied", "applied"]


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json", CSV, NDJSON, "x"])
async def test_format_is_recognized_whatever_the_content_type(
    service: httpx.AsyncClient, content_type: str
):
    table = f"{HEADER}\nana,intro,125.5,600,{wire(at(hours=-1))},\n".encode()

    as_json = await send(service, b"\xef\xbb\xbf" + ndjson(a_row()), content_type=content_type)
    as_csv = await send(service, table, content_type=content_type)

    assert (statuses(as_json), statuses(as_csv)) == (["applied"], ["unchanged"])


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", NDJSON),
        (b" \n\n", NDJSON),
        (b"", CSV),
        (b"hello", "text/plain"),
        (b"[1]", "application/json"),
        ('{"x": 1}'.encode("utf-16"), ""),
        (b"student,video\n1,2\n", CSV),
        (b"student_id,video_id,Watch_Time\nana,intro,1\n", CSV),
        (b"student_id,video_id,video_id\nana,intro,1\n", CSV),
        (b"\x00\x01\x02", CSV),
    ],
    ids=range(10),
)
async def test_body_of_another_form_is_rejected_as_a_whole(
    service: httpx.AsyncClient, body: bytes, content_type: str
):
    found = await problem(service, body, **{"Content-Type": content_type})

    assert found["code"] == "invalid"
    assert found["errors"]


async def test_misspelt_column_is_named_with_the_right_one(service: httpx.AsyncClient):
    found = await problem(service, b"student_id,video_id,watchtime\n", **{"Content-Type": CSV})

    assert "watch_time" in found["errors"][0]["detail"]


# -- dry runs ----------------------------------------------------------------------------------


async def test_dry_run_changes_nothing_and_returns_the_same(
    service: httpx.AsyncClient, ana: httpx.AsyncClient, database: Database
):
    await ana.post("/api/progress/video/hooks/watch-time", json=a_body(watch_time=300))
    rows = [a_row(), a_row(), a_row(watch_time=300), a_row(video_id="hooks"), a_completion()] * 60
    before = [document async for document in database[WATCH_PROGRESS].find()]

    predicted = await send(service, ndjson(*rows), dry_run=True)
    after = [document async for document in database[WATCH_PROGRESS].find()]
    real = await send(service, ndjson(*rows))

    assert predicted == real
    assert before == after
    assert statuses(real).count("applied") == 3
    names = await database.list_collection_names()
    assert not [name for name in names if name.startswith(IMPORT_DRY_RUNS)]


async def test_collection_of_a_killed_dry_run_is_dropped_by_a_later_one(
    service: httpx.AsyncClient, database: Database
):
    left_behind, recent = f"{IMPORT_DRY_RUNS}1000000000_x", f"{IMPORT_DRY_RUNS}9000000000_x"
    for name in (left_behind, recent):
        await database.create_collection(name)

    await send(service, ndjson(a_row()), dry_run=True)

    names = await database.list_collection_names()
    assert recent in names
    assert left_behind not in names


# -- callers and limits ------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["student", "teacher"])
async def test_import_is_for_services_only(caller: CallerOf, role: Any):
    response = await caller("ana", role).post(PATH, content=ndjson(a_row()))

    assert (response.status_code, response.json()["code"]) == (403, "wrong_role")


async def test_unknown_query_parameter_is_rejected(service: httpx.AsyncClient):
    response = await service.post(PATH, content=ndjson(a_row()), params={"dryrun": "true"})

    assert response.status_code == 422
    assert "dry_run" in response.json()["errors"][0]["detail"]


async def test_body_above_the_limit_is_rejected(service: httpx.AsyncClient):
    response = await service.post(PATH, content=b" " * (MAX_LARGE_BODY_BYTES + 1))

    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


async def test_many_rows_are_numbered_in_order(service: httpx.AsyncClient):
    """More rows than in a chunk."""
    results = await send(service, ndjson(*[{"x": n} for n in range(6_000)], a_row()))

    assert len(results) == 6_001
    assert statuses(results).count("rejected") == 6_000


# -- a database that fails ---------------------------------------------------------------------


@pytest.fixture
def failing_writes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The writes of students in this list fail."""
    failing: list[str] = []
    original = writes._send

    async def send_or_fail(database: Any, command: dict[str, Any], *, ends_at: float) -> Any:
        students = {update["q"].get("student_id") for update in command["updates"]}
        if students.intersection(failing):
            raise AutoReconnect("lost")
        return await original(database, command, ends_at=ends_at)

    monkeypatch.setattr(writes, "_send", send_or_fail)
    monkeypatch.setattr(writes, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(routes, "PAUSES_SECONDS", (0, 0))
    return failing


async def test_total_outage_is_a_problem_response(
    service: httpx.AsyncClient, failing_writes: list[str]
):
    failing_writes.append("ana")

    response = await service.post(PATH, content=ndjson(a_row()))

    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response.headers["retry-after"]


async def test_outage_halfway_leaves_the_rest_unavailable_and_a_repeat_completes_it(
    service: httpx.AsyncClient, failing_writes: list[str]
):
    students = [f"student-{number}" for number in range(180)]
    many = {"student_ids": students}
    await service.put("/api/catalog/courses/react/enrollments", json=many)
    body = ndjson(*(a_row(student_id=student) for student in students))
    failing_writes.append("student-150")

    results = await send(service, body)
    failing_writes.clear()
    again = await send(service, body)

    unknown = [result for result in results if result["status"] != "applied"]
    assert statuses(results[:100]) == ["applied"] * 100
    assert {result.get("code") for result in unknown} == {"unavailable"}
    assert results[150] in unknown
    assert len(results) == 180
    expected = {"applied": "unchanged", "rejected": "applied"}
    assert statuses(again) == [expected[status] for status in statuses(results)]


async def test_deadline_of_the_first_byte_does_not_apply_to_later_rows(
    service: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    apply = Import.apply

    async def apply_until_the_deadline(self: Import, rows: Any) -> Any:
        outcomes = await apply(self, rows)
        respond_by.set(0)
        return outcomes

    monkeypatch.setattr(Import, "apply", apply_until_the_deadline)

    results = await send(
        service, ndjson(*[a_row(watch_time=n) for n in range(150)], a_completion())
    )

    assert "rejected" not in statuses(results)


async def test_client_that_disconnects_leaves_a_part_that_a_repeat_completes(
    service: httpx.AsyncClient, database: Database, clock: FakeClock
):
    clock.advance(seconds=1)
    rows = [a_row(observed_at=wire(NOON - timedelta(seconds=n))) for n in range(3_000, 0, -1)]
    sending = asyncio.create_task(service.post(PATH, content=ndjson(*rows)))
    while not await database[WATCH_PROGRESS].count_documents({}):
        await asyncio.sleep(0)
    sending.cancel()
    await asyncio.wait([sending])

    results = await send(service, ndjson(*rows[-200:]))

    assert len(results) == 200
    record = await database[WATCH_PROGRESS].find_one({})
    assert record is not None
    assert record["last_watched"] == (NOON - timedelta(seconds=1)).replace(tzinfo=None)


async def test_other_courses_and_students_are_imported_together(
    service: httpx.AsyncClient, caller: CallerOf
):
    video = {"material_id": "vue", "type": "video", "title": "Vue"}
    other = {"title": "Vue", "teacher_ids": ["tom"], "materials": [video]}
    await put_course(service, "vue", other, students=("ben",))
    rows = [a_row(), a_row(student_id="ben", video_id="vue", total_duration=42, watch_time=42)]

    results = await send(service, ndjson(*rows))

    assert statuses(results) == ["applied", "applied"]
    assert (await status_of(caller("ben"), "vue"))["completed"] is True
