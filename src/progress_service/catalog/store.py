"""Courses and enrolments in MongoDB; document ↔ domain value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from progress_service.domain.catalog import Chapter, Course, Material, Stretch
from progress_service.errors import Conflict
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.schema import COURSES, ENROLLMENTS, REMOVED_COURSES

DUPLICATE_KEY = 11000


class CatalogStore:
    """Queries over ``courses`` and ``enrollments``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._courses = database[COURSES]
        self._removed = database[REMOVED_COURSES]
        self._enrollments = database[ENROLLMENTS]
        self._reads = database.reads

    async def course(self, course_id: str) -> Course | None:
        """The course under that id."""
        return await self._course_in(COURSES, course_id)

    async def removed_course(self, course_id: str) -> Course | None:
        """The course as it was when it was last removed."""
        return await self._course_in(REMOVED_COURSES, course_id)

    async def _course_in(self, collection: str, course_id: str) -> Course | None:
        with driver_errors("find course"):
            found = await self._reads.find(collection, {"_id": course_id})
        return _course(found[0]) if found else None

    async def courses_with(self, material_ids: Sequence[str]) -> list[Course]:
        """The courses that hold any of *material_ids*."""
        query = {"materials.material_id": {"$in": list(material_ids)}}
        with driver_errors("find courses"):
            found = await self._reads.find(COURSES, query)
        return [_course(document) for document in found]

    async def put_course(self, course: Course) -> None:
        """Store *course* as given.

        Raises:
            Conflict: one of its materials belongs to another course.
        """
        try:
            with driver_errors("put course"):
                await self._replace(_document(course))
        except _TakenError as error:
            raise Conflict(
                f"Material {error.material_id!r} belongs to another course; "
                "remove it there first, or give it another id.",
                code="material_taken",
            ) from error

    async def _replace(self, document: dict[str, Any]) -> None:
        query = {"_id": document["_id"]}
        try:
            await self._courses.replace_one(query, document, upsert=True)
        except DuplicateKeyError as error:
            taken = (error.details or {}).get("keyValue", {}).get("materials.material_id")
            if taken is None:  # two first puts of the same course; the second now finds it
                await self._courses.replace_one(query, document)
            else:
                raise _TakenError(str(taken)) from error

    async def delete_course(self, course: Course) -> None:
        """Put the course among the removed ones; what learners did stays."""
        query = {"_id": course.course_id}
        with driver_errors("delete course"):
            # First, so that a course is never gone while nobody knows whose it was.
            await self._removed.replace_one(query, _document(course), upsert=True)
            await self._courses.delete_one(query)

    async def enrolled_in(self, student_id: str, course_ids: Sequence[str]) -> set[str]:
        """Those of *course_ids* the student is enrolled in."""
        ids = [enrollment_id(student_id, course_id) for course_id in course_ids]
        query = {"_id": {"$in": ids}, "student_id": student_id}
        with driver_errors("find enrollments"):
            found = await self._reads.find(ENROLLMENTS, query, fields={"course_id": 1})
        return {document["course_id"] for document in found}

    async def enrolled_among(self, course_id: str, student_ids: Sequence[str]) -> list[str]:
        """Those of *student_ids* enrolled in the course."""
        query = {"course_id": course_id, "student_id": {"$in": list(student_ids)}}
        with driver_errors("find enrollments"):
            found = await self._reads.find(ENROLLMENTS, query, fields={"student_id": 1})
        return [document["student_id"] for document in found]

    async def enroll(self, course_id: str, student_ids: Iterable[str], *, at: datetime) -> None:
        """Enrol students; those who are already keep everything."""
        upserts = [
            UpdateOne(
                {"_id": enrollment_id(student_id, course_id), "student_id": student_id},
                {
                    "$setOnInsert": {
                        "course_id": course_id,
                        "enrolled_at": at,
                        "completed_ids": [],
                        "progress": 0.0,
                        "completed_at": None,
                        "revision": 0,
                    }
                },
                upsert=True,
            )
            for student_id in student_ids
        ]
        with driver_errors("enroll"):
            try:
                await self._enrollments.bulk_write(upserts, ordered=False)
            except BulkWriteError as error:
                if not _only_lost_races(error):
                    raise

    async def unenroll(self, course_id: str, student_id: str) -> None:
        """End an enrolment; what the student did stays."""
        with driver_errors("unenroll"):
            await self._enrollments.delete_one(
                {"_id": enrollment_id(student_id, course_id), "student_id": student_id}
            )

    async def students_of(self, course_id: str, *, after: str | None, limit: int) -> list[str]:
        """At most *limit* student ids in order, beginning behind *after*."""
        query: dict[str, Any] = {"course_id": course_id}
        if after is not None:
            query["student_id"] = {"$gt": after}
        with driver_errors("list enrollments"):
            found = self._enrollments.find(query, {"student_id": 1, "_id": 0})
            page = found.sort([("course_id", ASCENDING), ("student_id", ASCENDING)]).limit(limit)
            return [document["student_id"] async for document in page]


class _TakenError(Exception):
    def __init__(self, material_id: str) -> None:
        super().__init__(material_id)
        self.material_id = material_id


def _only_lost_races(error: BulkWriteError) -> bool:
    """True when all that failed were inserts of what somebody else inserted meanwhile."""
    codes = {write["code"] for write in error.details["writeErrors"]}
    return codes == {DUPLICATE_KEY} and not error.details.get("writeConcernErrors")


def enrollment_id(student_id: str, course_id: str) -> str:
    """The ``_id`` of an enrolment. Ids hold no slash, so it can be taken apart again."""
    return f"{student_id}/{course_id}"


def _document(course: Course) -> dict[str, Any]:
    document = asdict(course)
    return {"_id": document.pop("course_id"), **document}


def _course(document: Mapping[str, Any]) -> Course:
    return Course(
        course_id=document["_id"],
        title=document["title"],
        teacher_ids=tuple(document["teacher_ids"]),
        complete_at_percent=document.get("complete_at_percent"),
        materials=tuple(_material(material) for material in document["materials"]),
    )


def _material(document: Mapping[str, Any]) -> Material:
    parts = {
        "chapters": tuple(Chapter(**chapter) for chapter in document["chapters"]),
        "intro": Stretch(**document["intro"]) if document["intro"] else None,
        "outro": Stretch(**document["outro"]) if document["outro"] else None,
    }
    return Material(**{**document, **parts})
