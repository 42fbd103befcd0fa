"""The programs of docs/services-programs.md, run as printed, each against a service of its own."""

from __future__ import annotations

import base64
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from progress_service.testing import ServiceProcess, free_port, wait_until
from tests.builders import a_token
from tests.processes import dev

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "services-programs.md").read_text()
GRADEBOOK, CERTIFICATE, IMPORT = re.findall(
    r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE
)
PROGRAM_SECONDS = 60
EVENT_SECONDS = 30
VIDEOS = {"welcome": 90, "components": 90, "state": 90}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    settings = {"PROGRESS_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES": "true"}
    with dev(tmp_path_factory.mktemp("service"), **settings) as service:
        yield service


def environment(service: ServiceProcess, **given: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT / "clients" / "python"),
        "PYTHONUNBUFFERED": "1",
        "SERVICE_URL": service.address,
        "SERVICE_TOKEN": a_token("importer", "service"),
        **given,
    }


def run(program: str, service: ServiceProcess, folder: Path) -> str:
    """What *program* prints when it runs to its end in *folder*."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment(service),
        capture_output=True,
        text=True,
        timeout=PROGRAM_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def complete_course(service: ServiceProcess, student_id: str) -> None:
    with service.client(student_id) as student:
        course = student.get("/api/progress/course/demo").raise_for_status().json()
        assert course["progress"]["materials"]["completed"] == 0
    with service.client("teacher-tool", "service") as client:
        materials = client.get("/api/catalog/courses/demo").raise_for_status().json()["materials"]
    with service.client(student_id) as student:
        for material in materials:
            path = f"/api/progress/material/{material['material_id']}/complete"
            student.post(path).raise_for_status()


def test_gradebook_lists_all_students_and_later_the_changed_ones(
    service: ServiceProcess, tmp_path: Path
):
    for student_id in ("grade-a", "grade-b"):
        service.enroll(student_id)

    first = run(GRADEBOOK, service, tmp_path).splitlines()
    complete_course(service, "grade-b")
    second = run(GRADEBOOK, service, tmp_path).splitlines()

    assert {"grade-a: 0 %", "grade-b: 0 %"} <= set(first)
    assert "grade-b: 100 %" in second


def test_certificate_is_written_on_completion(service: ServiceProcess, tmp_path: Path):
    service.enroll("graduate")
    port = free_port()
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    given = {
        "WEBHOOK_SECRET": secret,
        "PORT": str(port),
        "RECEIVER_URL": f"http://127.0.0.1:{port}/events",
    }
    with service.client("tests", "service") as client, (tmp_path / "log").open("wb") as log:
        receiver = subprocess.Popen(
            [sys.executable, "-c", CERTIFICATE],
            cwd=tmp_path,
            env=environment(service, **given),
            stdout=log,
            stderr=log,
        )
        try:
            wait_until(
                lambda: (
                    receiver.poll() is not None
                    or client.get("/api/webhooks/certificates").status_code == 200
                ),
                within_seconds=PROGRAM_SECONDS,
            )
            assert receiver.poll() is None, (tmp_path / "log").read_text()
            complete_course(service, "graduate")

            wait_until(
                lambda: any(tmp_path.glob("*.txt")),
                within_seconds=EVENT_SECONDS,
                otherwise=lambda: (tmp_path / "log").read_text(),
            )
        finally:
            receiver.kill()
            receiver.wait()
            client.delete("/api/webhooks/certificates")

    [certificate] = tmp_path.glob("*.txt")
    assert certificate.read_text() == "graduate: demo"


def test_import_prints_rejected_rows_and_can_be_repeated(service: ServiceProcess, tmp_path: Path):
    service.enroll("moved")
    (tmp_path / "progress.csv").write_text(
        "student_id,video_id,watch_time,total_duration,observed_at\n"
        "moved,welcome,40,90,2026-01-10T10:00:00Z\n"
        "moved,nowhere,40,90,2026-01-10T10:00:00Z\n"
    )

    printed = [run(IMPORT, service, tmp_path) for _ in range(2)]

    assert printed[0].startswith("row 2: video_not_found: ")
    assert printed[1] == printed[0]
    with service.client("moved") as student:
        status = student.get("/api/progress/video/welcome/status").raise_for_status().json()
    assert status["watch_time"] == 40
