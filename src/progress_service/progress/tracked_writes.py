"""Stores changes of many records, and says which of them changed anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from progress_service.errors import ServiceError
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.progress.merge import RecordedCompletion, ReportChange
from progress_service.progress.store import Key, ProgressStore
from progress_service.progress.write_errors import NeedsReplacing

ImportedChange = ReportChange | RecordedCompletion
"""What a row of an import may change."""

# What `statements` may change, without spans: `watched_seconds` grows with them. The stamp is not
# compared, since two changes may fall into one millisecond.
_COMPARED: Mapping[str, Any] = {
    "_id": 0,
    **dict.fromkeys(
        (
            "student_id",
            "material_id",
            "course_id",
            "watch_time",
            "total_duration",
            "progress_percentage",
            "last_watched",
            "completed_at",
            "furthest_percentage",
            "furthest_since_unmark",
            "furthest_time",
            "watched_seconds",
        ),
        1,
    ),
}
_Contents = dict[Key, Mapping[str, Any]]


class TrackedWrites:
    """Merges changes into records of one collection, and compares the records before and after."""

    def __init__(
        self, database: Database, store: ProgressStore, *, collection: str = WATCH_PROGRESS
    ) -> None:
        """
        Args:
            database: has the records.
            store: writes to the same collection.
            collection: `WATCH_PROGRESS`, or a copy of some of its records.
        """
        self._database = database
        self._store = store
        self._collection = collection

    async def save(self, changes: Sequence[ImportedChange]) -> list[bool | ServiceError]:
        """Merge *changes*; durable on the majority when this returns.

        Args:
            changes: each changes another record.

        Returns:
            For each, whether it changed its record, or why the outcome is unknown.

        Raises:
            Unavailable: the outcome of all is unknown; repeating is harmless.
        """
        keys = [(change.student_id, change.material_id) for change in changes]
        before = await self._contents(keys)
        errors = await self._merge(changes)
        after = await self._contents(keys)
        return [
            errors.get(index) or before.get(key) != after.get(key) for index, key in enumerate(keys)
        ]

    async def _merge(self, changes: Sequence[ImportedChange]) -> dict[int, ServiceError]:
        """The error of each change that was not stored."""
        outcomes = await self._store.save_many(changes)
        errors: dict[int, ServiceError] = {}
        for index, (change, outcome) in enumerate(zip(changes, outcomes, strict=True)):
            if isinstance(outcome, NeedsReplacing) and isinstance(change, ReportChange):
                await self._store.replace(change)
            elif isinstance(outcome, ServiceError):
                errors[index] = outcome
            elif isinstance(outcome, Exception):
                raise outcome
        return errors

    async def _contents(self, keys: Sequence[Key]) -> _Contents:
        branches = [{"student_id": student, "material_id": mid} for student, mid in keys]
        query = {"$or": branches} if len(branches) > 1 else branches[0]
        with driver_errors("compare progress"):
            found = await self._database.reads.find(
                self._collection, query, fields=_COMPARED, readers={student for student, _ in keys}
            )
        # An array matches by its elements; such a document is no record.
        return {
            (document["student_id"], document["material_id"]): document
            for document in found
            if isinstance(document["student_id"], str) and isinstance(document["material_id"], str)
        }
