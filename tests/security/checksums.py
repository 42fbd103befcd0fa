"""A checksum that shows whether a call has stored anything."""

from __future__ import annotations

from progress_service.mongo.client import Database
from progress_service.mongo.schema import ANALYTICS_RELEASES, OUTBOX

IN_BACKGROUND = frozenset({ANALYTICS_RELEASES, OUTBOX})


async def checksum(database: Database) -> str:
    """A checksum of every document of the database.

    Releases and the lease of the outbox are left out: the service changes them in the background.
    """
    hashes: dict[str, str] = (await database.command("dbHash"))["collections"]
    stored = {name: each for name, each in hashes.items() if name not in IN_BACKGROUND}
    events = database[OUTBOX].find({"_id": {"$ne": "lease"}}, {"_id": 1}).sort("_id")
    return str([stored, await events.to_list(None)])
