"""Which process removes old data: one of all processes, once a day.

All times are those of the database, so the clocks of the processes do not matter.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.expressions import Expression, in_seconds
from progress_service.mongo.leases import has_ended, set_if
from progress_service.mongo.schema import RETENTION
from progress_service.privacy.retention_store import START

EVERY_SECONDS = 86_400.0
LEASE_SECONDS = 600.0  # A process that was killed keeps its turn for so long.
_ID = "run"


class RetentionTurns:
    """The turn of this process."""

    def __init__(self, database: Database) -> None:
        self._runs = database[RETENTION]
        self._owner = uuid.uuid4().hex

    async def take(self) -> Any | None:
        """Take the turn, if a run is due and no other process has it.

        Returns:
            The record after which to start; ``None`` if it is not this process's turn.
        """
        age_ms = {"$subtract": ["$$NOW", "$finished_at"]}  # null before the first run
        is_due = {"$not": [{"$and": ["$finished_at", {"$lt": [age_ms, EVERY_SECONDS * 1_000]}]}]}
        taken = {"owner": self._owner, "until": in_seconds(LEASE_SECONDS)}
        update: list[Mapping[str, Any]] = [
            {"$set": {"is_taken": {"$and": [is_due, has_ended("until")]}}},
            set_if("$is_taken", taken),
        ]
        with driver_errors("take the turn of retention"):
            run = await self._runs.find_one_and_update(
                {"_id": _ID}, update, upsert=True, return_document=True
            )
        return run.get("after", START) if run["is_taken"] else None

    async def note(self, after: Any) -> None:
        """Keep the turn; the records up to *after* are done.

        Ids that other programs made may contain those of students, so they are not stored.
        """
        done = {"after": after} if isinstance(after, ObjectId) else {}
        await self._set({"until": in_seconds(LEASE_SECONDS), **done})

    async def finish(self) -> None:
        """The run is complete; the next one is due in a day."""
        await self._set({"until": "$$NOW", "finished_at": "$$NOW", "after": "$$REMOVE"})

    async def abandon(self) -> None:
        """The run was stopped; another process may go on."""
        await self._set({"until": "$$NOW"})

    async def _set(self, fields: Mapping[str, Expression]) -> None:
        with driver_errors("keep the turn of retention"):
            await self._runs.update_one({"_id": _ID, "owner": self._owner}, [{"$set": fields}])
