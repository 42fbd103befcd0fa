"""``watch_progress`` in MongoDB: bulk upserts in, `Progress` values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from pymongo.errors import WriteError

from progress_service.domain.catalog import Course
from progress_service.domain.intervals import Coverage, unite
from progress_service.domain.progress import Progress
from progress_service.errors import Unavailable
from progress_service.mongo.client import (
    OPERATION_SECONDS,
    Database,
    driver_errors,
    unavailable,
)
from progress_service.mongo.schema import DUPLICATE_KEY, WATCH_PROGRESS
from progress_service.mongo.writes import TIMED_OUT, Statement, upsert_each
from progress_service.pacing import paced
from progress_service.progress import coverage
from progress_service.progress.documents import stored_spans
from progress_service.progress.merge import Change, Seen, upsert
from progress_service.progress.modernize import modernize_records
from progress_service.progress.reader import ProgressReader

Key = tuple[str, str]
"""(student_id, material_id)."""

Fields = Mapping[str, Any]
"""A projection: 1 to fetch, 0 to leave out."""

IN_SUMMARY: Fields = {
    "_id": 0,
    "student_id": 0,
    "course_id": 0,
    "devices": 0,
    "stored_at": 0,
    "watched_spans": 0,
}
"""What a status beside a hundred others is made of."""
IN_DATED_SUMMARY: Fields = {name: 0 for name in IN_SUMMARY if name != "stored_at"}
"""The same with the stamp, for courses whose thresholds were lowered."""
IN_FRAME: Fields = {
    "_id": 0,
    "student_id": 0,
    "course_id": 0,
    "devices": {"$slice": 1},
    "watched_spans": 0,
}
"""What other devices are sent of a change: the newest device, and no spans."""
IN_TOTALS: Fields = {
    "_id": 0,
    "material_id": 1,
    "watch_time": 1,
    "total_duration": 1,
    "completed_at": 1,
    "progress_percentage": 1,
    "furthest_percentage": 1,
    "furthest_since_unmark": 1,
    "unmarked_at": 1,
    "last_watched": 1,
    "stored_at": 1,
}
"""What tells whether a material is done."""


def summary_fields(courses: Iterable[Course]) -> Fields:
    """`IN_SUMMARY` for *courses*; with the stamp where the history of a threshold needs it."""
    if any(course.has_lowered_thresholds for course in courses):
        return IN_DATED_SUMMARY
    return IN_SUMMARY


MAX_REPLACE_TRIES = 5  # Two devices of a learner at once; five at once is nobody.
_NOT_THE_RECORD = frozenset({DUPLICATE_KEY, TIMED_OUT, coverage.FAILED})
"""Errors that say nothing about the shape of what is stored."""


class NeedsReplacing(Exception):
    """The database cannot add these spans by itself; `ProgressStore.replace` can."""


class ProgressStore:
    """Queries over ``watch_progress``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reads = database.reads
        self._bulk_reads = database.bulk_reads
        self._reader = ProgressReader(database)

    async def save_many(self, changes: Sequence[Change]) -> list[Exception | None]:
        """Merge all in one command, in no order; durable on the majority when this returns.

        Returns:
            For each change ``None`` when stored, else what became of it; `NeedsReplacing` where
            `replace` must store it.

        Raises:
            Unavailable: nothing is known of any of them.
        """
        failed = await self._merge(changes)
        lost_races = [i for i, code in failed.items() if code == DUPLICATE_KEY]
        if lost_races:  # two first reports at once; the record is there now
            again = await self._merge([changes[i] for i in lost_races])
            failed = {i: c for i, c in failed.items() if c != DUPLICATE_KEY}
            failed |= {lost_races[i]: code for i, code in again.items()}
        odd = [i for i, code in failed.items() if code not in _NOT_THE_RECORD]
        if odd and await self._modernize([changes[i] for i in odd]):
            again = await self._merge([changes[i] for i in odd])
            failed = {i: c for i, c in failed.items() if i not in odd}
            failed |= {odd[i]: code for i, code in again.items()}
        outcomes = {i: _not_stored(code, changes[i]) for i, code in failed.items()}
        return [outcomes.get(i) for i in range(len(changes))]

    async def _merge(self, changes: Sequence[Change]) -> dict[int, int]:
        """The error code of each change that was not stored."""
        return await self._upsert([upsert(c) for c in changes], [c.student_id for c in changes])

    async def _modernize(self, changes: Sequence[Change]) -> int:
        """Rewrite the records of *changes* that another program wrote; how many there were."""
        keys = list(dict.fromkeys((change.student_id, change.material_id) for change in changes))
        with driver_errors("rewrite old records"):
            return await modernize_records(self._database, keys)

    async def replace(self, change: Seen) -> None:
        """Merge *change* where the record takes the grid, or has one of another length.

        What was seen is computed here and stored if nobody changed it meanwhile.

        Raises:
            Unavailable: the outcome is unknown, or others changed it all the time.
        """
        for _ in range(MAX_REPLACE_TRIES):
            before = await self._coverage(change)
            if before is None:
                await self._modernize([change])
                continue
            length_seconds = change.report.duration_seconds
            after = unite(before, change.added, length_seconds=length_seconds)
            statement = upsert(change, watched=coverage.replaced(before, after))
            failed = await self._upsert([statement], [change.student_id])
            if not failed:
                return
            if failed[0] not in (coverage.FAILED, DUPLICATE_KEY):
                raise _not_stored(failed[0], change)
        raise Unavailable("Other reports came first. Try again shortly; repeating is harmless.")

    async def _coverage(self, change: Seen) -> Coverage | None:
        """What the record holds; ``None`` where it holds what are no spans."""
        key = {"student_id": change.student_id, "material_id": change.material_id}
        fields = {"_id": 0, "watched_spans": 1, "watched_grid_seconds": 1}
        found = await self._find(key, [change.student_id], fields)
        held = found[0] if found else {}
        grid_seconds = held.get("watched_grid_seconds")
        if grid_seconds is not None and not isinstance(grid_seconds, int | float):
            return None
        try:
            return Coverage(stored_spans(held.get("watched_spans") or ()), grid_seconds)
        except (TypeError, ValueError):
            return None

    async def _upsert(
        self, statements: Sequence[Statement], students: Sequence[str]
    ) -> dict[int, int]:
        with driver_errors("save progress"):
            written = await upsert_each(
                self._database, WATCH_PROGRESS, statements, within_seconds=OPERATION_SECONDS
            )
        self._reads.note(students, written.moment)
        return written.refused

    async def read_each(self, keys: Sequence[Key]) -> list[Progress]:
        """What we hold under each of *keys*, in order; an empty `Progress` when never touched.

        One query, whose every branch is one seek in the unique index.
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
            if record is not None and isinstance(owner_id, str):  # lists match by an element
                held[owner_id, record.material_id] = record
        return [held.get(key) or Progress(key[1]) for key in keys]

    async def read_changed(self, student_id: str, *, since: datetime | None) -> list[Progress]:
        """The student's records stored at or after *since*, the oldest change first, without spans.

        One range of the unique index; the stamp moves with every report, so it has no index.
        """
        records = (await self.read_all(student_id, since=since)).values()
        return sorted(records, key=lambda record: (record.stored_at, record.material_id))

    async def read_all(
        self, student_id: str, *, since: datetime | None = None
    ) -> dict[str, Progress]:
        """All the student's records, or those stored at or after *since*, without spans."""
        key: dict[str, Any] = {"student_id": student_id}
        if since is not None:  # Other programs write no stamp; the reader gives them one.
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
        """The records that exist, by material id, in one query; *fields* such as `IN_SUMMARY`."""
        key = {"student_id": student_id, "material_id": {"$in": list(material_ids)}}
        found = await self._bulk_reads.run(partial(self._find, key, [student_id], fields))
        return await self._by_material(student_id, found)

    async def _by_material(
        self, student_id: str, documents: Sequence[Mapping[str, Any]]
    ) -> dict[str, Progress]:
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
            return await self._reads.find(WATCH_PROGRESS, query, fields=fields, readers=students)


def _not_stored(code: int, change: Change) -> Exception:
    if code == coverage.FAILED and isinstance(change, Seen):
        return NeedsReplacing()
    return unavailable(WriteError("refused", code), doing=f"save progress (code {code})")
