"""The receivers of docs/webhooks.md run as they stand there, in Python and in Node."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from progress_service.domain.outbox_events import course_completed, video_completed
from progress_service.testing import UNLIMITED, ServiceProcess, free_port, wait_until
from progress_service.webhooks.bodies import body_of
from progress_service.webhooks.secrets import new_secret, signatures
from tests.processes import dev

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "webhooks.md").read_text()
COMMANDS = {
    "python": [sys.executable, "-u", "-"],
    "js": ["node", "--input-type=module", "-"],
}
LONG_AGO = timedelta(minutes=6)
START_SECONDS = 30.0


def program(language: str) -> str:
    """The code block of the page in that language."""
    [code] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(code)


class RunningReceiver:
    """A receiver of the page, in its own process."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{port}/"

    def is_listening(self) -> bool:
        assert self._process.poll() is None
        try:
            httpx.post(self.url, content="{}")
        except httpx.TransportError:
            return False
        return True

    def post(self, body: str, headers: dict[str, str]) -> int:
        return httpx.post(self.url, content=body, headers=headers).status_code

    def printed(self) -> str:
        """End the process, and return what it has printed."""
        self._process.terminate()
        return self._process.communicate(timeout=START_SECONDS)[0]


@contextmanager
def running(language: str, secret: str) -> Iterator[RunningReceiver]:
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "WEBHOOK_SECRET": secret}
    process = subprocess.Popen(
        COMMANDS[language],
        cwd=ROOT / "web",  # where Node finds the package
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(program(language))
    process.stdin.close()
    process.stdin = None
    receiver = RunningReceiver(process, port)
    try:
        wait_until(receiver.is_listening, within_seconds=START_SECONDS)
        yield receiver
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("language", COMMANDS)
def test_receiver_of_the_page_verifies_and_processes_each_event_once(language: str):
    old, new, now = new_secret(), new_secret(), datetime.now(UTC)
    course = course_completed("ana", "demo", completed_at=now, unmarked_at=None)
    video = video_completed("ben", "demo", "welcome", completed_at=now, unmarked_at=None)
    body = body_of(course)

    def headers(secrets: list[str], *, at: datetime = now) -> dict[str, str]:
        return signatures(body, event_id=course.event_id, secrets_in_use=secrets, now=at)

    with running(language, old) as receiver:
        statuses = {
            "signed": receiver.post(body, headers([old])),
            "again, during a rotation": receiver.post(body, headers([new, old])),
            "of another secret": receiver.post(body, headers([new])),
            "of another body": receiver.post(body.replace("ana", "eve"), headers([old])),
            "too old": receiver.post(body, headers([old], at=now - LONG_AGO)),
            "unsigned": receiver.post(body, {}),
            "of another type": receiver.post(
                body_of(video),
                signatures(body_of(video), event_id=video.event_id, secrets_in_use=[old], now=now),
            ),
        }
        printed = receiver.printed()

    assert statuses == {
        "signed": 204,
        "again, during a rotation": 204,
        "of another secret": 401,
        "of another body": 401,
        "too old": 401,
        "unsigned": 401,
        "of another type": 204,
    }
    assert printed.splitlines() == ["certificate for ana"]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """The service in its own process, which may send to this machine."""
    folder = tmp_path_factory.mktemp("service")
    allowed = {"PROGRESS_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES": "true"}
    with dev(folder, **UNLIMITED, **allowed) as served:
        yield served


def complete_course(service: ServiceProcess, student_id: str) -> None:
    """Watch every video of the demo course, and mark the other materials."""
    service.enroll(student_id)
    with service.client(student_id) as student:
        course = student.get("/api/catalog/courses/demo").raise_for_status().json()
        for material in course["materials"]:
            material_id, length = material["material_id"], material["duration_seconds"]
            if length is None:
                response = student.post(f"/api/progress/material/{material_id}/complete")
            else:
                body = {"watch_time": length, "total_duration": length, "kind": "ended"}
                response = student.post(f"/api/progress/video/{material_id}/watch-time", json=body)
            response.raise_for_status()


@pytest.mark.parametrize("language", COMMANDS)
def test_receiver_of_the_page_gets_the_completion_of_a_course(
    service: ServiceProcess, language: str
):
    student_id, secret = f"student-of-{language}", new_secret()
    address = f"/api/webhooks/{language}"

    with running(language, secret) as receiver, service.client("lms", "service") as lms:
        body = {"url": receiver.url, "events": ["course.completed"], "secret": secret}
        lms.put(address, json=body).raise_for_status()
        complete_course(service, student_id)

        def is_delivered() -> bool:
            page = lms.get(f"{address}/deliveries?status=delivered").raise_for_status().json()
            return bool(page["deliveries"])

        wait_until(is_delivered, within_seconds=START_SECONDS)
        lms.delete(address).raise_for_status()
        printed = receiver.printed()

    assert printed.splitlines() == [f"certificate for {student_id}"]


def test_example_of_the_page_has_the_fields_of_an_event():
    [example] = re.findall(r'^(\{"type":"video.completed".*\})$', PAGE, re.MULTILINE)
    at = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)

    event = video_completed("ana", "demo", "welcome", completed_at=at, unmarked_at=None)

    assert json.loads(example) == json.loads(body_of(event))
