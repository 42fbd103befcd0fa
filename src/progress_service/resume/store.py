"""Dismissed cards, kept with the enrolment."""

from __future__ import annotations

from datetime import datetime

from progress_service.mongo.client import Database, driver_errors, in_utc
from progress_service.mongo.schema import ENROLLMENTS


class DismissedStore:
    """Queries over ``enrollments``."""

    def __init__(self, database: Database) -> None:
        self._enrollments = database[ENROLLMENTS]
        self._reads = database.reads

    async def read(self, student_id: str) -> dict[str, datetime | None]:
        """When each course's card was dismissed (``None``: it was not), by course id."""
        fields = {"course_id": 1, "dismissed_at": 1, "_id": 0}
        with driver_errors("read dismissed cards"):
            found = await self._reads.find(
                ENROLLMENTS, {"student_id": student_id}, fields=fields, readers=[student_id]
            )
        return {
            document["course_id"]: _moment(document.get("dismissed_at"))
            for document in found
            if isinstance(document.get("course_id"), str)
        }

    async def write(self, student_id: str, course_id: str, *, dismissed: bool) -> None:
        """Dismiss the course's card, by the clock that stamps reports, or restore it."""
        key = {"student_id": student_id, "course_id": course_id}
        at = "$$NOW" if dismissed else None
        with driver_errors("dismiss card"):
            await self._enrollments.update_one(key, [{"$set": {"dismissed_at": at}}])


def _moment(value: object) -> datetime | None:
    return in_utc(value) if isinstance(value, datetime) else None
