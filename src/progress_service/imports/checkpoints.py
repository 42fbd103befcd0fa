"""The owner of ``import_checkpoints``: how far the import of a file has come."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from progress_service.imports.rows import Status
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.schema import IMPORT_CHECKPOINTS

HASHED_BYTES = 1_048_576
STATUSES: tuple[Status, ...] = ("applied", "unchanged", "rejected")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The rows that are durable, and where the file of results ended after them."""

    rows: int = 0
    counts: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))
    results_bytes: int = 0


class CheckpointStore:
    """Queries over ``import_checkpoints``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._checkpoints = database[IMPORT_CHECKPOINTS]

    async def read(self, import_id: str) -> Checkpoint:
        """Where the import stopped; the start, if it is new or has ended."""
        with driver_errors("read checkpoint"):
            found = await self._checkpoints.find_one({"_id": import_id})
        if found is None:
            return Checkpoint()
        counts: dict[str, int] = {
            status: int(found["counts"].get(status, 0)) for status in STATUSES
        }
        return Checkpoint(int(found["rows"]), counts, int(found["results_bytes"]))

    async def write(self, import_id: str, checkpoint: Checkpoint) -> None:
        """Note that the rows up to *checkpoint* are durable."""
        fields: dict[str, Any] = {
            "rows": checkpoint.rows,
            "counts": dict(checkpoint.counts),
            "results_bytes": checkpoint.results_bytes,
            "stored_at": "$$NOW",
        }
        with driver_errors("write checkpoint"):
            await self._checkpoints.update_one({"_id": import_id}, [{"$set": fields}], upsert=True)

    async def remove(self, import_id: str) -> None:
        """Note that the import has ended, or is to start again."""
        with driver_errors("remove checkpoint"):
            await self._checkpoints.delete_one({"_id": import_id})


def import_id_of(file: Path, *, form: str, mapping: Path | None) -> str:
    """An id of what is imported: the contents of the file and of its mapping, and the format.

    Raises:
        OSError: a file cannot be read.
    """
    digest = hashlib.blake2b(form.encode() + b"\0", digest_size=16)
    digest.update((mapping.read_bytes() if mapping else b"") + b"\0")
    with file.open("rb") as stream:
        while block := stream.read(HASHED_BYTES):
            digest.update(block)
    return digest.hexdigest()
