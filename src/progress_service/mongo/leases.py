"""Leases: a document that gives one process a right until a moment, which the process may move.

All times are those of the database, so the clocks of the processes do not matter. A process that is
killed keeps its lease to the end.
"""

from __future__ import annotations

from collections.abc import Mapping

from progress_service.mongo.expressions import Expression


def has_ended(until: str) -> Expression:
    """True if the moment in the field *until* has come, or was never set."""
    return {"$lte": [{"$ifNull": [f"${until}", "$$NOW"]}, "$$NOW"]}


def set_if(condition: Expression, fields: Mapping[str, Expression]) -> Mapping[str, Expression]:
    """A stage of an update that sets *fields* where *condition* holds, and only there."""
    return {"$set": {name: {"$cond": [condition, new, f"${name}"]} for name, new in fields.items()}}
