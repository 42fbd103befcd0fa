"""Brings records of earlier versions up to date."""

from __future__ import annotations

import pymongo

from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.progress import coverage

_NO_SPAN = {
    "$not": {"$type": "array", "$size": 2},
}
"""An element that other programs wrote: its seconds cannot be computed."""


async def add_watched_seconds(database: Database) -> int:
    """Store the total beside the spans where it is missing. May be repeated, or stopped.

    Returns:
        How many records lacked it.

    Raises:
        Unavailable: the database does not answer.
    """
    lacking = {
        "watched_spans": {"$type": "array", "$not": {"$elemMatch": _NO_SPAN}},
        "watched_spans.0": {"$exists": True},
        "watched_seconds": {"$exists": False},
    }
    total = [{"$set": {"watched_seconds": coverage.total_of("$watched_spans")}}]
    with driver_errors("upgrade records"), pymongo.timeout(None):  # It reads the whole collection.
        result = await database[WATCH_PROGRESS].update_many(lacking, total)
    return int(result.modified_count)
