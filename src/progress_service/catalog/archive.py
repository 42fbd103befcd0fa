"""Keeps what was removed or ended, so that whoever brings it back finds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession as Session

from progress_service.catalog.enrollments import enrollment_id

Document = dict[str, Any]


async def keep(collection: Any, document: Document, session: Session) -> None:
    """Replace what *collection* has under the id of *document*.

    Not an upsert: retried ones in transactions have crashed servers.
    """
    query = {"_id": document["_id"]}
    replaced = await collection.replace_one(query, document, session=session)
    if not replaced.matched_count:
        await collection.insert_one(document, session=session)


async def former_enrollments(
    collection: Any, course_id: str, student_ids: Sequence[str], session: Session | None = None
) -> dict[str, Document]:
    """The enrolments of *collection* that ended, by student."""
    ids = [enrollment_id(student_id, course_id) for student_id in student_ids]
    found = collection.find({"_id": {"$in": ids}}, session=session)
    return {document["student_id"]: document async for document in found}
