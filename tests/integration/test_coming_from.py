"""The programs and commands of docs/coming-from.md, run as they are printed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from bson import Decimal128, ObjectId
from pymongo import MongoClient

from progress_service.testing import ServiceProcess, environment, free_port
from tests.builders import SECRET

PAGE = Path(__file__).parents[2] / "docs" / "coming-from.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Chapter:
    """A chapter of the page: its blocks are saved or run in order."""

    title: str
    folder: Path
    variables: dict[str, str]

    def save_programs(self) -> None:
        """Save the programs and tables of the whole page under their names."""
        for kind, text in BLOCK.findall(PAGE.read_text()):
            if kind == "python":
                name = text.partition("\n")[0].removeprefix("# ")
                (self.folder / name).write_text(text)
            elif kind == "csv":
                (self.folder / "progress.csv").write_text(text)

    def commands(self) -> list[str]:
        """The commands of this chapter, block by block."""
        chapters = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)
        [text] = [each for each in chapters if each.startswith(self.title + "\n")]
        return [block for kind, block in BLOCK.findall(text) if kind == "bash"]

    def run(self, commands: str) -> str:
        """Run a block; return its output."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        result = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=self.folder,
            env={**environment(self.folder, **self.variables), "PATH": path},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    @contextmanager
    def served(self) -> Iterator[ServiceProcess]:
        port = int(self.variables["SERVICE_ADDRESS"].rpartition(":")[2])
        service = ServiceProcess(
            self.folder / "serve", ["serve"], settings=self.variables, port=port
        )
        try:
            service.start()
            service.wait_until_ready()
            yield service
        finally:
            service.end()
        assert "Traceback" not in service.log, service.log


@pytest.fixture
def variables(mongodb_uri: str) -> dict[str, str]:
    """The variables that the page requires."""
    return {
        "PROGRESS_MONGODB_URI": mongodb_uri,
        "PROGRESS_MONGODB_DATABASE": f"coming_{uuid.uuid4().hex}",
        "PROGRESS_JWT_SECRET": SECRET,
        "SERVICE_ADDRESS": f"http://127.0.0.1:{free_port()}",
    }


@pytest.fixture
def old_database(variables: dict[str, str]) -> Iterator[Any]:
    """The database of the earlier software."""
    with MongoClient[dict[str, Any]](variables["PROGRESS_MONGODB_URI"]) as client:
        name = variables["PROGRESS_MONGODB_DATABASE"]
        yield client[name]
        client.drop_database(name)


def status(served: ServiceProcess, student_id: str, video_id: str) -> dict[str, Any]:
    with served.client(student_id) as client:
        response = client.get(f"/api/progress/video/{video_id}/status")
    found: dict[str, Any] = response.raise_for_status().json()
    return found


def test_migration_from_an_implementation_with_the_seven_fields(
    tmp_path: Path, variables: dict[str, str], old_database: Any
):
    chapter = Chapter("From an implementation with the seven fields", tmp_path, variables)
    chapter.save_programs()
    record = {
        "student_id": "ana",
        "material_id": "intro",
        "course_id": "react",
        "watch_time": 570.0,
        "total_duration": 600,
        "progress_percentage": Decimal128("95.0"),
        "last_watched": datetime(2024, 10, 14, 10, 30, tzinfo=UTC),
    }
    old_database["watch_progress"].insert_many(
        [
            record,
            {**record, "_id": ObjectId(), "watch_time": 60, "last_watched": "2024-10-15T08:00:00Z"},
            {**record, "_id": ObjectId(), "student_id": "ben", "last_watched": 1728901800},
        ]
    )
    old_database["enrollments"].insert_one(
        {"student_id": "ben", "course_id": "react", "paid": True}
    )
    migrate, courses = chapter.commands()

    output = chapter.run(migrate)
    with chapter.served() as served:
        chapter.run(courses)

        ana, ben = status(served, "ana", "intro"), status(served, "ben", "intro")

    assert "dry run: nothing was changed" in output
    assert "1 documents rewritten, 1 duplicates merged" in output
    assert (ana["watch_time"], ana["completed"]) == (60, True)
    assert (ben["watch_time"], ben["completed"]) == (570, True)
    assert ben["last_watched"] == "2024-10-14T10:30:00Z"
    assert old_database["enrollments"].find_one({"_id": "ben/react"})["paid"] is True


