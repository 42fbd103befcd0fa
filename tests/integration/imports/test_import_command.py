"""`progress-service import`: kills, resuming, formats, output and exit codes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from progress_service.mongo.client import Database
from progress_service.mongo.schema import (
    ENROLLMENTS,
    IMPORT_CHECKPOINTS,
    IMPORT_DRY_RUNS,
    WATCH_PROGRESS,
)
from tests.builders import NOON, wire
from tests.integration.imports.conftest import enroll
from tests.integration.imports.small_chunks import ROWS_IN_CHUNK
from tests.processes import PROGRAM, environment

KILLS = 20
STUDENTS = [f"student-{number:02d}" for number in range(12)]
SMALL_CHUNKS = (sys.executable, str(Path(__file__).with_name("small_chunks.py")))
RUN_SECONDS = 120


class Imports:
    """Runs the command on one database."""

    def __init__(self, folder: Path, uri: str, name: str) -> None:
        self.folder = folder
        self._environment = environment(
            folder, PROGRESS_MONGODB_URI=uri, PROGRESS_MONGODB_DATABASE=name
        )

    def start(
        self, *arguments: str, command: Sequence[str] = SMALL_CHUNKS, **given: Any
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*command, "import", *arguments],
            cwd=self.folder,
            env=self._environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **given,
        )

    def run(self, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
        """The exit code, the output and the errors."""
        process = self.start(*arguments, command=[str(PROGRAM)], stdin=subprocess.PIPE)
        out, err = process.communicate(stdin, timeout=RUN_SECONDS)
        return process.returncode, out, err


@pytest.fixture
def imports(tmp_path: Path, mongodb_uri: str, database: Database) -> Imports:
    return Imports(tmp_path, mongodb_uri, database.name)


@pytest.fixture
async def students(database: Database) -> None:
    await enroll(database, *STUDENTS)


def a_row(number: int = 0, **given: Any) -> dict[str, Any]:
    """One row of many: positions and completions, repeats, and one in ten that is rejected."""
    at = NOON - timedelta(days=number % 90 + 1)
    row: dict[str, Any] = {
        "student_id": STUDENTS[number * 7 % len(STUDENTS)],
        "video_id": ("intro", "hooks", "notes")[number % 3],
        "completed_at": wire(at),
    }
    if number % 3 < 2:
        position = {"watch_time": number % 500, "total_duration": 600, "observed_at": wire(at)}
        row |= position
        if number % 5:
            del row["completed_at"]
    if number % 10 == 9:
        row["video_id"] = "nowhere"
    return {**row, **given}


def write_rows(file: Path, count: int) -> None:
    file.write_text("".join(json.dumps(a_row(number)) + "\n" for number in range(count)))


def state_of(database: Any) -> list[Any]:
    """The records and enrolments, without ids and times of storage."""
    order = [("student_id", 1), ("material_id", 1)]
    records = database[WATCH_PROGRESS].find({}, {"_id": 0, "stored_at": 0}).sort(order)
    fields = {"_id": 0, "student_id": 1, "completed_ids": 1, "progress": 1, "completed_at": 1}
    return [list(records), list(database[ENROLLMENTS].find({}, fields).sort(order))]


def results_in(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


async def test_import_killed_at_random_points_continues_and_gives_the_same_state(
    imports: Imports, students: None, database: Database, mongodb_uri: str, tmp_path: Path
):
    count = ROWS_IN_CHUNK * 200
    write_rows(tmp_path / "rows.ndjson", count)
    arguments = ("rows.ndjson", "--results", "results.ndjson")
    chance = random.Random(7)
    kills, continued = 0, 0
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        held = client[database.name]
        while kills < KILLS:
            before = _checkpoint_rows(held)
            process = imports.start(*arguments)
            target = before + ROWS_IN_CHUNK * chance.randint(1, 3)
            _wait_for_rows(process, held, target)
            time.sleep(chance.random() / 100)  # somewhere within a chunk
            process.kill()
            _, err = process.communicate()
            kills += 1
            continued += f"continuing after row {before}\n" in err if before else 0
            assert process.returncode == -9, err
        last = imports.start(*arguments)
        out, err = last.communicate(timeout=RUN_SECONDS)
        killed_state = state_of(held)
        left_over = held[IMPORT_CHECKPOINTS].count_documents({})
        held[WATCH_PROGRESS].delete_many({})
        reset = {"completed_ids": [], "progress": 0.0, "completed_at": None}
        held[ENROLLMENTS].update_many({}, {"$set": reset})
        whole = imports.run("rows.ndjson", "--results", "whole.ndjson")

        assert killed_state == state_of(held)
    assert continued > KILLS / 2
    assert (last.returncode, whole[0], left_over) == (1, 1, 0), err
    rows = results_in(tmp_path / "results.ndjson")
    assert [row["row"] for row in rows] == list(range(1, count + 1))
    rejected = [row for row in rows if row["status"] == "rejected"]
    assert rejected == [
        row for row in results_in(tmp_path / "whole.ndjson") if row["status"] == "rejected"
    ]
    assert out.startswith(f"{count} rows: ")


def _checkpoint_rows(database: Any) -> int:
    found = database[IMPORT_CHECKPOINTS].find_one()
    return int(found["rows"]) if found else 0


def _wait_for_rows(process: subprocess.Popen[str], database: Any, rows: int) -> None:
    """Until the run that was started has come so far."""
    deadline = time.monotonic() + RUN_SECONDS
    while _checkpoint_rows(database) < rows:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_summary_and_exit_codes(imports: Imports, students: None, tmp_path: Path):
    (tmp_path / "good.jsonl").write_text(json.dumps(a_row(0)) + "\n")
    write_rows(tmp_path / "some.ndjson", 20)

    good, again = imports.run("good.jsonl"), imports.run("good.jsonl")
    some = imports.run("some.ndjson")

    assert good == (0, "1 rows: 1 applied, 0 unchanged, 0 rejected\n", "")
    assert again == (0, "1 rows: 0 applied, 1 unchanged, 0 rejected\n", "")
    assert (some[0], some[1].split(", ")[-1]) == (1, "2 rejected\n")
    assert some[2].splitlines()[0].startswith("row 10: ")


def test_dry_run_prints_what_the_import_then_does(
    imports: Imports, students: None, tmp_path: Path, mongodb_uri: str, database: Database
):
    write_rows(tmp_path / "rows.ndjson", 100)

    predicted = imports.run("rows.ndjson", "--dry-run", "--results", "predicted.ndjson")
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        held = client[database.name]
        names = held.list_collection_names()
        assert held[WATCH_PROGRESS].count_documents({}) == 0
        assert not [name for name in names if name.startswith(IMPORT_DRY_RUNS)]
    real = imports.run("rows.ndjson", "--results", "real.ndjson")

    assert predicted[1].replace("would be ", "") == real[1]
    assert results_in(tmp_path / "predicted.ndjson") == results_in(tmp_path / "real.ndjson")


def test_standard_input_is_read(imports: Imports, students: None):
    code, out, _ = imports.run("-", "--format", "ndjson", stdin=json.dumps(a_row(1)))

    assert (code, out) == (0, "1 rows: 1 applied, 0 unchanged, 0 rejected\n")


def test_table_of_another_system_is_imported_by_its_mapping(
    imports: Imports, students: None, tmp_path: Path, mongodb_uri: str, database: Database
):
    (tmp_path / "mapping.toml").write_text(
        'delimiter = ";"\ntime_zone = "Europe/Berlin"\ndecimal = ","\n[fields]\n'
        'student_id = "User"\n'
        'video_id = {column = "Clip", values = {"Einführung" = "intro"}}\n'
        'watch_time = {column = "Seen", unit = "percent"}\n'
        'observed_at = {column = "When", format = "%d.%m.%Y %H:%M"}\n'
    )
    table = "\ufeffUser;Clip;Seen;When;Note\r\n"
    table += 'student-00;Einführung;12,5;01.06.2025 10:30;"a ""note""\r\nof two lines"\r\n'
    (tmp_path / "table.csv").write_bytes(table.encode())

    code, out, err = imports.run("table.csv", "--mapping", "mapping.toml")

    assert (code, out) == (0, "1 rows: 1 applied, 0 unchanged, 0 rejected\n"), err
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        record = client[database.name][WATCH_PROGRESS].find_one({})
        assert record is not None
        assert record["watch_time"] == 75
        assert record["last_watched"].isoformat() == "2025-06-01T08:30:00"


def test_statements_are_imported(imports: Imports, students: None, tmp_path: Path):
    (tmp_path / "mapping.json").write_text(
        json.dumps(
            {
                "fields": {
                    "student_id": "actor",
                    "video_id": {"column": "object.id", "strip_prefix": "https://lms.example/"},
                }
            }
        )
    )
    statement = {
        "actor": {"account": {"homePage": "https://lms.example", "name": "student-00"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": "https://lms.example/intro"},
        "timestamp": "2025-06-01T10:30:00Z",
    }
    (tmp_path / "statements.json").write_text(json.dumps({"statements": [statement, {}]}))

    code, out, err = imports.run("statements.json", "--format", "xapi", "--mapping", "mapping.json")

    assert (code, out) == (1, "2 rows: 1 applied, 0 unchanged, 1 rejected\n")
    assert err.startswith("row 2: unsupported_statement: ")


CANNOT_RUN = {
    "missing file": ("none.ndjson",),
    "folder": (".", "--format", "csv"),
    "unknown format": ("rows.xml",),
    "missing mapping": ("rows.ndjson", "--mapping", "none.toml"),
    "another table": ("other.csv",),
    "results that cannot be written": ("rows.ndjson", "--results", "/nonexistent/results"),
}


@pytest.mark.parametrize("arguments", CANNOT_RUN.values(), ids=CANNOT_RUN)
def test_import_that_cannot_run_says_why_and_exits_with_2(
    imports: Imports, tmp_path: Path, arguments: tuple[str, ...]
):
    for name in ("rows.ndjson", "rows.xml"):
        write_rows(tmp_path / name, 1)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")

    code, out, err = imports.run(*arguments)

    assert (code, out) == (2, "")
    assert err.startswith("progress-service: ")
    assert len(err.splitlines()) == 1


def test_unreachable_database_exits_with_2(tmp_path: Path):
    write_rows(tmp_path / "rows.ndjson", 1)
    nowhere = Imports(tmp_path, "mongodb://127.0.0.1:1/?replicaSet=rs0", "x")

    code, _, err = nowhere.run("rows.ndjson")

    assert code == 2
    assert "does not respond" in err


async def test_results_of_another_run_are_not_continued(
    imports: Imports, students: None, database: Database, mongodb_uri: str, tmp_path: Path
):
    write_rows(tmp_path / "rows.ndjson", ROWS_IN_CHUNK * 10)
    process = imports.start("rows.ndjson", "--results", "results.ndjson")
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        _wait_for_rows(process, client[database.name], 1)
    process.kill()
    process.communicate()

    code, _, err = imports.run("rows.ndjson", "--results", "another.ndjson")
    restarted = imports.run("rows.ndjson", "--results", "another.ndjson", "--restart")

    assert (code, "--restart" in err) == (2, True)
    assert restarted[0] == 1
    assert len(results_in(tmp_path / "another.ndjson")) == ROWS_IN_CHUNK * 10
