"""The owner of ``watch_progress``: writes changes as bulk upserts, reads `Progress` values."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from progress_service.domain.intervals import Coverage, unite
from progress_service.domain.progress import Progress
from progress_service.errors import Unavailable
from progress_service.mongo.client import OPERATION_SECONDS, Database, driver_errors
from progress_service.mongo.schema import DUPLICATE_KEY, WATCH_PROGRESS
from progress_service.mongo.writes import TIMED_OUT, Statement, upsert_each
from progress_service.pacing import paced
from progress_service.progress import coverage, sessions
from progress_service.progress.documents import stored_watched
from progress_service.progress.hooks import OnStored, OnStoring, ignore
from progress_service.progress.merge import Change, ReportChange, statements
from progress_service.progress.modernize import modernize_records
from progress_service.progress.projections import IN_FRAME, Fields
from progress_service.progress.reader import ProgressReader
from progress_service.progress.session_forms import Sessions, with_report
from progress_service.progress.write_errors import not_stored

Key = tuple[str, str]
"""(student_id, material_id)."""

MAX_REPLACE_TRIES = 5  # Two devices may write at once; five never do.
_NOT_THE_RECORD = frozenset({DUPLICATE_KEY, TIMED_OUT, coverage.FAILED})
"""Error codes that do not depend on the form of the stored record."""


class ProgressStore:
    """Queries over ``watch_progress``. Every driver error becomes `Unavailable`."""

    def __init__(
        self,
        database: Database,
        *,
        on_stored: OnStored = ignore,
        on_storing: OnStoring = ignore,
        collection: str = WATCH_PROGRESS,
    ) -> None:
        self._database = database
        self._on_storing = on_storing
        self._collection = collection
        self._on_stored = on_stored
        self._reads = database.reads
        self._bulk_reads = database.bulk_reads
        self._reader = ProgressReader(database)

    async def save_many(self, changes: Sequence[Change]) -> list[bool | Exception]:
        """Merge all in one unordered command; durable on the majority when this returns.

        Returns:
            For each change, whether it created the record, or its error; `NeedsReplacing` if
            `replace` must store it.

        Raises:
            Unavailable: the outcome of all is unknown.
        """
        if (noted := self._on_storing(changes)) is None:
            return await self._save(changes)
        saved, _ = await asyncio.gather(self._save(changes), noted)
        return saved

    async def _save(self, changes: Sequence[Change]) -> list[bool | Exception]:
        failed, created = await self._merge(changes)
        lost_races = [i for i, code in failed.items() if code == DUPLICATE_KEY]
        if lost_races:  # two first reports at once; the record exists now
            failed = await self._merge_again(changes, failed, lost_races)
        odd = [i for i, code in failed.items() if code not in _NOT_THE_RECORD]
        if odd and await self._modernize([changes[i] for i in odd]):
            failed = await self._merge_again(changes, failed, odd)
        self._on_stored(changes)
        errors = {i: not_stored(code, changes[i]) for i, code in failed.items()}
        return [errors.get(i) or i in created for i in range(len(changes))]

    async def _merge(self, changes: Sequence[Change]) -> tuple[dict[int, int], frozenset[int]]:
        """The error code of each change that was not stored, and those that created the record."""
        upserts = [(i, s) for i, change in enumerate(changes) for s in statements(change)]
        if not upserts:
            return {}, frozenset()
        errors, inserted = await self._upsert(
            [statement for _, statement in upserts], [change.student_id for change in changes]
        )
        failed = {upserts[number][0]: code for number, code in errors.items()}
        return failed, frozenset(upserts[number][0] for number in inserted)

    async def _merge_again(
        self, changes: Sequence[Change], failed: Mapping[int, int], retried: Sequence[int]
    ) -> dict[int, int]:
        """The error codes in *failed*, after another try of the changes at *retried*."""
        again, _ = await self._merge([changes[i] for i in retried])
        others = {i: code for i, code in failed.items() if i not in retried}
        return others | {retried[i]: code for i, code in again.items()}

    async def _modernize(self, changes: Sequence[Change]) -> int:
        """Rewrite the records of *changes* that another program wrote; return their number."""
        keys = list(dict.fromkeys((change.student_id, change.material_id) for change in changes))
        with driver_errors("rewrite old records"):
            return await modernize_records(self._database, keys, collection=self._collection)

    async def replace(self, change: ReportChange) -> None:
        """Merge *change* into a record that is on the grid, or needs it, or is full of sessions.

        On a grid of this length, the database still adds the spans. Else coverage and sessions are
        computed here, and stored if they were not changed in between.

        Raises:
            Unavailable: the outcome is unknown, or concurrent changes won each time.
        """
        if (noted := self._on_storing([change])) is not None:
            await noted
        length_seconds, added = change.report.duration_seconds, change.added
        if added.grid_seconds is None and added.spans:
            on_grid = coverage.added_on_grid(added.spans, length_seconds=length_seconds)
            if await self._stores(change, statements(change, watched=on_grid)):
                return
        for _ in range(MAX_REPLACE_TRIES):
            held = await self._watched(change)
            if held is None:
                await self._modernize([change])
                continue
            before, played = held
            after = unite(before, added, length_seconds=length_seconds)
            watched = coverage.replaced(before, after)
            united = sessions.replaced(played, with_report(played, change.report))
            if await self._stores(change, statements(change, watched=watched, sessions=united)):
                return
        raise Unavailable("Other reports came first. Try again shortly; repeating is harmless.")

    async def _stores(self, change: ReportChange, upserts: Sequence[Statement]) -> bool:
        """Store *change*; false if the record is not as *upserts* expect."""
        failed, _ = await self._upsert(upserts, [change.student_id])
        if not failed:
            self._on_stored([change])
            return True
        if failed[0] not in (coverage.FAILED, DUPLICATE_KEY):
            raise not_stored(failed[0], change)
        return False

    async def _watched(self, change: ReportChange) -> tuple[Coverage, Sessions] | None:
        """The stored coverage and sessions; ``None`` if they are invalid."""
        key = {"student_id": change.student_id, "material_id": change.material_id}
        fields = {"_id": 0, "watched_spans": 1, "watched_grid_seconds": 1, "sessions": 1}
        found = await self._find(key, [change.student_id], fields)
        return stored_watched(found[0] if found else {})

    async def _upsert(
        self, statements: Sequence[Statement], students: Sequence[str]
    ) -> tuple[dict[int, int], frozenset[int]]:
        with driver_errors("save progress"):
            written = await upsert_each(
                self._database, self._collection, statements, within_seconds=OPERATION_SECONDS
            )
        self._reads.note_write(students, written.operation_time)
        return written.write_errors, written.inserted

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
