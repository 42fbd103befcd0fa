"""`old_documents`: records and enrolments of other programs, and several with one key."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from progress_service.catalog import enrollments_migration
from progress_service.doctor.findings import Finding, error, ok, warning
from progress_service.doctor.installation import Installation
from progress_service.mongo.client import Database
from progress_service.mongo.schema import ENROLLMENTS, SCHEMA, WATCH_PROGRESS
from progress_service.progress import migration

CHECK = "old_documents"
MAX_EXAMINED = 100_000  # From each end of a collection: about a second of the database's time.
OLD: Mapping[str, Mapping[str, Any]] = {
    WATCH_PROGRESS: migration.OLD,
    ENROLLMENTS: enrollments_migration.OLD,
}
NAMES = {WATCH_PROGRESS: "records", ENROLLMENTS: "enrolments"}
MIGRATE = "`progress-service prepare-db --migrate`"


async def check(database: Database, _: Installation) -> Sequence[Finding]:
    """Count the documents of another form among the oldest and the newest of each collection.

    Raises:
        PyMongoError: the database does not respond, or not in time.
    """
    found = await asyncio.gather(*(_of_collection(database, name) for name in OLD))
    return [finding for findings in found for finding in findings]


async def _of_collection(database: Database, collection: str) -> list[Finding]:
    total = await database[collection].estimated_document_count()
    examined = f"all {total}" if total <= MAX_EXAMINED else f"{2 * MAX_EXAMINED} of {total}"
    name = NAMES[collection]
    found = []
    if repeated := await _count_repeated(database, collection):
        found.append(
            error(
                CHECK,
                f"{collection}: {repeated} keys have several {name}, and no unique index prevents "
                "more",
                f"run {MIGRATE}, which merges them and creates the index.",
            )
        )
    if old := await _count_old(database, collection, total):
        found.append(
            warning(
                CHECK,
                f"{collection}: {old} {name} have the form of another program ({examined} were "
                "examined); they are read, but more slowly",
                f"run {MIGRATE} --dry-run, which says what it would do, then {MIGRATE}.",
            )
        )
    return found or [ok(CHECK, f"{collection}: no {name} of other programs ({examined} examined)")]


async def _count_old(database: Database, collection: str, total: int) -> int:
    """Old documents stand at the beginning, and those of a program that still writes at the end."""
    stages: list[Mapping[str, Any]] = [
        {"$limit": MAX_EXAMINED},
        {"$match": OLD[collection]},
        {"$count": "count"},
    ]
    ends = (1, -1) if total > MAX_EXAMINED else (1,)
    counts = [await _count(database, collection, stages, hint=end) for end in ends]
    return sum(counts)


async def _count_repeated(database: Database, collection: str) -> int:
    """How many keys have several documents; zero where a unique index says so."""
    unique = next(index for index in SCHEMA[collection] if index.unique)
    if unique.is_among(await database[collection].index_information()):
        return 0
    key = {field: f"${field}" for field in unique.fields}
    stages: list[Mapping[str, Any]] = [
        {"$limit": MAX_EXAMINED},
        {"$group": {"_id": key, "documents": {"$sum": 1}}},
        {"$match": {"documents": {"$gt": 1}}},
        {"$count": "count"},
    ]
    return await _count(database, collection, stages, hint=1)


async def _count(
    database: Database, collection: str, stages: Sequence[Mapping[str, Any]], *, hint: int
) -> int:
    cursor = database[collection].aggregate(stages, hint={"$natural": hint}, allowDiskUse=True)
    found = await cursor.to_list(1)
    return int(found[0]["count"]) if found else 0
