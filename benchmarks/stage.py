"""What several figures share: one mongod, the service, and what it is measured against."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from benchmarks.learners import Learners, enrolled, student_id
from benchmarks.load import Calls
from benchmarks.processes import Database, Server, baseline, mongod, service
from benchmarks.records import merge_all
from progress_service.mongo.schema import WATCH_PROGRESS

STUDENTS, VIDEOS = 500, 100
DATABASE = "service"


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: rounds of each case, and seconds of a round."""

    rounds: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything up, everybody enrolled."""

    database: Database
    service: Server
    noop: Server
    obvious: Server
    learners: Learners

    def calls(self, kind: str, *, server: Server | None = None) -> Calls:
        """One kind of call, to the service unless told otherwise."""
        return Calls(server or self.service, self.database, self.learners, kind)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder on the disk, where a journal costs what it costs; removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="progress-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextmanager
def staged() -> Iterator[Stage]:
    """Start it all; it ends with the block."""
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        database = stack.enter_context(mongod(folder / "data"))
        server = stack.enter_context(service(database, DATABASE))
        students = [student_id(number) for number in range(STUDENTS)]
        with MongoClient[dict[str, Any]](database.uri) as client:
            merge_all(client[DATABASE][WATCH_PROGRESS], students, videos=VIDEOS)  # nothing is empty
        yield Stage(
            database=database,
            service=server,
            noop=stack.enter_context(baseline("noop", database)),
            obvious=stack.enter_context(baseline("obvious", database)),
            learners=enrolled(server, folder, students=students, videos=VIDEOS),
        )
