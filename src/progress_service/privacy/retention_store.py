"""Queries of retention: pages of every collection, and removals that lose no newer change.

A removal repeats what was read of a document, so one that was changed in between stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DeleteOne, ReplaceOne

from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.expressions import Expression
from progress_service.mongo.schema import ENROLLMENTS, OUTBOX, WATCH_PROGRESS
from progress_service.mongo.server_time import read_server_time
from progress_service.outbox.documents import DELIVERY, EVENT

Document = dict[str, Any]
START: Any = object()
"""Before the first document of a collection."""
PAGE_DOCUMENTS = 1_000
MAX_PAIRS = 200  # In one query; each is one seek in the index.
_LARGE = {"sessions": 0, "watched_spans": 0, "devices": 0}


@dataclass(frozen=True, slots=True)
class Removal:
    """What to do with a document that was read: remove it, or leave ``remaining`` of it.

    ``guards`` are the fields that must still have the values that were read.
    """

    document: Document
    guards: tuple[str, ...]
    remaining: Document | None = None

    @property
    def query(self) -> Document:
        """The document, if it is still as it was read."""
        same = {
            name: {"$eq": self.document[name]} if name in self.document else {"$exists": False}
            for name in self.guards
        }
        return {"_id": self.document["_id"], **same}


class RetentionStore:
    """Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self) -> datetime:
        """The clock of the database."""
        with driver_errors("read clock"):
            return (await read_server_time(self._database)).now

    async def page(self, collection: str, *, after: Any, fields: Sequence[str]) -> list[Document]:
        """The next documents in the order of their ids, whatever type these have."""
        # Comparisons in `$expr`, unlike others, have no regard for types.
        query = {} if after is START else {"$expr": {"$gt": ["$_id", {"$literal": after}]}}
        with driver_errors("read what may be old"):
            found = self._database[collection].find(query, list(fields))
            return await found.sort("_id", ASCENDING).limit(PAGE_DOCUMENTS).to_list(None)

    async def records(self, ids: Sequence[Any]) -> list[Document]:
        """Records without the large fields, of which a completion has none."""
        with driver_errors("read old records"):
            found = self._database[WATCH_PROGRESS].find({"_id": {"$in": list(ids)}}, _LARGE)
            return await found.to_list(None)

    async def enrolled(self, pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of the *pairs* of student and course that are enrolments."""
        enrolled: set[tuple[str, str]] = set()
        fields = {"_id": 0, "student_id": 1, "course_id": 1}
        for start in range(0, len(pairs), MAX_PAIRS):
            branches = [
                {"student_id": student_id, "course_id": course_id}
                for student_id, course_id in pairs[start : start + MAX_PAIRS]
            ]
            with driver_errors("find enrollments"):
                found = self._database[ENROLLMENTS].find({"$or": branches}, fields)
                documents = await found.to_list(None)
            keys = [(each["student_id"], each["course_id"]) for each in documents]
            enrolled |= {key for key in keys if all(isinstance(name, str) for name in key)}
        return enrolled

    async def apply(self, collection: str, removals: Sequence[Removal]) -> tuple[int, int]:
        """Apply *removals* to the documents that are still as they were read.

        Returns:
            The number of removed, and of changed documents.
        """
        if not removals:
            return 0, 0
        writes = [
            DeleteOne(one.query) if one.remaining is None else ReplaceOne(one.query, one.remaining)
            for one in removals
        ]
        with driver_errors("remove what is old"):
            result = await self._database[collection].bulk_write(writes, ordered=False)
        return result.deleted_count, result.modified_count

    async def trim_sessions(self, ids: Sequence[Any], *, before: datetime, is_dry_run: bool) -> int:
        """Remove the sessions that last reported before then; returns the number of records."""
        query = {
            "_id": {"$in": list(ids)},
            "sessions": {"$type": "object"},
            "$expr": {"$gt": [{"$size": _sessions(_is_older(before))}, 0]},
        }
        records = self._database[WATCH_PROGRESS]
        with driver_errors("remove old sessions"):
            if is_dry_run:
                return await records.count_documents(query)
            result = await records.update_many(query, _without_sessions(before))
        return result.modified_count

    async def remove_ended_events(self, *, before: datetime) -> int:
        """Remove some events and deliveries that ended before then; 0 if there are no more."""
        outbox = self._database[OUTBOX]
        for query in _ended_events(before):
            with driver_errors("remove old events"):
                found = outbox.find(query, {"_id": 1}).limit(PAGE_DOCUMENTS)
                ids = [document["_id"] async for document in found]
                if ids:
                    result = await outbox.delete_many({**query, "_id": {"$in": ids}})
                    return result.deleted_count
        return 0

    async def count_ended_events(self, *, before: datetime) -> int:
        """The events and deliveries that ended before then."""
        with driver_errors("count old events"):
            counts = [
                await self._database[OUTBOX].count_documents(query)
                for query in _ended_events(before)
            ]
        return sum(counts)


def _ended_events(before: datetime) -> list[Document]:
    return [
        {"kind": EVENT, "created_at": {"$lt": before}, "route_at": {"$exists": False}},
        {
            "kind": DELIVERY,
            "created_at": {"$lt": before},
            "due_at": {"$exists": False},
            "last_attempt_at": {"$not": {"$gte": before}},
        },
    ]


def _is_older(before: datetime) -> Expression:
    at = "$$this.v.observed_at"
    return {"$and": [{"$eq": [{"$type": at}, "date"]}, {"$lt": [at, before]}]}


def _sessions(condition: Expression) -> Expression:
    is_document = {"$eq": [{"$type": "$sessions"}, "object"]}
    sessions = {"$cond": [is_document, {"$objectToArray": "$sessions"}, []]}
    return {"$filter": {"input": sessions, "cond": condition}}


def _without_sessions(before: datetime) -> list[Document]:
    remaining = {"$arrayToObject": _sessions({"$not": [_is_older(before)]})}
    is_empty = {"$eq": [remaining, {"$literal": {}}]}
    return [{"$set": {"sessions": {"$cond": [is_empty, "$$REMOVE", remaining]}}}]
