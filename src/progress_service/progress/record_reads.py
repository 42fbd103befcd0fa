"""Reads records as `Progress` values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from progress_service.domain.progress import Progress
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.pacing import paced
from progress_service.progress.projections import IN_FRAME, Fields
from progress_service.progress.reader import ProgressReader

Key = tuple[str, str]
"""(student_id, material_id)."""


class RecordReads:
    """The part of `ProgressStore` that reads."""

    def __init__(self, database: Database, collection: str) -> None:
        self._database = database
        self._collection = collection
        self._reads = database.reads
        self._bulk_reads = database.bulk_reads
        self._reader = ProgressReader(database)

    async def read_each(self, keys: Sequence[Key]) -> list[Progress]:
        """The record for each of *keys*, in order; an empty `Progress` if there is none.

        One query, of which each branch is one seek in the unique index.
        """
        branches = [
            {"student_id": student_id, "material_id": material_id}
            for student_id, material_id in dict.fromkeys(keys)
        ]
        query = {"$or": branches} if len(branches) > 1 else branches[0]
        found = await self._find(query, {student_id for student_id, _ in keys})
        held: dict[Key, Progress] = {}
        async for document in paced(found):
            record, owner_id = self._reader.read(document), document["student_id"]
            if record is not None and isinstance(owner_id, str):  # an array matches by its elements
                held[owner_id, record.material_id] = record
        return [held.get(key) or Progress(key[1]) for key in keys]

    async def read_changed(self, student_id: str, *, since: datetime | None) -> list[Progress]:
        """The student's records stored at or after *since*, oldest change first, without spans.

        Scans one range of the unique index; the stamp changes with every report, so it has no
        index.
        """
        records = (await self.read_all(student_id, since=since)).values()
        return sorted(records, key=lambda record: (record.stored_at, record.material_id))

    async def read_all(
        self, student_id: str, *, since: datetime | None = None
    ) -> dict[str, Progress]:
        """All the student's records, or those stored at or after *since*, without spans."""
        key: dict[str, Any] = {"student_id": student_id}
        if since is not None:  # Records of other programs have no stamp; the reader computes one.
            key["$nor"] = [{"stored_at": {"$lt": since}}]
        records = await self._bulk_reads.run(partial(self._read_pages, key, student_id))
        return {
            record.material_id: record
            for record in records
            if since is None or (record.stored_at is not None and record.stored_at >= since)
        }

    async def read_many(
        self, student_id: str, material_ids: Sequence[str], *, fields: Fields | None
    ) -> dict[str, Progress]:
        """The existing records by material id, in one query; *fields* such as `IN_SUMMARY`."""
        key = {"student_id": student_id, "material_id": {"$in": list(material_ids)}}
        found = await self._bulk_reads.run(partial(self._find, key, [student_id], fields))
        return await self.read_documents(found, student_id=student_id)

    @staticmethod
    def union(
        student_id: str, material_ids: Sequence[str] | None, *, fields: Fields
    ) -> dict[str, Any]:
        """A ``$unionWith`` of the student's records (``None``: all), for `read_documents`."""
        key: dict[str, Any] = {"student_id": student_id}
        if material_ids is not None:
            key["material_id"] = {"$in": list(material_ids)}
        return {"coll": WATCH_PROGRESS, "pipeline": [{"$match": key}, {"$project": fields}]}

    async def read_documents(
        self, documents: Sequence[Mapping[str, Any]], *, student_id: str
    ) -> dict[str, Progress]:
        """The records in *documents*, by material id."""
        records = await self._reader.read_all(documents, student_id=student_id)
        return {record.material_id: record for record in records}

    async def _read_pages(self, query: dict[str, Any], student_id: str) -> list[Progress]:
        records: list[Progress] = []
        with driver_errors("read progress"):
            async for page in self._reads.find_pages(
                WATCH_PROGRESS, query, page_by="material_id", fields=IN_FRAME, readers=[student_id]
            ):
                records += await self._reader.read_all(page, student_id=student_id)
        return records

    async def _find(
        self, query: dict[str, Any], students: Iterable[str], fields: Fields | None = None
    ) -> list[dict[str, Any]]:
        with driver_errors("read progress"):
            return await self._reads.find(self._collection, query, fields=fields, readers=students)
