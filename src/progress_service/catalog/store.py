"""Courses and enrolments in MongoDB; document ↔ domain value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession as Session
from pydantic import TypeAdapter
from pymongo import ASCENDING, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from progress_service.domain.catalog import Chapter, Course, Material, Stretch
from progress_service.errors import Conflict
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.schema import COURSES, ENROLLMENTS, REMOVED_COURSES
from progress_service.mongo.transactions import RunAgainError, run_in_transaction

DUPLICATE_KEY = 11000
Document = dict[str, Any]
Permit = Callable[[Course | None, Course | None], None]
_COURSE = TypeAdapter(Course)  # Ten times as fast as `asdict`, which matters for 8 MiB of course.
"""Passes, or raises, for the course as it stands now and, if there is none, as it was removed."""


class CatalogStore:
    """Queries over ``courses`` and ``enrollments``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._courses = database[COURSES]
        self._removed = database[REMOVED_COURSES]
        self._enrollments = database[ENROLLMENTS]
        self._reads = database.reads

    async def course(self, course_id: str) -> Course | None:
        """The course under that id."""
        with driver_errors("find course"):
            found = await self._reads.find(COURSES, {"_id": course_id})
        return _course(found[0]) if found else None

    async def courses_with(self, material_ids: Sequence[str]) -> list[Course]:
        """The courses that hold any of *material_ids*."""
        query = {"materials.material_id": {"$in": list(material_ids)}}
        with driver_errors("find courses"):
            found = await self._reads.find(COURSES, query)
        return [_course(document) for document in found]

    async def put_course(self, course: Course, *, permit: Permit | None = None) -> None:
        """Store *course* as given; with *permit*, if that lets pass what it finds.

        The decision and the write are one transaction: whoever changes the course, or puts another
        under its id meanwhile, makes the database run both again.

        Raises:
            Conflict: one of its materials belongs to another course.
        """
        document = _document(course)
        with driver_errors("put course"):
            try:
                if permit is None:
                    await self._replace(document)
                else:
                    await run_in_transaction(
                        self._database, partial(self._put_if_permitted, document, permit)
                    )
            except DuplicateKeyError as error:
                raise _material_taken(error) from error

    async def _replace(self, document: Document) -> None:
        query = {"_id": document["_id"]}
        try:
            await self._courses.replace_one(query, document, upsert=True)
        except DuplicateKeyError as error:
            if _taken_material_id(error) is not None:
                raise
            # Two first puts of the same course; the second now finds it.
            await self._courses.replace_one(query, document)

    async def _put_if_permitted(self, document: Document, permit: Permit, session: Session) -> None:
        query = {"_id": document["_id"]}
        held = await self._courses.find_one(query, session=session)
        if held is not None:
            permit(_course(held), None)
            await self._courses.replace_one(query, document, session=session)
            return
        removed = await self._removed.find_one(query, session=session)
        permit(None, _course(removed) if removed else None)
        try:
            await self._courses.insert_one(document, session=session)
        except DuplicateKeyError as error:
            if _taken_material_id(error) is not None:
                raise
            raise RunAgainError from error  # put by another one since we looked

    async def delete_course(self, course_id: str, *, permit: Permit) -> None:
        """Move the course to the removed ones, if *permit* lets pass what it finds.

        What learners did stays.
        """
        with driver_errors("delete course"):
            await run_in_transaction(
                self._database, partial(self._delete_if_permitted, course_id, permit)
            )

    async def _delete_if_permitted(self, course_id: str, permit: Permit, session: Session) -> None:
        query = {"_id": course_id}
        held = await self._courses.find_one(query, session=session)
        permit(_course(held) if held else None, None)
        if held is None:
            return
        await self._courses.delete_one(query, session=session)
        # Not an upsert: retried ones in transactions have crashed servers.
        replaced = await self._removed.replace_one(query, held, session=session)
        if not replaced.matched_count:
            await self._removed.insert_one(held, session=session)

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
                {"$setOnInsert": _new_enrollment(course_id, at)},
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

    async def enroll_if(
        self, course_id: str, student_ids: Sequence[str], *, at: datetime, permit: Permit
    ) -> None:
        """Like `enroll`, if *permit* lets the course pass as it stands when students are added."""

        async def enroll(session: Session) -> None:
            await self._require(course_id, permit, session)
            query = {"course_id": course_id, "student_id": {"$in": list(student_ids)}}
            found = self._enrollments.find(query, {"student_id": 1}, session=session)
            held = {document["student_id"] async for document in found}
            new = [
                {
                    "_id": enrollment_id(student_id, course_id),
                    "student_id": student_id,
                    **_new_enrollment(course_id, at),
                }
                for student_id in dict.fromkeys(student_ids)
                if student_id not in held
            ]
            if not new:
                return
            try:
                await self._enrollments.insert_many(new, session=session)
            except BulkWriteError as error:
                if _only_lost_races(error):
                    raise RunAgainError from error
                raise

        with driver_errors("enroll"):
            await run_in_transaction(self._database, enroll)

    async def unenroll(self, course_id: str, student_id: str, *, permit: Permit) -> None:
        """End an enrolment, if *permit* lets the course pass as it stands then.

        What the student did stays.
        """

        async def unenroll(session: Session) -> None:
            await self._require(course_id, permit, session)
            key = {"_id": enrollment_id(student_id, course_id), "student_id": student_id}
            await self._enrollments.delete_one(key, session=session)

        with driver_errors("unenroll"):
            await run_in_transaction(self._database, unenroll)

    async def _require(self, course_id: str, permit: Permit, session: Session) -> None:
        held = await self._courses.find_one({"_id": course_id}, session=session)
        permit(_course(held) if held else None, None)

    async def students_of(self, course_id: str, *, after: str | None, limit: int) -> list[str]:
        """At most *limit* student ids in order, beginning behind *after*."""
        query: dict[str, Any] = {"course_id": course_id}
        if after is not None:
            query["student_id"] = {"$gt": after}
        with driver_errors("list enrollments"):
            found = self._enrollments.find(query, {"student_id": 1, "_id": 0})
            page = found.sort([("course_id", ASCENDING), ("student_id", ASCENDING)]).limit(limit)
            return [document["student_id"] async for document in page]


def _taken_material_id(error: DuplicateKeyError) -> str | None:
    """The material that another course holds; ``None`` when it was the course's own id."""
    taken: str | None = (error.details or {}).get("keyValue", {}).get("materials.material_id")
    return taken


def _material_taken(error: DuplicateKeyError) -> Conflict:
    return Conflict(
        f"Material {_taken_material_id(error)!r} belongs to another course; "
        "remove it there first, or give it another id.",
        code="material_taken",
    )


def _new_enrollment(course_id: str, at: datetime) -> Document:
    return {
        "course_id": course_id,
        "enrolled_at": at,
        "completed_ids": [],
        "progress": 0.0,
        "completed_at": None,
        "revision": 0,
    }


def _only_lost_races(error: BulkWriteError) -> bool:
    """True when all that failed were inserts of what somebody else inserted meanwhile."""
    codes = {write["code"] for write in error.details["writeErrors"]}
    return codes == {DUPLICATE_KEY} and not error.details.get("writeConcernErrors")


def enrollment_id(student_id: str, course_id: str) -> str:
    """The ``_id`` of an enrolment. Ids hold no slash, so it can be taken apart again."""
    return f"{student_id}/{course_id}"


def _document(course: Course) -> Document:
    document = _COURSE.dump_python(course, warnings=False)
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
