"""A checksum that shows whether a call has stored anything."""

from __future__ import annotations

from progress_service.mongo.client import Database


async def checksum(database: Database) -> str:
    """A checksum of every document of the database."""
    return str((await database.command("dbHash"))["md5"])
