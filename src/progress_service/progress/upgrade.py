"""Upgrades records of earlier versions."""

from __future__ import annotations

import pymongo

from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.expressions import Expression, total_of
from progress_service.mongo.schema import WATCH_PROGRESS

_EDGES: Expression = [{"$isNumber": {"$first": "$$this"}}, {"$isNumber": {"$last": "$$this"}}]
_HOLDS_SPANS: Expression = {
    "$allElementsTrue": [
        {
            "$map": {
                # The server may evaluate `$and` in any order, so this condition is separate.
                "input": {"$cond": [{"$isArray": "$watched_spans"}, "$watched_spans", []]},
                "in": {"$cond": [{"$isArray": "$$this"}, {"$and": _EDGES}, False]},
            }
        }
    ]
}
"""False where other programs wrote spans without a length."""


async def add_watched_seconds(database: Database) -> int:
    """Store the total beside the spans where it is missing. Safe to repeat, or to stop.

    Returns:
        The number of records without it.

    Raises:
        Unavailable: the database does not respond.
    """
    lacking = {
        "watched_spans": {"$type": "array", "$ne": []},
        "watched_seconds": {"$exists": False},
        "$expr": _HOLDS_SPANS,
    }
    total = [{"$set": {"watched_seconds": total_of("$watched_spans")}}]
    with driver_errors("upgrade records"), pymongo.timeout(None):  # reads the whole collection
        result = await database[WATCH_PROGRESS].update_many(lacking, total)
    return int(result.modified_count)
