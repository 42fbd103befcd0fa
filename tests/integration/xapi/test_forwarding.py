"""From a player's report to a real record store: the whole service, as a process."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from progress_service.testing import UNLIMITED, ServiceProcess, wait_until
from tests.processes import dev
from tests.ralph import KEY, SECRET, Ralph
from tests.video_profile import violations

STUDENTS = tuple(f"student-{number}" for number in range(8))
ARRIVAL_SECONDS = 240.0


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory, store: Ralph) -> Iterator[ServiceProcess]:
    settings = {
        "PROGRESS_XAPI_ENDPOINT": store.endpoint,
        "PROGRESS_XAPI_KEY": KEY,
        "PROGRESS_XAPI_SECRET": SECRET,
        "PROGRESS_XAPI_ACTOR_HOMEPAGE": "https://school.example",
        "PROGRESS_XAPI_ACTIVITY_BASE": "https://learn.example/progress",
        "PROGRESS_LOG_FORMAT": "json",
        **UNLIMITED,
    }
    with dev(tmp_path_factory.mktemp("service"), **settings) as running:
        yield running


def watch(service: ServiceProcess, student_id: str) -> None:
    """Report a session in two steps, to the end of the video."""
    session_id = str(uuid.uuid4())
    service.enroll(student_id)
    with service.client(student_id) as student:
        for position, kind in ((40.5, "heartbeat"), (90, "ended")):
            body = {
                "watch_time": position,
                "total_duration": 90,
                "kind": kind,
                "session_id": session_id,
                "device_id": "ipad",
                "played": [[0, position]],
                "played_seconds": position,
            }
            path = "/api/progress/video/welcome/watch-time"
            student.post(path, json=body).raise_for_status()


def exported(client: httpx.Client, path: str) -> dict[str, Any]:
    page = client.get(path).raise_for_status().json()
    assert page["next"] is None
    return {statement["id"]: statement for statement in page["statements"]}


def test_store_that_is_down_gets_all_statements_later_and_they_are_those_of_the_export(
    service: ServiceProcess, store: Ralph
):
    watch(service, STUDENTS[0])
    wait_until(lambda: len(store.statements()) == 2, within_seconds=ARRIVAL_SECONDS)
    store.kill()
    for student_id in STUDENTS[1:]:
        watch(service, student_id)
    wait_until(
        lambda: bool(service.events("xapi_store_unavailable")), within_seconds=ARRIVAL_SECONDS
    )
    store.start()

    wait_until(lambda: len(store.statements()) >= 16, within_seconds=ARRIVAL_SECONDS)

    stored = store.statements()
    expected: dict[str, Any] = {}
    with service.client("registrar", "service") as registrar:
        for student_id in STUDENTS:
            path = f"/api/progress/students/{student_id}/xapi"
            expected |= exported(registrar, path)
    with service.client(STUDENTS[3]) as student:
        mine = exported(student, "/api/progress/me/xapi")
    assert len(stored) == len(expected) == 16
    assert {statement["id"]: statement for statement in stored} == expected
    assert mine == {key: expected[key] for key in mine}
    assert len(mine) == 2
    assert [text for one in stored for text in violations(one)] == []
    assert "Invalid events: 0" in store.validate(stored)
    assert SECRET not in service.log
    assert not [name for name in STUDENTS if name in service.log]
