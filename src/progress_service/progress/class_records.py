"""Aggregations over the records of a whole class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.schema import WATCH_PROGRESS
from progress_service.progress.modernize import modernize_records

BATCH_RECORDS = 200


class ClassRecords:
    """Queries over ``watch_progress`` that many learners share. They read from the primary."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def aggregate(self, stages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """What *stages* make of the records.

        Raises:
            Unavailable: the database does not respond.
        """
        with driver_errors("aggregate progress"):
            return await self._database[WATCH_PROGRESS].aggregate(stages).to_list(None)

    async def modernize(self, keys: Sequence[tuple[str, str]]) -> None:
        """Rewrite the records under these (student, material) that another program wrote."""
        with driver_errors("rewrite old records"):
            for start in range(0, len(keys), BATCH_RECORDS):
                await modernize_records(self._database, keys[start : start + BATCH_RECORDS])
