"""The environment that several figures share: one mongod, the service, and its baselines."""

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
    """How long to measure: rounds per case, and seconds per round."""

    rounds: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Environment:
    """The running servers, and the enrolled students."""

    database: Database
    service: Server
    noop: Server
    obvious: Server
    learners: Learners

    def calls(self, kind: str, *, server: Server | None = None) -> Calls:
        """One kind of call, to the service unless *server* is given."""
        return Calls(server or self.service, self.database, self.learners, kind)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder on disk, so that the journal has its real cost; removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="progress-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextmanager
def prepared() -> Iterator[Environment]:
    """Start all servers and enrol the students; everything stops with the block."""
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        database = stack.enter_context(mongod(folder / "data"))
        server = stack.enter_context(service(database, DATABASE))
        students = [student_id(number) for number in range(STUDENTS)]
        with MongoClient[dict[str, Any]](database.uri) as client:
            merge_all(client[DATABASE][WATCH_PROGRESS], students, videos=VIDEOS)  # no empty reads
        yield Environment(
            database=database,
            service=server,
            noop=stack.enter_context(baseline("noop", database)),
            obvious=stack.enter_context(baseline("obvious", database)),
            learners=enrolled(server, folder, students=students, videos=VIDEOS),
        )
