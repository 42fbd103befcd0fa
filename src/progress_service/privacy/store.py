"""Reads everything that is stored about a student, collection by collection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from progress_service.mongo.client import Database, driver_errors
from progress_service.privacy.declarations import StoredData

DOCUMENTS_AT_ONCE = 50  # Records have at most some hundred kilobytes.


class PersonalDataStore:
    """Queries over every collection of the inventory. Every driver error becomes `Unavailable`.

    Reads go to the primary, at the majority, so they contain everything that was acknowledged.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def documents(
        self, data: StoredData, student_id: str
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """The documents of *data* about the student, some at a time.

        Documents of other programs that name several students are left out.
        """
        assert data.owner is not None  # noqa: S101 - the caller reads personal data
        collection = self._database[data.collection]
        cursor = collection.find(data.query(student_id), batch_size=DOCUMENTS_AT_ONCE)
        try:
            while True:
                with driver_errors("export"):
                    page = await self._database.bulk_reads.run(
                        partial(cursor.to_list, DOCUMENTS_AT_ONCE)
                    )
                if not page:
                    return
                yield [each for each in page if each.get(data.owner) == student_id]
        finally:
            await cursor.close()
