"""The private mongod: what it needs, what it keeps, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pymongo import MongoClient, WriteConcern

from progress_service.errors import StartupError
from progress_service.mongo.mongod import find_mongod, private_mongod
from tests.processes import wait_for


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def pid_of(uri: str) -> int:
    with MongoClient(uri) as client:
        return int(client.admin.command("serverStatus")["pid"])


def test_it_takes_journaled_majority_writes_and_keeps_them(tmp_path: Path):
    with private_mongod(tmp_path) as uri, MongoClient(uri) as client:
        durable = WriteConcern("majority", j=True)
        client.kept.get_collection("things", write_concern=durable).insert_one({"_id": 7})

    with private_mongod(tmp_path) as uri, MongoClient(uri) as client:
        assert client.kept.things.find_one() == {"_id": 7}


def test_it_tells_of_changes(tmp_path: Path):
    with (
        private_mongod(tmp_path) as uri,
        MongoClient(uri) as client,
        client.kept.watch(max_await_time_ms=1_000) as stream,
    ):
        client.kept.things.insert_one({"_id": 7})

        assert stream.next()["documentKey"] == {"_id": 7}


def test_it_is_gone_afterwards(tmp_path: Path):
    with private_mongod(tmp_path) as uri:
        pid = pid_of(uri)

    assert not is_running(pid)


def test_no_port_is_open(tmp_path: Path):
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


def test_two_on_the_same_data_are_refused(tmp_path: Path):
    with (
        private_mongod(tmp_path),
        pytest.raises(StartupError, match="already runs"),
        private_mongod(tmp_path),
    ):
        pass


def test_two_on_their_own_data_live_side_by_side(tmp_path: Path):
    with private_mongod(tmp_path / "a") as one, private_mongod(tmp_path / "b") as other:
        assert pid_of(one) != pid_of(other)


def test_it_ends_with_whoever_started_it_even_when_killed(tmp_path: Path):
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

    wait_for(lambda: not is_running(pid), within_seconds=10)


def test_after_a_kill_it_starts_on_the_same_data(tmp_path: Path):
    with private_mongod(tmp_path) as uri:
        with MongoClient(uri) as client:
            durable = WriteConcern("majority", j=True)
            client.kept.get_collection("things", write_concern=durable).insert_one({"_id": 7})
        os.kill(pid_of(uri), signal.SIGKILL)
        time.sleep(0.1)

    with private_mongod(tmp_path) as uri, MongoClient(uri) as client:
        assert client.kept.things.find_one() == {"_id": 7}


def test_a_binary_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    binary = tmp_path / "mongod"
    binary.touch()
    monkeypatch.setenv("PROGRESS_MONGOD", str(binary))

    assert find_mongod() == binary


@pytest.mark.parametrize("named", ["/nonexistent", "/tmp"])
def test_a_binary_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, named: str):
    monkeypatch.setenv("PROGRESS_MONGOD", named)

    with pytest.raises(StartupError, match="PROGRESS_MONGOD"):
        find_mongod()


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(StartupError, match="PROGRESS_DATA_DIR"), private_mongod(tmp_path / "file"):
        pass


# -- what others on the machine may read -------------------------------------------------------


def readable_by_others(folder: Path) -> list[str]:
    """What is not for its owner alone, the folder itself included."""
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
def test_data_folder_is_for_its_owner_only_while_running_and_after(tmp_path: Path):
    folder = tmp_path / "kept" / "data"
    with private_mongod(folder) as uri, MongoClient(uri) as client:
        client.kept.things.insert_one({"_id": 7})
        client.kept.things.create_index("place")

        assert readable_by_others(folder) == []

    assert readable_by_others(folder) == []


@pytest.mark.usefixtures("open_umask")
def test_data_folder_of_an_older_version_is_closed_to_others(tmp_path: Path):
    folder = tmp_path / "mongod"
    folder.mkdir()
    for name in ("mongod.log", "in-use.lock"):
        (folder / name).write_text("of an earlier run\n")
    assert readable_by_others(folder)

    with private_mongod(tmp_path):
        assert readable_by_others(folder) == []
        assert (folder / "mongod.log").read_text().startswith("of an earlier run\n")


def test_data_folder_that_was_there_keeps_its_mode(tmp_path: Path):
    tmp_path.chmod(0o755)

    with private_mongod(tmp_path):
        assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_log_holds_no_line_about_a_slow_operation(tmp_path: Path):
    log = tmp_path / "mongod" / "mongod.log"
    with private_mongod(tmp_path) as uri, MongoClient(uri) as client:
        client.kept.things.insert_one({"student_id": "nobody-may-name-her", "steps": 2_000_000})
        # Without server-side scripts, a long sum is what takes more than the usual 100 ms.
        sum_of_steps = {
            "$reduce": {
                "input": {"$range": [0, "$steps"]},
                "initialValue": 0,
                "in": {"$add": ["$$value", "$$this"]},
            }
        }
        slow = {"student_id": "nobody-may-name-her", "$expr": {"$gt": [sum_of_steps, 0]}}

        assert list(client.kept.things.find(slow))
        assert "nobody-may-name-her" not in log.read_text()

        client.kept.command("profile", 0, slowms=100)  # mongod's own default
        assert list(client.kept.things.find(slow))
        assert "nobody-may-name-her" in log.read_text()
