"""Reads the records of several students at once, for pages about a class."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from progress_service.domain.catalog import Course
from progress_service.domain.current_state import current_state_in
from progress_service.domain.progress import Progress
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.mongo.server_time import ServerTime, find_after
from progress_service.pacing import paced
from progress_service.progress.projections import class_fields
from progress_service.progress.reader import ProgressReader

StatesByMaterial = dict[str, Progress]


class ClassProgress:
    """Queries over ``watch_progress`` by students and materials, on the primary."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reader = ProgressReader(database)

    async def current_states(
        self, course: Course, student_ids: Sequence[str], *, after: ServerTime
    ) -> dict[str, StatesByMaterial]:
        """The current states of the records in *course*, by student; they may be none.

        Raises:
            Unavailable: the database does not respond.
        """
        states: dict[str, StatesByMaterial] = {student_id: {} for student_id in student_ids}
        query = _records_of(course, student_ids)
        with driver_errors("read progress of a class"):
            found = await find_after(
                self._database, WATCH_PROGRESS, query, after=after, fields=class_fields(course)
            )
        async for document in paced(found):
            student_id, record = document["student_id"], self._reader.read(document)
            # Another program may have written an array, which matches by its elements.
            if record is None or not isinstance(student_id, str) or student_id not in states:
                continue
            if record.material_id in course.by_id:
                states[student_id][record.material_id] = current_state_in(record, course)
        return states

    async def changed_among(
        self, course: Course, student_ids: Sequence[str], *, since: datetime, after: ServerTime
    ) -> set[str]:
        """Those of *student_ids* with a record in *course* that was stored at or after *since*."""
        if not student_ids:
            return set()
        query = {**_records_of(course, student_ids), "stored_at": {"$gte": since}}
        with driver_errors("read progress of a class"):
            found = await find_after(
                self._database,
                WATCH_PROGRESS,
                query,
                after=after,
                fields={"_id": 0, "student_id": 1},
            )
        return {sid for document in found if isinstance(sid := document["student_id"], str)}


def _records_of(course: Course, student_ids: Sequence[str]) -> dict[str, object]:
    return {
        "student_id": {"$in": list(student_ids)},
        "material_id": {"$in": list(course.by_id)},
    }
