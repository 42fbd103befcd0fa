"""The environment that several figures share: one mongod, the service, and its baselines."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from benchmarks.learners import Learners, enroll, student_id, with_tokens
from benchmarks.load import Calls
from benchmarks.processes import Database, Server, baseline, mongod, service
from benchmarks.records import Records, merge_all, multiply
from benchmarks.viewings import with_sessions
from progress_service.mongo.schema import WATCH_PROGRESS

STUDENTS, VIDEOS = 500, 100
STUDENTS_WITH_SESSIONS, FEW_SESSIONS, MANY_SESSIONS = 100, 5, 20
DATABASE = "service"


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: rounds per case, and seconds per round; and how large a class."""

    rounds: int
    seconds: int
    class_size: int = 10_000


@dataclass(frozen=True, slots=True)
class Environment:
    """The running servers, and the enrolled students by what their records have.

    Half of the students are *plain*. Those with other reports are *rich*, so that the plain ones
    have plain records; *few* and *many* have so many sessions.
    """

    database: Database
    service: Server
    noop: Server
    obvious: Server
    learners: Mapping[str, Learners]

    def calls(self, kind: str, *, server: Server | None = None, learners: str = "plain") -> Calls:
        """One kind of call, to the service unless *server* is given."""
        return Calls(server or self.service, self.database, self.learners[learners], kind)


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
        groups = _groups()
        everyone = [student for students in groups.values() for student in students]
        with MongoClient[dict[str, Any]](database.uri) as client:
            _write_records(client[DATABASE][WATCH_PROGRESS], groups)
        enroll(server, students=everyone, videos=VIDEOS)
        yield Environment(
            database=database,
            service=server,
            noop=stack.enter_context(baseline("noop", database)),
            obvious=stack.enter_context(baseline("obvious", database)),
            learners={
                name: with_tokens(folder / name, students, videos=VIDEOS)
                for name, students in groups.items()
            },
        )


def _groups() -> dict[str, list[str]]:
    sizes = {
        "plain": STUDENTS // 2,
        "rich": STUDENTS // 2,
        "few": STUDENTS_WITH_SESSIONS,
        "many": STUDENTS_WITH_SESSIONS,
    }
    numbers = count()
    return {name: [student_id(next(numbers)) for _ in range(n)] for name, n in sizes.items()}


def _write_records(records: Records, groups: Mapping[str, Sequence[str]]) -> None:
    merge_all(records, [*groups["plain"], *groups["rich"]], videos=VIDEOS)  # no empty reads
    first = STUDENTS
    for name, sessions in (("few", FEW_SESSIONS), ("many", MANY_SESSIONS)):
        size, changes_of = len(groups[name]), with_sessions(sessions)
        multiply(records, students=size, videos=VIDEOS, first=first, changes_of=changes_of)
        first += size
