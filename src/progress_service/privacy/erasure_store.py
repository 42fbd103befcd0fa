"""The owner of ``erasures``: whose data is or was erased, and the keys of the hashes."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from bson.binary import Binary
from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from progress_service.errors import Unavailable
from progress_service.mongo.client import OPERATION_SECONDS, Database, driver_errors
from progress_service.mongo.erasures import (
    ERASURES,
    FOREVER,
    KEY_BYTES,
    KEYS_ID,
    POLLED_UNTIL,
    Erasure,
    keys_of,
    student_hash,
    to_erasure,
)
from progress_service.mongo.expressions import in_seconds
from progress_service.mongo.leases import has_ended

CLAIM_SECONDS = 6.0  # Another process continues after that time when one dies.
KNOWN_SECONDS = 600.0
"""How long processes know of an erasure that ended. One that was stopped for longer has no request
of before left, nor anything that it cached."""
MAX_STORED_AT_ONCE = 500
_EVENT_IDS = {"$ifNull": ["$event_ids", []]}


class ErasureStore:
    """Queries over ``erasures``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._erasures = database[ERASURES]
        self._owner = uuid.uuid4().hex

    async def keys(self) -> tuple[bytes, ...]:
        """The keys; the first one hashes new erasures. Made here if there are none."""
        with driver_errors("read erasure keys"):
            found = keys_of(await self._erasures.find_one({"_id": KEYS_ID}) or {})
            if found:
                return found
            made = [Binary(secrets.token_bytes(KEY_BYTES))]
            update = [{"$set": {"keys": {"$ifNull": ["$keys", made]}}}]
            with suppress(DuplicateKeyError):  # another process made them
                await self._erasures.update_one({"_id": KEYS_ID}, update, upsert=True)
            return keys_of(await self._erasures.find_one({"_id": KEYS_ID}) or {})

    async def add_keys(self, keys: Iterable[bytes]) -> None:
        """Add keys of a ledger; they come after those that are there."""
        with driver_errors("add erasure keys"):
            for key in keys:
                update = {"$addToSet": {"keys": Binary(key)}}
                await self._erasures.update_one({"_id": KEYS_ID}, update, upsert=True)

    async def find(self, student_id: str) -> Erasure | None:
        """The last erasure of the student."""
        ends_at = time.monotonic() + OPERATION_SECONDS
        return (await self._database.erased.find([student_id], ends_at=ends_at)).get(student_id)

    async def begin(self, student_id: str, *, erased_at: datetime | None = None) -> Erasure:
        """Record an erasure; one that runs stays as it is. Durable when this returns.

        Args:
            student_id: whose data to erase.
            erased_at: when a ledger says that it was erased; ``None`` for now.
        """
        held = await self.find(student_id)
        keys = await self.keys()
        key = held.student_hash if held is not None else student_hash(student_id, keys[0])
        at: Any = erased_at if erased_at is not None else "$$NOW"
        new = {
            "_id": Binary(key),
            "student_id": {"$literal": student_id},
            "erased_at": at,
            "done": {"$literal": []},
            "event_ids": _EVENT_IDS,  # of the erasure before
            POLLED_UNTIL: FOREVER,
        }
        runs = {"$eq": [{"$type": "$student_id"}, "string"]}
        update = [{"$replaceWith": {"$cond": [runs, "$$ROOT", new]}}]
        with driver_errors("record erasure"):
            for _ in range(2):
                try:
                    document = await self._erasures.find_one_and_update(
                        {"_id": Binary(key)}, update, upsert=True, return_document=True
                    )
                except DuplicateKeyError:  # another process has recorded it
                    continue
                if (erasure := to_erasure(document)) is not None:
                    return erasure
        raise Unavailable("The erasure could not be recorded. Try again shortly.")

    async def claim(self, erasure: Erasure) -> bool:
        """Take over the steps of *erasure*, or go on with them; false if another process does."""
        is_free = {"$or": [has_ended("claimed_until"), {"$eq": ["$claimed_by", self._owner]}]}
        claim = {"claimed_by": self._owner, "claimed_until": in_seconds(CLAIM_SECONDS)}
        with driver_errors("claim erasure"):
            result = await self._erasures.update_one(
                {**_key(erasure), POLLED_UNTIL: {"$exists": True}, "$expr": is_free},
                [{"$set": claim}],
            )
        return bool(result.matched_count)

    async def mark_done(self, erasure: Erasure, step: str) -> None:
        """Store that a step is done."""
        with driver_errors("mark step of erasure"):
            await self._erasures.update_one(_key(erasure), {"$addToSet": {"done": step}})

    async def finish(self, erasure: Erasure, *, event_id: str) -> None:
        """Remove the id: there are the hash and the times, and events until they are forgotten."""
        fields: dict[str, Any] = {
            "_id": "$_id",
            "erased_at": "$erased_at",
            "finished_at": "$$NOW",
            "event_ids": {"$setUnion": [_EVENT_IDS, [event_id]]},
            POLLED_UNTIL: FOREVER,
        }
        with driver_errors("finish erasure"):
            await self._erasures.update_one(
                {**_key(erasure), "student_id": {"$exists": True}}, [{"$replaceWith": fields}]
            )

    async def forget_events(self, erasure: Erasure) -> None:
        """Store that others were notified, and that the events no longer name the student."""
        update: list[dict[str, Any]] = [
            {"$set": {POLLED_UNTIL: in_seconds(KNOWN_SECONDS)}},
            {"$unset": ["event_ids", "claimed_by", "claimed_until"]},
        ]
        query = {**_key(erasure), "student_id": {"$exists": False}}
        with driver_errors("finish erasure"):
            await self._erasures.update_one(query, update)

    async def unlist_old(self) -> None:
        """Stop polling erasures that ended long ago."""
        old = {POLLED_UNTIL: {"$exists": True}, "$expr": {"$lte": [f"${POLLED_UNTIL}", "$$NOW"]}}
        with driver_errors("unlist erasures"):
            await self._erasures.update_many(old, {"$unset": {POLLED_UNTIL: ""}})

    async def missing(self, erased: Mapping[bytes, datetime]) -> dict[bytes, datetime]:
        """Those of *erased*, by hash, that are not recorded here, or only as of an earlier time."""
        missing = dict(erased)
        hashes = list(erased)
        with driver_errors("compare with the ledger"):
            for start in range(0, len(hashes), MAX_STORED_AT_ONCE):
                some = [Binary(each) for each in hashes[start : start + MAX_STORED_AT_ONCE]]
                async for document in self._erasures.find({"_id": {"$in": some}}):
                    held = to_erasure(document)
                    if held is not None and held.erased_at >= erased[held.student_hash]:
                        del missing[held.student_hash]
        return missing

    async def add_finished(self, erased: Mapping[bytes, datetime]) -> None:
        """Record erasures of students about whom nothing is stored."""
        updates = [
            UpdateOne(
                {"_id": Binary(key), "student_id": {"$exists": False}},
                [
                    {"$set": {"erased_at": {"$max": ["$erased_at", erased_at]}}},
                    {"$set": {"finished_at": {"$ifNull": ["$finished_at", "$$NOW"]}}},
                ],
                upsert=True,
            )
            for key, erased_at in erased.items()
        ]
        with driver_errors("record erasures"):
            for start in range(0, len(updates), MAX_STORED_AT_ONCE):
                chunk = updates[start : start + MAX_STORED_AT_ONCE]
                await self._erasures.bulk_write(chunk, ordered=False)


def _key(erasure: Erasure) -> dict[str, Any]:
    return {"_id": Binary(erasure.student_hash), "erased_at": erasure.erased_at}
