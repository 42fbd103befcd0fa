"""Courses and enrolments in MongoDB; document ↔ domain value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession as Session
from pymongo import ASCENDING, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from progress_service.catalog.archive import former_enrollments, keep
from progress_service.catalog.conflicts import material_taken, only_lost_races, taken_material_id
from progress_service.catalog.documents import (
    UnreadableCourseError,
    deciding_course,
    to_course,
    to_document,
)
from progress_service.catalog.enrollments import enrollment_id, new_enrollment
from progress_service.catalog.permits import Permit
from progress_service.domain.catalog import COMPLETE_AT_PERCENT, Course
from progress_service.domain.catalog_history import with_history
from progress_service.mongo.client import Database, driver_errors, in_utc
from progress_service.mongo.schema import COURSES, ENROLLMENTS, FORMER_ENROLLMENTS, REMOVED_COURSES
from progress_service.mongo.transactions import RunAgainError, run_in_transaction
from progress_service.mongo.unreadable import UnreadableLog
from progress_service.pacing import paced_map

Document = dict[str, Any]


class CatalogStore:
    """Queries over ``courses`` and ``enrollments``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._courses = database[COURSES]
        self._removed = database[REMOVED_COURSES]
        self._enrollments = database[ENROLLMENTS]
        self._former = database[FORMER_ENROLLMENTS]
        self._reads = database.reads
        self._unreadable = UnreadableLog()

    async def course(self, course_id: str) -> Course | None:
        """The course under that id."""
        with driver_errors("find course"):
            found = await self._reads.find(COURSES, {"_id": course_id})
        return self._readable(found[0]) if found else None

    async def courses(self, course_ids: Sequence[str]) -> list[Course]:
        """Those of *course_ids* that exist, in one query."""
        with driver_errors("find courses"):
            found = await self._reads.find(COURSES, {"_id": {"$in": list(course_ids)}})
        return await self._readable_of(found)

    async def courses_with(self, material_ids: Sequence[str]) -> list[Course]:
        """The courses that hold any of *material_ids*."""
        query = {"materials.material_id": {"$in": list(material_ids)}}
        with driver_errors("find courses"):
            found = await self._reads.find(COURSES, query)
        return await self._readable_of(found)

    async def _readable_of(self, documents: Sequence[Document]) -> list[Course]:
        courses = await paced_map(self._readable, documents)
        return [course for course in courses if course is not None]

    def _readable(self, document: Document) -> Course | None:
        """The course; ``None`` when the document is none of ours."""
        try:
            return to_course(document)
        except UnreadableCourseError:
            self._unreadable.skipped(COURSES, document["_id"])
            return None

    async def put_course(
        self,
        course: Course,
        *,
        permit: Permit | None = None,
        at: datetime | None = None,
        default_percent: float = COMPLETE_AT_PERCENT,
    ) -> None:
        """Store *course* as given, with the history of the one it replaces.

        The decision and the write are one transaction: whoever changes the course, or puts another
        under its id meanwhile, makes the database run both again.

        Args:
            course: what to store.
            permit: decides by what is stored already; without it everything is permitted.
            at: the moment, if it is not that of the database.
            default_percent: the threshold of materials and courses that name none.

        Raises:
            Conflict: one of its materials belongs to another course.
        """

        async def put(session: Session) -> None:
            held, removed = await self._predecessors(course.course_id, session)
            if permit is not None:
                permit(held, removed)
            now = await self._now()
            stored = with_history(
                course,
                held or removed,
                default_percent=default_percent,
                at=at or now,
                stored_until=now,
            )
            await self._put(to_document(stored), session, is_new=held is None)

        with driver_errors("put course"):
            try:
                await run_in_transaction(self._database, put)
            except DuplicateKeyError as error:
                raise material_taken(error) from error

    async def _predecessors(
        self, course_id: str, session: Session
    ) -> tuple[Course | None, Course | None]:
        """The course as it stands and, if there is none, as it was removed."""
        query = {"_id": course_id}
        if held := await self._courses.find_one(query, session=session):
            return deciding_course(held), None
        removed = await self._removed.find_one(query, session=session)
        return None, deciding_course(removed)

    async def _now(self) -> datetime:
        """The moment by the clock that stamps records."""
        hello = await self._database.client.admin.command("hello")
        now = in_utc(hello["localTime"])
        assert now is not None  # noqa: S101 - every server sends it
        return now

    async def _put(self, document: Document, session: Session, *, is_new: bool) -> None:
        if not is_new:
            await self._courses.replace_one({"_id": document["_id"]}, document, session=session)
            return
        try:
            await self._courses.insert_one(document, session=session)
        except DuplicateKeyError as error:
            if taken_material_id(error) is not None:
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
        permit(deciding_course(held), None)
        if held is None:
            return
        await self._courses.delete_one(query, session=session)
        await keep(self._removed, held, session)

    async def enrolled_in(self, student_id: str, course_ids: Sequence[str]) -> set[str]:
        """Those of *course_ids* the student is enrolled in."""
        query = {"student_id": student_id, "course_id": {"$in": list(course_ids)}}
        with driver_errors("find enrollments"):
            found = await self._reads.find(ENROLLMENTS, query, fields={"course_id": 1})
        # A list of other programs matches each of its elements.
        return {cid for document in found if isinstance(cid := document["course_id"], str)}

    async def courses_lowered_since(self, student_id: str, since: datetime) -> list[Course]:
        """The student's courses with a threshold that was lowered at or after *since*."""
        with driver_errors("find enrollments"):
            found = await self._reads.find(
                ENROLLMENTS, {"student_id": student_id}, fields={"_id": 0, "course_id": 1}
            )
        ids = [document["course_id"] for document in found if "course_id" in document]
        if not ids:
            return []
        query = {"_id": {"$in": ids}, "lowered_at": {"$gte": since}}
        with driver_errors("find courses"):
            courses = await self._reads.find(COURSES, query)
        return await self._readable_of(courses)

    async def enrolled_among(self, course_id: str, student_ids: Sequence[str]) -> list[str]:
        """Those of *student_ids* enrolled in the course."""
        query = {"course_id": course_id, "student_id": {"$in": list(student_ids)}}
        with driver_errors("find enrollments"):
            found = await self._reads.find(ENROLLMENTS, query, fields={"student_id": 1})
        return [sid for document in found if isinstance(sid := document["student_id"], str)]

    async def enroll(self, course_id: str, student_ids: Iterable[str], *, at: datetime) -> None:
        """Enrol students; those who are already keep everything, and those who come back do."""
        ids = list(student_ids)
        with driver_errors("enroll"):
            former = await former_enrollments(self._former, course_id, ids)
            upserts = [
                UpdateOne(
                    {"student_id": student_id, "course_id": course_id},
                    {
                        "$setOnInsert": new_enrollment(
                            student_id, course_id, at, former.get(student_id)
                        )
                    },
                    upsert=True,
                )
                for student_id in ids
            ]
            try:
                await self._enrollments.bulk_write(upserts, ordered=False)
            except BulkWriteError as error:
                if not only_lost_races(error):
                    raise
                await self._give_keys(course_id, ids)

    async def _give_keys(
        self, course_id: str, student_ids: Sequence[str], session: Session | None = None
    ) -> None:
        """Write the fields that other programs left out of documents under our ids."""
        updates = []
        for student_id in student_ids:
            keys = {"student_id": student_id, "course_id": course_id}
            query = {"_id": enrollment_id(student_id, course_id)}
            lacks = [{name: None} for name in keys]  # null, or no such field
            updates.append(UpdateOne({**query, "$or": lacks}, {"$set": keys}))
        await self._enrollments.bulk_write(updates, ordered=False, session=session)

    async def enroll_if(
        self, course_id: str, student_ids: Sequence[str], *, at: datetime, permit: Permit
    ) -> None:
        """Like `enroll`, if *permit* lets the course pass as it stands when students are added."""

        async def enroll(session: Session) -> None:
            await self._require(course_id, permit, session)
            await self._give_keys(course_id, student_ids, session)
            query = {"course_id": course_id, "student_id": {"$in": list(student_ids)}}
            found = self._enrollments.find(query, {"student_id": 1}, session=session)
            held = [document["student_id"] async for document in found]
            new_ids = [one for one in dict.fromkeys(student_ids) if one not in held]
            if not new_ids:
                return
            former = await former_enrollments(self._former, course_id, new_ids, session)
            new = [
                {
                    "student_id": student_id,
                    "course_id": course_id,
                    **new_enrollment(student_id, course_id, at, former.get(student_id)),
                }
                for student_id in new_ids
            ]
            try:
                await self._enrollments.insert_many(new, session=session)
            except BulkWriteError as error:
                if only_lost_races(error):
                    raise RunAgainError from error
                raise

        with driver_errors("enroll"):
            await run_in_transaction(self._database, enroll)

    async def unenroll(self, course_id: str, student_id: str, *, permit: Permit) -> None:
        """End an enrolment, if *permit* lets the course pass as it stands then.

        What the student did stays, also when the course was completed.
        """

        async def unenroll(session: Session) -> None:
            await self._require(course_id, permit, session)
            key = {"student_id": student_id, "course_id": course_id}
            held = await self._enrollments.find_one(key, session=session)
            if held is None:
                return
            await self._enrollments.delete_one(key, session=session)
            kept = {**held, "_id": enrollment_id(student_id, course_id)}
            await keep(self._former, kept, session)

        with driver_errors("unenroll"):
            await run_in_transaction(self._database, unenroll)

    async def _require(self, course_id: str, permit: Permit, session: Session) -> None:
        held = await self._courses.find_one({"_id": course_id}, session=session)
        permit(deciding_course(held), None)

    async def students_of(self, course_id: str, *, after: str | None, limit: int) -> list[str]:
        """At most *limit* student ids in order, beginning behind *after*."""
        # Texts only: other programs may have written other ids, or none.
        behind = {"$gt": after} if after is not None else {"$gte": ""}
        is_text = {"$not": {"$type": "array"}}
        query = {"course_id": course_id, "student_id": {**behind, **is_text}}
        with driver_errors("list enrollments"):
            found = self._enrollments.find(query, {"student_id": 1, "_id": 0})
            page = found.sort([("course_id", ASCENDING), ("student_id", ASCENDING)]).limit(limit)
            return [document["student_id"] async for document in page]
