"""Archives removed courses and ended enrolments, so that they can be restored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from progress_service.catalog.enrollments import enrollment_id
from progress_service.mongo.driver import Session

Document = dict[str, Any]
ENDED_AT = "ended_at"
"""When an enrolment ended, by the clock of the database."""


async def archive(collection: Any, document: Document, session: Session) -> None:
    """Store *document* in *collection*; replaces an earlier one with its id.

    Not an upsert: retried upserts in transactions have crashed servers.
    """
    query = {"_id": document["_id"]}
    replaced = await collection.replace_one(query, document, session=session)
    if not replaced.matched_count:
        await collection.insert_one(document, session=session)


async def former_enrollments(
    collection: Any, course_id: str, student_ids: Sequence[str], session: Session | None = None
) -> dict[str, Document]:
    """The ended enrolments of these students, by student."""
    ids = [enrollment_id(student_id, course_id) for student_id in student_ids]
    found = collection.find({"_id": {"$in": ids}}, session=session)
    return {document["student_id"]: document async for document in found}
