"""The owner of ``preferences``: what students have chosen about what is stored."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from progress_service.domain.preferences import DEFAULTS, History, Preferences
from progress_service.errors import Erased, Unavailable
from progress_service.mongo.client import OPERATION_SECONDS, Database, driver_errors, in_utc
from progress_service.mongo.schema import PREFERENCES
from progress_service.mongo.writes import upsert_each


class PreferencesStore:
    """Queries over ``preferences``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, student_id: str) -> Preferences:
        """The student's preferences; the defaults if none were chosen."""
        with driver_errors("read preferences"):
            found = await self._database.reads.find(
                PREFERENCES, {"_id": student_id}, readers=[student_id]
            )
        return to_preferences(found[0]) if found else DEFAULTS

    async def paused_among(self, student_ids: Sequence[str]) -> frozenset[str]:
        """The students of *student_ids* whose history is paused."""
        query = {"_id": {"$in": list(student_ids)}, "history": "paused"}
        with driver_errors("read preferences"):
            found = await self._database.reads.find(
                PREFERENCES, query, fields={"_id": 1}, readers=student_ids
            )
        return frozenset(document["_id"] for document in found)

    async def write(self, student_id: str, history: History) -> Preferences:
        """Store the choice; durable on the majority when this returns.

        A repeat keeps the time of the first.

        Raises:
            Erased: the student's data is being erased.
            Unavailable: the outcome is unknown.
        """
        ends_at = time.monotonic() + OPERATION_SECONDS
        if await self._database.erased.check([(student_id, datetime.now(UTC))], ends_at=ends_at):
            raise Erased()
        is_same = {"$eq": ["$history", history]}
        changed_at = {"$cond": [is_same, {"$ifNull": ["$changed_at", "$$NOW"]}, "$$NOW"]}
        statement = {
            "q": {"_id": student_id},
            "u": [{"$set": {"history": history, "changed_at": changed_at}}],
            "upsert": True,
        }
        with driver_errors("save preferences"):
            written = await upsert_each(
                self._database, PREFERENCES, [statement], within_seconds=ends_at - time.monotonic()
            )
        if written.write_errors:
            raise Unavailable("The outcome is unknown. Try again shortly; repeating is harmless.")
        self._database.reads.note_write([student_id], written.operation_time)
        return await self.read(student_id)


def to_preferences(document: Mapping[str, Any]) -> Preferences:
    """The preferences in a document; anything but "paused" is the default."""
    if document.get("history") != "paused":
        return Preferences("on", _moment(document.get("changed_at")))
    return Preferences("paused", _moment(document.get("changed_at")))


def _moment(value: object) -> datetime | None:
    return in_utc(value) if isinstance(value, datetime) else None
