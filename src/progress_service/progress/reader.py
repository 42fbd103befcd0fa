"""Reads documents of ``watch_progress`` one by one; skips and logs unreadable ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.errors import PyMongoError

from progress_service.domain.progress import Progress
from progress_service.mongo.client import Database
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.mongo.unreadable import UnreadableLog
from progress_service.pacing import paced_map
from progress_service.progress.documents import UnreadableError, to_progress

MAX_LOOKED_UP = 20  # Ids per read; the next read logs more.


class ProgressReader:
    """Converts documents to `Progress`. An unreadable document does not affect the others."""

    def __init__(self, database: Database) -> None:
        self._reads = database.reads
        self._log = UnreadableLog()

    def read(self, document: Mapping[str, Any]) -> Progress | None:
        """The value of a document with its id; ``None`` if it is unreadable."""
        try:
            return to_progress(document)
        except UnreadableError:
            self._log.skipped(WATCH_PROGRESS, document.get("_id"))
            return None

    async def read_all(
        self, documents: Sequence[Mapping[str, Any]], *, student_id: str
    ) -> list[Progress]:
        """The values of the readable documents, in order; they may lack their ids."""
        records = await paced_map(_readable, documents)
        skipped = [d for d, record in zip(documents, records, strict=True) if record is None]
        if skipped:
            await self._log_skipped(skipped, student_id)
        return [record for record in records if record is not None]

    async def _log_skipped(self, documents: Sequence[Mapping[str, Any]], student_id: str) -> None:
        """Look up the ids to log: lists are read without them, since few documents are skipped."""
        for document in documents[:MAX_LOOKED_UP]:
            key = {"student_id": student_id, "material_id": {"$eq": document.get("material_id")}}
            try:
                found = await self._reads.find(WATCH_PROGRESS, key, fields={"_id": 1})
            except PyMongoError:
                return  # The response does not depend on this; the next read tries again.
            for one in found:
                self._log.skipped(WATCH_PROGRESS, one["_id"])


def _readable(document: Mapping[str, Any]) -> Progress | None:
    try:
        return to_progress(document)
    except UnreadableError:
        return None
