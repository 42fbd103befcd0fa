"""Invalid bodies get a problem that names the field, and nothing is stored."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from progress_service.edge.problems import MAX_BODY_BYTES, MAX_LARGE_BODY_BYTES
from progress_service.mongo.client import Database
from tests.builders import a_body, a_course_body, a_material_body, at, brief, wire
from tests.security.hostile_tokens import nested

WATCH_TIME = "/api/progress/video/intro/watch-time"
BATCH = "/api/progress/videos/batch"
COURSE = "/api/catalog/courses/react"
JSON = {"Content-Type": "application/json"}


def rejected_fields(response: httpx.Response) -> list[str]:
    """The fields a 422 problem names."""
    problem = response.json()
    assert response.status_code == 422, problem
    assert response.headers["content-type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert all(set(error) == {"field", "code", "detail"} for error in problem["errors"])
    return [error["field"] for error in problem["errors"]]


def rejected_fields_or_status(response: httpx.Response) -> list[str]:
    """The rejected fields, or the status of any other response."""
    return [str(response.status_code)] if response.status_code != 422 else rejected_fields(response)


@pytest.fixture
async def nothing_stored(database: Database, course: Any) -> AsyncIterator[None]:
    yield
    assert await database["watch_progress"].count_documents({}) == 0


pytestmark = pytest.mark.usefixtures("nothing_stored")

# -- reports -----------------------------------------------------------------------------------

WRONG_FIELDS: list[tuple[str, dict[str, Any]]] = [
    ("watch_time", {"watch_time": -0.001}),
    ("watch_time", {"watch_time": 601.001}),
    ("watch_time", {"watch_time": 125_500}),
    ("watch_time", {"watch_time": "125.5"}),
    ("watch_time", {"watch_time": True}),
    ("watch_time", {"watch_time": False}),
    ("watch_time", {"watch_time": None}),
    ("watch_time", {"watch_time": [125.5]}),
    ("watch_time", {"watch_time": {"$gt": 0}}),
    ("watch_time", {"watch_time": 10**400}),
    ("total_duration", {"total_duration": 0, "watch_time": 0}),
    ("total_duration", {"total_duration": -600, "watch_time": 0}),
    ("total_duration", {"total_duration": 86_400.001, "watch_time": 0}),
    ("total_duration", {"total_duration": "600"}),
    ("total_duration", {"total_duration": True, "watch_time": 0}),
    ("total_duration", {"total_duration": None}),
    ("kind", {"kind": "HEARTBEAT"}),
    ("kind", {"kind": "jump"}),
    ("kind", {"kind": ""}),
    ("kind", {"kind": 1}),
    ("kind", {"kind": None}),
    ("device_id", {"device_id": ""}),
    ("device_id", {"device_id": "a b"}),
    ("device_id", {"device_id": "a\n"}),
    ("device_id", {"device_id": "-a"}),
    ("device_id", {"device_id": "a" * 129}),
    ("device_id", {"device_id": "ä"}),
    ("device_id", {"device_id": 7}),
    ("device_id", {"device_id": "$a"}),
    ("session_id", {"session_id": "a/b"}),
    ("session_id", {"session_id": {}}),
    ("observed_at", {"observed_at": "yesterday"}),
    ("observed_at", {"observed_at": "2026-11-22T10:30:00"}),
    ("observed_at", {"observed_at": "2026-11-22"}),
    ("observed_at", {"observed_at": ""}),
    ("observed_at", {"observed_at": 1_800_000_000}),
    ("observed_at", {"observed_at": 1.5}),
    ("observed_at", {"observed_at": True}),
    ("observed_at", {"observed_at": "2026-02-30T10:30:00Z"}),
    ("observed_at", {"observed_at": "2026-11-22T25:30:00Z"}),
    ("observed_at", {"observed_at": "2026-11-22T10:30:00+25:00"}),
    ("observed_at", {"observed_at": "0000-01-01T00:00:00Z"}),
    ("observed_at", {"observed_at": "10000-01-01T00:00:00Z"}),
    ("observed_at", {"observed_at": "0001-01-01T00:00:00+14:00"}),
    ("observed_at", {"observed_at": "9999-12-31T23:59:59-14:00"}),
    ("observed_at", {"observed_at": "-2026-11-22T10:30:00Z"}),
    ("played", {"played": "all"}),
    ("played", {"played": {}}),
    ("played", {"played": None}),
    ("played", {"played": [[0, 1]] * 201}),
    ("played.0", {"played": [7]}),
    ("played.0.1", {"played": [[0]]}),
    ("played.0", {"played": [[0, 1, 2]]}),
    ("played.0.0", {"played": [["0", 1]]}),
    ("played.0.0", {"played": [[-1, 1]]}),
    ("played.0.1", {"played": [[0, True]]}),
    ("played.0.1", {"played": [[0, None]]}),
    ("played.1", {"played": [[0, 10], [20, 10]]}),
    ("played.0", {"played": [[0, 601.5]]}),
    ("played_seconds", {"played_seconds": -1}),
    ("played_seconds", {"played_seconds": "7"}),
    ("played_seconds", {"played_seconds": 10**9}),
    ("student_id", {"student_id": "ben"}),
    ("video_id", {"video_id": "intro"}),
    ("__proto__", {"__proto__": {}}),
    ("$where", {"$where": "1"}),
]


async def test_report_with_an_invalid_field_is_rejected_with_its_name(ana: httpx.AsyncClient):
    unexpected = []
    for field, given in WRONG_FIELDS:
        body = json.dumps(a_body(**given))
        response = await ana.post(WATCH_TIME, content=body, headers=JSON)
        if field not in rejected_fields_or_status(response):
            unexpected.append((field, brief(given), rejected_fields_or_status(response)))

    assert unexpected == []


@pytest.mark.parametrize("field", ["watch_time", "total_duration"])
async def test_report_without_a_required_field_is_rejected_with_its_name(
    ana: httpx.AsyncClient, field: str
):
    body = a_body()
    del body[field]

    assert rejected_fields(await ana.post(WATCH_TIME, json=body)) == [field]


async def test_report_with_a_non_finite_number_is_rejected(ana: httpx.AsyncClient):
    unexpected = []
    for field in ("watch_time", "total_duration", "played_seconds"):
        for number in ("NaN", "Infinity", "-Infinity", "1e999", "-1e999"):
            body = json.dumps(a_body(**{field: "here"})).replace('"here"', number)
            response = await ana.post(WATCH_TIME, content=body, headers=JSON)
            if response.status_code != 422:
                unexpected.append((field, number, response.status_code))

    assert unexpected == []


MALFORMED_BODIES = {
    "nothing": b"",
    "a space": b" ",
    "truncated": b'{"watch_time": 1',
    "two bodies": b'{"watch_time": 1}{"watch_time": 1}',
    "a list": b"[]",
    "text": b'"125.5"',
    "null": b"null",
    "a number": b"125.5",
    "single quotes": b"{'watch_time': 125.5}",
    "a trailing comma": b'{"watch_time": 125.5,}',
    "not UTF-8": b'{"watch_time": 125.5, "total_duration": 600, "device_id": "\xff\xfe"}',
    "UTF-16": json.dumps({"watch_time": 125.5, "total_duration": 600}).encode("utf-16"),
    "another object after a byte order mark": b"\xef\xbb\xbf" + json.dumps({"a": 1}).encode(),
    "a lone surrogate": b'{"watch_time": 1, "total_duration": 600, "device_id": "\\ud800"}',
    "a lone surrogate as a name": b'{"watch_time": 1, "total_duration": 600, "\\ud800": 1}',
    "a null character": b'{"watch_time": 1, "total_duration": 600, "device_id": "a\\u0000"}',
    "nested 10,000 deep": nested(10_000).encode(),
    "a field nested 10,000 deep": (b'{"watch_time":' + nested(10_000).encode() + b"}"),
    "unclosed 100,000 deep": b"[" * 100_000,
    "objects 10,000 deep": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "a number of 100,000 digits": b'{"watch_time": ' + b"1" * 100_000 + b', "total_duration": 9}',
    "form fields": b"watch_time=125.5&total_duration=600",
}


CALLS_WITH_BODY = [
    ("POST", WATCH_TIME),
    ("POST", BATCH),
    ("PUT", COURSE),
    ("PUT", f"{COURSE}/enrollments"),
]


@pytest.mark.parametrize(("method", "path"), CALLS_WITH_BODY)
async def test_malformed_body_is_rejected(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, method: str, path: str
):
    client = ana if method == "POST" else service
    responses = {
        name: (await client.request(method, path, content=body, headers=JSON)).status_code
        for name, body in MALFORMED_BODIES.items()
    }

    assert responses == dict.fromkeys(MALFORMED_BODIES, 422)


@pytest.mark.parametrize(("method", "path"), CALLS_WITH_BODY)
async def test_malformed_body_without_a_token_gets_401(
    anyone: httpx.AsyncClient, method: str, path: str
):
    responses = {
        name: (await anyone.request(method, path, content=body, headers=JSON)).status_code
        for name, body in MALFORMED_BODIES.items()
    }

    assert responses == dict.fromkeys(MALFORMED_BODIES, 401)


INVALID_IDS = ["-a", "a%20b", "a%0A", "%0Aa", "a%00", "%C3%A4", "$a", "a" * 129, "%ED%A0%80"]


async def test_invalid_video_id_in_the_path_is_rejected(ana: httpx.AsyncClient):
    unexpected = []
    for video_id in INVALID_IDS:
        path = f"/api/progress/video/{video_id}"
        written = await ana.post(f"{path}/watch-time", json=a_body())
        read = await ana.get(f"{path}/status")
        unexpected += [
            video_id for a in (written, read) if rejected_fields_or_status(a) != ["video_id"]
        ]

    assert unexpected == []


@pytest.mark.parametrize("material_id", ["-a", "a%0A", "a" * 129])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_mark_of_an_invalid_material_id_is_rejected(
    ana: httpx.AsyncClient, method: str, material_id: str
):
    response = await ana.request(method, f"/api/progress/material/{material_id}/complete")

    assert rejected_fields(response) == ["material_id"]


@pytest.mark.parametrize("course_id", ["-a", "a%0A", "a" * 129])
async def test_invalid_course_id_in_the_path_is_rejected(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course_id: str
):
    responses = [
        await ana.get(f"/api/progress/course/{course_id}"),
        await service.get(f"/api/catalog/courses/{course_id}"),
        await service.put(f"/api/catalog/courses/{course_id}", json=a_course_body()),
        await service.delete(f"/api/catalog/courses/{course_id}"),
        await service.put(f"/api/catalog/courses/{course_id}/enrollments/ana"),
        await service.get(f"/api/catalog/courses/{course_id}/enrollments"),
    ]

    assert [rejected_fields(response) for response in responses] == [["course_id"]] * len(responses)


@pytest.mark.parametrize("student_id", ["a%20b", "a%0A", "a%5Cb", "a%E2%80%8B", "%FF", "a" * 256])
async def test_invalid_student_id_is_rejected(service: httpx.AsyncClient, student_id: str):
    responses = [
        await service.put(f"{COURSE}/enrollments/{student_id}"),
        await service.put(f"{COURSE}/enrollments", json={"student_ids": [unquote(student_id)]}),
    ]

    assert [rejected_fields(response) for response in responses] == [
        ["student_id"],
        ["student_ids.0"],
    ]
    assert all("visible characters" in response.json()["detail"] for response in responses)


async def test_rejected_value_is_not_echoed(ana: httpx.AsyncClient):
    response = await ana.post(WATCH_TIME, json=a_body(device_id="my secret phone", watch_time="71"))

    assert "secret" not in response.text
    assert "71" not in response.text.replace(response.json()["request_id"], "")


# -- durations that contradict the catalogue ---------------------------------------------------


@pytest.mark.parametrize("total_duration", [600.5, 588.0, 612.0])
async def test_duration_within_the_tolerance_is_replaced_by_the_catalogues(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, total_duration: float, database: Database
):
    await ana.post(WATCH_TIME, json=a_body(total_duration=total_duration))

    status = (await ana.get("/api/progress/video/intro/status")).json()
    assert (status["total_duration"], status["progress_percentage"]) == (600, 20.92)
    await database["watch_progress"].delete_many({})


@pytest.mark.parametrize("total_duration", [587.999, 612.001, 130.0, 86_400.0])
async def test_duration_that_contradicts_the_catalogue_is_rejected(
    ana: httpx.AsyncClient, total_duration: float
):
    response = await ana.post(WATCH_TIME, json=a_body(total_duration=total_duration))

    assert rejected_fields(response) == ["total_duration"]
    assert response.json()["code"] == "duration_mismatch"


@pytest.mark.parametrize(("total_duration", "status"), [(25.0, 200), (15.0, 200), (25.001, 422)])
async def test_duration_of_a_short_video_may_differ_by_five_seconds(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    database: Database,
    total_duration: float,
    status: int,
):
    await service.put(COURSE, json=a_course_body(a_material_body(duration_seconds=20)))
    body = a_body(watch_time=1, total_duration=total_duration)

    response = await ana.post(WATCH_TIME, json=body)

    assert response.status_code == status
    await database["watch_progress"].delete_many({})


# -- sizes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), CALLS_WITH_BODY)
@pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "chunked"])
async def test_too_large_body_is_rejected(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    method: str,
    path: str,
    is_declared: bool,
):
    max_bytes = MAX_LARGE_BODY_BYTES if path == COURSE else MAX_BODY_BYTES

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(max_bytes // 65_536 + 1):
            yield b" " * 65_536

    client = ana if method == "POST" else service
    content = b" " * (max_bytes + 1) if is_declared else pieces()

    response = await client.request(method, path, content=content, headers=JSON)

    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.settings(cors_origins="https://learn.example")
async def test_too_large_body_error_is_readable_from_an_allowed_origin(ana: httpx.AsyncClient):
    content, origin = b" " * (MAX_BODY_BYTES + 1), "https://learn.example"

    response = await ana.post(WATCH_TIME, content=content, headers={**JSON, "Origin": origin})

    assert response.status_code == 413
    assert response.headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize("length", ["2097152", "00000000000002097152"])
async def test_too_large_content_length_is_rejected_in_any_spelling(
    ana: httpx.AsyncClient, length: str
):
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(32):
            yield b" " * 65_536

    request = ana.build_request(
        "POST", WATCH_TIME, content=pieces(), headers={**JSON, "Content-Length": length}
    )

    response = await ana.send(request)

    assert response.status_code == 413


async def test_body_with_thousands_of_errors_gets_a_short_response(
    ana: httpx.AsyncClient, course: Any
):
    body = a_body(**{f"field-{n}": n for n in range(50_000)})

    response = await ana.post(WATCH_TIME, json=body)

    assert response.status_code == 422
    assert len(response.content) < 2_000
    assert "more values than it may have" in response.json()["detail"]


@pytest.mark.parametrize("value", ["1795575000", "-1", 1_795_575_000, "2026-11-22", "noon"])
async def test_observed_at_requires_a_full_timestamp(
    ana: httpx.AsyncClient, course: Any, value: object
):
    response = await ana.post(WATCH_TIME, json=a_body(observed_at=value))

    assert (response.status_code, rejected_fields_or_status(response)) == (422, ["observed_at"])


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///etc"])
async def test_source_url_with_another_scheme_is_rejected(service: httpx.AsyncClient, address: str):
    course = a_course_body(a_material_body("intro", source_url=address))

    response = await service.put("/api/catalog/courses/react", json=course)

    assert (response.status_code, rejected_fields_or_status(response)) == (
        422,
        ["materials.0.source_url"],
    )


async def test_largest_body_is_parsed(ana: httpx.AsyncClient):
    content = b"{" + b" " * (MAX_BODY_BYTES - 2) + b"}"

    response = await ana.post(WATCH_TIME, content=content, headers=JSON)

    assert response.status_code == 422


# -- batches -----------------------------------------------------------------------------------


async def test_invalid_batch_is_rejected(ana: httpx.AsyncClient):
    batches: list[Any] = [[], ["a"] * 501, "intro", None, [1], [None], [["intro"]]]
    unexpected = []
    for video_ids in batches:
        response = await ana.post(BATCH, json={"video_ids": video_ids})
        if not rejected_fields_or_status(response)[0].startswith("video_ids"):
            unexpected.append((brief(video_ids), rejected_fields_or_status(response)))

    assert unexpected == []


# -- courses -----------------------------------------------------------------------------------

WRONG_MATERIALS: list[tuple[str, dict[str, Any]]] = [
    ("material_id", {"material_id": "a b"}),
    ("material_id", {"material_id": 7}),
    ("type", {"type": ""}),
    ("type", {"type": "Video"}),
    ("type", {"type": None}),
    ("title", {"title": ""}),
    ("title", {"title": "x" * 501}),
    ("title", {"title": 7}),
    ("module", {"module": ""}),
    ("duration_seconds", {"duration_seconds": 0}),
    ("duration_seconds", {"duration_seconds": -1}),
    ("duration_seconds", {"duration_seconds": 86_401}),
    ("duration_seconds", {"duration_seconds": True}),
    ("duration_seconds", {"duration_seconds": "600"}),
    ("source_url", {"source_url": "x" * 2_001}),
    ("source_url", {"source_url": 7}),
    ("required", {"required": "yes"}),
    ("required", {"required": 1}),
    ("complete_at_percent", {"complete_at_percent": 0}),
    ("complete_at_percent", {"complete_at_percent": 101}),
    ("chapters", {"chapters": {}}),
    ("chapters", {"chapters": [{"start_seconds": 0, "title": "x"}] * 501}),
    ("chapters.0.start_seconds", {"chapters": [{"start_seconds": -1, "title": "x"}]}),
    ("chapters.0.title", {"chapters": [{"start_seconds": 1}]}),
    ("chapters.0", {"chapters": [{"start_seconds": 601, "title": "x"}]}),
    ("intro", {"intro": {"start_seconds": 9, "end_seconds": 8}}),
    ("intro", {"intro": {"start_seconds": 0, "end_seconds": 601}}),
    ("outro.end_seconds", {"outro": {"start_seconds": 0}}),
    ("owner", {"owner": "eve"}),
]


async def test_material_with_an_invalid_field_is_rejected_with_its_name(service: httpx.AsyncClient):
    unexpected = []
    for field, given in WRONG_MATERIALS:
        usual = {**a_material_body(), **given}
        response = await service.put(COURSE, json=a_course_body(a_material_body("other"), usual))
        if f"materials.1.{field}" not in rejected_fields_or_status(response):
            unexpected.append((field, brief(given), rejected_fields_or_status(response)))

    assert unexpected == []


WRONG_COURSES: list[tuple[str, dict[str, Any]]] = [
    ("title", {"title": ""}),
    ("title", {"title": None}),
    ("teacher_ids", {"teacher_ids": None}),
    ("teacher_ids", {"teacher_ids": "tom"}),
    ("teacher_ids.0", {"teacher_ids": ["a b"]}),
    ("teacher_ids", {"teacher_ids": ["tom"] * 201}),
    ("complete_at_percent", {"complete_at_percent": 100.1}),
    ("complete_at_percent", {"complete_at_percent": True}),
    ("course_id", {"course_id": "vue"}),
    ("materials", {"materials": None}),
    ("materials.1.material_id", {"materials": [a_material_body()] * 2}),
    ("owner", {"owner": "eve"}),
]


async def test_course_with_an_invalid_field_is_rejected_with_its_name(service: httpx.AsyncClient):
    unexpected = []
    for field, given in WRONG_COURSES:
        response = await service.put(COURSE, json=a_course_body(**given))
        if field not in rejected_fields_or_status(response):
            unexpected.append((field, brief(given), rejected_fields_or_status(response)))

    assert unexpected == []


async def test_rejected_course_leaves_the_stored_course_unchanged(
    service: httpx.AsyncClient, course: dict[str, Any]
):
    await service.put(COURSE, json=a_course_body(a_material_body(duration_seconds=-1)))

    stored = (await service.get(COURSE)).json()
    assert [m["material_id"] for m in stored["materials"]] == ["intro", "hooks", "notes"]


# -- unusual but valid -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "last_watched"),
    [
        ({"observed_at": "0001-01-01T00:00:00Z"}, wire(at())),
        ({"observed_at": "0001-01-01T14:00:00+14:00"}, wire(at())),
        ({"observed_at": "2014-12-31T23:59:59.999Z"}, wire(at())),
        ({"observed_at": "2015-01-01T00:00:00Z"}, "2015-01-01T00:00:00Z"),
        ({"observed_at": "2026-11-22T13:00:00+02:00"}, "2026-11-22T11:00:00Z"),
        ({"observed_at": "2026-11-22T11:00:00.1239Z"}, "2026-11-22T11:00:00.123000Z"),
        ({"observed_at": "9999-12-31T23:59:59.999999Z"}, wire(at())),
        ({"observed_at": "9999-12-31T23:59:59+14:00"}, wire(at())),
        ({"observed_at": wire(at(5))}, wire(at(5))),
        ({"observed_at": wire(at(5.001))}, wire(at())),
        ({"observed_at": None}, wire(at())),
    ],
    ids=brief,
)
async def test_observed_at_is_stored_in_utc_and_never_in_the_future(
    ana: httpx.AsyncClient, database: Database, given: dict[str, Any], last_watched: str
):
    response = await ana.post(WATCH_TIME, json=a_body(**given))

    status = (await ana.get("/api/progress/video/intro/status")).json()
    await database["watch_progress"].delete_many({})
    assert (response.status_code, status["last_watched"]) == (200, last_watched)


async def test_duplicate_field_uses_the_last_value(ana: httpx.AsyncClient, database: Database):
    body = b'{"watch_time": 10, "total_duration": 600, "watch_time": 20}'

    await ana.post(WATCH_TIME, content=body, headers=JSON)

    status = (await ana.get("/api/progress/video/intro/status")).json()
    await database["watch_progress"].delete_many({})
    assert status["watch_time"] == 20


MEDIA_TYPES = [
    "",
    "application/json; charset=utf-8",
    "Application/JSON",
    "application/json;x=1",
    "text/plain",
    "text/plain;charset=UTF-8",
    "text/json",
    "application/merge-patch+json",
    "application/vnd.api+json; version=1",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "nonsense",
]
BODIES: list[tuple[str, str, Any]] = [
    ("POST", WATCH_TIME, a_body()),
    ("POST", BATCH, {"video_ids": ["intro"]}),
    (
        "POST",
        "/api/progress/events",
        {"sent_at": wire(at()), "events": [{"event_id": "e-1", "video_id": "intro", **a_body()}]},
    ),
    ("PUT", COURSE, a_course_body()),
    ("PUT", f"{COURSE}/enrollments", {"student_ids": ["ben"]}),
]


@pytest.mark.parametrize(("method", "path", "body"), BODIES, ids=brief)
async def test_json_body_is_parsed_with_any_content_type(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    database: Database,
    method: str,
    path: str,
    body: Any,
):
    client = ana if method == "POST" else service
    raw = json.dumps(body).encode()
    responses = {}
    for media_type in MEDIA_TYPES:
        for mark in (b"", b"\xef\xbb\xbf"):
            headers = {"Content-Type": media_type} if media_type else {}
            response = await client.request(method, path, content=mark + raw, headers=headers)
            responses[media_type, mark] = (response.status_code, "rejected" in response.text)

    await database["watch_progress"].delete_many({})
    assert set(responses.values()) == {(200, False)}, responses


@pytest.mark.parametrize(("method", "path", "body"), BODIES, ids=brief)
async def test_byte_order_mark_is_skipped_only_once(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, method: str, path: str, body: Any
):
    client = ana if method == "POST" else service
    raw = b"\xef\xbb\xbf" * 2 + json.dumps(body).encode()

    response = await client.request(method, path, content=raw, headers=JSON)

    assert response.status_code == 422
