"""Course progress, and the enrolment that stores it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from progress_service.domain.catalog import Threshold
from progress_service.mongo.client import Database
from progress_service.progress.merge import CompletionMark, ReportChange
from progress_service.progress.store import ProgressStore
from tests.builders import (
    a_body,
    a_course_body,
    a_material_body,
    a_report,
    at,
    wire,
    without_spans,
)
from tests.conftest import CallerOf, FakeClock, put_course

COURSE = "/api/progress/course/react"


async def progress_of(client: httpx.AsyncClient, course_id: str = "react") -> dict[str, Any]:
    response = await client.get(f"/api/progress/course/{course_id}")
    assert response.status_code == 200, response.text
    progress: dict[str, Any] = response.json()["progress"]
    return progress


async def watch(client: httpx.AsyncClient, video_id: str, percent: float, **given: Any) -> None:
    body = a_body(**{"watch_time": 6 * percent, **given})
    response = await client.post(f"/api/progress/video/{video_id}/watch-time", json=body)
    assert response.status_code == 200, response.text


async def enrollment(database: Database, student_id: str = "ana") -> dict[str, Any]:
    """The stored enrolment of the student."""
    found = await database["enrollments"].find_one({"student_id": student_id})
    assert found is not None
    return found


@pytest.fixture
async def ten_videos(service: httpx.AsyncClient) -> list[str]:
    ids = [f"video-{n}" for n in range(10)]
    await put_course(service, "react", a_course_body(*(a_material_body(i) for i in ids)))
    return ids


async def test_overall_progress_of_four_complete_of_ten_and_one_at_55_percent_is_45_5(
    ana: httpx.AsyncClient, ten_videos: list[str]
):
    for video_id in ten_videos[:4]:
        await watch(ana, video_id, 100)
    await watch(ana, ten_videos[4], 55)

    progress = await progress_of(ana)

    assert progress["overall_progress"] == 45.5
    assert progress["materials"] == {
        "total": 10,
        "completed": 4,
        "completed_ids": ten_videos[:4],
    }


async def test_course_without_reports_is_at_zero(ana: httpx.AsyncClient, course: Any):
    progress = await progress_of(ana)

    assert progress["course_id"] == "react"
    assert progress["student_id"] == "ana"
    assert progress["overall_progress"] == 0
    assert progress["materials"] == {"total": 3, "completed": 0, "completed_ids": []}
    assert list(progress["videos"]) == ["intro", "hooks"]
    assert progress["last_watched"] is None
    assert progress["completed_at"] is None


async def test_course_without_materials_is_at_zero(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    await put_course(service, "react", a_course_body() | {"materials": []})

    progress = await progress_of(ana)

    assert (progress["overall_progress"], progress["completed_at"]) == (0, None)


async def test_course_has_the_status_of_each_video_without_its_spans(
    ana: httpx.AsyncClient, course: Any
):
    await watch(ana, "intro", 50, played=[[0, 300]], device_id="phone")
    await watch(ana, "hooks", 90)

    videos = (await progress_of(ana))["videos"]

    assert videos["intro"]["watched_seconds"] == 300
    for video_id in ("intro", "hooks"):
        alone = await ana.get(f"/api/progress/video/{video_id}/status")
        assert videos[video_id] == without_spans(alone.json())


async def test_completed_ids_are_in_course_order(ana: httpx.AsyncClient, course: Any):
    await ana.post("/api/progress/material/notes/complete")
    await watch(ana, "hooks", 100)
    await watch(ana, "intro", 80)

    assert (await progress_of(ana))["materials"]["completed_ids"] == ["intro", "hooks", "notes"]


async def test_reading_counts_when_marked(ana: httpx.AsyncClient, course: Any):
    await ana.post("/api/progress/material/notes/complete")

    assert (await progress_of(ana))["overall_progress"] == 33.33


async def test_overall_progress_does_not_drop_when_the_position_moves_back(
    ana: httpx.AsyncClient, course: Any
):
    await watch(ana, "intro", 60)
    await watch(ana, "intro", 10, observed_at=wire(at(4)))

    progress = await progress_of(ana)

    assert progress["overall_progress"] == 20
    assert progress["videos"]["intro"]["progress_percentage"] == 10


async def test_overall_progress_is_100_only_when_everything_is_complete(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    many = [
        a_material_body(f"video-{n}", complete_at_percent=100, duration_seconds=86_400)
        for n in range(3)
    ]
    await put_course(service, "react", a_course_body(*many))
    for video in many[:2]:
        await watch(ana, video["material_id"], 1, watch_time=86_400, total_duration=86_400)
    await watch(ana, "video-2", 1, watch_time=86_398.9, total_duration=86_400)

    almost = (await progress_of(ana))["overall_progress"]
    await watch(ana, "video-2", 1, watch_time=86_399, total_duration=86_400)

    assert almost == 99.99
    assert (await progress_of(ana))["overall_progress"] == 100


async def test_optional_material_is_listed_but_not_counted(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    extra = a_material_body("extra", required=False)
    await put_course(service, "react", a_course_body(extra, a_material_body("intro")))
    await watch(ana, "extra", 100)
    await watch(ana, "intro", 30)

    progress = await progress_of(ana)

    assert progress["overall_progress"] == 30
    assert progress["materials"] == {"total": 2, "completed": 1, "completed_ids": ["extra"]}
    assert progress["completed_at"] is None


@pytest.mark.parametrize(
    ("course_percent", "own_percent", "reached", "is_done"),
    [(None, None, 80, True), (90, None, 85, False), (90, 50, 50, True), (None, 95, 94, False)],
)
async def test_threshold_of_the_material_overrides_the_courses(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    course_percent: float | None,
    own_percent: float | None,
    reached: float,
    is_done: bool,
):
    body = a_course_body(
        a_material_body(complete_at_percent=own_percent), complete_at_percent=course_percent
    )
    await put_course(service, "react", body)

    await watch(ana, "intro", reached)

    assert (await progress_of(ana))["videos"]["intro"]["completed"] is is_done


@pytest.mark.settings(complete_at_percent=50)
async def test_threshold_defaults_to_the_setting(ana: httpx.AsyncClient, course: Any):
    await watch(ana, "intro", 50)

    status = (await ana.get("/api/progress/video/intro/status")).json()

    assert (status["completed"], status["complete_at_percent"]) == (True, 50)


async def test_course_last_watched_is_that_of_its_newest_video(ana: httpx.AsyncClient, course: Any):
    await watch(ana, "intro", 10, observed_at=wire(at(-60)))
    await watch(ana, "hooks", 10, observed_at=wire(at(-90)))

    assert (await progress_of(ana))["last_watched"] == wire(at(-60))


# -- course completion -------------------------------------------------------------------------


async def finish(ana: httpx.AsyncClient) -> None:
    await watch(ana, "intro", 100, observed_at=wire(at(-60)))
    await watch(ana, "hooks", 100, observed_at=wire(at(-30)))
    await ana.post("/api/progress/material/notes/complete")


async def test_course_is_complete_with_its_last_material(ana: httpx.AsyncClient, course: Any):
    await finish(ana)

    progress = await progress_of(ana)

    assert (progress["overall_progress"], progress["completed_at"]) == (100, wire(at()))


async def test_course_stays_complete_at_lower_progress_when_a_material_is_added(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: dict[str, Any]
):
    await finish(ana)
    await progress_of(ana)
    more = [*course["materials"], a_material_body("refs")]

    await put_course(service, "react", a_course_body(*more))

    progress = await progress_of(ana)
    assert (progress["overall_progress"], progress["completed_at"]) == (75, wire(at()))


async def test_course_stays_complete_when_an_incomplete_material_is_unmarked(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: dict[str, Any]
):
    await finish(ana)
    more = [*course["materials"], a_material_body("refs", type="reading", duration_seconds=None)]
    await put_course(service, "react", a_course_body(*more))

    await ana.delete("/api/progress/material/refs/complete")

    assert (await progress_of(ana))["completed_at"] == wire(at())


async def test_video_that_became_a_reading_counts_when_marked(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    await put_course(service, "react", a_course_body(a_material_body("intro")))
    await watch(ana, "intro", 40)
    reading = a_material_body("intro", type="reading", duration_seconds=None)

    await put_course(service, "react", a_course_body(reading))

    assert (await progress_of(ana))["overall_progress"] == 0


async def test_removed_material_keeps_its_completion(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: dict[str, Any]
):
    await watch(ana, "intro", 100)
    await put_course(service, "react", a_course_body(a_material_body("hooks")))
    without = await progress_of(ana)

    await put_course(service, "react", course)

    assert without["materials"] == {"total": 1, "completed": 0, "completed_ids": []}
    assert (await progress_of(ana))["materials"]["completed_ids"] == ["intro"]


async def test_removed_course_keeps_its_completions(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: dict[str, Any]
):
    await watch(ana, "intro", 100)
    await service.delete("/api/catalog/courses/react")
    assert (await ana.get(COURSE)).status_code == 404

    await service.put("/api/catalog/courses/react", json=course)

    assert (await progress_of(ana))["materials"]["completed_ids"] == ["intro"]


async def test_course_completion_is_withdrawn_with_a_required_material(
    ana: httpx.AsyncClient, course: Any
):
    await finish(ana)

    await ana.delete("/api/progress/material/notes/complete")

    progress = await progress_of(ana)
    assert (progress["overall_progress"], progress["completed_at"]) == (66.67, None)


async def test_student_enrolled_again_keeps_their_completions(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any
):
    await watch(ana, "intro", 100)
    await service.delete("/api/catalog/courses/react/enrollments/ana")

    await service.put("/api/catalog/courses/react/enrollments/ana")

    assert (await progress_of(ana))["materials"]["completed_ids"] == ["intro"]


@pytest.mark.parametrize("enroller", ["service", "teacher", "many"])
async def test_student_enrolled_again_in_a_grown_course_has_still_completed_it(
    ana: httpx.AsyncClient,
    service: httpx.AsyncClient,
    tom: httpx.AsyncClient,
    course: dict[str, Any],
    clock: FakeClock,
    enroller: str,
):
    await finish(ana)
    clock.advance(60)
    for _ in range(2):
        await service.delete("/api/catalog/courses/react/enrollments/ana")
    more = [*course["materials"], a_material_body("refs")]
    await put_course(service, "react", a_course_body(*more), students=())
    clock.advance(60)

    if enroller == "many":
        await service.put("/api/catalog/courses/react/enrollments", json={"student_ids": ["ana"]})
    else:
        editor = tom if enroller == "teacher" else service
        await editor.put("/api/catalog/courses/react/enrollments/ana")

    progress = await progress_of(ana)
    assert (progress["overall_progress"], progress["completed_at"]) == (75, wire(at()))


async def test_student_enrolled_again_after_an_unmark_has_not_completed_the_course(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any, clock: FakeClock
):
    enrollment_path = "/api/catalog/courses/react/enrollments/ana"
    await finish(ana)
    await service.delete(enrollment_path)
    await service.put(enrollment_path)
    clock.advance(60)
    await ana.delete("/api/progress/material/notes/complete")
    await service.delete(enrollment_path)

    await service.put(enrollment_path)

    assert (await progress_of(ana))["completed_at"] is None


async def test_course_of_optional_materials_uses_the_mean_over_all(
    ana: httpx.AsyncClient, service: httpx.AsyncClient
):
    optional = [a_material_body(name, required=False) for name in ("intro", "hooks")]
    await put_course(service, "react", a_course_body(*optional))
    await watch(ana, "intro", 100)
    half = await progress_of(ana)
    await watch(ana, "hooks", 100)

    done = await progress_of(ana)
    await ana.delete("/api/progress/material/hooks/complete")

    assert (half["overall_progress"], half["completed_at"]) == (50, None)
    assert (done["overall_progress"], done["completed_at"]) == (100, wire(at()))
    assert (await progress_of(ana))["completed_at"] is None


async def test_enrolment_put_again_changes_nothing(
    ana: httpx.AsyncClient, service: httpx.AsyncClient, course: Any, database: Database
):
    await watch(ana, "intro", 100)
    before = await enrollment(database)

    await service.put("/api/catalog/courses/react/enrollments/ana")

    assert await enrollment(database) == before


# -- enrolment ---------------------------------------------------------------------------------


async def test_enrolment_is_updated_by_a_completing_report(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await watch(ana, "intro", 80)

    stored = await enrollment(database)
    assert (stored["completed_ids"], stored["progress"]) == (["intro"], 33.33)


async def test_enrolment_is_unchanged_by_reports_after_the_completion(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await watch(ana, "intro", 80)
    once = await enrollment(database)

    for percent in (80, 81, 100):
        await watch(ana, "intro", percent)

    assert await enrollment(database) == once


async def test_enrolment_is_updated_by_an_unmark(
    ana: httpx.AsyncClient, course: Any, database: Database, clock: FakeClock
):
    await watch(ana, "intro", 100)
    clock.advance(60)

    await ana.delete("/api/progress/material/intro/complete")

    stored = await enrollment(database)
    assert (stored["completed_ids"], stored["progress"]) == ([], 0)


async def test_enrolment_is_updated_by_a_completion_after_an_unmark(
    ana: httpx.AsyncClient, course: Any, database: Database, clock: FakeClock
):
    await watch(ana, "intro", 100)
    clock.advance(60)
    await ana.delete("/api/progress/material/intro/complete")
    clock.advance(60)

    await watch(ana, "intro", 100)

    assert (await enrollment(database))["completed_ids"] == ["intro"]


STORED_BEFORE_THE_CRASH: list[ReportChange | CompletionMark] = [
    ReportChange("ana", "intro", "react", a_report(position_seconds=600.0), Threshold(80)),
    CompletionMark("ana", "intro", "react", True, at()),
]


@pytest.mark.parametrize("change", STORED_BEFORE_THE_CRASH, ids=["report", "mark"])
async def test_enrolment_stale_after_a_crash_is_repaired_at_the_next_read(
    ana: httpx.AsyncClient, course: Any, database: Database, change: ReportChange | CompletionMark
):
    assert await ProgressStore(database).save_many([change]) == [True]

    progress = await progress_of(ana)

    assert progress["materials"]["completed_ids"] == ["intro"]
    assert (await enrollment(database))["completed_ids"] == ["intro"]


async def test_enrolment_stale_after_a_crash_is_repaired_at_the_next_report(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    assert await ProgressStore(database).save_many([STORED_BEFORE_THE_CRASH[0]]) == [True]

    await watch(ana, "intro", 100)

    assert (await enrollment(database))["completed_ids"] == ["intro"]


async def test_enrolment_stale_after_an_unmark_and_a_crash_is_repaired_at_the_next_read(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await watch(ana, "intro", 100)
    undone = CompletionMark("ana", "intro", "react", False, at(60))
    assert await ProgressStore(database).save_many([undone]) == [False]

    await progress_of(ana)

    assert (await enrollment(database))["completed_ids"] == []


async def test_enrolment_that_is_not_stale_is_not_written_by_a_read(
    ana: httpx.AsyncClient, course: Any, database: Database
):
    await watch(ana, "intro", 100)
    await watch(ana, "hooks", 40)
    await progress_of(ana)
    before = await enrollment(database)

    await progress_of(ana)

    assert await enrollment(database) == before


async def test_enrolment_has_all_of_ten_videos_completed_at_once(
    caller: CallerOf, ten_videos: list[str], database: Database
):
    devices = [caller("ana") for _ in ten_videos]

    await asyncio.gather(
        *(watch(device, video, 100) for device, video in zip(devices, ten_videos, strict=True))
    )

    stored = await enrollment(database)
    assert (stored["completed_ids"], stored["progress"]) == (ten_videos, 100)
    assert stored["completed_at"] is not None


async def test_enrolment_is_not_stale_after_concurrent_marks_and_unmarks(
    ana: httpx.AsyncClient, ten_videos: list[str], database: Database
):
    await asyncio.gather(
        *(
            ana.request(method, f"/api/progress/material/{video}/complete")
            for video in ten_videos
            for method in ("POST", "DELETE", "POST", "DELETE")
        )
    )

    stored = (await enrollment(database))["completed_ids"]
    assert stored == (await progress_of(ana))["materials"]["completed_ids"]


async def test_enrolment_of_one_student_is_unaffected_by_another(
    caller: CallerOf, service: httpx.AsyncClient, course: Any, database: Database
):
    await service.put("/api/catalog/courses/react/enrollments/ben")

    await watch(caller("ben"), "intro", 100)

    assert (await enrollment(database, "ana"))["completed_ids"] == []
    assert (await enrollment(database, "ben"))["completed_ids"] == ["intro"]
