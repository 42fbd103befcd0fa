"""A checksum that shows whether a call has stored anything."""

from __future__ import annotations

from progress_service.mongo.client import Database
from progress_service.mongo.schema import ANALYTICS_RELEASES, OUTBOX

IN_BACKGROUND = {ANALYTICS_RELEASES, OUTBOX}


async def checksum(database: Database) -> str:
    """A checksum of every document of the database.

    Releases and the outbox are left out: earlier calls cause the service to count classes and to
    send events in the background, and the process that sends renews its lease.
    """
    hashes: dict[str, str] = (await database.command("dbHash"))["collections"]
    return str({name: each for name, each in hashes.items() if name not in IN_BACKGROUND})
