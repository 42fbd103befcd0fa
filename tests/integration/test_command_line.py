"""The command line from outside: what it says, how it ends, what it leaves behind."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from jose import jwt
from pymongo import MongoClient

from progress_service.cli import main
from progress_service.mongo.mongod import end_with_parent, find_mongod
from tests.processes import environment, is_one_sentence, run


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


NOWHERE = "mongodb://127.0.0.1:1/?replicaSet=rs0"
BAD_SETTINGS = {
    "weak secret": {"PROGRESS_JWT_SECRET": "short"},
    "secret that is a key": {
        "PROGRESS_JWT_SECRET": "-----BEGIN PUBLIC KEY-----\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    },
    "algorithm none": {"PROGRESS_JWT_ALGORITHMS": "none"},
    "algorithm without a key": {"PROGRESS_JWT_ALGORITHMS": "RS256"},
    "key file that is not there": {
        "PROGRESS_JWT_ALGORITHMS": "RS256",
        "PROGRESS_JWT_PUBLIC_KEY": "/nonexistent/key.pem",
    },
    "port of letters": {"PROGRESS_PORT": "http"},
    "port too large": {"PROGRESS_PORT": "70000"},
    "no workers": {"PROGRESS_WORKERS": "0"},
    "threshold of zero": {"PROGRESS_COMPLETE_AT_PERCENT": "0"},
    "threshold of nonsense": {"PROGRESS_COMPLETE_AT_PERCENT": "most"},
    "threshold that is no number": {"PROGRESS_COMPLETE_AT_PERCENT": "nan"},
    "rate of nonsense": {"PROGRESS_WATCH_TIME_RATE": "often"},
    "read rate of nonsense": {"PROGRESS_READ_RATE": "50 per blink"},
    "rate of nothing": {"PROGRESS_SERVICE_RATE": ";"},
    "storage of nonsense": {"PROGRESS_RATE_LIMIT_STORAGE": "nonsense://here"},
    "origins that are a pattern": {"PROGRESS_CORS_ORIGINS": "*"},
    "origin with a path": {"PROGRESS_CORS_ORIGINS": "https://learn.example/app"},
    "log format of nonsense": {"PROGRESS_LOG_FORMAT": "xml"},
    "address of nonsense": {"PROGRESS_HOST": "999.999.999.999"},
    "address of others": {"PROGRESS_HOST": "192.0.2.1"},
    "mongod that is not there": {"PROGRESS_MONGOD": "/nonexistent"},
    "mongod that is no program": {"PROGRESS_MONGOD": "/etc/passwd"},
    "mongod that ends at once": {"PROGRESS_MONGOD": "/bin/false"},
    "database address of nonsense": {"PROGRESS_MONGODB_URI": "nonsense"},
    "database address of another kind": {"PROGRESS_MONGODB_URI": "postgres://127.0.0.1"},
    "database name of nonsense": {"PROGRESS_MONGODB_DATABASE": "a b/c"},
    "data folder that is a file": {"PROGRESS_DATA_DIR": "/etc/passwd"},
    "data folder that cannot be": {"PROGRESS_DATA_DIR": "/proc/nothing/here"},
}


@pytest.fixture
def kept_logging() -> Iterator[None]:
    """What a command does to the logging of its process is undone."""
    handlers, config = logging.getLogger().handlers[:], structlog.get_config()
    yield
    logging.getLogger().handlers[:] = handlers
    structlog.configure(**config)


@dataclass(frozen=True)
class Ended:
    """What a finished command leaves: its exit code and its words."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Ended]


@pytest.fixture
def command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    kept_logging: None,
) -> Command:
    """Like `run`, but in this process: starting Python takes longer than most commands."""

    def ended(*arguments: str, **given: str) -> Ended:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["progress-service", *arguments])
        for variable in [name for name in os.environ if name.startswith("PROGRESS_")]:
            monkeypatch.delenv(variable)
        for variable, value in environment(tmp_path, **given).items():
            monkeypatch.setenv(variable, value)
        with pytest.raises(SystemExit) as exit_:
            main()
        told = capfd.readouterr()
        return Ended(int(exit_.value.code or 0), told.out, told.err)

    return ended


@pytest.mark.parametrize("name", BAD_SETTINGS)
def test_a_setting_that_makes_no_sense_is_one_sentence(command: Command, name: str):
    given = BAD_SETTINGS[name]
    port = [] if "PROGRESS_PORT" in given else ["--port", "0"]

    ended = command("dev", *port, **given)

    assert ended.returncode == 1
    assert is_one_sentence(ended.stderr), ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize("name", ["weak secret", "mongod that is not there"])
