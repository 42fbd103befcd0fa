"""Deletes everything about a student, by the inventory; owns no collection."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pymongo

from progress_service.domain.outbox_events import PROGRESS_ERASED
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.erasures import ERASURES
from progress_service.mongo.migration import SET_ASIDE
from progress_service.mongo.schema import ENROLLMENTS, FORMER_ENROLLMENTS, OUTBOX
from progress_service.privacy.personal_data import PERSONAL_DATA

DELETED_AT_ONCE = 500
SCAN_SECONDS = 60.0  # Collections that other programs or migrations made have no index.
_WITH_KEY_IN_ID = frozenset({ENROLLMENTS, FORMER_ENROLLMENTS})
"""Collections with ids of the form ``student/course``, also in documents without fields."""
_OWNERS: Mapping[str, str] = {
    data.collection: data.owner
    for data in PERSONAL_DATA
    if data.owner is not None and data.collection != ERASURES
}

COLLECTIONS: tuple[str, ...] = tuple(_OWNERS)
"""What to erase: collections, and beginnings of the names of several."""
_PREFIXES = frozenset(data.collection for data in PERSONAL_DATA if data.is_prefix)


class ErasedData:
    """The documents about students in all collections. Driver errors become `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def delete(self, collection: str, student_id: str) -> int:
        """Delete everything about a student in one of `COLLECTIONS`; return the number."""
        deleted = 0
        for name in await self._names(collection):
            with driver_errors("erase"), pymongo.timeout(SCAN_SECONDS):
                deleted += await self._delete(name, _query(collection, student_id))
        return deleted

    async def _delete(self, name: str, query: Mapping[str, Any]) -> int:
        """Delete in small batches, so that the database serves others in between."""
        documents, deleted = self._database[name], 0
        while True:
            found = await documents.find(query, {"_id": 1}).limit(DELETED_AT_ONCE).to_list(None)
            if not found:
                return deleted
            ids = [document["_id"] for document in found]
            deleted += (await documents.delete_many({"_id": {"$in": ids}, **query})).deleted_count

    async def holds(self, student_id: str, collections: Sequence[str] = COLLECTIONS) -> bool:
        """True when any of *collections* has a document about the student."""
        for collection in collections:
            for name in await self._names(collection):
                query = _query(collection, student_id)
                with driver_errors("look for what is left"), pymongo.timeout(SCAN_SECONDS):
                    if await self._database[name].find_one(query, {"_id": 1}) is not None:
                        return True
        return False

    async def _names(self, collection: str) -> list[str]:
        """The existing collections of that name, and what migrations moved out of them."""
        pattern = re.escape(collection) + (".*" if collection in _PREFIXES else "")
        query = {"name": {"$regex": f"^{pattern}({SET_ASIDE})?$"}}
        with driver_errors("list collections"):
            return sorted(await self._database.list_collection_names(filter=query))

    async def student_ids(self) -> set[str]:
        """The ids of all students about whom anything is stored. For the command line."""
        found: set[str] = set()
        for collection, owner in _OWNERS.items():
            for name in await self._names(collection):
                with driver_errors("list students"), pymongo.timeout(None):
                    stages: list[Mapping[str, Any]] = [
                        {"$group": {"_id": f"${owner}"}},
                    ]
                    async for group in self._database[name].aggregate(stages, allowDiskUse=True):
                        found.update(_ids_in(group["_id"]))
        return found


def _query(collection: str, student_id: str) -> dict[str, Any]:
    query: dict[str, Any] = {_OWNERS[collection]: student_id}
    if collection == OUTBOX:  # It names the student until others know that the data was erased.
        query["type"] = {"$ne": PROGRESS_ERASED}
    if collection in _WITH_KEY_IN_ID:
        # Ids of users have no slash, and "0" is the character after it.
        by_id = {"_id": {"$gte": f"{student_id}/", "$lt": f"{student_id}0"}}
        return {"$or": [query, by_id]}
    return query


def _ids_in(value: object) -> list[str]:
    """The ids in an owner's field, of which other programs may have made a list."""
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str) and each]
