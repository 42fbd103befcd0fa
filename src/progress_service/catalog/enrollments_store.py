"""The owner of ``enrollments``: which students are in which course, with their totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from pymongo import ASCENDING

from progress_service.catalog.enrolling import Enrolling
from progress_service.catalog.enrollments import (
    ERASED_AT,
    Enrolled,
    Enrollment,
    to_enrollment,
    totals_statement,
)
from progress_service.catalog.preferences_store import to_preferences
from progress_service.mongo.client import Database, driver_errors, in_utc
from progress_service.mongo.schema import ENROLLMENTS, PREFERENCES

_IS_ENROLLMENT = "_is_enrollment"
Document = dict[str, Any]


class EnrollmentsStore(Enrolling):
    """Queries over ``enrollments``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._reads = database.reads
        self._bulk_reads = database.bulk_reads

    # -- who is enrolled -----------------------------------------------------------------------

    async def enrolled_in(self, student_id: str, course_ids: Sequence[str]) -> Enrolled:
        """The courses of *course_ids* that the student is enrolled in, in one round trip."""
        query = {"student_id": student_id, "course_id": {"$in": list(course_ids)}}
        of_student = [{"$match": {"_id": student_id}}, {"$project": {"_id": 0, "history": 1}}]
        stages: list[Document] = [
            {"$match": query},
            {"$project": {"_id": 0, "course_id": 1, ERASED_AT: 1}},
            {"$unionWith": {"coll": PREFERENCES, "pipeline": of_student}},
        ]
        with driver_errors("find enrollments"):
            found = await self._reads.aggregate(ENROLLMENTS, stages, readers=[student_id])
        # Another program may have written an array, which matches by its elements.
        return Enrolled(
            {
                cid: _erased_at(each)
                for each in found
                if isinstance(cid := each.get("course_id"), str)
            },
            is_history_paused=any(to_preferences(each).is_history_paused for each in found),
        )

    async def course_ids_of(self, student_id: str) -> list[str]:
        """The courses that the student is enrolled in."""
        with driver_errors("find enrollments"):
            found = await self._reads.find(
                ENROLLMENTS, {"student_id": student_id}, fields={"_id": 0, "course_id": 1}
            )
        return [cid for document in found if isinstance(cid := document.get("course_id"), str)]

    async def enrolled_among(
        self, course_id: str, student_ids: Sequence[str]
    ) -> dict[str, datetime | None]:
        """When their data was erased, by those of *student_ids* that are enrolled."""
        query = {"course_id": course_id, "student_id": {"$in": list(student_ids)}}
        with driver_errors("find enrollments"):
            found = await self._reads.find(
                ENROLLMENTS, query, fields={"student_id": 1, ERASED_AT: 1}
            )
        return {
            sid: _erased_at(document)
            for document in found
            if isinstance(sid := document["student_id"], str)
        }

    async def students_of(self, course_id: str, *, after: str | None, limit: int) -> list[str]:
        """At most *limit* student ids in order, after the id *after*."""
        # Text only: other programs may have written ids of other types, or none.
        behind = {"$gt": after} if after is not None else {"$gte": ""}
        is_text = {"$not": {"$type": "array"}}
        query = {"course_id": course_id, "student_id": {**behind, **is_text}}
        with driver_errors("list enrollments"):
            found = self._enrollments.find(query, {"student_id": 1, "_id": 0})
            page = found.sort([("course_id", ASCENDING), ("student_id", ASCENDING)]).limit(limit)
            return [document["student_id"] async for document in page]

    # -- totals, and dismissed cards -----------------------------------------------------------

    async def read_with(
        self, student_id: str, course_id: str | None, *, union: Mapping[str, Any]
    ) -> tuple[dict[str, Enrollment], list[Document]]:
        """Enrolments of the student and documents of another collection, in one round trip.

        The enrolments are read first. A writer that stores totals with the revision read here has
        therefore seen every document that earlier writers of this enrolment had read.

        Args:
            student_id: the student.
            course_id: the course; ``None`` for all.
            union: the ``$unionWith`` stage of the other collection.

        Returns:
            The enrolments by course, and the other documents.
        """
        key = {"student_id": student_id}
        if course_id is not None:
            key["course_id"] = course_id
        # This field distinguishes the two kinds, whatever fields other programs have written.
        stages: list[Document] = [
            {"$match": key},
            {"$set": {_IS_ENROLLMENT: True}},
            {"$unionWith": union},
        ]
        with driver_errors("read courses"):
            found = await self._bulk_reads.run(
                partial(self._reads.aggregate, ENROLLMENTS, stages, readers=[student_id])
            )
        held = [document for document in found if _IS_ENROLLMENT in document]
        enrollments = {
            document["course_id"]: to_enrollment(document)
            for document in held
            if isinstance(document.get("course_id"), str)
        }
        return enrollments, found[len(held) :]

    async def write_totals(
        self, enrollment: Enrollment, *, student_id: str, course_id: str
    ) -> bool:
        """Store the totals if they have not changed since the revision was read."""
        query, update = totals_statement(enrollment, student_id=student_id, course_id=course_id)
        with driver_errors("update enrollment"):
            result = await self._enrollments.update_one(query, update)
        return bool(result.matched_count)

    async def dismissals(self, student_id: str) -> dict[str, datetime | None]:
        """When each course's card was dismissed, by course id; ``None`` if it was not."""
        fields = {"course_id": 1, "dismissed_at": 1, "_id": 0}
        with driver_errors("read dismissed cards"):
            found = await self._reads.find(
                ENROLLMENTS, {"student_id": student_id}, fields=fields, readers=[student_id]
            )
        return {
            document["course_id"]: in_utc(at)
            if isinstance(at := document.get("dismissed_at"), datetime)
            else None
            for document in found
            if isinstance(document.get("course_id"), str)
        }

    async def dismiss(self, student_id: str, course_id: str, *, dismissed: bool) -> None:
        """Dismiss the course's card, with the time of the database, or restore it."""
        key = {"student_id": student_id, "course_id": course_id}
        at = "$$NOW" if dismissed else None
        with driver_errors("dismiss card"):
            await self._enrollments.update_one(key, [{"$set": {"dismissed_at": at}}])


def _erased_at(document: Document) -> datetime | None:
    moment = document.get(ERASED_AT)
    return in_utc(moment) if isinstance(moment, datetime) else None