def test_such_a_sentence_is_all_that_a_process_says(tmp_path: Path, name: str):
    ended = run(tmp_path, "dev", "--port", "0", **BAD_SETTINGS[name])

    assert (ended.returncode, ended.stdout) == (1, "")
    assert is_one_sentence(ended.stderr), ended.stderr


def test_a_secret_is_not_told_in_the_sentence(tmp_path: Path):
    ended = run(tmp_path, "dev", PROGRESS_JWT_SECRET="my-own-short-secret")

    assert "my-own-short-secret" not in ended.stderr + ended.stdout


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path):
    with ThreadPoolExecutor() as pool:
        all_ended = [
            pool.submit(run, tmp_path, *command, PROGRESS_MONGODB_URI=NOWHERE)
            for command in (["dev", "--port", "0"], ["serve", "--port", "0"], ["prepare-db"])
        ]

    for ended in (each.result() for each in all_ended):
        assert ended.returncode == 1, ended.stderr
        assert is_one_sentence(ended.stderr), ended.stderr
        assert "PROGRESS_MONGODB_URI" in ended.stderr
        assert ended.stdout == ""


@pytest.mark.parametrize("name", ["serve", "prepare-db", "seed"])
def test_without_a_database_only_dev_runs(command: Command, name: str):
    ended = command(name)

    assert ended.returncode == 1
    assert is_one_sentence(ended.stderr), ended.stderr
    assert "PROGRESS_MONGODB_URI" in ended.stderr


def test_serve_wants_a_secret(command: Command):
    ended = command("serve", PROGRESS_MONGODB_URI=NOWHERE, PROGRESS_JWT_SECRET="")

    assert ended.returncode == 1
    assert is_one_sentence(ended.stderr), ended.stderr
    assert "PROGRESS_JWT_SECRET" in ended.stderr


def test_serve_wants_a_prepared_database(tmp_path: Path, mongodb_uri: str):
    ended = run(
        tmp_path,
        "serve",
        "--port",
        "0",
        PROGRESS_MONGODB_URI=mongodb_uri,
        PROGRESS_MONGODB_DATABASE="never_prepared",
    )

    assert ended.returncode == 1
    assert is_one_sentence(ended.stderr), ended.stderr
    assert "prepare-db" in ended.stderr


def test_a_busy_port_is_one_sentence(tmp_path: Path, busy_port: int):
    ended = run(tmp_path, "dev", "--port", str(busy_port))

    assert ended.returncode == 1
    assert is_one_sentence(ended.stderr), ended.stderr
    assert str(busy_port) in ended.stderr
    assert "--port" in ended.stderr


# -- small commands ----------------------------------------------------------------------------

COMMANDS = ["dev", "serve", "prepare-db", "seed", "token", "export-openapi"]


@pytest.mark.parametrize("name", [[], *([c] for c in COMMANDS)], ids=str)
def test_each_command_has_help(command: Command, name: list[str]):
    ended = command(*name, "--help")

    assert ended.returncode == 0
    assert "Usage: progress-service" in ended.stdout
    assert ended.stderr == ""


def test_the_help_names_each_command(command: Command):
    told = command("--help").stdout

    assert [command for command in COMMANDS if command not in told] == []


def test_a_command_that_does_not_exist_is_a_short_answer(command: Command):
    ended = command("fly")

    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


def test_it_can_be_run_as_a_module(tmp_path: Path):
    ended = subprocess.run(
        [sys.executable, "-m", "progress_service", "token", "--sub", "ana", "--role", "student"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    assert ended.stdout.count(".") == 2


@pytest.mark.parametrize("role", ["student", "teacher", "service"])
def test_token_prints_a_token_and_nothing_else(command: Command, role: str):
    ended = command("token", "--sub", "ana", "--role", role, "--ttl", "60")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(ended.stdout.split()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--sub", "a b", "--role", "student"],
        ["--sub", "", "--role", "student"],
        ["--sub", "ana\n", "--role", "student"],
    ],
)
def test_token_refuses_a_user_that_is_no_id(command: Command, arguments: list[str]):
    ended = command("token", *arguments)

    assert ended.returncode == 1
    assert is_one_sentence(ended.stderr), ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--sub", "ana"],
        ["--sub", "ana", "--role", "admin"],
        ["--sub", "ana", "--role", "student", "--ttl", "0"],
        ["--sub", "ana", "--role", "student", "--ttl", "a while"],
    ],
    ids=str,
)
def test_token_explains_what_it_wants(command: Command, arguments: list[str]):
    ended = command("token", *arguments)

    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


