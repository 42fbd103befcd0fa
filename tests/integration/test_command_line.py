"""The command line: its output, its exit codes, and the files it leaves."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from jose import jwt
from pymongo import MongoClient

from progress_service.cli.main import main
from tests.mongods import address_of, mongod_with
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
    "missing key file": {
        "PROGRESS_JWT_ALGORITHMS": "RS256",
        "PROGRESS_JWT_PUBLIC_KEY": "/nonexistent/key.pem",
    },
    "port that is not a number": {"PROGRESS_PORT": "http"},
    "port too large": {"PROGRESS_PORT": "70000"},
    "no workers": {"PROGRESS_WORKERS": "0"},
    "threshold of zero": {"PROGRESS_COMPLETE_AT_PERCENT": "0"},
    "threshold that is not a number": {"PROGRESS_COMPLETE_AT_PERCENT": "most"},
    "threshold NaN": {"PROGRESS_COMPLETE_AT_PERCENT": "nan"},
    "invalid rate": {"PROGRESS_WATCH_TIME_RATE": "often"},
    "invalid read rate": {"PROGRESS_READ_RATE": "50 per blink"},
    "empty rate": {"PROGRESS_SERVICE_RATE": ";"},
    "unknown storage": {"PROGRESS_RATE_LIMIT_STORAGE": "nonsense://here"},
    "origin pattern": {"PROGRESS_CORS_ORIGINS": "*"},
    "origin with a path": {"PROGRESS_CORS_ORIGINS": "https://learn.example/app"},
    "unknown log format": {"PROGRESS_LOG_FORMAT": "xml"},
    "invalid host": {"PROGRESS_HOST": "999.999.999.999"},
    "host of another machine": {"PROGRESS_HOST": "192.0.2.1"},
    "missing mongod": {"PROGRESS_MONGOD": "/nonexistent"},
    "mongod that is not a program": {"PROGRESS_MONGOD": "/etc/passwd"},
    "mongod that ends at once": {"PROGRESS_MONGOD": "/bin/false"},
    "invalid database address": {"PROGRESS_MONGODB_URI": "nonsense"},
    "database address of another scheme": {"PROGRESS_MONGODB_URI": "postgres://127.0.0.1"},
    "invalid database name": {"PROGRESS_MONGODB_DATABASE": "a b/c"},
    "data folder that is a file": {"PROGRESS_DATA_DIR": "/etc/passwd"},
    "data folder that cannot exist": {"PROGRESS_DATA_DIR": "/proc/nothing/here"},
}


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Restores the logging of this process after a command."""
    handlers, config = logging.getLogger().handlers[:], structlog.get_config()
    yield
    logging.getLogger().handlers[:] = handlers
    structlog.configure(**config)


