"""Learners whose data was erased: which reports are rejected, and who may be enrolled."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from progress_service.errors import Erased, Unavailable
from progress_service.mongo.client import OPERATION_SECONDS, Database, driver_errors
from progress_service.mongo.schema import ENROLLMENTS

RETRY_SECONDS = 5  # An erasure takes some seconds, unless the database is slow.


@dataclass(frozen=True, slots=True)
class LearnerErasure:
    """The last erasure of a learner, and whether the learner was enrolled again since."""

    erased_at: datetime
    is_running: bool
    is_enrolled: bool

    def rejects(self, observed_at: datetime) -> bool:
        """True when what was observed then is not stored."""
        return self.is_running or not self.is_enrolled or observed_at <= self.erased_at


class ErasedLearners:
    """Reads erasures where a report or an enrolment asks for them, not for every report."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, student_ids: Sequence[str]) -> dict[str, LearnerErasure]:
        """The erasures of *student_ids*, of those that have one.

        Raises:
            Unavailable: the database does not respond.
        """
        ends_at = time.monotonic() + OPERATION_SECONDS
        found = await self._database.erased.find(student_ids, ends_at=ends_at)
        if not found:
            return {}
        query = {"student_id": {"$in": list(found)}}
        with driver_errors("find enrollments"):
            held = await self._database.reads.find(ENROLLMENTS, query, fields={"student_id": 1})
        enrolled = {sid for document in held if isinstance(sid := document["student_id"], str)}
        return {
            sid: LearnerErasure(erasure.erased_at, erasure.is_running, sid in enrolled)
            for sid, erasure in found.items()
        }

    async def ended(self, student_ids: Sequence[str]) -> dict[str, datetime]:
        """When their data was erased, of those of *student_ids* that have an erasure.

        Raises:
            Unavailable: an erasure is running, or the database does not respond.
        """
        ends_at = time.monotonic() + OPERATION_SECONDS
        found = await self._database.erased.find(student_ids, ends_at=ends_at)
        if any(erasure.is_running for erasure in found.values()):
            raise Unavailable(
                "The data of a student is being erased. Enrol the student again in some seconds.",
                retry_after_seconds=RETRY_SECONDS,
            )
        return {sid: erasure.erased_at for sid, erasure in found.items()}

    async def require_accepted(self, student_id: str, observed_at: datetime) -> None:
        """Pass unless the student has an erasure that rejects what was observed then.

        Raises:
            Erased: it does.
            Unavailable: the database does not respond.
        """
        found = await self.of([student_id])
        if student_id in found and found[student_id].rejects(observed_at):
            raise Erased()
