"""Rate limits: one report a second for each student and video, and limits on other requests."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.builders import a_body, a_course_body, a_material_body, at, wire
from tests.conftest import CallerOf, put_course

WATCH_TIME = "/api/progress/video/intro/watch-time"
STATUS = "/api/progress/video/intro/status"
ONE_A_SECOND = pytest.mark.settings(watch_time_rate="1/second")


@ONE_A_SECOND
async def test_report_in_the_same_second_is_rejected(ana: httpx.AsyncClient, course: Any):
    first = await ana.post(WATCH_TIME, json=a_body())

    second = await ana.post(WATCH_TIME, json=a_body(watch_time=200))

    assert (first.status_code, second.status_code) == (200, 429)
    assert second.headers["retry-after"] == "1"


@ONE_A_SECOND
async def test_rejected_report_stores_nothing(ana: httpx.AsyncClient, course: Any):
    await ana.post(WATCH_TIME, json=a_body())
    await ana.post(WATCH_TIME, json=a_body(watch_time=200, observed_at=wire(at(4))))

    assert (await ana.get(STATUS)).json()["watch_time"] == 125.5


@ONE_A_SECOND
async def test_report_rate_limit_passes_one_of_20_concurrent_reports(
    ana: httpx.AsyncClient, course: Any
):
    responses = await asyncio.gather(*(ana.post(WATCH_TIME, json=a_body()) for _ in range(20)))

    statuses = [response.status_code for response in responses]
    assert (statuses.count(200), statuses.count(429)) == (1, 19)


@ONE_A_SECOND
async def test_report_after_retry_after_passes(ana: httpx.AsyncClient, course: Any):
    await ana.post(WATCH_TIME, json=a_body())
    rejected = await ana.post(WATCH_TIME, json=a_body())

    await asyncio.sleep(int(rejected.headers["retry-after"]))

    assert (await ana.post(WATCH_TIME, json=a_body())).status_code == 200


@ONE_A_SECOND
async def test_report_rate_limit_is_per_student_and_video(
    caller: CallerOf, service: httpx.AsyncClient, course: Any
):
    await service.put("/api/catalog/courses/react/enrollments/ben")
    calls = [("ana", "intro"), ("ana", "hooks"), ("ben", "intro"), ("ben", "hooks")]

    responses = [
        await caller(subject).post(f"/api/progress/video/{video_id}/watch-time", json=a_body())
        for subject, video_id in calls
    ]

    assert [response.status_code for response in responses] == [200] * 4


@pytest.mark.settings(watch_time_rate="1/hour")
async def test_rate_limit_is_not_reset_by_a_new_token(caller: CallerOf, course: Any):
    await caller("ana").post(WATCH_TIME, json=a_body())
    await asyncio.sleep(1.1)  # so that the second token differs

    response = await caller("ana").post(WATCH_TIME, json=a_body())

    assert response.status_code == 429


@pytest.mark.settings(watch_time_rate="1/hour")
async def test_retry_after_is_the_rest_of_the_window(ana: httpx.AsyncClient, course: Any):
    await ana.post(WATCH_TIME, json=a_body())

    response = await ana.post(WATCH_TIME, json=a_body())

    assert 3_590 <= int(response.headers["retry-after"]) <= 3_600


@pytest.mark.settings(read_rate="3/hour")
async def test_read_rate_limit_is_per_user(caller: CallerOf, course: Any):
    ana, ben = caller("ana"), caller("ben")
    paths = [STATUS, "/api/progress/course/react", "/api/catalog/courses/react", STATUS]

    statuses = [(await ana.get(path)).status_code for path in paths]

    assert statuses == [200, 200, 200, 429]
    assert (await ben.get(STATUS)).status_code == 403


@pytest.mark.settings(read_rate="1/hour")
async def test_reports_do_not_count_toward_the_read_rate(ana: httpx.AsyncClient, course: Any):
    await ana.get(STATUS)

    response = await ana.post(WATCH_TIME, json=a_body())

    assert response.status_code == 200


@pytest.mark.settings(read_rate="1/hour", service_rate="4/hour")
async def test_services_have_their_own_rate_limit(service: httpx.AsyncClient):
    statuses = [(await service.get("/api/catalog/courses/react")).status_code for _ in range(5)]

    assert statuses == [404] * 4 + [429]


@pytest.mark.settings(read_rate="20/hour")
async def test_rate_limit_counts_invalid_reports(ana: httpx.AsyncClient, course: Any):
    statuses = [
        (await ana.post(WATCH_TIME, json=a_body(watch_time=-1))).status_code for _ in range(30)
    ]

    assert (statuses[0], statuses[-1]) == (422, 429)


@pytest.mark.settings(read_rate="20/hour")
async def test_rate_limit_counts_reports_on_unknown_videos(ana: httpx.AsyncClient):
    """The limit for each video never applies when every report names a new id."""
    statuses = [
        (await ana.post(f"/api/progress/video/no-{n}/watch-time", json=a_body())).status_code
        for n in range(30)
    ]

    assert (statuses[0], statuses[-1]) == (404, 429)


@pytest.mark.settings(read_rate="20/hour")
async def test_rate_limit_counts_reports_without_an_enrolment(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    videos = [a_material_body(f"video-{n}") for n in range(30)]
    await put_course(service, "vue", a_course_body(*videos), students=())

    statuses = [
        (await ana.post(f"/api/progress/video/video-{n}/watch-time", json=a_body())).status_code
        for n in range(30)
    ]

    assert (statuses[0], statuses[-1]) == (403, 429)


@pytest.mark.settings(read_rate="3/hour", service_rate="3/hour")
@pytest.mark.parametrize("role", ["teacher", "service"])
async def test_rate_limit_counts_calls_of_the_wrong_role(caller: CallerOf, role: Any):
    wrong = caller("tom", role)

    reads = [(await wrong.get(STATUS)).status_code for _ in range(4)]
    updates = [(await wrong.post(WATCH_TIME, json=a_body())).status_code for _ in range(2)]

    assert (reads, updates) == ([403] * 3 + [429], [429] * 2)
