"""The owner of ``courses``: queries, documents ↔ domain values, history of replaced courses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from progress_service.catalog.archive import archive
from progress_service.catalog.conflicts import material_taken, taken_material_id
from progress_service.catalog.documents import (
    UnreadableCourseError,
    deciding_course,
    to_course,
    to_document,
)
from progress_service.catalog.permits import Permit
from progress_service.domain.catalog import COMPLETE_AT_PERCENT, Course
from progress_service.domain.catalog_history import with_history
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.driver import Session
from progress_service.mongo.schema import COURSES, REMOVED_COURSES
from progress_service.mongo.server_time import read_server_time
from progress_service.mongo.transactions import RunAgainError, run_in_transaction
from progress_service.mongo.unreadable import UnreadableLog
from progress_service.pacing import paced_map

Document = dict[str, Any]


class CoursesStore:
    """Queries over ``courses``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database, *, default_percent: float = COMPLETE_AT_PERCENT) -> None:
        """
        Args:
            database: holds the collection.
            default_percent: the threshold if neither the material nor its course has one.
        """
        self._database = database
        self._default_percent = default_percent
        self._courses = database[COURSES]
        self._removed = database[REMOVED_COURSES]
        self._reads = database.reads
        self._unreadable = UnreadableLog()

    async def course(self, course_id: str) -> Course | None:
        """The course with that id."""
        with driver_errors("find course"):
            found = await self._reads.find(COURSES, {"_id": course_id})
        return self._readable(found[0]) if found else None

    async def courses(self, course_ids: Sequence[str]) -> list[Course]:
        """The existing courses of *course_ids*, in one query."""
        with driver_errors("find courses"):
            found = await self._reads.find(COURSES, {"_id": {"$in": list(course_ids)}})
        return await self._readable_of(found)

    async def ids(self) -> list[str]:
        """The ids of all courses, in order."""
        with driver_errors("list courses"):
            found = await self._courses.find({}, {"_id": 1}).sort("_id", ASCENDING).to_list(None)
        return [document["_id"] for document in found if isinstance(document["_id"], str)]

    async def courses_with(self, material_ids: Sequence[str]) -> list[Course]:
        """The courses that contain any of *material_ids*."""
        query = {"materials.material_id": {"$in": list(material_ids)}}
        with driver_errors("find courses"):
            found = await self._reads.find(COURSES, query)
        return await self._readable_of(found)

    async def _readable_of(self, documents: Sequence[Document]) -> list[Course]:
        courses = await paced_map(self._readable, documents)
        return [course for course in courses if course is not None]

    def _readable(self, document: Document) -> Course | None:
        """The course; ``None`` if the document is unreadable."""
        try:
            return replace(to_course(document), default_percent=self._default_percent)
        except UnreadableCourseError:
            self._unreadable.skipped(COURSES, document["_id"])
            return None

    async def put_course(
        self,
        course: Course,
        *,
        permit: Permit | None = None,
        at: datetime | None = None,
    ) -> None:
        """Store *course*, with the history of the course it replaces.

        The permission check and the write are one transaction. It runs again if the course is
        changed, or another is put under its id, in between.

        Args:
            course: what to store.
            permit: checks the stored course; without it everything is permitted.
            at: the time of the change; without it, the time of the database.

        Raises:
            Conflict: one of its materials belongs to another course.
        """

        async def put(session: Session) -> None:
            held, removed = await self._predecessors(course.course_id, session)
            if permit is not None:
                permit(held, removed)
            now = (await read_server_time(self._database)).now
            stored = with_history(
                course,
                held or removed,
                default_percent=self._default_percent,
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
        """The stored course, or else the removed one."""
        query = {"_id": course_id}
        if held := await self._courses.find_one(query, session=session):
            return deciding_course(held), None
        removed = await self._removed.find_one(query, session=session)
        return None, deciding_course(removed)

    async def _put(self, document: Document, session: Session, *, is_new: bool) -> None:
        if not is_new:
            await self._courses.replace_one({"_id": document["_id"]}, document, session=session)
            return
        try:
            await self._courses.insert_one(document, session=session)
        except DuplicateKeyError as error:
            if taken_material_id(error) is not None:
                raise
            raise RunAgainError from error  # put by another request in between

    async def delete_course(self, course_id: str, *, permit: Permit) -> None:
        """Move the course to the removed ones, if *permit* allows it. Learners' progress stays."""
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
        await archive(self._removed, held, session)

    async def lowered_since(self, course_ids: Sequence[str], since: datetime) -> list[Course]:
        """The courses of *course_ids* that have a threshold lowered at or after *since*."""
        if not course_ids:
            return []
        query = {"_id": {"$in": list(course_ids)}, "lowered_at": {"$gte": since}}
        with driver_errors("find courses"):
            found = await self._reads.find(COURSES, query)
        return await self._readable_of(found)

    async def check(self, course_id: str, permit: Permit, session: Session) -> None:
        """Apply *permit* to the course as stored, in a transaction."""
        held = await self._courses.find_one({"_id": course_id}, session=session)
        permit(deciding_course(held), None)
