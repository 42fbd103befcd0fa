"""Reads whole classes: the learners of a course, with when they were enrolled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from progress_service.mongo.client import Database, driver_errors, in_utc
from progress_service.mongo.schema import ENROLLMENTS
from progress_service.mongo.values import to_moment
from progress_service.plausible_time import EARLIEST_TIME


@dataclass(frozen=True, slots=True)
class ClassMember:
    """A learner of a course. ``completed_at``: when the learner completed it."""

    student_id: str
    enrolled_at: datetime
    completed_at: datetime | None


class ClassMembers:
    """Queries over ``enrollments`` for whole courses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, course_id: str) -> list[ClassMember]:
        """The learners of the course, in the order of their ids.

        Raises:
            Unavailable: the database does not respond.
        """
        fields = {"_id": 0, "student_id": 1, "enrolled_at": 1, "completed_at": 1}
        members: list[ClassMember] = []
        with driver_errors("read class"):
            pages = self._database.reads.find_pages(
                ENROLLMENTS, {"course_id": course_id}, page_by="student_id", fields=fields
            )
            async for page in pages:
                members += [
                    ClassMember(
                        document["student_id"],
                        stored_moment(document.get("enrolled_at")) or EARLIEST_TIME,
                        stored_moment(document.get("completed_at")),
                    )
                    for document in page
                    if isinstance(document.get("student_id"), str)
                ]
        return members


def stored_moment(value: object) -> datetime | None:
    """A time, whichever program wrote it."""
    return in_utc(value) if isinstance(value, datetime) else to_moment(value, now=datetime.now(UTC))
