"""Analytics for hostile callers: who may call, with what, how often; what is never published."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import httpx
import pytest

from progress_service.analytics.schemas import CourseAnalytics, VideoAnalytics
from progress_service.mongo.client import Database
from tests.builders import a_course_body, a_material_body, at, wire
from tests.conftest import CallerOf, put_course
from tests.security.access_matrix import CALLERS
from tests.security.checksums import checksum

COURSE, VIDEO = "/api/progress/analytics/course/react", "/api/progress/analytics/video/video-1"
ADDRESSES = (COURSE, VIDEO)
TABLES = {
    COURSE: ("materials", "totals", "progress_histogram", "completions_per_day"),
    VIDEO: ("curves", "totals", "drop_offs", "replay_peaks"),
}
STUDENTS = tuple(f"secret-learner-{number}" for number in range(6))
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0")
CSV = {"Accept": "text/csv"}


@pytest.fixture
async def watched(service: httpx.AsyncClient, caller: CallerOf) -> None:
    """Tom's course with six learners, who have all watched its first video."""
    body = a_course_body(a_material_body("video-1", duration_seconds=60))
    await put_course(service, "react", body, students=STUDENTS)
    for number, student_id in enumerate(STUDENTS):
        end = 30 + number
        report = {
            "watch_time": end,
            "total_duration": 60,
            "observed_at": wire(at(number - 3_600)),
            "session_id": f"secret-session-{number}",
            "device_id": f"secret-device-{number}",
            "played": [[0, end]],
            "played_seconds": end,
        }
        response = await caller(student_id).post(
            "/api/progress/video/video-1/watch-time", json=report
        )
        response.raise_for_status()


async def every_response(client: httpx.AsyncClient) -> list[httpx.Response]:
    """JSON and each CSV table, of the class and of a cohort."""
    return [
        await client.get(address, params={**given, **cohort}, headers=headers)
        for address, tables in TABLES.items()
        for cohort in ({}, {"cohort": "2026-W47"}, {"cohort": "2026-W48"})
        for given, headers in [({}, {}), *(({"table": table}, CSV) for table in tables)]
    ]


# -- who -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("subject", "role", "status", "code"),
    [
        (STUDENTS[0], "student", 403, "wrong_role"),
        ("eve", "student", 403, "wrong_role"),
        ("other-teacher", "teacher", 403, "not_teacher"),
    ],
)
async def test_csv_and_cohorts_are_denied_like_json(
    caller: CallerOf, watched: None, address: str, subject: str, role: Any, status: int, code: str
):
    client = caller(subject, role)
    table = TABLES[address][1]

    responses = [
        await client.get(address, headers=headers, params=params)
        for headers in ({}, CSV)
        for params in ({}, {"cohort": "2026-W47"}, {"table": table})
    ]

    assert {(each.status_code, each.json()["code"]) for each in responses} == {(status, code)}


@pytest.mark.parametrize("address", ADDRESSES)
async def test_callers_without_identity_get_401(
    anyone: httpx.AsyncClient, watched: None, address: str
):
    tokens = [
        CALLERS[name]()
        for name in ("nobody", "forged token", "expired token", "token without a role")
    ]

    responses = [
        await anyone.get(
            address, headers={**CSV, **({"Authorization": f"Bearer {token}"} if token else {})}
        )
        for token in tokens
    ]

    assert [response.status_code for response in responses] == [401] * 4


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("address", ADDRESSES)
async def test_other_methods_are_rejected_and_change_nothing(
    tom: httpx.AsyncClient, watched: None, database: Database, method: str, address: str
):
    before = await checksum(database)

    response = await tom.request(method, address, json={"learners": {"viewers": 99}})

    assert response.status_code == 405
    assert await checksum(database) == before


@pytest.mark.parametrize("address", ADDRESSES)
async def test_denied_call_does_not_count_the_class(
    caller: CallerOf, watched: None, database: Database, address: str
):
    """Counting takes time of the database."""
    for client in (caller("eve"), caller("other-teacher", "teacher")):
        assert (await client.get(address)).status_code == 403

    assert await database.analytics_releases.count_documents({}) == 0


# -- with what -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["course", "video"])
@pytest.mark.parametrize(
    "hostile", ["$ne", "{}", "a b", "%00", "%0d%0aX: y", "x" * 200, "*", "a,b", "[$gt]", "%ff"]
)
async def test_hostile_id_is_invalid(
    service: httpx.AsyncClient, watched: None, kind: str, hostile: str
):
    response = await service.get(f"/api/progress/analytics/{kind}/{hostile}")

    assert (response.status_code, response.json()["code"]) == (422, "invalid")
    assert response.json()["errors"][0]["field"] == f"{kind}_id"


