"""A course's records and its enrolment, read in one round trip and written by compare-and-set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from progress_service.catalog.enrollments import Enrollment, to_enrollment
from progress_service.domain.progress import Progress
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.schema import ENROLLMENTS, WATCH_PROGRESS
from progress_service.progress.reader import ProgressReader
from progress_service.progress.store import IN_DATED_SUMMARY, IN_SUMMARY, Fields

_IS_ENROLLMENT = "_is_enrollment"
Document = dict[str, Any]


class CoursesStore:
    """Queries over ``enrollments`` beside ``watch_progress``."""

    def __init__(self, database: Database) -> None:
        self._enrollments = database[ENROLLMENTS]
        self._reads = database.reads
        self._bulk_reads = database.bulk_reads
        self._reader = ProgressReader(database)

    async def read(
        self,
        *,
        student_id: str,
        course_id: str,
        material_ids: Sequence[str],
        fields: Fields = IN_SUMMARY,
    ) -> tuple[Enrollment | None, dict[str, Progress]]:
        """The enrolment and the records of *material_ids*, in one round trip.

        The enrolment is read first: who then writes it with the revision seen here cannot have
        missed a record that another writer of the enrolment knew.
        """
        records = {"student_id": student_id, "material_id": {"$in": list(material_ids)}}
        key = {"student_id": student_id, "course_id": course_id}
        with driver_errors("read course progress"):
            enrollments, documents = await self._read(key, records, fields)
        found = await self._reader.read_all(documents, student_id=student_id)
        enrollment = to_enrollment(enrollments[0]) if enrollments else None
        return enrollment, {record.material_id: record for record in found}

    async def read_all(self, student_id: str) -> tuple[dict[str, Enrollment], dict[str, Progress]]:
        """All enrolments of the student by course, and all records, in one round trip."""
        key = {"student_id": student_id}
        with driver_errors("read courses"):
            held, documents = await self._read(key, key, IN_DATED_SUMMARY)
        enrollments = {
            document["course_id"]: to_enrollment(document)
            for document in held
            if isinstance(document.get("course_id"), str)
        }
        found = await self._reader.read_all(documents, student_id=student_id)
        return enrollments, {record.material_id: record for record in found}

    async def _read(
        self, enrollments: Mapping[str, Any], records: Mapping[str, Any], fields: Fields
    ) -> tuple[list[Document], list[Document]]:
        """The documents of both queries, of one student, in one round trip."""
        mark = {"$set": {_IS_ENROLLMENT: True}}  # No field of other programs decides what is what.
        union = {
            "coll": WATCH_PROGRESS,
            "pipeline": [{"$match": records}, {"$project": fields}],
        }
        stages: list[Document] = [{"$match": enrollments}, mark, {"$unionWith": union}]
        found = await self._bulk_reads.run(
            partial(self._reads.aggregate, ENROLLMENTS, stages, readers=[enrollments["student_id"]])
        )
        held = [document for document in found if _IS_ENROLLMENT in document]
        return held, found[len(held) :]

    async def write(self, enrollment: Enrollment, *, student_id: str, course_id: str) -> bool:
        """Store *enrollment* if nobody changed it since its revision was read."""
        key = {
            "student_id": student_id,
            "course_id": course_id,
            "revision": {"$eq": enrollment.revision},
        }
        change = {
            "completed_ids": list(enrollment.completed_ids),
            "progress": enrollment.progress_percent,
            "completed_at": enrollment.completed_at,
            "revision": 1 + (enrollment.revision if type(enrollment.revision) is int else 0),
        }
        with driver_errors("update enrollment"):
            result = await self._enrollments.update_one(key, {"$set": change})
        return bool(result.matched_count)
