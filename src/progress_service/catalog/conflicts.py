"""Translates violations of the catalogue's unique indexes."""

from __future__ import annotations

from pymongo.errors import BulkWriteError, DuplicateKeyError

from progress_service.errors import Conflict
from progress_service.mongo.schema import DUPLICATE_KEY


def taken_material_id(error: DuplicateKeyError) -> str | None:
    """The material that belongs to another course; ``None`` if the course id was the duplicate."""
    taken: str | None = (error.details or {}).get("keyValue", {}).get("materials.material_id")
    return taken


def material_taken(error: DuplicateKeyError) -> Conflict:
    return Conflict(
        f"Material {taken_material_id(error)!r} belongs to another course; "
        "remove it there first, or give it another id.",
        code="material_taken",
    )


def only_lost_races(error: BulkWriteError) -> bool:
    """True when every failure is an insert that a concurrent request made first."""
    codes = {write["code"] for write in error.details["writeErrors"]}
    return codes == {DUPLICATE_KEY} and not error.details.get("writeConcernErrors")
