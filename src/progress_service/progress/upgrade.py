"""Brings records of earlier versions up to date."""

from __future__ import annotations

from typing import Any

import pymongo

from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.progress import coverage

Expression = Any
"""A MongoDB aggregation expression."""

_EDGES: Expression = [{"$isNumber": {"$first": "$$this"}}, {"$isNumber": {"$last": "$$this"}}]
_HOLDS_SPANS: Expression = {
    "$allElementsTrue": [
        {
            "$map": {
                # The order of conditions is the server's choice, so this one stands alone.
                "input": {"$cond": [{"$isArray": "$watched_spans"}, "$watched_spans", []]},
                "in": {"$cond": [{"$isArray": "$$this"}, {"$and": _EDGES}, False]},
            }
        }
    ]
}
"""False where other programs wrote what has no length."""


async def add_watched_seconds(database: Database) -> int:
    """Store the total beside the spans where it is missing. May be repeated, or stopped.

    Returns:
        How many records lacked it.

    Raises:
        Unavailable: the database does not answer.
    """
    lacking = {
        "watched_spans": {"$type": "array", "$ne": []},
        "watched_seconds": {"$exists": False},
        "$expr": _HOLDS_SPANS,
    }
    total = [{"$set": {"watched_seconds": coverage.total_of("$watched_spans")}}]
    with driver_errors("upgrade records"), pymongo.timeout(None):  # It reads the whole collection.
        result = await database[WATCH_PROGRESS].update_many(lacking, total)
    return int(result.modified_count)
