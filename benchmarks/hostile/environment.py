"""The environment of all rows: a mongod, courses, polite and hostile students, heavy records."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pymongo import MongoClient

from benchmarks.environment import temporary_folder
from benchmarks.hostile import bodies
from benchmarks.learners import enrolled, student_id, token
from benchmarks.processes import Database, Server, mongod, service
from benchmarks.records import multiply
from progress_service.mongo.schema import WATCH_PROGRESS

DATABASE = "hostile"
POLITE_STUDENTS, POLITE_VIDEOS = 200, 500  # 64 students in most rows, all of them in the burst.
HOSTILE_STUDENTS = ("heavy", "endless", "sender")
VIDEOS_IN_BATCH = 5  # Few, so that a batch of heavy events is merged long before its deadline.
MAX_ATTEMPTS, RETRY_SECONDS = 10, 2.0


@dataclass(frozen=True, slots=True)
class Environment:
    """A prepared database, and the tokens of all students, also in a file."""

    database: Database
    tokens: dict[str, Any]
    tokens_file: Path

    @contextmanager
    def service(self) -> Iterator[Server]:
        """A service with its default limits; each row starts its own."""
        with service(self.database, DATABASE, rates={}, is_prepared=True) as server:
            yield server


@contextmanager
def prepared() -> Iterator[Environment]:
    """Start the database and fill it, through a service with raised limits."""
    with temporary_folder() as folder, mongod(folder / "data") as database:
        tokens: dict[str, Any] = {name: token(name) for name in HOSTILE_STUDENTS}
        polite = [student_id(number) for number in range(POLITE_STUDENTS)]
        tokens["polite"] = [token(student) for student in polite]
        tokens_file = folder / "tokens"
        tokens_file.write_text(json.dumps(tokens))
        with service(database, DATABASE) as server:
            enrolled(server, folder, students=polite, videos=POLITE_VIDEOS)
            _put_hostile_courses(server)
            _write_heavy_records(server, tokens)
        with MongoClient[dict[str, Any]](database.uri) as client:
            records = client[DATABASE][WATCH_PROGRESS]
            multiply(records, students=POLITE_STUDENTS, videos=POLITE_VIDEOS)
        yield Environment(database, tokens, tokens_file)


def _put_hostile_courses(server: Server) -> None:
    hours = [
        _video(bodies.heavy_video_id(number), bodies.HOUR_SECONDS)
        for number in range(bodies.HEAVY_VIDEOS)
    ]
    unmeasured = [
        _video(bodies.unmeasured_video_id(number), None)
        for number in range(bodies.UNMEASURED_VIDEOS)
    ]
    courses = {bodies.HEAVY_COURSE_ID: hours, bodies.UNMEASURED_COURSE_ID: unmeasured}
    bearer = {"Authorization": f"Bearer {token('importer', 'service')}"}
    with httpx.Client(base_url=server.url, headers=bearer, timeout=30) as client:
        for course_id, materials in courses.items():
            path = f"/api/catalog/courses/{course_id}"
            body = {"title": course_id, "teacher_ids": ["teacher"], "materials": materials}
            client.put(path, json=body).raise_for_status()
            enrolled_students = {"student_ids": list(HOSTILE_STUDENTS)}
            client.put(f"{path}/enrollments", json=enrolled_students).raise_for_status()


def _video(material_id: str, duration_seconds: int | None) -> dict[str, Any]:
    video = {"material_id": material_id, "type": "video", "title": material_id}
    return video if duration_seconds is None else {**video, "duration_seconds": duration_seconds}


def _write_heavy_records(server: Server, tokens: dict[str, Any]) -> None:
    for start in range(0, bodies.HEAVY_VIDEOS, VIDEOS_IN_BATCH):
        events = [
            event
            for number in range(start, start + VIDEOS_IN_BATCH)
            for event in bodies.heavy_events(bodies.heavy_video_id(number))
        ]
        _post_events(server, tokens["heavy"], events)
    endless = bodies.endless_spans()
    for number in range(bodies.UNMEASURED_VIDEOS):
        video = bodies.unmeasured_video_id(number)
        events = bodies.events_with_all(endless, video, bodies.UNMEASURED_SECONDS)
        _post_events(server, tokens["endless"], events)


def _post_events(server: Server, student_token: str, events: list[dict[str, Any]]) -> None:
    """Send *events* until they are stored.

    Raises:
        RuntimeError: they were rejected, or no attempt succeeded.
    """
    bearer = {"Authorization": f"Bearer {student_token}"}
    for _ in range(MAX_ATTEMPTS):
        body = bodies.events_body(events)
        response = httpx.post(f"{server.url}{bodies.EVENTS}", headers=bearer, json=body, timeout=30)
        if response.status_code == 200:
            _require_applied(response.json()["results"])
            return
        time.sleep(RETRY_SECONDS)
    raise RuntimeError(f"heavy records cannot be written: {response.status_code} {response.text}")


def _require_applied(results: list[dict[str, Any]]) -> None:
    if rejected := [result for result in results if result["status"] != "applied"]:
        raise RuntimeError(f"{len(rejected)} events were rejected, the first: {rejected[0]}")