@pytest.mark.parametrize("kind", ["course", "video"])
async def test_unknown_id_is_not_found(tom: httpx.AsyncClient, watched: None, kind: str):
    response = await tom.get(f"/api/progress/analytics/{kind}/nowhere")

    assert (response.status_code, response.json()["code"]) == (404, f"{kind}_not_found")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("query", ["student_id=x", "k=1", "min_learners=1", "as_of=2026-01-01"])
async def test_filters_do_not_exist(
    tom: httpx.AsyncClient, watched: None, address: str, query: str
):
    """Two requests that differ by a free filter would differ by one learner."""
    response = await tom.get(f"{address}?{query}")

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == query.partition("=")[0]


# -- CSV -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("formula", FORMULAS)
async def test_csv_has_no_cell_that_a_spreadsheet_evaluates(
    service: httpx.AsyncClient, tom: httpx.AsyncClient, formula: str
):
    video = a_material_body("video-1", title=formula, duration_seconds=60, module=formula)
    await put_course(service, "react", a_course_body(video))

    response = await tom.get(COURSE, headers=CSV)

    [row] = csv.DictReader(io.StringIO(response.text, newline=""))
    assert (row["title"], row["module"]) == (f"'{formula}", f"'{formula}")
    assert response.headers["content-type"].startswith("text/csv")
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_csv_quotes_what_would_add_cells(service: httpx.AsyncClient, tom: httpx.AsyncClient):
    title = 'a,"b";c'
    video = a_material_body("video-1", title=title, duration_seconds=60)
    await put_course(service, "react", a_course_body(video))

    response = await tom.get(COURSE, headers=CSV)

    [row] = csv.DictReader(io.StringIO(response.text, newline=""))
    assert row["title"] == title
    assert None not in row


# -- what no response, log line, metric or release contains --------------------------------------


async def test_no_response_contains_an_id_of_a_learner(tom: httpx.AsyncClient, watched: None):
    responses = await every_response(tom)

    assert {response.status_code for response in responses} == {200}
    assert not any("secret-" in each.text + str(each.headers) for each in responses)
    assert responses[0].json()["suppressed"] is False


@pytest.mark.settings(analytics_min_learners=1)
async def test_no_exact_response_contains_an_id_of_a_learner(tom: httpx.AsyncClient, watched: None):
    assert not any("secret-" in response.text for response in await every_response(tom))


async def test_responses_have_the_published_fields_only(tom: httpx.AsyncClient, watched: None):
    course, video = (await tom.get(COURSE)).json(), (await tom.get(VIDEO)).json()

    assert set(course) == set(CourseAnalytics.model_fields)
    assert set(video) == set(VideoAnalytics.model_fields)


async def test_logs_metrics_and_releases_contain_no_id_of_a_learner(
    anyone: httpx.AsyncClient,
    tom: httpx.AsyncClient,
    watched: None,
    database: Database,
    capfd: pytest.CaptureFixture[str],
):
    await every_response(tom)
    await tom.get(VIDEO, params={"cohort": "secret-learner-0"})

    metrics = (await anyone.get("/metrics")).text
    logged = "".join(capfd.readouterr())
    releases = [each async for each in database.analytics_releases.find()]

    assert "analytics/video/{video_id}" in metrics
    made = {"react/", "react/video-1"}
    assert {each["_id"] for each in releases} == {"pace", *made, *(f"count/{key}" for key in made)}
    assert "secret-" not in metrics
    assert "secret-" not in logged
    assert "secret-" not in json.dumps(releases, default=str)


# -- how often -----------------------------------------------------------------------------------


@pytest.mark.settings(read_rate="3/hour")
async def test_calls_of_a_teacher_are_limited_whatever_they_ask_for(
    tom: httpx.AsyncClient, watched: None
):
    responses = [
        await tom.get(COURSE),
        await tom.get(VIDEO, headers=CSV),
        await tom.get(VIDEO, params={"cohort": "invalid"}),
        await tom.get(COURSE),
        await tom.get(VIDEO, headers=CSV),
    ]

    assert [response.status_code for response in responses] == [200, 200, 422, 429, 429]
    assert int(responses[-1].headers["retry-after"]) > 0


@pytest.mark.settings(read_rate="2/hour")
async def test_denied_calls_are_limited(caller: CallerOf, watched: None):
    eve = caller("eve")

    responses = [await eve.get(VIDEO) for _ in range(3)]

    assert [response.status_code for response in responses] == [403, 403, 429]
