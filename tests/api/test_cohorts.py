"""Cohorts over HTTP: published only where neither the cohort nor the rest is too small."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.builders import NOON, a_course_body, a_material_body
from tests.conftest import CallerOf, FakeClock, put_course

COURSE, VIDEO = "/api/progress/analytics/course/react", "/api/progress/analytics/video/video-1"
W47, W48, W49 = "2026-W47", "2026-W48", "2026-W49"
TWO = pytest.mark.settings(analytics_min_learners=2)
EXACT = pytest.mark.settings(analytics_min_learners=1)


class School:
    """Enrols learners week by week; all of them watch the video, to different ends."""

    def __init__(self, service: httpx.AsyncClient, caller: CallerOf, clock: FakeClock) -> None:
        self._service = service
        self._caller = caller
        self._clock = clock

    async def begin(self, *learners_of_weeks: int) -> None:
        """Enrol so many learners in the first week, the second, and so on."""
        video = a_material_body("video-1", duration_seconds=60)
        await put_course(self._service, "react", a_course_body(video), students=())
        for week, learners in enumerate(learners_of_weeks):
            for number in range(learners):
                await self._enroll(f"learner-{week}-{number}", week)

    async def _enroll(self, student_id: str, week: int) -> None:
        self._clock.now = NOON
        self._clock.advance(weeks=week)
        path = f"/api/catalog/courses/react/enrollments/{student_id}"
        (await self._service.put(path)).raise_for_status()
        end = 10 * (week + 1)
        body = {
            "watch_time": end,
            "total_duration": 60,
            "session_id": "one",
            "played": [[0, end]],
            "played_seconds": end,
        }
        client = self._caller(student_id)
        response = await client.post("/api/progress/video/video-1/watch-time", json=body)
        response.raise_for_status()


@pytest.fixture
def school(service: httpx.AsyncClient, caller: CallerOf, clock: FakeClock) -> School:
    return School(service, caller, clock)


async def analytics(client: httpx.AsyncClient, address: str, cohort: str | None = None) -> Any:
    response = await client.get(address, params={} if cohort is None else {"cohort": cohort})
    assert response.status_code == 200, response.text
    return response.json()


@TWO
@pytest.mark.parametrize("address", [COURSE, VIDEO])
async def test_cohorts_with_a_large_rest_are_published(
    tom: httpx.AsyncClient, school: School, address: str
):
    await school.begin(2, 2)

    whole = await analytics(tom, address)
    found = [await analytics(tom, address, cohort) for cohort in (W47, W48)]

    assert whole["cohorts"] == [W47, W48]
    assert [(each["cohort"], each["suppressed"]) for each in found] == [(W47, False), (W48, False)]
    assert [each["learners"]["enrolled"] for each in (whole, *found)] == [4, 2, 2]


@TWO
async def test_numbers_of_a_cohort_are_about_its_learners(tom: httpx.AsyncClient, school: School):
    await school.begin(2, 2)

    first, second = [await analytics(tom, VIDEO, cohort) for cohort in (W47, W48)]

    assert first["curves"]["retention"][15] == 0.0
    assert second["curves"]["retention"][15] == 1.0


@TWO
@pytest.mark.parametrize("address", [COURSE, VIDEO])
@pytest.mark.parametrize("weeks", [(3, 1), (1, 3), (4,), (1, 1)])
async def test_small_cohort_and_its_complement_are_suppressed(
    tom: httpx.AsyncClient, school: School, address: str, weeks: tuple[int, ...]
):
    await school.begin(*weeks)

    whole = await analytics(tom, address)
    found = [await analytics(tom, address, cohort) for cohort in (W47, W48)]

    assert whole["suppressed"] is False
    assert whole["cohorts"] == []
    for each in found:
        assert each["suppressed"] is True
        assert set(each["learners"].values()) == {None}


@TWO
async def test_learners_outside_all_published_cohorts_are_enough_or_none(
    tom: httpx.AsyncClient, school: School
):
    """The one learner of the third week would be the class without the two other cohorts."""
    await school.begin(2, 3, 1)

    assert (await analytics(tom, VIDEO))["cohorts"] == [W48]


@TWO
@pytest.mark.parametrize("address", [COURSE, VIDEO])
async def test_unknown_and_suppressed_cohorts_are_not_distinguished(
    tom: httpx.AsyncClient, school: School, address: str
):
    await school.begin(3, 1)

    small, unknown = [await analytics(tom, address, cohort) for cohort in (W48, W49)]

    assert small.pop("cohort") == W48
    assert unknown.pop("cohort") == W49
    assert small == unknown


@TWO
async def test_csv_of_a_suppressed_cohort_has_no_number(tom: httpx.AsyncClient, school: School):
    await school.begin(3, 1)

    curves = await tom.get(VIDEO, params={"cohort": W48}, headers={"Accept": "text/csv"})
    days = await tom.get(
        COURSE,
        params={"cohort": W48, "table": "progress_histogram"},
        headers={"Accept": "text/csv"},
    )

    assert curves.text == "from_seconds,to_seconds,retention,heat,replays,survival,exits\r\n"
    assert days.text == "from_percent,to_percent,learners\r\n"


@EXACT
async def test_exact_numbers_publish_every_cohort(tom: httpx.AsyncClient, school: School):
    await school.begin(1, 2)

    found = [await analytics(tom, VIDEO, cohort) for cohort in (W47, W48)]

    assert [each["learners"]["viewers"] for each in found] == [1, 2]
    assert [each["watch_seconds_total"] for each in found] == [10.0, 40.0]


@pytest.mark.parametrize("address", [COURSE, VIDEO])
@pytest.mark.parametrize(
    "cohort",
    [
        *("", "2026", "2026-W4", "2026W47", "2026-w47", "2026-W00", "2026-W54", "2026-W477"),
        *("2026-W47\n", " 2026-W47", "２０２６-W47", "2026-11-22", "null", "$ne", "x" * 5_000),
    ],
)
async def test_malformed_cohort_is_invalid_and_the_remedy_is_named(
    tom: httpx.AsyncClient, course: Any, address: str, cohort: str
):
    address = address.replace("video-1", "intro")

    response = await tom.get(address, params={"cohort": cohort})

    assert (response.status_code, response.json()["code"]) == (422, "invalid")
    [error] = response.json()["errors"]
    assert error["field"] == "cohort"
    assert "2026-W47" in error["detail"]
    assert "\\d" not in error["detail"]
