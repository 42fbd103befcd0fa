"""Rewrites all records of other programs and earlier versions, and merges duplicate keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import reduce
from typing import Any

import pymongo

from progress_service.domain.progress import MAX_DURATION_SECONDS
from progress_service.mongo.client import OPERATION_SECONDS, Database, driver_errors
from progress_service.mongo.migration import Counts, GroupMigration, Key, count_matching
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.mongo.writes import upsert_each
from progress_service.progress.merge_forms import merge_forms
from progress_service.progress.modernize import Document, current_form, is_current, rewriting

BATCH_RECORDS = 200
_KEY = ("student_id", "material_id")
_NUMBERS = (
    "watch_time",
    "total_duration",
    "progress_percentage",
    "furthest_percentage",
    "furthest_since_unmark",
    "watched_seconds",
    "watched_grid_seconds",
)
_DATES = ("last_watched", "completed_at", "unmarked_at", "restart_at")
_ARRAYS = {"watched_spans": "array", "devices": "object"}
_OF_ODD_KEY: Document = {"$or": [{name: {"$not": {"$type": "string"}}} for name in _KEY]}
OLD: Document = {
    "$or": [
        *_OF_ODD_KEY["$or"],
        {"stored_at": {"$not": {"$type": "date"}}},
        *({name: {"$type": "decimal"}} for name in _NUMBERS),
        *(
            {name: {"$ne": None, "$not": {"$gte": 0, "$lte": MAX_DURATION_SECONDS}}}
            for name in _NUMBERS
        ),
        *({name: {"$ne": None, "$not": {"$type": "date"}}} for name in _DATES),
        *({name: {"$ne": None, "$not": {"$type": "array"}}} for name in _ARRAYS),
        *({name: {"$elemMatch": {"$not": {"$type": kind}}}} for name, kind in _ARRAYS.items()),
        {"sessions": {"$ne": None, "$not": {"$type": "object"}}},
        {"sessions": {"$type": "array"}},  # One of objects also has the type of its elements.
    ]
}
"""Matches records whose fields do not have the types that this version writes."""


async def count_old_records(database: Database) -> int:
    """The number of records that another program or an earlier version wrote.

    Raises:
        Unavailable: the database does not respond.
    """
    return await count_matching(database, WATCH_PROGRESS, OLD, operation="count old records")


async def migrate_records(database: Database, *, dry_run: bool) -> Counts:
    """Rewrite them, and merge duplicates by the rules for reports. Safe to repeat, or to kill.

    Raises:
        Unavailable: the database does not respond.
    """
    counts = Counts(WATCH_PROGRESS)
    groups = GroupMigration(database, counts, _KEY, _merged, dry_run=dry_run)
    with driver_errors("migrate records"), pymongo.timeout(None):
        await groups.run(_OF_ODD_KEY)
        batch: list[Document] = []
        async for document in database[WATCH_PROGRESS].find(OLD):
            batch.append(document)
            if len(batch) == BATCH_RECORDS:
                await _rewrite(database, batch, counts, dry_run=dry_run)
                batch = []
        await _rewrite(database, batch, counts, dry_run=dry_run)
    return counts


async def _rewrite(
    database: Database, documents: Sequence[Document], counts: Counts, *, dry_run: bool
) -> None:
    statements = [
        rewriting(document, form)
        for document in documents
        if all(isinstance(document.get(name), str) for name in _KEY)
        and repr(document["_id"]) not in counts.handled
        and not is_current(document, form := current_form(document, now=datetime.now(UTC)))
    ]
    counts.rewritten += len(statements)
    if statements and not dry_run:
        written = await upsert_each(
            database, WATCH_PROGRESS, statements, within_seconds=OPERATION_SECONDS
        )
        counts.rewritten -= len(written.write_errors)
        for number in written.write_errors:
            counts.skip(statements[number]["q"]["_id"]["$eq"])


def _merged(key: Key, documents: Sequence[Mapping[str, Any]]) -> Document:
    now = datetime.now(UTC)
    forms = [current_form(document, now=now) for document in documents]
    return reduce(merge_forms, forms) | dict(zip(_KEY, key, strict=True))
