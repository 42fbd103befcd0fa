"""Begins and ends enrolments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime

import pymongo
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from progress_service.catalog.archive import ENDED_AT, archive, former_enrollments
from progress_service.catalog.conflicts import only_lost_races
from progress_service.catalog.enrollments import enrollment_id, new_enrollment
from progress_service.catalog.erased_learners import ErasedLearners
from progress_service.catalog.foreign_enrollments import add_missing_keys
from progress_service.mongo.client import OPERATION_SECONDS, Database, driver_errors
from progress_service.mongo.driver import Session
from progress_service.mongo.schema import ENROLLMENTS, FORMER_ENROLLMENTS
from progress_service.mongo.server_time import read_server_time
from progress_service.mongo.transactions import RunAgainError, run_in_transaction

Check = Callable[[Session], Awaitable[None]]
"""Checks stored data in a transaction; raises the error that prevents a change."""


class Enrolling:
    """The part of `EnrollmentsStore` that adds and removes enrolments."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._enrollments = database[ENROLLMENTS]
        self._former = database[FORMER_ENROLLMENTS]
        self.erased = ErasedLearners(database)

    async def enroll(self, course_id: str, student_ids: Iterable[str], *, at: datetime) -> None:
        """Enrol students. Those enrolled now or earlier keep their totals."""
        ids = list(student_ids)
        # The write follows the check of erasures in time, so that an erasure deletes it.
        with driver_errors("enroll"), pymongo.timeout(OPERATION_SECONDS):
            erased = await self.erased.ended(ids)
            former = await former_enrollments(self._former, course_id, ids)
            now = (await read_server_time(self._database)).now
            upserts = [
                UpdateOne(
                    {"student_id": sid, "course_id": course_id},
                    {
                        "$setOnInsert": new_enrollment(
                            sid,
                            course_id,
                            at,
                            former.get(sid),
                            stored_at=now,
                            erased_at=erased.get(sid),
                        )
                    },
                    upsert=True,
                )
                for sid in ids
            ]
            try:
                await self._enrollments.bulk_write(upserts, ordered=False)
            except BulkWriteError as error:
                if not only_lost_races(error):
                    raise
                await add_missing_keys(self._enrollments, course_id, ids)

    async def enroll_if(
        self, course_id: str, student_ids: Sequence[str], *, at: datetime, check: Check
    ) -> None:
        """Like `enroll`, if *check* passes, in one transaction."""

        async def enroll(session: Session) -> None:
            await check(session)
            erased = await self.erased.ended(student_ids)
            await self._insert_missing(course_id, student_ids, at, session, erased)

        with driver_errors("enroll"):
            await run_in_transaction(self._database, enroll)

    async def unenroll_if(self, course_id: str, student_id: str, *, check: Check) -> None:
        """End an enrolment, if *check* passes, in one transaction.

        The student's progress stays, also the date when the course was completed.
        """

        async def unenroll(session: Session) -> None:
            await check(session)
            key = {"student_id": student_id, "course_id": course_id}
            held = await self._enrollments.find_one(key, session=session)
            if held is None:
                return
            await self._enrollments.delete_one(key, session=session)
            now = (await read_server_time(self._database)).now
            former = {**held, "_id": enrollment_id(student_id, course_id), ENDED_AT: now}
            await archive(self._former, former, session)

        with driver_errors("unenroll"):
            await run_in_transaction(self._database, unenroll)

    async def _insert_missing(
        self,
        course_id: str,
        student_ids: Sequence[str],
        at: datetime,
        session: Session,
        erased: Mapping[str, datetime],
    ) -> None:
        await add_missing_keys(self._enrollments, course_id, student_ids, session)
        query = {"course_id": course_id, "student_id": {"$in": list(student_ids)}}
        found = self._enrollments.find(query, {"student_id": 1}, session=session)
        held = [document["student_id"] async for document in found]
        new_ids = [one for one in dict.fromkeys(student_ids) if one not in held]
        if not new_ids:
            return
        former = await former_enrollments(self._former, course_id, new_ids, session)
        now = (await read_server_time(self._database)).now
        new = [
            {
                "student_id": student_id,
                "course_id": course_id,
                **new_enrollment(
                    student_id,
                    course_id,
                    at,
                    former.get(student_id),
                    stored_at=now,
                    erased_at=erased.get(student_id),
                ),
            }
            for student_id in new_ids
        ]
        try:
            await self._enrollments.insert_many(new, session=session)
        except BulkWriteError as error:
            if only_lost_races(error):
                raise RunAgainError from error
            raise
