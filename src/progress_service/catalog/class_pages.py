"""Reads the enrolments of a class a page at a time: all, or those that may have changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING

from progress_service.catalog.archive import ENDED_AT
from progress_service.catalog.class_members import stored_moment
from progress_service.catalog.enrollment_activity import MAX_LAG
from progress_service.catalog.enrollments import (
    ACTIVE_AT,
    CHANGED_AT,
    Enrollment,
    to_enrollment,
)
from progress_service.mongo.client import Database, driver_errors, in_utc
from progress_service.mongo.schema import ENROLLMENTS, FORMER_ENROLLMENTS
from progress_service.mongo.server_time import ServerTime, find_after
from progress_service.pacing import paced_map

Document = dict[str, Any]
_FIELDS = {
    "_id": 0,
    "student_id": 1,
    "enrolled_at": 1,
    "completed_ids": 1,
    "progress": 1,
    "completed_at": 1,
    "revision": 1,
    ACTIVE_AT: 1,
    CHANGED_AT: 1,
}
_ORDER = {"course_id": ASCENDING, "student_id": ASCENDING}


@dataclass(frozen=True, slots=True)
class EnrolledStudent:
    """A student of a course. ``active_at``, ``changed_at``: by the database's clock, if known."""

    student_id: str
    enrolled_at: datetime | None
    enrollment: Enrollment
    active_at: datetime | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StudentRange:
    """The students of a course after ``after_id``, up to ``until_id``; ``None``: no bound."""

    course_id: str
    after_id: str | None = None
    until_id: str | None = None

    @property
    def query(self) -> Document:
        """Matches their enrolments; only ids that are text, in whatever program wrote them."""
        ids: Document = {"$gte": ""} if self.after_id is None else {"$gt": self.after_id}
        if self.until_id is not None:
            ids["$lte"] = self.until_id
        return {"course_id": self.course_id, "student_id": {**ids, "$not": {"$type": "array"}}}


class ClassPages:
    """Queries over the enrolments of a class, on the primary; each in the order of the ids."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def enrolled(
        self,
        students: StudentRange,
        *,
        limit: int,
        changed_since: datetime | None,
        after: ServerTime,
    ) -> list[EnrolledStudent]:
        """At most *limit* of *students*.

        Args:
            students: which ones.
            limit: how many.
            changed_since: only those whose row may have changed since then.
            after: what the read contains.

        Raises:
            Unavailable: the database does not respond.
        """
        query = students.query
        if changed_since is not None:
            query["$or"] = _may_have_changed(changed_since)
        with driver_errors("read class"):
            found = await find_after(
                self._database,
                ENROLLMENTS,
                query,
                after=after,
                fields=_FIELDS,
                sort=_ORDER,
                limit=limit,
            )
        return await paced_map(_enrolled_student, found)

    async def ended(
        self, students: StudentRange, *, limit: int, since: datetime, after: ServerTime
    ) -> list[tuple[str, datetime]]:
        """At most *limit* students whose enrolment ended at or after *since*, and when.

        Some may be enrolled again.
        """
        query = {**students.query, ENDED_AT: {"$gte": since}}
        fields = {"_id": 0, "student_id": 1, ENDED_AT: 1}
        with driver_errors("read class"):
            found = await find_after(
                self._database,
                FORMER_ENROLLMENTS,
                query,
                after=after,
                fields=fields,
                sort=_ORDER,
                limit=limit,
            )
        return [
            (document["student_id"], ended_at)
            for document in found
            if (ended_at := in_utc(document[ENDED_AT])) is not None
        ]

    async def enrolled_among(
        self, course_id: str, student_ids: Sequence[str], *, after: ServerTime
    ) -> set[str]:
        """The students of *student_ids* that are enrolled."""
        query = {"course_id": course_id, "student_id": {"$in": list(student_ids)}}
        with driver_errors("read class"):
            found = await find_after(
                self._database,
                ENROLLMENTS,
                query,
                after=after,
                fields={"_id": 0, "student_id": 1},
            )
        return {sid for document in found if isinstance(sid := document["student_id"], str)}


def _may_have_changed(since: datetime) -> list[Document]:
    """Conditions: the student was active, or the enrolment was written, at or after *since*.

    An enrolment of another program has no stamp; it counts from when it says it began.
    """
    return [
        {ACTIVE_AT: {"$gte": since - MAX_LAG}},
        {CHANGED_AT: {"$gte": since}},
        {CHANGED_AT: None, "enrolled_at": {"$gte": since}},
    ]


def _enrolled_student(document: Mapping[str, Any]) -> EnrolledStudent:
    return EnrolledStudent(
        document["student_id"],
        stored_moment(document.get("enrolled_at")),
        to_enrollment(document),
        _stamp(document.get(ACTIVE_AT)),
        _stamp(document.get(CHANGED_AT, document.get("enrolled_at"))),
    )


def _stamp(value: object) -> datetime | None:
    return in_utc(value) if isinstance(value, datetime) else None
