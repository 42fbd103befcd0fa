"""How often: one update a second of each video by each student, and a share of everything else."""

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
async def test_a_second_update_in_the_same_second_is_refused(ana: httpx.AsyncClient, course: Any):
    first = await ana.post(WATCH_TIME, json=a_body())

    second = await ana.post(WATCH_TIME, json=a_body(watch_time=200))

    assert (first.status_code, second.status_code) == (200, 429)
    assert second.headers["retry-after"] == "1"


@ONE_A_SECOND
async def test_a_refused_update_writes_nothing(ana: httpx.AsyncClient, course: Any):
    await ana.post(WATCH_TIME, json=a_body())
    await ana.post(WATCH_TIME, json=a_body(watch_time=200, observed_at=wire(at(4))))

    assert (await ana.get(STATUS)).json()["watch_time"] == 125.5


@ONE_A_SECOND
async def test_of_many_updates_at_once_one_passes(ana: httpx.AsyncClient, course: Any):
    answers = await asyncio.gather(*(ana.post(WATCH_TIME, json=a_body()) for _ in range(20)))

    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(429)) == (1, 19)


@ONE_A_SECOND
async def test_after_waiting_as_told_the_next_update_passes(ana: httpx.AsyncClient, course: Any):
    await ana.post(WATCH_TIME, json=a_body())
    refused = await ana.post(WATCH_TIME, json=a_body())

    await asyncio.sleep(int(refused.headers["retry-after"]))

    assert (await ana.post(WATCH_TIME, json=a_body())).status_code == 200


@ONE_A_SECOND
async def test_other_videos_and_other_students_have_seconds_of_their_own(
    caller: CallerOf, service: httpx.AsyncClient, course: Any
):
    await service.put("/api/catalog/courses/react/enrollments/ben")
    calls = [("ana", "intro"), ("ana", "hooks"), ("ben", "intro"), ("ben", "hooks")]

    answers = [
        await caller(who).post(f"/api/progress/video/{what}/watch-time", json=a_body())
        for who, what in calls
    ]

    assert [answer.status_code for answer in answers] == [200] * 4


@pytest.mark.settings(watch_time_rate="1/hour")
async def test_a_new_token_is_no_new_allowance(caller: CallerOf, course: Any):
    await caller("ana").post(WATCH_TIME, json=a_body())
    await asyncio.sleep(1.1)  # so that the second token differs

    answer = await caller("ana").post(WATCH_TIME, json=a_body())

    assert answer.status_code == 429


@pytest.mark.settings(watch_time_rate="1/hour")
async def test_retry_after_tells_how_long_the_window_lasts(ana: httpx.AsyncClient, course: Any):
    await ana.post(WATCH_TIME, json=a_body())

    answer = await ana.post(WATCH_TIME, json=a_body())

    assert 3_590 <= int(answer.headers["retry-after"]) <= 3_600


@pytest.mark.settings(read_rate="3/hour")
async def test_reads_share_an_allowance_per_user(caller: CallerOf, course: Any):
    ana, ben = caller("ana"), caller("ben")
    paths = [STATUS, "/api/progress/course/react", "/api/catalog/courses/react", STATUS]

    statuses = [(await ana.get(path)).status_code for path in paths]

    assert statuses == [200, 200, 200, 429]
    assert (await ben.get(STATUS)).status_code == 403


@pytest.mark.settings(read_rate="1/hour")
async def test_updates_are_not_counted_among_the_reads(ana: httpx.AsyncClient, course: Any):
    await ana.get(STATUS)

    answer = await ana.post(WATCH_TIME, json=a_body())

    assert answer.status_code == 200


@pytest.mark.settings(read_rate="1/hour", service_rate="4/hour")
async def test_services_have_an_allowance_of_their_own(service: httpx.AsyncClient):
    statuses = [(await service.get("/api/catalog/courses/react")).status_code for _ in range(5)]

    assert statuses == [404] * 4 + [429]


@pytest.mark.settings(read_rate="20/hour")
async def test_updates_that_make_no_sense_are_not_free(ana: httpx.AsyncClient, course: Any):
    statuses = [
        (await ana.post(WATCH_TIME, json=a_body(watch_time=-1))).status_code for _ in range(30)
    ]

    assert (statuses[0], statuses[-1]) == (422, 429)


@pytest.mark.settings(read_rate="20/hour")
async def test_updates_of_videos_that_do_not_exist_are_not_free(ana: httpx.AsyncClient):
    """Each id has a second of its own, so ever new ids would never meet that limit."""
    statuses = [
        (await ana.post(f"/api/progress/video/no-{n}/watch-time", json=a_body())).status_code
        for n in range(30)
    ]

    assert (statuses[0], statuses[-1]) == (404, 429)


@pytest.mark.settings(read_rate="20/hour")
async def test_updates_of_videos_of_others_are_not_free(
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
async def test_calls_of_the_wrong_role_are_not_free(caller: CallerOf, role: Any):
    wrong = caller("tom", role)

    reads = [(await wrong.get(STATUS)).status_code for _ in range(4)]
    updates = [(await wrong.post(WATCH_TIME, json=a_body())).status_code for _ in range(2)]

    assert (reads, updates) == ([403] * 3 + [429], [429] * 2)