@dataclass(frozen=True)
class Result:
    """The exit code and the output of a command."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Result]


@pytest.fixture
def command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    restored_logging: None,
) -> Command:
    """Like `run`, but in this process: starting Python takes longer than most commands."""

    def run_command(*arguments: str, **given: str) -> Result:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["progress-service", *arguments])
        for variable in [name for name in os.environ if name.startswith("PROGRESS_")]:
            monkeypatch.delenv(variable)
        for variable, value in environment(tmp_path, **given).items():
            monkeypatch.setenv(variable, value)
        with pytest.raises(SystemExit) as exit_:
            main()
        output = capfd.readouterr()
        return Result(int(exit_.value.code or 0), output.out, output.err)

    return run_command


@pytest.mark.parametrize("name", BAD_SETTINGS)
def test_invalid_setting_is_reported_in_one_sentence(command: Command, name: str):
    given = BAD_SETTINGS[name]
    port = [] if "PROGRESS_PORT" in given else ["--port", "0"]

    result = command("dev", *port, **given)

    assert result.returncode == 1
    assert is_one_sentence(result.stderr), result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("name", ["weak secret", "missing mongod"])
def test_invalid_setting_is_the_only_output_of_a_process(tmp_path: Path, name: str):
    result = run(tmp_path, "dev", "--port", "0", settings=BAD_SETTINGS[name])

    assert (result.returncode, result.stdout) == (1, "")
    assert is_one_sentence(result.stderr), result.stderr


def test_secret_is_not_printed_in_an_error(tmp_path: Path):
    result = run(tmp_path, "dev", settings={"PROGRESS_JWT_SECRET": "my-own-short-secret"})

    assert "my-own-short-secret" not in result.stderr + result.stdout


def test_unreachable_database_is_reported_in_one_sentence(tmp_path: Path):
    unreachable = {"PROGRESS_MONGODB_URI": NOWHERE}
    with ThreadPoolExecutor() as pool:
        futures = [
            pool.submit(run, tmp_path, *command, settings=unreachable)
            for command in (["dev", "--port", "0"], ["serve", "--port", "0"], ["prepare-db"])
        ]

    for result in (each.result() for each in futures):
        assert result.returncode == 1, result.stderr
        assert is_one_sentence(result.stderr), result.stderr
        assert "PROGRESS_MONGODB_URI" in result.stderr
        assert result.stdout == ""


@pytest.mark.parametrize("name", ["serve", "prepare-db", "seed"])
def test_missing_database_address_is_reported_in_one_sentence(command: Command, name: str):
    result = command(name)

    assert result.returncode == 1
    assert is_one_sentence(result.stderr), result.stderr
    assert "PROGRESS_MONGODB_URI" in result.stderr


def test_serve_requires_a_secret(command: Command):
    result = command("serve", PROGRESS_MONGODB_URI=NOWHERE, PROGRESS_JWT_SECRET="")

    assert result.returncode == 1
    assert is_one_sentence(result.stderr), result.stderr
    assert "PROGRESS_JWT_SECRET" in result.stderr


def test_serve_requires_a_prepared_database(tmp_path: Path, mongodb_uri: str):
    given = {"PROGRESS_MONGODB_URI": mongodb_uri, "PROGRESS_MONGODB_DATABASE": "never_prepared"}

    result = run(tmp_path, "serve", "--port", "0", settings=given)

    assert result.returncode == 1
    assert is_one_sentence(result.stderr), result.stderr
    assert "prepare-db" in result.stderr


def test_busy_port_is_reported_in_one_sentence(tmp_path: Path, busy_port: int):
    result = run(tmp_path, "dev", "--port", str(busy_port))

    assert result.returncode == 1
    assert is_one_sentence(result.stderr), result.stderr
    assert str(busy_port) in result.stderr
    assert "--port" in result.stderr


# -- small commands ----------------------------------------------------------------------------

COMMANDS = ["dev", "serve", "prepare-db", "seed", "doctor", "token", "export-openapi"]


@pytest.mark.parametrize("name", [[], *([c] for c in COMMANDS)], ids=str)
def test_command_has_help(command: Command, name: list[str]):
    result = command(*name, "--help")

    assert result.returncode == 0
    assert "Usage: progress-service" in result.stdout
    assert result.stderr == ""


def test_help_lists_each_command(command: Command):
    output = command("--help").stdout

    assert [command for command in COMMANDS if command not in output] == []


def test_unknown_command_is_reported_without_a_traceback(command: Command):
    result = command("fly")

    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_package_can_be_run_as_a_module(tmp_path: Path):
    result = subprocess.run(
        [sys.executable, "-m", "progress_service", "token", "--sub", "ana", "--role", "student"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    assert result.stdout.count(".") == 2


@pytest.mark.parametrize("role", ["student", "teacher", "service"])
def test_token_prints_only_a_token(command: Command, role: str):
    result = command("token", "--sub", "ana", "--role", role, "--ttl", "60")

    assert (result.returncode, result.stderr) == (0, "")
    assert len(result.stdout.split()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--sub", "a b", "--role", "student"],
        ["--sub", "", "--role", "student"],
        ["--sub", "ana\n", "--role", "student"],
    ],
)
def test_token_rejects_an_invalid_user_id(command: Command, arguments: list[str]):
    result = command("token", *arguments)

    assert result.returncode == 1
    assert is_one_sentence(result.stderr), result.stderr


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
def test_token_rejects_invalid_arguments(command: Command, arguments: list[str]):
    result = command("token", *arguments)

    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_token_stores_a_secret_when_none_is_set(tmp_path: Path):
    arguments = ("token", "--sub", "ana", "--role", "student")
    for _ in range(2):
        result = run(tmp_path, *arguments, settings={"PROGRESS_JWT_SECRET": ""})
        assert result.returncode == 0

    (file,) = (tmp_path / "data").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_text()) >= 32


def test_export_openapi_requires_no_settings(tmp_path: Path):
    result = run(tmp_path, "export-openapi", settings={"PROGRESS_JWT_SECRET": ""})

    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["openapi"].startswith("3.")
    assert list(tmp_path.iterdir()) == []


def test_export_openapi_is_the_same_for_any_settings(command: Command):
    default = command("export-openapi").stdout

    changed = command(
        "export-openapi",
        PROGRESS_JWT_ALGORITHMS="RS256",
        PROGRESS_COMPLETE_AT_PERCENT="95",
        PROGRESS_CORS_ORIGINS="https://app.example",
    ).stdout

    assert changed == default


def test_prepare_db_can_be_run_again(tmp_path: Path, mongodb_uri: str):
    given = {"PROGRESS_MONGODB_URI": mongodb_uri, "PROGRESS_MONGODB_DATABASE": "prepared_twice"}

    results = [run(tmp_path, "prepare-db", settings=given) for _ in range(2)]

    assert [(e.returncode, e.stderr) for e in results] == [(0, ""), (0, "")]
    assert results[0].stdout == results[1].stdout
    assert "watch_progress.student_id_1_material_id_1" in results[0].stdout


def test_seed_can_be_run_again(tmp_path: Path, mongodb_uri: str):
    given = {"PROGRESS_MONGODB_URI": mongodb_uri, "PROGRESS_MONGODB_DATABASE": "seeded_twice"}

    results = [run(tmp_path, "seed", settings=given) for _ in range(2)]

    assert [(e.returncode, e.stderr) for e in results] == [(0, ""), (0, "")]
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        enrolled = client["seeded_twice"]["enrollments"].distinct("student_id")
    assert enrolled == ["ana"]


def test_seed_stores_a_class_once(tmp_path: Path, mongodb_uri: str):
    given = {"PROGRESS_MONGODB_URI": mongodb_uri, "PROGRESS_MONGODB_DATABASE": "seeded_class"}
    arguments = ("seed", "--students", "25", "--days", "10", "--seed", "3")
    found = []

    for _ in range(2):
        result = run(tmp_path, *arguments, settings=given)
        assert (result.returncode, result.stderr) == (0, "")
        assert "25 learners" in result.stdout
        with MongoClient[dict[str, Any]](mongodb_uri) as client:
            collections = (
                client["seeded_class"][name] for name in ("enrollments", "watch_progress")
            )
            found.append([list(each.find({}).sort("_id", 1)) for each in collections])

    assert found[0] == found[1]
    enrolled, records = found[0]
    assert {each["student_id"] for each in enrolled} == {
        "ana",
        *(f"demo-{number:03d}" for number in range(1, 26)),
    }
    assert len(records) > 25


@pytest.mark.parametrize(
    "arguments",
    [["--students", "-1"], ["--students", "many"], ["--days", "0"], ["--seed", "x"]],
    ids=str,
)
def test_seed_rejects_invalid_arguments(command: Command, arguments: list[str]):
    result = command("seed", *arguments)

    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_seed_names_a_material_that_belongs_to_another_course(tmp_path: Path, mongodb_uri: str):
    given = {"PROGRESS_MONGODB_URI": mongodb_uri, "PROGRESS_MONGODB_DATABASE": "seeded_late"}
    assert run(tmp_path, "seed", settings=given).returncode == 0
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        courses = client["seeded_late"]["courses"]
        demo = courses.find_one_and_delete({"_id": "demo"})
        assert demo is not None
        courses.insert_one({**demo, "_id": "mine"})

    result = run(tmp_path, "seed", settings=given)

    assert result.returncode == 1
    assert is_one_sentence(result.stderr), result.stderr
    assert "belongs to another course" in result.stderr


def test_token_has_the_configured_issuer_and_audience(command: Command):
    given = {"PROGRESS_JWT_ISSUER": "https://login.example", "PROGRESS_JWT_AUDIENCE": "progress"}

    result = command("token", "--sub", "ana", "--role", "student", **given)

    assert result.returncode == 0
    claims = jwt.get_unverified_claims(result.stdout.strip())
    assert (claims["iss"], claims["aud"]) == ("https://login.example", "progress")


def test_unwritable_file_is_reported_in_one_sentence(command: Command):
    result = command("export-openapi", "/nowhere/openapi.json")

    assert result.returncode == 1
    assert is_one_sentence(result.stderr), result.stderr


def test_standalone_database_node_is_reported_in_one_sentence(
    tmp_path: Path, standalone_mongod: str
):
    result = run(tmp_path, "prepare-db", settings={"PROGRESS_MONGODB_URI": standalone_mongod})

    assert result.returncode == 1
    assert is_one_sentence(result.stderr), result.stderr
    assert "single node" in result.stderr


@pytest.fixture
def standalone_mongod() -> Iterator[str]:
    """A mongod that is not in a replica set."""
    with mongod_with() as socket_path:
        yield address_of(socket_path)
