"""`dev` and `serve` from start to stop: their output, their data and their processes."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from progress_service.cli.serve import DEV_STUDENTS
from progress_service.testing import ServiceProcess, wait_until
from tests.builders import SECRET, a_body, a_token
from tests.processes import dev, is_one_sentence, mongods_of, run, started


def test_dev_prints_addresses_and_three_valid_tokens(tmp_path: Path):
    with dev(tmp_path) as served:
        lines = served.output.split()
        tokens = [word for word in lines if word.count(".") == 2 and len(word) > 100]
        docs = httpx.get(f"{served.address}/docs")
        responses = [
            httpx.get(f"{served.address}{path}", headers={"Authorization": f"Bearer {token}"})
            for token, path in zip(
                tokens,
                [
                    "/api/progress/course/demo",
                    "/api/progress/video/welcome/status",
                    "/api/catalog/courses/demo",
                ],
                strict=True,
            )
        ]

    assert len(set(tokens)) == 3
    assert [response.status_code for response in [docs, *responses]] == [200] * 4
    assert served.address + "/docs" in lines
    assert str(tmp_path / "data") in lines


def test_second_start_has_the_data(tmp_path: Path):
    with dev(tmp_path) as served, served.client() as ana:
        ana.post(
            "/api/progress/video/welcome/watch-time", json=a_body(total_duration=90, watch_time=40)
        )

    with dev(tmp_path) as served, served.client() as ana:
        status = ana.get("/api/progress/video/welcome/status").json()

    assert status["watch_time"] == 40


def test_dev_has_a_class_for_the_teacher(tmp_path: Path):
    service = ServiceProcess(tmp_path, ["dev"])
    try:
        for _ in range(2):  # the second start finds the class
            service.start()
            service.wait_until_ready()
            with service.client("demo-teacher", "teacher") as teacher:
                found = teacher.get("/api/progress/analytics/video/welcome").json()
            assert found["learners"]["enrolled"] == DEV_STUDENTS
            assert len(found["drop_offs"]) == 1
            service.stop()
    finally:
        service.end()
    assert "Traceback" not in service.log


def test_second_process_on_the_same_data_is_reported_in_one_sentence(tmp_path: Path):
    with dev(tmp_path) as served:
        other = tmp_path / "other"
        other.mkdir()

        given = {"PROGRESS_DATA_DIR": str(tmp_path / "data")}
        result = run(other, "dev", "--port", "0", settings=given)

        assert result.returncode == 1
        assert is_one_sentence(result.stderr), result.stderr
        assert "PROGRESS_DATA_DIR" in result.stderr
        assert httpx.get(f"{served.address}/readyz").status_code == 200


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_signal_stops_everything_without_a_traceback(tmp_path: Path, how: signal.Signals):
    with dev(tmp_path) as served:
        assert len(mongods_of(tmp_path)) == 1

        served.stop(how)

        wait_until(lambda: mongods_of(tmp_path) == [], within_seconds=60)
    assert "Traceback" not in served.log
    assert "rror" not in served.log


def test_killed_process_leaves_no_mongod_and_the_next_start_works(tmp_path: Path):
    with dev(tmp_path) as served:
        served.stop(signal.SIGKILL)

        with dev(tmp_path) as again, again.client() as ana:
            assert ana.get("/api/progress/course/demo").status_code == 200
            assert len(mongods_of(tmp_path)) == 1

    wait_until(lambda: mongods_of(tmp_path) == [], within_seconds=60)


def test_data_folder_that_was_moved_is_served(tmp_path: Path):
    with dev(tmp_path) as served, served.client() as ana:
        ana.post(
            "/api/progress/video/welcome/watch-time", json=a_body(total_duration=90, watch_time=40)
        )
    (tmp_path / "data").rename(tmp_path / "moved")

    with dev(tmp_path, PROGRESS_DATA_DIR=str(tmp_path / "moved")) as served, served.client() as ana:
        assert ana.get("/api/progress/video/welcome/status").json()["watch_time"] == 40


def test_data_folder_with_a_long_name_is_served(tmp_path: Path):
    folder = tmp_path / ("a-folder-with-a-rather-long-name" * 3) / "and a blank"

    with TemporaryDirectory() as short:
        with dev(tmp_path, PROGRESS_DATA_DIR=str(folder), TMPDIR=short) as served:
            assert httpx.get(f"{served.address}/readyz").status_code == 200
            assert len(os.listdir(short)) == 1  # with the socket of mongod
            served.stop(signal.SIGINT)

        assert os.listdir(short) == []


def test_two_workers_serve_and_stop(tmp_path: Path):
    with dev(tmp_path, PROGRESS_WORKERS="2") as served:
        with served.client() as ana:
            statuses = {ana.get("/api/progress/course/demo").status_code for _ in range(20)}
        served.stop()

        wait_until(lambda: mongods_of(tmp_path) == [], within_seconds=60)
    assert statuses == {200}
    assert "Traceback" not in served.log


def test_serve_responds_on_a_prepared_database(tmp_path: Path, mongodb_uri: str):
    given = {"PROGRESS_MONGODB_URI": mongodb_uri, "PROGRESS_MONGODB_DATABASE": "served"}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run(tmp_path, "seed", settings=given)

    with started(tmp_path, "serve", "--port", str(port), settings=given) as process:
        address = f"http://127.0.0.1:{port}"
        headers = {"Authorization": f"Bearer {a_token('ana')}"}

        def get_course() -> httpx.Response | None:
            try:
                return httpx.get(f"{address}/api/progress/course/demo", headers=headers)
            except httpx.HTTPError:
                return None

        wait_until(lambda: get_course() is not None, within_seconds=20)
        response = get_course()
        process.send_signal(signal.SIGTERM)
        process.wait(60)

    assert response is not None
    assert response.status_code == 200
    for line in (tmp_path / "stderr").read_text().splitlines():
        assert {"event", "level", "timestamp"} <= set(json.loads(line))


def test_settings_are_read_from_a_file(tmp_path: Path):
    (tmp_path / ".env").write_text("PROGRESS_PORT=http\n")

    result = run(tmp_path, "dev")

    assert result.returncode == 1
    assert "PROGRESS_PORT" in result.stderr
    assert SECRET not in result.stderr
    assert os.environ.get("PROGRESS_PORT") is None
