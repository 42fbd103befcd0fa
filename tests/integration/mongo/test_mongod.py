"""The private mongod: durability, isolation, shutdown, and file permissions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient, WriteConcern

from progress_service.errors import StartupError
from progress_service.mongo.mongod import private_mongod
from progress_service.mongo.mongod_binary import find_mongod
from progress_service.testing import wait_until


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def pid_of(uri: str) -> int:
    with MongoClient[dict[str, Any]](uri) as client:
        return int(client.admin.command("serverStatus")["pid"])


def test_mongod_stores_journaled_majority_writes(tmp_path: Path):
    with private_mongod(tmp_path) as uri, MongoClient[dict[str, Any]](uri) as client:
        durable = WriteConcern("majority", j=True)
        client.sample.get_collection("things", write_concern=durable).insert_one({"_id": 7})

    with private_mongod(tmp_path) as uri, MongoClient[dict[str, Any]](uri) as client:
        assert client.sample.things.find_one() == {"_id": 7}


def test_mongod_has_change_streams(tmp_path: Path):
    with (
        private_mongod(tmp_path) as uri,
        MongoClient[dict[str, Any]](uri) as client,
        client.sample.watch(max_await_time_ms=1_000) as stream,
    ):
        client.sample.things.insert_one({"_id": 7})

        assert stream.next()["documentKey"] == {"_id": 7}


def test_mongod_ends_with_the_block(tmp_path: Path):
    with private_mongod(tmp_path) as uri:
        pid = pid_of(uri)

    assert not is_running(pid)


def test_mongod_opens_no_port(tmp_path: Path):
    with private_mongod(tmp_path) as uri:
        sockets = set()
        for fd in Path(f"/proc/{pid_of(uri)}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed since it was listed
                sockets.add(os.readlink(fd))
        inodes = {name[8:-1] for name in sockets if name.startswith("socket:[")}
        tcp = [
            line.split()[9]
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        ]

    assert inodes.isdisjoint(tcp)


def test_second_mongod_on_the_same_data_is_rejected(tmp_path: Path):
    with (
        private_mongod(tmp_path),
        pytest.raises(StartupError, match="already runs"),
        private_mongod(tmp_path),
    ):
        pass


def test_second_mongod_on_other_data_runs_beside_the_first(tmp_path: Path):
    with private_mongod(tmp_path / "a") as one, private_mongod(tmp_path / "b") as other:
        assert pid_of(one) != pid_of(other)


def test_mongod_ends_when_its_parent_is_killed(tmp_path: Path):
    script = (
        "import sys, time; from pathlib import Path; "
        "from progress_service.mongo.mongod import private_mongod\n"
        "with private_mongod(Path(sys.argv[1])) as uri: print(uri, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = pid_of(parent.stdout.readline().strip())
        parent.send_signal(signal.SIGKILL)

    wait_until(lambda: not is_running(pid), within_seconds=60)


def test_mongod_starts_on_its_data_after_a_kill(tmp_path: Path):
    with private_mongod(tmp_path) as uri:
        with MongoClient[dict[str, Any]](uri) as client:
            durable = WriteConcern("majority", j=True)
            client.sample.get_collection("things", write_concern=durable).insert_one({"_id": 7})
        os.kill(pid_of(uri), signal.SIGKILL)
        time.sleep(0.1)

    with private_mongod(tmp_path) as uri, MongoClient[dict[str, Any]](uri) as client:
        assert client.sample.things.find_one() == {"_id": 7}


def test_binary_can_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    binary = tmp_path / "mongod"
    binary.touch()
    monkeypatch.setenv("PROGRESS_MONGOD", str(binary))

    assert find_mongod() == binary


@pytest.mark.parametrize("named", ["/nonexistent", "/tmp"])
def test_binary_that_is_invalid_is_rejected(monkeypatch: pytest.MonkeyPatch, named: str):
    monkeypatch.setenv("PROGRESS_MONGOD", named)

    with pytest.raises(StartupError, match="PROGRESS_MONGOD"):
        find_mongod()


def test_data_folder_that_cannot_be_written_is_rejected(tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(StartupError, match="PROGRESS_DATA_DIR"), private_mongod(tmp_path / "file"):
        pass


# -- file permissions and the log --------------------------------------------------------------


def readable_by_others(folder: Path) -> list[str]:
    """What others may access in *folder*, including the folder itself."""
    return [
        f"{path.name} {path.stat().st_mode & 0o777:o}"
        for path in [folder, *folder.rglob("*")]
        if path.stat().st_mode & 0o077
    ]


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_data_folder_is_readable_only_by_its_owner(tmp_path: Path):
    folder = tmp_path / "sample" / "data"
    with private_mongod(folder) as uri, MongoClient[dict[str, Any]](uri) as client:
        client.sample.things.insert_one({"_id": 7})
        client.sample.things.create_index("place")

        assert readable_by_others(folder) == []

    assert readable_by_others(folder) == []


@pytest.mark.usefixtures("open_umask")
def test_data_folder_of_an_older_version_becomes_private(tmp_path: Path):
    folder = tmp_path / "mongod"
    folder.mkdir()
    for name in ("mongod.log", "in-use.lock"):
        (folder / name).write_text("of an earlier run\n")
    assert readable_by_others(folder)

    with private_mongod(tmp_path):
        assert readable_by_others(folder) == []
        assert (folder / "mongod.log").read_text().startswith("of an earlier run\n")


def test_existing_parent_folder_keeps_its_mode(tmp_path: Path):
    tmp_path.chmod(0o755)

    with private_mongod(tmp_path):
        assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_log_has_no_line_about_a_slow_operation(tmp_path: Path):
    log = tmp_path / "mongod" / "mongod.log"
    with private_mongod(tmp_path) as uri, MongoClient[dict[str, Any]](uri) as client:
        client.sample.things.insert_one({"student_id": "private-student-id", "steps": 2_000_000})
        # Server-side scripts are off; a long sum takes more than the usual 100 ms.
        sum_of_steps = {
            "$reduce": {
                "input": {"$range": [0, "$steps"]},
                "initialValue": 0,
                "in": {"$add": ["$$value", "$$this"]},
            }
        }
        slow = {"student_id": "private-student-id", "$expr": {"$gt": [sum_of_steps, 0]}}

        assert list(client.sample.things.find(slow))
        assert "private-student-id" not in log.read_text()

        client.sample.command("profile", 0, slowms=100)  # mongod's own default
        assert list(client.sample.things.find(slow))
        assert "private-student-id" in log.read_text()
