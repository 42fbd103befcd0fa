"""Rewrites enrolments of other programs under this service's ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pymongo
from bson import ObjectId

from progress_service.catalog.enrollments import enrollment_id
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.migration import Counts, GroupMigration, Key, count_matching
from progress_service.mongo.schema import ENROLLMENTS
from progress_service.mongo.values import to_moment, to_number

Document = dict[str, Any]

_KEY = ("student_id", "course_id")
_HAS_KEY: Document = {"$and": [{"$eq": [{"$type": f"${name}"}, "string"]} for name in _KEY]}
_OWN_ID: Document = {"$cond": [_HAS_KEY, {"$concat": ["$student_id", "/", "$course_id"]}, None]}
OLD: Document = {
    "$or": [
        {"$expr": {"$ne": ["$_id", _OWN_ID]}},
        {"enrolled_at": {"$not": {"$type": "date"}}},
        {"completed_ids": {"$not": {"$type": "array"}}},
        {"progress": {"$not": {"$gte": 0, "$lte": 100}}},
        {"progress": {"$type": "decimal"}},
        {"completed_at": {"$ne": None, "$not": {"$type": "date"}}},
        {"completed_at": {"$exists": False}},
        {"revision": {"$not": {"$type": ["int", "long"]}}},
    ]
}
"""Matches enrolments that do not have the form of this version."""


async def count_old_enrollments(database: Database) -> int:
    """The number of enrolments that another program wrote.

    Raises:
        Unavailable: the database does not respond.
    """
    return await count_matching(database, ENROLLMENTS, OLD, operation="count old enrollments")


async def migrate_enrollments(database: Database, *, dry_run: bool) -> Counts:
    """Rewrite them, and merge duplicates. Safe to repeat, or to kill.

    Raises:
        Unavailable: the database does not respond.
    """
    counts = Counts(ENROLLMENTS)
    groups = GroupMigration(database, counts, _KEY, _merged, dry_run=dry_run)
    with driver_errors("migrate enrollments"), pymongo.timeout(None):
        await groups.run(OLD)
    return counts


def _merged(key: Key, documents: Sequence[Mapping[str, Any]]) -> Document:
    """Merge *documents* into one enrolment: the earliest dates, and the completions of all."""
    now = datetime.now(UTC)
    student_id, course_id = key
    merged: Document = {}
    for document in reversed(documents):
        merged |= document
    ids = [each for document in documents for each in _texts(document.get("completed_ids"))]
    percents = [to_number(document.get("progress")) or 0.0 for document in documents]
    revisions = [r for d in documents if isinstance(r := d.get("revision"), int)]
    merged |= {
        "_id": enrollment_id(student_id, course_id),
        "student_id": student_id,
        "course_id": course_id,
        "enrolled_at": min(_enrolled_at(document, now) for document in documents),
        "completed_ids": list(dict.fromkeys(ids)),
        "progress": min(max(*percents, 0.0), 100.0),
        "completed_at": min(_moments("completed_at", documents, now), default=None),
        "revision": max(revisions, default=0),
    }
    if dismissed := _moments("dismissed_at", documents, now):
        merged["dismissed_at"] = max(dismissed)
    return merged


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _enrolled_at(document: Mapping[str, Any], now: datetime) -> datetime:
    if (moment := to_moment(document.get("enrolled_at"), now=now)) is not None:
        return moment.replace(tzinfo=None)
    made_at = document["_id"].generation_time if isinstance(document["_id"], ObjectId) else now
    moment = min(made_at, now).astimezone(UTC)
    return moment.replace(tzinfo=None, microsecond=moment.microsecond // 1_000 * 1_000)


def _moments(name: str, documents: Sequence[Mapping[str, Any]], now: datetime) -> list[datetime]:
    found = (to_moment(document.get(name), now=now) for document in documents)
    return [moment.replace(tzinfo=None) for moment in found if moment is not None]
