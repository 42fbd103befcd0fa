"""Growth and storage: the same load on a small and on a large collection."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database as MongoDatabase
from pymongo.write_concern import WriteConcern

from benchmarks.environment import VIDEOS, Effort, temporary_folder
from benchmarks.figures import Figure, at_most
from benchmarks.learners import enrolled, student_id
from benchmarks.load import CONNECTIONS, Calls, Load, interleaved_loads
from benchmarks.processes import Database, mongod, service
from benchmarks.records import multiply
from progress_service.mongo.schema import WATCH_PROGRESS

SMALL = 100_000
STORED_BYTES_GOAL = 200
GROWTH_GOAL = 1.25
ACTIVE_STUDENTS = 500  # The same number for the small and the large collection.
CACHE_SIZE = "2G"  # Of mongod; the private one has only 0.25 GB, to use little memory.
KINDS = {"plain": "update", "status": "status", "batch": "batch", "course": "course"}


def measure(effort: Effort, *, records: int) -> list[Figure]:
    """The rows for growth from `SMALL` to *records*, and for the storage of *records*."""
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        database = stack.enter_context(mongod(folder / "data"))
        calls = {}
        for name, size in (("small", SMALL), ("large", records)):
            server = stack.enter_context(service(database, name))
            _load(database, name, size)
            students = size // VIDEOS
            active = [student_id(n) for n in range(0, students, students // ACTIVE_STUDENTS)]
            subfolder = folder / name
            subfolder.mkdir()
            learners = enrolled(server, subfolder, students=active, videos=VIDEOS)
            calls[name] = Calls(server, database, learners, "status")
        stored = _stored_bytes(database, "large", records)
        return [stored, *_growth(calls, effort, records)]


def _load(database: Database, name: str, size: int) -> None:
    with MongoClient[dict[str, Any]](database.uri) as client:
        cache = {"wiredTigerEngineRuntimeConfig": f"cache_size={CACHE_SIZE}"}
        client.admin.command({"setParameter": 1, **cache})
        records = client[name].get_collection(WATCH_PROGRESS, write_concern=WriteConcern(w=1))
        multiply(records, students=size // VIDEOS, videos=VIDEOS)


def _stored_bytes(database: Database, name: str, records: int) -> Figure:
    with MongoClient[dict[str, Any]](database.uri) as client:
        client.admin.command("fsync")  # a checkpoint, so that all data is on disk
        sizes = _sizes(client[name])
    data, indexes = (sizes[part] / records for part in ("storageSize", "totalIndexSize"))
    return Figure(
        f"storage of a plain record, {records:,} of them",
        f"{data + indexes:.0f} bytes",
        f"{data:.0f} data + {indexes:.0f} indexes",
        goal=f"≤ {STORED_BYTES_GOAL} bytes",
        is_reached=data + indexes <= STORED_BYTES_GOAL,
    )


def _sizes(database: MongoDatabase[dict[str, Any]]) -> dict[str, int]:
    stages: list[dict[str, Any]] = [{"$collStats": {"storageStats": {}}}]
    (result,) = database[WATCH_PROGRESS].aggregate(stages)
    sizes: dict[str, int] = result["storageStats"]
    return sizes


def _growth(calls: dict[str, Calls], effort: Effort, records: int) -> list[Figure]:
    figures = []
    for kind, work in KINDS.items():
        cases = {name: Calls(c.server, c.database, c.learners, kind) for name, c in calls.items()}
        loads = interleaved_loads(
            cases, rounds=effort.rounds, seconds=effort.seconds, connections=CONNECTIONS
        )
        figures.append(_row(work, loads["small"], loads["large"], records))
    return figures


def _row(work: str, small: Load, large: Load, records: int) -> Figure:
    return Figure(
        f"{work} at {records:,} records",
        f"{large.per_second:,.0f}/s, median {large.median_ms:.1f} ms",
        f"at {SMALL:,}: {small.per_second:,.0f}/s, median {small.median_ms:.1f} ms",
        **at_most(GROWTH_GOAL, small.per_second / large.per_second),
    )
