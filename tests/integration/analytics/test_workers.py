"""Analytics in two processes: changes reach both, and the processes count them once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from progress_service.testing import ServiceProcess, prepare, wait_until
from tests.builders import a_course_body, a_material_body

WITHIN_SECONDS = 90.0  # Changes of the other process are counted every 30 s.
VIDEO = "/api/progress/analytics/video/video-1"
COURSE = "/api/progress/analytics/course/react"
STUDENTS = ("ana", "ben")


@pytest.fixture
def workers(tmp_path: Path, mongodb_uri: str) -> Iterator[list[ServiceProcess]]:
    """Two processes on one database, with a course of one video."""
    settings = {
        "PROGRESS_MONGODB_URI": mongodb_uri,
        "PROGRESS_MONGODB_DATABASE": f"workers_{uuid.uuid4().hex}",
        "PROGRESS_JWT_SECRET": uuid.uuid4().hex * 2,
        "PROGRESS_ANALYTICS_MIN_LEARNERS": "1",
    }
    with ExitStack() as stack:
        processes = []
        for number in range(2):
            process = ServiceProcess(tmp_path / str(number), ["serve"], settings=settings)
            stack.callback(process.end)
            if number == 0:
                prepare(process)
            process.start()
            processes.append(process)
        for process in processes:
            process.wait_until_ready()
        _put_course(processes[0])
        yield processes


def _put_course(process: ServiceProcess) -> None:
    course = "/api/catalog/courses/react"
    with process.client("importer", "service") as importer:
        body = a_course_body(a_material_body("video-1", duration_seconds=100))
        importer.put(course, json=body).raise_for_status()
        students = {"student_ids": list(STUDENTS)}
        importer.put(f"{course}/enrollments", json=students).raise_for_status()


def _report(process: ServiceProcess, student_id: str) -> None:
    body = {"watch_time": 50, "total_duration": 100, "played": [[0, 50]], "session_id": "one"}
    with process.client(student_id) as student:
        student.post("/api/progress/video/video-1/watch-time", json=body).raise_for_status()


def _viewers(process: ServiceProcess) -> int | None:
    """The viewers that *process* responds with; ``None`` while the class is first counted."""
    with process.client("importer", "service") as service:
        response = service.get(VIDEO)
    if response.status_code == 503:
        return None
    response.raise_for_status()
    viewers: int = response.json()["learners"]["viewers"]
    return viewers


def _started(process: ServiceProcess) -> int | None:
    with process.client("importer", "service") as service:
        response = service.get(COURSE)
    if response.status_code == 503:
        return None
    body: dict[str, Any] = response.raise_for_status().json()
    started: int = body["learners"]["started"]
    return started


def test_report_to_one_worker_appears_in_responses_of_the_other(workers: list[ServiceProcess]):
    reporting, asked = workers
    wait_until(lambda: _viewers(asked) == 0, within_seconds=WITHIN_SECONDS)
    wait_until(lambda: _started(asked) == 0, within_seconds=WITHIN_SECONDS)

    _report(reporting, "ana")

    wait_until(lambda: _viewers(asked) == 1, within_seconds=WITHIN_SECONDS)
    wait_until(lambda: _started(asked) == 1, within_seconds=WITHIN_SECONDS)


def test_own_report_is_counted_although_the_other_worker_has_just_counted(
    workers: list[ServiceProcess],
):
    wait_until(lambda: _viewers(workers[0]) == 0, within_seconds=WITHIN_SECONDS)
    wait_until(lambda: _viewers(workers[1]) == 0, within_seconds=WITHIN_SECONDS)
    _report(workers[0], "ana")
    wait_until(lambda: _viewers(workers[0]) == 1, within_seconds=WITHIN_SECONDS)

    _report(workers[1], "ben")

    wait_until(lambda: _viewers(workers[1]) == 2, within_seconds=WITHIN_SECONDS)
    assert _viewers(workers[0]) == 2  # The release is that of both.
