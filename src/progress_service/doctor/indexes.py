"""`indexes`: those that are missing, or have other options than the service requires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import ASCENDING

from progress_service.doctor.findings import Finding, error, ok
from progress_service.doctor.installation import Installation
from progress_service.mongo.client import Database
from progress_service.mongo.schema import SCHEMA, Index

CHECK = "indexes"
PREPARE = "`progress-service prepare-db`"


async def check(database: Database, _: Installation) -> Sequence[Finding]:
    """One finding for all that are missing, and one for each that has other options.

    Raises:
        PyMongoError: the database does not respond.
    """
    found: list[Finding] = []
    missing: list[str] = []
    for collection, indexes in SCHEMA.items():
        present = await database[collection].index_information()
        for index in indexes:
            if index.is_among(present):
                continue
            if name := _with_other_options(index, present):
                found.append(_wrong(collection, name))
            else:
                missing.append(f"{collection}.{index.name}")
    if missing:
        finding = f"missing: {', '.join(missing)}; the service does not start"
        found.append(error(CHECK, finding, f"run {PREPARE}."))
    count = sum(map(len, SCHEMA.values()))
    return found or [ok(CHECK, f"all {count} indexes are there")]


def _wrong(collection: str, name: str) -> Finding:
    return error(
        CHECK,
        f"{collection}.{name} has other options than the service requires, such as unique",
        f"drop it (db.{collection}.dropIndex('{name}')), then run {PREPARE}.",
    )


def _with_other_options(index: Index, present: Mapping[str, Any]) -> str | None:
    """The name of an index on the same fields."""
    fields = [(name, ASCENDING) for name in index.fields]
    return next((name for name, found in present.items() if list(found["key"]) == fields), None)
