"""What the change streams of many processes cost, whole and partitioned by student."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from statistics import median
from typing import Any

from pymongo import MongoClient

from benchmarks.environment import DATABASE, Effort, temporary_folder
from benchmarks.figures import Figure
from benchmarks.learners import student_id, video_id
from benchmarks.load import interleaved
from benchmarks.machine import cpu_seconds
from benchmarks.processes import Database, mongod
from benchmarks.records import Records, a_change, merge_batch
from benchmarks.stream_reader import in_part
from progress_service.mongo.schema import SCHEMA, WATCH_PROGRESS

STUDENTS, UPDATES_EACH = 2_000, 10
UPDATES = STUDENTS * UPDATES_EACH
BATCH_SIZE = 64
PROCESSES, PARTS = 4, 16
POLL_SECONDS = 0.1
WAIT_SECONDS = 120.0


Part = tuple[float, ...]
"""Number of parts, the part, and the seconds between polls; empty: all changes."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time in µs: of mongod for each update, of a reader for each event."""

    mongod_us: float
    event_us: float


class _Reader:
    """A process that follows, and the number of events that it will receive."""

    def __init__(self, process: subprocess.Popen[str], expected: int) -> None:
        self._process = process
        self._expected = expected
        self.pid = process.pid

    @property
    def received(self) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def wait_for(self, rounds: int) -> None:
        """Return once all events of so many rounds have arrived."""
        deadline = time.monotonic() + WAIT_SECONDS
        while self.received < rounds * self._expected:
            if time.monotonic() > deadline:
                raise RuntimeError(f"a reader received {self.received} events only")
            time.sleep(0.05)


def measure(effort: Effort) -> list[Figure]:
    """Update every record several times, while no process, one, or several follow."""
    with (
        temporary_folder() as folder,
        mongod(folder / "data") as database,
        MongoClient[dict[str, Any]](database.uri) as client,
    ):
        records = client[DATABASE][WATCH_PROGRESS]
        for index in SCHEMA[WATCH_PROGRESS]:
            records.create_index([(name, 1) for name in index.fields], unique=index.unique)
        _update(records, times=1)
        cases = {
            "none": partial(_round, database, records, []),
            "one": partial(_round, database, records, [()]),
            "all": partial(_round, database, records, [()] * PROCESSES),
            "parts": partial(_round, database, records, _parts(poll_seconds=0.0)),
            "polled": partial(_round, database, records, _parts(poll_seconds=POLL_SECONDS)),
        }
        costs = interleaved(cases, rounds=effort.rounds)
    return _figures({name: _median(rounds) for name, rounds in costs.items()})


def _parts(*, poll_seconds: float) -> list[Part]:
    return [(PARTS, number, poll_seconds) for number in range(PROCESSES)]


def _round(database: Database, records: Records, parts: Sequence[Part]) -> Cost:
    with ExitStack() as stack:
        readers = [stack.enter_context(_reader(database, records, part)) for part in parts]
        pids = [database.pid, *(reader.pid for reader in readers)]
        before = [cpu_seconds(pid) for pid in pids]
        _update(records, times=UPDATES_EACH)
        for reader in readers:
            reader.wait_for(1)
        used = [1e6 * (cpu_seconds(pid) - begin) for pid, begin in zip(pids, before, strict=True)]
        events = sum(reader.received for reader in readers)
    of_readers = sum(used[1:])
    return Cost(
        mongod_us=used[0] / UPDATES,
        event_us=of_readers / max(1, events),
    )


@contextmanager
def _reader(database: Database, records: Records, part: Part) -> Iterator[_Reader]:
    command = [sys.executable, "-m", "benchmarks.stream_reader", database.uri, DATABASE]
    with subprocess.Popen(
        [*command, *map(str, part)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("a reader did not start")
        yield _Reader(process, UPDATES_EACH * _students_in(records, part))
        process.stdin.close()


def _students_in(records: Records, part: Part) -> int:
    if not part:
        return STUDENTS
    condition = in_part("$_id", parts=int(part[0]), part=int(part[1]))
    return records.count_documents({"$expr": condition})


def _update(records: Records, *, times: int) -> None:
    students = (student_id(number) for _ in range(times) for number in range(STUDENTS))
    while batch := list(islice(students, BATCH_SIZE)):
        merge_batch(records, [a_change(student, video_id(0)) for student in batch])


def _median(rounds: Sequence[Cost]) -> Cost:
    return Cost(
        mongod_us=median(cost.mongod_us for cost in rounds),
        event_us=median(cost.event_us for cost in rounds),
    )


def _figures(costs: dict[str, Cost]) -> list[Figure]:
    alone = costs["none"].mongod_us
    one, everybody = costs["one"], costs["all"]
    return [
        _figure("one process follows all changes", one, 1, alone, with_events=True),
        _figure(
            f"{PROCESSES} processes follow all changes",
            everybody,
            PROCESSES,
            alone,
            with_events=True,
        ),
        _figure(
            f"{PROCESSES} processes follow 1/{PARTS} of the students each, and wait for changes",
            costs["parts"],
            PROCESSES,
            alone,
        ),
        _figure(
            f"the same, and ask for changes every {POLL_SECONDS * 1000:.0f} ms",
            costs["polled"],
            PROCESSES,
            alone,
        ),
    ]


def _figure(
    text: str, cost: Cost, processes: int, alone_us: float, *, with_events: bool = False
) -> Figure:
    added_us = (cost.mongod_us - alone_us) / processes
    measured = f"mongod {added_us:.0f} µs more for each process"
    if with_events:  # with few events, the rest of the process costs more than they do
        measured += f", which uses {cost.event_us:.0f} µs for each event"
    return Figure(
        f"an update while {text}",
        measured,
        f"nobody follows: mongod {alone_us:.0f} µs",
        ratio=cost.mongod_us / alone_us,
    )
