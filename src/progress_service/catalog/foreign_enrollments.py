"""Completes enrolments of other programs that stand under this service's ids without a key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo import UpdateOne

from progress_service.catalog.enrollments import STAMP_NOW, enrollment_id
from progress_service.mongo.driver import Session


async def add_missing_keys(
    collection: Any, course_id: str, student_ids: Sequence[str], session: Session | None = None
) -> None:
    """Add the key fields that other programs left out of documents with our ids."""
    updates = []
    for student_id in student_ids:
        key = {"student_id": student_id, "course_id": course_id}
        lacks = [{name: None} for name in key]  # null, or no such field
        query = {"_id": enrollment_id(student_id, course_id), "$or": lacks}
        updates.append(UpdateOne(query, {"$set": key, **STAMP_NOW}))
    await collection.bulk_write(updates, ordered=False, session=session)
