"""Drives every operation of an installed Python client against a service; ends with 0 if all fit.

It runs in a process of its own, with a released client instead of the one of this tree:

    SERVICE_URL=… STUDENT_TOKEN=… SERVICE_TOKEN=… python released_client_program.py sync|asyncio
"""

from __future__ import annotations

import asyncio
import os
import pkgutil
import sys
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from progress_client import AuthenticatedClient, api
from progress_client.api.analytics import get_course_analytics, get_video_analytics
from progress_client.api.catalog import (
    delete_course,
    delete_enrollment,
    get_course,
    list_enrollments,
    put_course,
    put_enrollment,
    put_enrollments,
)
from progress_client.api.courses import get_course_progress, list_my_courses
from progress_client.api.health import get_health, get_metrics, get_readiness
from progress_client.api.live import get_changes
from progress_client.api.offline import post_events
from progress_client.api.progress import (
    complete_material,
    get_video_status,
    get_video_statuses,
    uncomplete_material,
    update_watch_time,
)
from progress_client.api.resume import (
    dismiss_card,
    get_continue_watching,
    get_resume,
    restore_card,
)
from progress_client.models import (
    CourseBody,
    EventBody,
    EventsBody,
    MaterialBody,
    Problem,
    ReportBody,
    StudentIds,
    VideoIds,
)
from progress_client.pages import aiterate_enrollments, iterate_enrollments, iterate_my_courses

MODE = sys.argv[1]
ADDRESS = os.environ["SERVICE_URL"]
STUDENT_ID = f"ana-{MODE}"
COURSE_ID, VIDEO_ID, SECOND_ID = (f"{name}-{MODE}" for name in ("course", "video", "second"))
called: set[str] = set()


async def call(operation: ModuleType, *arguments: Any, **named: Any) -> Any:
    """The result of an operation that must succeed; ``None`` without a body."""
    called.add(operation.__name__)
    if MODE == "sync":
        response = operation.sync_detailed(*arguments, **named)
    else:
        response = await operation.asyncio_detailed(*arguments, **named)
    assert response.status_code in (200, 204), (operation.__name__, response)
    assert not isinstance(response.parsed, Problem)
    return response.parsed


async def check_catalog(service: AuthenticatedClient) -> None:
    videos = [
        MaterialBody(material_id=name, type_="video", title=name, duration_seconds=600)
        for name in (VIDEO_ID, SECOND_ID)
    ]
    body = CourseBody(title="Course", teacher_ids=["teacher"], materials=videos)
    stored = await call(put_course, COURSE_ID, client=service, body=body)
    assert [material.material_id for material in stored.materials] == [VIDEO_ID, SECOND_ID]
    assert await call(get_course, COURSE_ID, client=service) == stored

    enrolled = await call(put_enrollment, COURSE_ID, STUDENT_ID, client=service)
    assert (enrolled.course_id, enrolled.student_id) == (COURSE_ID, STUDENT_ID)
    await call(
        put_enrollments, COURSE_ID, client=service, body=StudentIds(student_ids=["ben", "eve"])
    )
    page = await call(list_enrollments, COURSE_ID, client=service, limit=2)
    assert (page.student_ids, bool(page.next_)) == ([STUDENT_ID, "ben"], True)
    students = [STUDENT_ID, "ben", "eve"]
    assert list(iterate_enrollments(COURSE_ID, client=service, page_size=2)) == students
    found = [s async for s in aiterate_enrollments(COURSE_ID, client=service, page_size=2)]
    assert found == students
    await call(delete_enrollment, COURSE_ID, "eve", client=service)


