"""``watch_progress`` in MongoDB: bulk upserts in, `Progress` values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo.errors import WriteError

from progress_service.domain.intervals import coarse_when_many
from progress_service.domain.progress import DevicePlace, Progress
from progress_service.mongo.client import (
    OPERATION_SECONDS,
    Database,
    driver_errors,
    in_utc,
    unavailable,
)
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.mongo.writes import upsert_each
from progress_service.progress.merge import Change, upsert

Key = tuple[str, str]
"""(student_id, material_id)."""

Fields = Mapping[str, int]
"""A projection: 1 to fetch, 0 to leave out."""

NOT_IN_STATUS = {"_id": 0, "student_id": 0, "course_id": 0, "devices": 0, "stored_at": 0}
"""What a status does not tell, and a hundred of them need not fetch."""

_DUPLICATE_KEY = 11000


class ProgressStore:
    """Queries over ``watch_progress``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reads = database.reads

    async def save_many(self, changes: Sequence[Change]) -> list[Exception | None]:
        """Merge all in one trip, in no order; durable on the majority when this returns.

        Returns:
            For each change ``None`` when stored, else what became of it.

        Raises:
            Unavailable: nothing is known of any of them.
        """
        refused = await self._merge(changes)
        lost_races = [i for i, code in refused.items() if code == _DUPLICATE_KEY]
        if lost_races:  # two first reports at once; the record is there now
            again = await self._merge([changes[i] for i in lost_races])
            refused = {i: c for i, c in refused.items() if c != _DUPLICATE_KEY}
            refused |= {lost_races[i]: code for i, code in again.items()}
        outcomes = {i: _refused(code) for i, code in refused.items()}
        return [outcomes.get(i) for i in range(len(changes))]

    async def _merge(self, changes: Sequence[Change]) -> dict[int, int]:
        """The error code of each change that was not stored."""
        with driver_errors("save progress"):
            written = await upsert_each(
                self._database,
                WATCH_PROGRESS,
                [upsert(change) for change in changes],
                within_seconds=OPERATION_SECONDS,
            )
        self._reads.note([change.student_id for change in changes], written.moment)
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
        held = {
            (document["student_id"], document["material_id"]): to_progress(document)
            for document in await self._find(query, {student_id for student_id, _ in keys})
        }
        return [held.get(key) or Progress(key[1]) for key in keys]

    async def read_changed(self, student_id: str, *, since: datetime | None) -> list[Progress]:
        """The student's records stored at or after *since*, the oldest change first.

        One range of the unique index; the stamp moves with every report, so it has no index.
        """
        records = (await self.read_all(student_id, since=since)).values()
        return sorted(records, key=lambda record: (record.stored_at, record.material_id))

    async def read_all(
        self, student_id: str, *, since: datetime | None = None
    ) -> dict[str, Progress]:
        """All the student's records, or those stored at or after *since*, by material id."""
        key: dict[str, Any] = {"student_id": student_id}
        if since is not None:
            key["stored_at"] = {"$gte": since}
        return _by_material(await self._find(key, [student_id]))

    async def read_many(
        self, student_id: str, material_ids: Sequence[str], *, fields: Fields | None = None
    ) -> dict[str, Progress]:
        """The records that exist, by material id, in one query."""
        key = {"student_id": student_id, "material_id": {"$in": list(material_ids)}}
        return _by_material(await self._find(key, [student_id], fields))

    async def _find(
        self, query: dict[str, Any], students: Iterable[str], fields: Fields | None = None
    ) -> list[dict[str, Any]]:
        with driver_errors("read progress"):
            return await self._reads.find(WATCH_PROGRESS, query, fields=fields, readers=students)


def _by_material(documents: Iterable[Mapping[str, Any]]) -> dict[str, Progress]:
    return {document["material_id"]: to_progress(document) for document in documents}


def _refused(code: int) -> Exception:
    return unavailable(WriteError("refused", code), doing=f"save progress (code {code})")


def to_progress(document: Mapping[str, Any]) -> Progress:
    """The domain value of a ``watch_progress`` document.

    Most records have no spans and no devices, and are read a hundred at a time: nothing is called
    for what is not there.
    """
    held = document.get
    completed_at, spans, devices = held("completed_at"), held("watched_spans"), held("devices")
    return Progress(
        document["material_id"],
        held("watch_time", 0.0),
        held("total_duration", 0.0),
        held("progress_percentage", 0.0),
        held("furthest_percentage") or 0.0,
        in_utc(held("last_watched")),
        in_utc(completed_at) if completed_at else None,
        coarse_when_many([(start, end) for start, end in spans]) if spans else (),
        tuple(map(_place, devices)) if devices else (),
        in_utc(held("stored_at")),
    )


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
