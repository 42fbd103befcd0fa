"""A checksum that shows whether a call has stored anything."""

from __future__ import annotations

from progress_service.mongo.client import Database
from progress_service.mongo.schema import ANALYTICS_RELEASES


async def checksum(database: Database) -> str:
    """A checksum of every document that callers store.

    Releases are made of these in the background, also after a response was sent.
    """
    hashes = (await database.command("dbHash"))["collections"]
    return str(sorted(item for item in hashes.items() if item[0] != ANALYTICS_RELEASES))
