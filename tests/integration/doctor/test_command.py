"""`progress-service doctor` as a process: its lines, its JSON, its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

from progress_service.mongo.client import Database
from tests.processes import run

from .conftest import STRONG_SECRET

STATUSES = {"ok", "skipped", "warning", "error"}
WEAK = "hunter2-hunter2-hunter2-hunter2-hunter2"


def settings_of(database: Database, mongodb_uri: str, **given: str) -> dict[str, str]:
    return {
        "PROGRESS_MONGODB_URI": mongodb_uri,
        "PROGRESS_MONGODB_DATABASE": database.name,
        "PROGRESS_JWT_SECRET": STRONG_SECRET,
        **given,
    }


async def test_warnings_exit_with_1(tmp_path: Path, database: Database, mongodb_uri: str):
    result = run(tmp_path, "doctor", settings=settings_of(database, mongodb_uri))

    assert (result.returncode, result.stderr) == (1, "")
    lines = result.stdout.splitlines()
    assert {line.split()[0] for line in lines} <= STATUSES
    for line in lines:
        assert (" -> " in line) == (not line.startswith("ok ")), line


async def test_errors_exit_with_2_and_json_has_the_same_findings(
    tmp_path: Path, database: Database, mongodb_uri: str
):
    await database["outbox"].drop_indexes()
    given = settings_of(database, mongodb_uri)

    result = run(tmp_path, "doctor", "--json", settings=given)

    findings = json.loads(result.stdout)
    assert (result.returncode, result.stderr) == (2, "")
    assert all(list(each) == ["check", "status", "finding", "remedy"] for each in findings)
    assert {each["status"] for each in findings} <= STATUSES
    assert all((each["remedy"] is None) == (each["status"] == "ok") for each in findings)
    [indexes] = [each for each in findings if each["check"] == "indexes"]
    assert indexes["status"] == "error"


def test_dead_database_and_wrong_variables_are_all_reported(tmp_path: Path):
    given = {
        "PROGRESS_MONGODB_URI": "mongodb://user:hunter2@127.0.0.1:1/?replicaSet=rs0",
        "PROGRESS_JWT_SECRET": WEAK,
        "PROGRESS_WORKER": "2",
        "PROGRESS_CORS_ORIGIN": "*",
        "PROGRESS_PORT": "http",
        "FORWARDED_ALLOW_IPS": "*",
    }
    (tmp_path / ".env").write_text("PROGRESS_READ_RATES=50/second\nPROGRESS_SERVICE_RATE=often\n")

    result = run(tmp_path, "doctor", settings=given)

    lines = result.stdout.splitlines()
    assert (result.returncode, result.stderr) == (2, "")
    for fragment in (
        "PROGRESS_WORKER is no setting",
        "did you mean PROGRESS_WORKERS",
        "PROGRESS_CORS_ORIGIN is no setting",
        "PROGRESS_READ_RATES is no setting",
        "PROGRESS_PORT is not usable",
        "PROGRESS_SERVICE_RATE is not usable",
        "PROGRESS_JWT_SECRET can be guessed",
        "FORWARDED_ALLOW_IPS",
        "the database does not respond",
    ):
        assert sum(fragment in line for line in lines) == 1, (fragment, lines)
    assert "hunter2" not in result.stdout


def test_missing_settings_are_errors_not_a_crash(tmp_path: Path):
    result = run(tmp_path, "doctor", settings={"PROGRESS_JWT_SECRET": ""})

    assert (result.returncode, result.stderr) == (2, "")
    assert "PROGRESS_MONGODB_URI is not set" in result.stdout
    assert "PROGRESS_JWT_SECRET is not set" in result.stdout
    assert list(tmp_path.iterdir()) == []
