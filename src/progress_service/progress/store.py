"""``watch_progress`` in MongoDB: bulk upserts in, `Progress` values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pymongo.errors import WriteError

from progress_service.domain.catalog import Course
from progress_service.domain.intervals import (
    MAX_STORED_SPANS,
    Coverage,
    Span,
    snap_spans,
    total_seconds,
    unite,
)
from progress_service.domain.progress import DevicePlace, Progress
from progress_service.errors import Unavailable
from progress_service.mongo.client import (
    OPERATION_SECONDS,
    Database,
    driver_errors,
    in_utc,
    unavailable,
)
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.mongo.writes import Statement, upsert_each
from progress_service.pacing import paced_map
from progress_service.progress import coverage
from progress_service.progress.merge import Change, Seen, upsert

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
_IN_DATED_SUMMARY: Fields = {name: 0 for name in IN_SUMMARY if name != "stored_at"}
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
        return _IN_DATED_SUMMARY
    return IN_SUMMARY


MAX_REPLACE_TRIES = 5  # Two devices of a learner at once; five at once is nobody.
_DUPLICATE_KEY = 11000


class NeedsReplacing(Exception):
    """The database cannot add these spans by itself; `ProgressStore.replace` can."""


class ProgressStore:
    """Queries over ``watch_progress``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reads = database.reads
        self._bulk_reads = database.bulk_reads

    async def save_many(self, changes: Sequence[Change]) -> list[Exception | None]:
        """Merge all in one command, in no order; durable on the majority when this returns.

        Returns:
            For each change ``None`` when stored, else what became of it; `NeedsReplacing` where
            `replace` must store it.

        Raises:
            Unavailable: nothing is known of any of them.
        """
        failed = await self._merge(changes)
        lost_races = [i for i, code in failed.items() if code == _DUPLICATE_KEY]
        if lost_races:  # two first reports at once; the record is there now
            again = await self._merge([changes[i] for i in lost_races])
            failed = {i: c for i, c in failed.items() if c != _DUPLICATE_KEY}
            failed |= {lost_races[i]: code for i, code in again.items()}
        outcomes = {i: _not_stored(code, changes[i]) for i, code in failed.items()}
        return [outcomes.get(i) for i in range(len(changes))]

    async def _merge(self, changes: Sequence[Change]) -> dict[int, int]:
        """The error code of each change that was not stored."""
        return await self._upsert([upsert(c) for c in changes], [c.student_id for c in changes])

    async def replace(self, change: Seen) -> None:
        """Merge *change* where the record takes the grid, or has one of another length.

        What was seen is computed here and stored if nobody changed it meanwhile.

        Raises:
            Unavailable: the outcome is unknown, or others changed it all the time.
        """
        for _ in range(MAX_REPLACE_TRIES):
            before = await self._coverage(change)
            length_seconds = change.report.duration_seconds
            after = unite(before, change.added, length_seconds=length_seconds)
            statement = upsert(change, watched=coverage.replaced(before, after))
            failed = await self._upsert([statement], [change.student_id])
            if not failed:
                return
            if failed[0] not in (coverage.FAILED, _DUPLICATE_KEY):
                raise _not_stored(failed[0], change)
        raise Unavailable("Other reports came first. Try again shortly; repeating is harmless.")

    async def _coverage(self, change: Seen) -> Coverage:
        key = {"student_id": change.student_id, "material_id": change.material_id}
        fields = {"_id": 0, "watched_spans": 1, "watched_grid_seconds": 1}
        found = await self._find(key, [change.student_id], fields)
        held = found[0] if found else {}
        return Coverage(_spans(held.get("watched_spans")), held.get("watched_grid_seconds"))

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
        owners = [(document["student_id"], document["material_id"]) for document in found]
        held = dict(zip(owners, await paced_map(to_progress, found), strict=True))
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
        if since is not None:
            key["stored_at"] = {"$gte": since}
        return await _by_material(await self._find_many(key, student_id, IN_FRAME))

    async def read_many(
        self, student_id: str, material_ids: Sequence[str], *, fields: Fields | None
    ) -> dict[str, Progress]:
        """The records that exist, by material id, in one query; *fields* such as `IN_SUMMARY`."""
        key = {"student_id": student_id, "material_id": {"$in": list(material_ids)}}
        return await _by_material(await self._find_many(key, student_id, fields))

    async def _find_many(
        self, query: dict[str, Any], student_id: str, fields: Fields | None
    ) -> list[dict[str, Any]]:
        return await self._bulk_reads.run(partial(self._find, query, [student_id], fields))

    async def _find(
        self, query: dict[str, Any], students: Iterable[str], fields: Fields | None = None
    ) -> list[dict[str, Any]]:
        with driver_errors("read progress"):
            return await self._reads.find(WATCH_PROGRESS, query, fields=fields, readers=students)


async def _by_material(documents: Sequence[Mapping[str, Any]]) -> dict[str, Progress]:
    return {record.material_id: record for record in await paced_map(to_progress, documents)}


def _not_stored(code: int, change: Change) -> Exception:
    if code == coverage.FAILED and isinstance(change, Seen):
        return NeedsReplacing()
    return unavailable(WriteError("refused", code), doing=f"save progress (code {code})")


def to_progress(document: Mapping[str, Any]) -> Progress:
    """The domain value of a ``watch_progress`` document.

    Most records have no spans and no devices, and are read a hundred at a time: nothing is called
    for what is not there.
    """
    held = document.get
    completed_at, spans, devices = held("completed_at"), held("watched_spans"), held("devices")
    watched_seconds, percent = held("watched_seconds", 0.0), held("progress_percentage", 0.0)
    furthest_percent, unmarked_at = held("furthest_percentage"), held("unmarked_at")
    if furthest_percent is None:  # written by other software, or completed by its first report
        furthest_percent = percent if completed_at is None and unmarked_at is None else 0.0
    if spans:
        spans = _spans(spans)
        if len(spans) > MAX_STORED_SPANS:  # stored before there was a maximum
            spans = snap_spans(spans, length_seconds=document["total_duration"])
        if not watched_seconds:  # stored before it was a field
            watched_seconds = round(total_seconds(spans), 3)
    return Progress(
        document["material_id"],
        held("watch_time", 0.0),
        held("total_duration", 0.0),
        percent,
        furthest_percent,
        in_utc(held("last_watched")),
        in_utc(completed_at) if completed_at else None,
        watched_seconds,
        spans or (),
        tuple(map(_place, devices)) if devices else (),
        in_utc(held("stored_at")),
        in_utc(unmarked_at) if unmarked_at else None,
        held("furthest_since_unmark") or 0.0,
    )


def _spans(stored: Sequence[Sequence[float]] | None) -> tuple[Span, ...]:
    return tuple([(start, end) for start, end in stored]) if stored else ()


def _place(document: Mapping[str, Any]) -> DevicePlace:
    return DevicePlace(
        device_id=document["device_id"],
        position_seconds=document["watch_time"],
        observed_at=document["observed_at"].replace(tzinfo=UTC),
        session_id=document["session_id"],
        played_seconds=document["played_seconds"],
        furthest_seconds=document["furthest_time"],
        is_playing=document["playing"],
    )
