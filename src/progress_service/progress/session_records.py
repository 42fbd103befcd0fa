"""Reads records of ``watch_progress`` together with their sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from pymongo import ASCENDING

from progress_service.domain.played_sessions import PlayedSession, SessionRecord
from progress_service.mongo.client import Database, driver_errors, in_utc
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.pacing import paced
from progress_service.progress.reader import ProgressReader
from progress_service.progress.session_forms import (
    Session,
    readable_sessions,
    session_id_of,
    spans_of,
    unite_sessions,
)
from progress_service.progress.store import Key

NO_LIMIT = 0


class SessionRecords:
    """Queries over ``watch_progress``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reader = ProgressReader(database)

    async def read_each(self, keys: Sequence[Key]) -> dict[Key, SessionRecord]:
        """The existing records of *keys*. One query; each branch is one seek in the index."""
        branches = [
            {"student_id": student_id, "material_id": material_id}
            for student_id, material_id in dict.fromkeys(keys)
        ]
        if not branches:
            return {}
        found = await self._find({"$or": branches}, limit=NO_LIMIT)
        return {
            (record.student_id, record.progress.material_id): record
            async for record in paced(self._readable(found))
        }

    async def read_from(
        self, student_id: str, material_id: str, *, limit: int
    ) -> tuple[list[SessionRecord], str | None]:
        """The first *limit* records of the student in order, from the one of *material_id* on.

        Returns:
            Those that are readable, and the last material id; ``None`` if there are no more.
        """
        # Text only: other programs may have written ids of other types.
        text = {"$gte": material_id, "$not": {"$type": "array"}}
        found = await self._find({"student_id": student_id, "material_id": text}, limit=limit)
        last_id = found[-1]["material_id"] if len(found) == limit else None
        return [record async for record in paced(self._readable(found))], last_id

    async def _find(self, query: Mapping[str, Any], *, limit: int) -> list[dict[str, Any]]:
        order = [("student_id", ASCENDING), ("material_id", ASCENDING)]
        cursor = self._database[WATCH_PROGRESS].find(query).sort(order).limit(limit)
        with driver_errors("read sessions"):
            return await self._database.bulk_reads.run(partial(cursor.to_list, None))

    def _readable(self, documents: Iterable[Mapping[str, Any]]) -> Iterable[SessionRecord]:
        for document in documents:
            progress, student_id = self._reader.read(document), document.get("student_id")
            if progress is not None and isinstance(student_id, str):
                course_id = document.get("course_id")
                yield SessionRecord(
                    student_id,
                    course_id if isinstance(course_id, str) else None,
                    progress,
                    _sessions_of(document),
                )


def _sessions_of(document: Mapping[str, Any]) -> tuple[PlayedSession, ...]:
    """The newest sessions with an id, the newest first."""
    newest = unite_sessions(readable_sessions(document.get("sessions")), {})
    return tuple(
        _played(session_id, session)
        for key, session in newest.items()
        if (session_id := session_id_of(key)) is not None
    )


def _played(session_id: str, session: Session) -> PlayedSession:
    last_observed_at = in_utc(session["observed_at"])
    assert last_observed_at is not None  # noqa: S101 - readable sessions have a time
    return PlayedSession(
        session_id, last_observed_at, float(session["played_seconds"]), spans_of(session)
    )
