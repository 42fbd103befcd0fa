"""`dev` and `serve` from start to end: what they print, how they stop, what they leave behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest

from tests.builders import SECRET, a_body, a_token
from tests.processes import dev, is_one_sentence, run, started, wait_for


def mongods_of(folder: Path) -> list[int]:
    """The mongods that run on the data of *folder*."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                command = (process / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if "mongod" in command.split("\0")[0] and str(folder) in command:
                found.append(int(process.name))
    return found


def test_dev_prints_addresses_and_three_tokens_that_work(tmp_path: Path):
    with dev(tmp_path) as served:
        lines = served.output.split()
        tokens = [word for word in lines if word.count(".") == 2 and len(word) > 100]
        docs = httpx.get(f"{served.address}/docs")
        seen = [
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
    assert [answer.status_code for answer in [docs, *seen]] == [200] * 4
    assert served.address + "/docs" in lines
    assert str(tmp_path / "data") in lines


def test_a_second_start_is_quick_and_keeps_the_data(tmp_path: Path):
    with dev(tmp_path) as served, served.client() as ana:
        ana.post(
            "/api/progress/video/welcome/watch-time", json=a_body(total_duration=90, watch_time=40)
        )

    took_seconds = []
    while len(took_seconds) < 2 and min(took_seconds, default=9) > 5:  # others may be in the way
        started_at = time.monotonic()
        with dev(tmp_path) as served, served.client() as ana:
            took_seconds.append(time.monotonic() - started_at)
            status = ana.get("/api/progress/video/welcome/status").json()

    assert status["watch_time"] == 40
    assert min(took_seconds) < 5


def test_a_second_start_on_the_same_data_is_one_sentence(tmp_path: Path):
    with dev(tmp_path) as served:
        other = tmp_path / "other"
        other.mkdir()

        ended = run(other, "dev", "--port", "0", PROGRESS_DATA_DIR=str(tmp_path / "data"))

        assert ended.returncode == 1
        assert is_one_sentence(ended.stderr), ended.stderr
        assert "PROGRESS_DATA_DIR" in ended.stderr
        assert httpx.get(f"{served.address}/readyz").status_code == 200


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_ctrl_c_stops_everything_without_a_traceback(tmp_path: Path, how: signal.Signals):
    with dev(tmp_path) as served:
        assert len(mongods_of(tmp_path)) == 1

        served.stop(how)

        wait_for(lambda: mongods_of(tmp_path) == [], within_seconds=5)
    assert "Traceback" not in served.log
    assert "rror" not in served.log


def test_when_killed_no_mongod_stays_behind_and_the_next_start_works(tmp_path: Path):
    with dev(tmp_path) as served:
        served.stop(signal.SIGKILL)

        with dev(tmp_path) as again, again.client() as ana:
            assert ana.get("/api/progress/course/demo").status_code == 200
            assert len(mongods_of(tmp_path)) == 1

    wait_for(lambda: mongods_of(tmp_path) == [], within_seconds=10)


def test_ctrl_c_during_the_start_leaves_nothing_behind(tmp_path: Path):
    for delay_seconds in (0.7, 1.2):
        with started(tmp_path, "dev", "--port", "0") as process:
            time.sleep(delay_seconds)
            process.send_signal(signal.SIGINT)
            process.wait(15)

        wait_for(lambda: mongods_of(tmp_path) == [], within_seconds=10)


def test_data_that_moved_to_another_folder_still_serves(tmp_path: Path):
    with dev(tmp_path) as served, served.client() as ana:
        ana.post(
            "/api/progress/video/welcome/watch-time", json=a_body(total_duration=90, watch_time=40)
        )
    (tmp_path / "data").rename(tmp_path / "moved")

    with dev(tmp_path, PROGRESS_DATA_DIR=str(tmp_path / "moved")) as served, served.client() as ana:
        assert ana.get("/api/progress/video/welcome/status").json()["watch_time"] == 40


def test_a_data_folder_with_a_long_name_serves(tmp_path: Path):
    folder = tmp_path / ("a-folder-with-a-rather-long-name" * 3) / "and a blank"

    with dev(tmp_path, PROGRESS_DATA_DIR=str(folder)) as served:
        assert httpx.get(f"{served.address}/readyz").status_code == 200


def test_two_workers_serve_and_stop(tmp_path: Path):
    with dev(tmp_path, PROGRESS_WORKERS="2") as served:
        with served.client() as ana:
            statuses = {ana.get("/api/progress/course/demo").status_code for _ in range(20)}
        served.stop()

        wait_for(lambda: mongods_of(tmp_path) == [], within_seconds=10)
    assert statuses == {200}
    assert "Traceback" not in served.log


def test_serve_answers_on_a_prepared_database(tmp_path: Path, mongodb_uri: str):
    given = {"PROGRESS_MONGODB_URI": mongodb_uri, "PROGRESS_MONGODB_DATABASE": "served"}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run(tmp_path, "seed", **given)

    with started(tmp_path, "serve", "--port", str(port), **given) as process:
        address = f"http://127.0.0.1:{port}"
        headers = {"Authorization": f"Bearer {a_token('ana')}"}

        def answer() -> httpx.Response | None:
            try:
                return httpx.get(f"{address}/api/progress/course/demo", headers=headers)
            except httpx.HTTPError:
                return None

        wait_for(lambda: answer() is not None, within_seconds=20)
        found = answer()
        process.send_signal(signal.SIGTERM)
        process.wait(15)

    assert found is not None
    assert found.status_code == 200
    for line in (tmp_path / "stderr").read_text().splitlines():
        assert {"event", "level", "timestamp"} <= set(json.loads(line))


def test_settings_can_stand_in_a_file(tmp_path: Path):
    (tmp_path / ".env").write_text("PROGRESS_PORT=http\n")

    ended = run(tmp_path, "dev")

    assert ended.returncode == 1
    assert "PROGRESS_PORT" in ended.stderr
    assert SECRET not in ended.stderr
    assert os.environ.get("PROGRESS_PORT") is None