def a_statement(verb: str, student: str, *, minute: int, **result: Any) -> dict[str, Any]:
    """A statement as players of the Video Profile send it."""
    extensions = {
        f"https://w3id.org/xapi/video/extensions/{name.replace('_', '-')}": value
        for name, value in result.items()
    }
    return {
        "id": str(uuid.uuid4()),
        "actor": {"account": {"homePage": "https://learn.example", "name": student}},
        "verb": {"id": verb},
        "object": {"id": "https://learn.example/videos/intro"},
        "timestamp": f"2024-10-14T10:{minute:02}:00.000Z",
        "result": {"extensions": extensions},
        "context": {
            "contextActivities": {"parent": [{"id": "https://learn.example/courses/react"}]},
            "extensions": {"https://w3id.org/xapi/video/extensions/length": 600},
        },
    }


PAUSED = "https://w3id.org/xapi/video/verbs/paused"
STATEMENTS = [
    a_statement(PAUSED, "ana", minute=1, time=100, played_segments="0[.]100"),
    a_statement(PAUSED, "ana", minute=9, time=300.5, played_segments="0[.]100[,]250[.]300.5"),
    a_statement(
        "http://adlnet.gov/expapi/verbs/completed",
        "ben",
        minute=20,
        time=590,
        played_segments="0[.]590",
    ),
    a_statement(PAUSED, "ben", minute=30, time=42, played_segments="30[.]42"),
    {
        "actor": {"mbox": "mailto:carl@learn.example"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"},
        "object": {"id": "https://learn.example/questions/1"},
        "timestamp": "2024-10-14T10:00:00Z",
    },
]


@pytest.fixture
def lrs() -> Iterator[str]:
    """A learning record store that returns two statements a page."""

    class Store(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            first = int(self.path.partition("?from=")[2] or 0)
            page: dict[str, Any] = {"statements": STATEMENTS[first : first + 2], "more": ""}
            if first + 2 < len(STATEMENTS):
                page["more"] = f"/xapi/statements?from={first + 2}"
            is_valid = (
                self.headers["X-Experience-API-Version"] == "1.0.3"
                and self.headers["Authorization"] == "Basic a2V5OnNlY3JldA=="
            )
            body = json.dumps(page).encode()
            self.send_response(200 if is_valid else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Store) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/xapi"
        server.shutdown()
        thread.join()


def test_migration_from_any_lrs(
    tmp_path: Path, variables: dict[str, str], old_database: Any, lrs: str
):
    given = {"LRS_ENDPOINT": lrs, "LRS_KEY": "key", "LRS_SECRET": "secret"}
    chapter = Chapter("From any LRS", tmp_path, variables | given)
    chapter.save_programs()
    migrate, courses = chapter.commands()

    output = chapter.run(migrate)
    again = chapter.run(migrate)
    with chapter.served() as served:
        chapter.run(courses)

        ana, ben = status(served, "ana", "intro"), status(served, "ben", "intro")

    assert "2 records stored, 0 were there already" in output
    assert "watch_progress: 2 documents rewritten" in output
    assert "0 records stored, 2 were there already" in again
    assert (ana["watch_time"], ana["completed"], ana["last_watched"]) == (
        300.5,
        False,
        "2024-10-14T10:09:00Z",
    )
    assert ana["watched_spans"] == [[0, 100], [250, 300.5]]
    assert (ben["watch_time"], ben["completed_at"]) == (42, "2024-10-14T10:20:00Z")
    assert ben["watched_seconds"] == 590


def test_migration_from_a_table_of_your_own(
    tmp_path: Path, variables: dict[str, str], old_database: Any
):
    chapter = Chapter("From a table of your own", tmp_path, variables)
    chapter.save_programs()
    migrate, courses = chapter.commands()

    output = chapter.run(migrate)
    with chapter.served() as served:
        chapter.run(courses)

        intro, hooks = status(served, "ana", "intro"), status(served, "ana", "hooks")

    assert "watch_progress: 1 documents rewritten, 1 duplicates merged" in output
    assert (intro["watch_time"], intro["completed"]) == (60, True)
    assert (hooks["watch_time"], hooks["progress_percentage"]) == (125.5, 20.92)
    assert hooks["last_watched"] == "2024-10-14T10:30:00Z"