def test_without_a_secret_token_keeps_one(tmp_path: Path):
    for _ in range(2):
        ended = run(tmp_path, "token", "--sub", "ana", "--role", "student", PROGRESS_JWT_SECRET="")
        assert ended.returncode == 0

    (kept,) = (tmp_path / "data").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert len(kept.read_text()) >= 32


def test_export_openapi_needs_nothing(tmp_path: Path):
    ended = run(tmp_path, "export-openapi", PROGRESS_JWT_SECRET="")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout)["openapi"].startswith("3.")
    assert list(tmp_path.iterdir()) == []


def test_export_openapi_says_the_same_whatever_the_settings(command: Command):
    usual = command("export-openapi").stdout

    changed = command(
        "export-openapi",
        PROGRESS_JWT_ALGORITHMS="RS256",
        PROGRESS_COMPLETE_AT_PERCENT="95",
        PROGRESS_CORS_ORIGINS="https://app.example",
    ).stdout

    assert changed == usual


def test_prepare_db_can_be_run_again(tmp_path: Path, mongodb_uri: str):
    given = {"PROGRESS_MONGODB_URI": mongodb_uri, "PROGRESS_MONGODB_DATABASE": "prepared_twice"}

    ended = [run(tmp_path, "prepare-db", **given) for _ in range(2)]

    assert [(e.returncode, e.stderr) for e in ended] == [(0, ""), (0, "")]
    assert ended[0].stdout == ended[1].stdout
    assert "watch_progress.student_id_1_material_id_1" in ended[0].stdout


def test_seed_can_be_run_again(tmp_path: Path, mongodb_uri: str):
    given = {"PROGRESS_MONGODB_URI": mongodb_uri, "PROGRESS_MONGODB_DATABASE": "seeded_twice"}

    ended = [run(tmp_path, "seed", **given) for _ in range(2)]

    assert [(e.returncode, e.stderr) for e in ended] == [(0, ""), (0, "")]


def test_a_taken_material_is_named_when_the_demo_is_put(tmp_path: Path, mongodb_uri: str):
    given = {"PROGRESS_MONGODB_URI": mongodb_uri, "PROGRESS_MONGODB_DATABASE": "seeded_late"}
    assert run(tmp_path, "seed", **given).returncode == 0
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        courses = client["seeded_late"]["courses"]
        held = courses.find_one_and_delete({"_id": "demo"})
        assert held is not None
        courses.insert_one({**held, "_id": "mine"})

    ended = run(tmp_path, "seed", **given)

    assert ended.returncode == 1
    assert is_one_sentence(ended.stderr), ended.stderr
    assert "belongs to another course" in ended.stderr


def test_tokens_are_minted_for_the_issuer_and_the_audience(command: Command):
    given = {"PROGRESS_JWT_ISSUER": "https://login.example", "PROGRESS_JWT_AUDIENCE": "progress"}

    ended = command("token", "--sub", "ana", "--role", "student", **given)

    assert ended.returncode == 0
    claims = jwt.get_unverified_claims(ended.stdout.strip())
    assert (claims["iss"], claims["aud"]) == ("https://login.example", "progress")


def test_a_place_that_cannot_be_written_is_one_sentence(command: Command):
    ended = command("export-openapi", "/nowhere/openapi.json")

    assert ended.returncode == 1
    assert is_one_sentence(ended.stderr), ended.stderr


def test_a_lone_database_node_is_one_sentence(tmp_path: Path, lone_mongod: str):
    ended = run(tmp_path, "prepare-db", PROGRESS_MONGODB_URI=lone_mongod)

    assert ended.returncode == 1
    assert is_one_sentence(ended.stderr), ended.stderr
    assert "single node" in ended.stderr


@pytest.fixture
def lone_mongod(tmp_path: Path) -> Iterator[str]:
    """A mongod that belongs to no set."""
    with tempfile.TemporaryDirectory() as short:  # pytest's own folders are too long for a socket
        socket_path = Path(short) / "s.sock"
        command = [str(find_mongod()), "--dbpath", str(tmp_path), "--bind_ip", str(socket_path)]
        process = subprocess.Popen(
            [*command, "--nounixsocket", "--logpath", str(tmp_path / "log")],
            preexec_fn=end_with_parent,
            stdout=subprocess.DEVNULL,
        )
        try:
            uri = f"mongodb://{quote(str(socket_path), safe='')}/?directConnection=true"
            with MongoClient[dict[str, Any]](uri) as client:
                client.admin.command("ping")
            yield uri
        finally:
            process.terminate()
            process.wait()
