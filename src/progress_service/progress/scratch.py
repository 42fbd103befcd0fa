"""Copies of single records in a collection of their own, where a dry run changes them."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import PyMongoError

from progress_service.errors import ServiceError
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.schema import IMPORT_DRY_RUNS, SCHEMA, WATCH_PROGRESS
from progress_service.progress.store import Key, ProgressStore
from progress_service.progress.tracked_writes import ImportedChange, TrackedWrites

STALE_SECONDS = 86_400  # Of a collection that a killed process left behind.


class ScratchRecords:
    """Like `TrackedWrites`, on copies: the same statements change records that nobody reads."""

    def __init__(self, database: Database, collection: str) -> None:
        self._records = database[WATCH_PROGRESS]
        self._collection = collection
        store = ProgressStore(database, collection=collection)
        self._writes = TrackedWrites(database, store, collection=collection)

    async def save(self, changes: Sequence[ImportedChange]) -> list[bool | ServiceError]:
        """What `TrackedWrites.save` would return now, after the earlier calls of this one."""
        await self._copy([(change.student_id, change.material_id) for change in changes])
        return await self._writes.save(changes)

    async def _copy(self, keys: Sequence[Key]) -> None:
        """Copy the records of *keys* that are not copied yet."""
        unique = list(SCHEMA[WATCH_PROGRESS][0].fields)
        is_text = {name: {"$type": "string"} for name in unique}  # `$merge` rejects arrays
        branches = [{"student_id": student, "material_id": mid} for student, mid in keys]
        merge = {
            "into": self._collection,
            "on": unique,
            "whenMatched": "keepExisting",
            "whenNotMatched": "insert",
        }
        stages: list[dict[str, Any]] = [
            {"$match": {"$and": [{"$or": branches}, is_text]}},
            {"$merge": merge},
        ]
        with driver_errors("copy progress"):
            await self._records.aggregate(stages).to_list(None)


@asynccontextmanager
async def scratch_records(database: Database) -> AsyncIterator[ScratchRecords]:
    """An empty collection for one dry run; it is dropped at the end.

    Raises:
        Unavailable: the database does not respond.
    """
    name = f"{IMPORT_DRY_RUNS}{int(time.time())}_{secrets.token_hex(8)}"
    with driver_errors("prepare a dry run"):
        await _drop_stale(database)
        [index] = SCHEMA[WATCH_PROGRESS]
        fields = [(field, ASCENDING) for field in index.fields]
        await database[name].create_index(fields, unique=True)
    try:
        yield ScratchRecords(database, name)
    finally:
        with suppress(PyMongoError):  # A later dry run drops it.
            await database.drop_collection(name)


async def _drop_stale(database: Database) -> None:
    """Drop what killed processes left behind."""
    query = {"name": {"$regex": f"^{IMPORT_DRY_RUNS}"}}
    oldest = time.time() - STALE_SECONDS
    for name in await database.list_collection_names(filter=query):
        began_at = name.removeprefix(IMPORT_DRY_RUNS).partition("_")[0]
        if began_at.isdigit() and int(began_at) < oldest:
            await database.drop_collection(name)
