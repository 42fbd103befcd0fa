"""Rewrites documents of other programs and merges duplicates: repeatable, and safe to kill.

Documents that belong under one key are replaced by their merged form in one transaction, so that
a reader, also after a kill, finds either all of them or the result.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pymongo
from bson import ObjectId
from pymongo import ASCENDING

from progress_service.mongo import schema
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.transactions import run_in_transaction

GROUPS_A_TRANSACTION = 20  # Far below what a transaction may write and how long it may take.
TRANSACTION_SECONDS = 90.0  # The server keeps what a killed process began for a minute.
MAX_IDS = 100
MAX_ID_CHARACTERS = 128
SET_ASIDE = "_unreadable"
"""Ends the name of the collection for documents without a key, of which an index takes one only."""

Document = dict[str, Any]
Key = tuple[str, str]
Merge = Callable[[Key, Sequence[Document]], Document]


@dataclass(slots=True)
class Counts:
    """What a migration did, or in a dry run would do, to one collection."""

    collection: str
    rewritten: int = 0
    merged: int = 0  # duplicates, beside the document that holds the result
    unreadable_ids: list[str] = field(default_factory=list)
    unreadable: int = 0
    set_aside: int = 0
    handled: set[str] = field(default_factory=set)
    """Documents of groups that a dry run has counted: they are still as they were."""

    def skip(self, document_id: object) -> None:
        """Count a document that cannot be read; the first `MAX_IDS` of them are named."""
        self.unreadable += 1
        if len(self.unreadable_ids) < MAX_IDS:
            self.unreadable_ids.append(str(document_id)[:MAX_ID_CHARACTERS])


def readable_id(value: Any) -> str | None:
    """The id as text; ``None`` when *value* is none."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, ObjectId) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    return None


def _variants(text: str) -> list[Any]:
    """The values that `readable_id` reads as *text*."""
    found: list[Any] = [text]
    if ObjectId.is_valid(text):
        found.append(ObjectId(text))
    if text.removeprefix("-").isdecimal() and str(int(text)) == text and len(text) < 19:
        found.append(int(text))
    return found


async def count_matching(
    database: Database, collection: str, query: Mapping[str, Any], *, operation: str
) -> int:
    """How many documents match *query*, however long that takes: it reads the collection.

    Raises:
        Unavailable: the database does not respond.
    """
    with driver_errors(operation), pymongo.timeout(None):
        return int(await database[collection].count_documents(query))


class GroupMigration:
    """Merges what belongs under one key of a collection."""

    def __init__(
        self,
        database: Database,
        counts: Counts,
        names: tuple[str, str],
        merge: Merge,
        *,
        dry_run: bool,
    ) -> None:
        self._database = database
        self._collection = database[counts.collection]
        self._counts = counts
        self._names = names
        self._merge = merge
        self._dry_run = dry_run

    async def run(self, query: Mapping[str, Any]) -> None:
        """Merge all duplicates, and every group that holds a document of *query*."""
        await self._run_groups(self._keys_of(query))
        if not await self._is_unique():
            await self._set_aside_keyless()
            await self._run_groups(self._duplicates())

    async def _run_groups(self, keys: AsyncIterator[Key]) -> None:
        batch: list[Key] = []
        async for key in keys:
            batch.append(key)
            if len(batch) == GROUPS_A_TRANSACTION:
                await self._run_batch(batch)
                batch = []
        if batch:
            await self._run_batch(batch)

    async def _keys_of(self, query: Mapping[str, Any]) -> AsyncIterator[Key]:
        async for document in self._collection.find(query):
            key = self._key_of(document)
            if key is not None:
                yield key
            else:
                self._counts.skip(document["_id"])

    def _key_of(self, document: Mapping[str, Any]) -> Key | None:
        first, second = (readable_id(document.get(name)) for name in self._names)
        return (first, second) if first is not None and second is not None else None

    async def _duplicates(self) -> AsyncIterator[Key]:
        group = {"_id": {name: f"${name}" for name in self._names}, "count": {"$sum": 1}}
        stages: list[dict[str, Any]] = [{"$group": group}, {"$match": {"count": {"$gt": 1}}}]
        async for found in self._collection.aggregate(stages, allowDiskUse=True):
            if (key := self._key_of(found["_id"])) is not None:
                yield key

    async def _is_unique(self) -> bool:
        present = await self._collection.index_information()
        return all(
            index.is_among(present)
            for index in schema.SCHEMA[self._counts.collection]
            if index.unique
        )

    async def _run_batch(self, keys: Sequence[Key]) -> None:
        done = Counts(self._counts.collection)

        async def work(session: Any) -> None:
            done.rewritten = done.merged = 0  # the transaction may run again
            for key in dict.fromkeys(keys):
                await self._replace_group(key, done, session)

        await run_in_transaction(self._database, work, within_seconds=TRANSACTION_SECONDS)
        self._counts.rewritten += done.rewritten
        self._counts.merged += done.merged

    async def _replace_group(self, key: Key, done: Counts, session: Any) -> None:
        query = {
            name: {"$in": _variants(text)} for name, text in zip(self._names, key, strict=True)
        }
        cursor = self._collection.find(query, session=session).sort([("_id", ASCENDING)])
        documents = await cursor.to_list(None)
        if not documents or repr(documents[0]["_id"]) in self._counts.handled:
            return  # another document of the group brought us here before
        merged = self._merge(key, documents)
        if len(documents) == 1 and merged == documents[0]:
            return
        done.merged += len(documents) - 1
        done.rewritten += len(documents) == 1
        if self._dry_run:
            self._counts.handled.update(repr(document["_id"]) for document in documents)
            return
        ids = [document["_id"] for document in documents]
        await self._collection.delete_many({"_id": {"$in": ids}, **query}, session=session)
        await self._collection.insert_one(merged, session=session)

    async def _set_aside_keyless(self) -> None:
        """Move documents without a key away when there are several."""
        keyless = {"$or": [{name: None} for name in self._names]}
        found = [document async for document in self._collection.find(keyless)]
        if len(found) < 2:
            return
        aside = self._database[self._counts.collection + SET_ASIDE]
        for document in found:
            self._counts.set_aside += 1
            if self._dry_run:
                continue
            by_id = {"_id": document["_id"]}
            await aside.replace_one(by_id, document, upsert=True)
            await self._collection.delete_one(by_id)