async def check_progress(student: AuthenticatedClient) -> None:
    report = ReportBody(watch_time=125.5, total_duration=600, played=[[0, 125.5]])
    stored = await call(update_watch_time, VIDEO_ID, client=student, body=report)
    assert stored.message == "Watch time updated"
    status = await call(get_video_status, VIDEO_ID, client=student)
    assert (status.watch_time, status.progress_percentage) == (125.5, 20.92)
    assert status.watched_spans == [[0, 125.5]]
    assert isinstance(status.last_watched, datetime)

    event = EventBody(event_id="1", video_id=SECOND_ID, watch_time=60, total_duration=600)
    events = EventsBody(sent_at=datetime.now(UTC), events=[event])
    [result] = (await call(post_events, client=student, body=events)).results
    assert (result.event_id, result.status) == ("1", "applied")

    body = VideoIds(video_ids=[VIDEO_ID, SECOND_ID, "nowhere"])
    statuses = await call(get_video_statuses, client=student, body=body)
    assert statuses.progress[VIDEO_ID].watch_time == 125.5
    assert statuses.progress[SECOND_ID].watch_time == 60
    assert statuses.unavailable == ["nowhere"]

    mark = await call(complete_material, VIDEO_ID, client=student)
    assert mark.completed is True
    course = (await call(get_course_progress, COURSE_ID, client=student)).progress
    assert (course.student_id, course.materials.completed_ids) == (STUDENT_ID, [VIDEO_ID])
    assert (await call(uncomplete_material, VIDEO_ID, client=student)).completed is False


async def check_lists(student: AuthenticatedClient) -> None:
    changes = await call(get_changes, client=student)
    assert {VIDEO_ID, SECOND_ID} <= {frame.video_id for frame in changes.changes}
    assert changes.cursor
    later = await call(get_changes, client=student, since=changes.cursor)
    assert later.cursor

    courses = await call(list_my_courses, client=student)
    assert [course.course_id for course in courses.courses] == [COURSE_ID]
    assert [each.course_id for each in iterate_my_courses(client=student)] == [COURSE_ID]

    place = await call(get_resume, SECOND_ID, client=student)
    assert (place.resume_at, place.reason) == (60, "resume")
    cards = await call(get_continue_watching, client=student)
    assert [card.course_id for card in cards.items] == [COURSE_ID]
    await call(dismiss_card, COURSE_ID, client=student)
    assert (await call(get_continue_watching, client=student)).items == []
    await call(restore_card, COURSE_ID, client=student)


async def check_reads(service: AuthenticatedClient) -> None:
    course = await call(get_course_analytics, COURSE_ID, client=service)
    assert course.course_id == COURSE_ID
    video = await call(get_video_analytics, VIDEO_ID, client=service)
    assert (video.video_id, video.suppressed) == (VIDEO_ID, True)
    assert (await call(get_health, client=service)).status
    assert (await call(get_readiness, client=service)).status
    assert "progress_" in await call(get_metrics, client=service)


async def check_problems(student: AuthenticatedClient, service: AuthenticatedClient) -> None:
    """Errors are read as problems, with the codes that programs compare with."""
    problems = {
        "video_not_found": get_video_status.sync("nowhere", client=student),
        "wrong_role": put_enrollment.sync(COURSE_ID, "eve", client=student),
        "invalid": list_enrollments.sync(COURSE_ID, client=service, limit=-1),
    }
    for code, problem in problems.items():
        assert isinstance(problem, Problem), (code, problem)
        assert problem.code == code, problem


async def main() -> None:
    service, student = (
        AuthenticatedClient(ADDRESS, token=os.environ[name])
        for name in ("SERVICE_TOKEN", f"STUDENT_TOKEN_{MODE}".upper())
    )
    await check_catalog(service)
    await check_progress(student)
    await check_lists(student)
    await check_reads(service)
    await check_problems(student, service)
    await call(delete_course, COURSE_ID, client=service)

    offered = {
        module.name
        for module in pkgutil.walk_packages(api.__path__, f"{api.__name__}.")
        if not module.ispkg
    }
    assert called == offered, f"not driven here: {sorted(offered - called)}"
    sys.stdout.write(f"{api.__file__} {len(called)}")


asyncio.run(main())
