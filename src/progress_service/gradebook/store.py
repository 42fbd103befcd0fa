"""Reads what the rows of a gradebook are computed from."""

from __future__ import annotations

from progress_service.catalog.class_pages import ClassPages
from progress_service.mongo.client import Database, driver_errors
from progress_service.mongo.server_time import ServerTime, read_server_time
from progress_service.progress.class_progress import ClassProgress


class GradebookStore:
    """Queries over both collections, those of their owners."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.classes = ClassPages(database)
        self.progress = ClassProgress(database)
        self.gate = database.bulk_reads

    async def server_time(self) -> ServerTime:
        """The present moment by the clock that stamps changes.

        Raises:
            Unavailable: the database does not respond.
        """
        with driver_errors("read the time of the database"):
            return await read_server_time(self._database)
