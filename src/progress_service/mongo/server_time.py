"""The clock of the database, which stamps changes, and reads that contain all changes before it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from bson.timestamp import Timestamp

from progress_service.mongo.client import Database, in_utc
from progress_service.mongo.reads import FIRST_BATCH

Document = dict[str, Any]


class ServerTime(NamedTuple):
    """A moment on the primary: its clock, and the newest write that it had applied."""

    now: datetime
    operation_time: Timestamp


async def read_server_time(database: Database) -> ServerTime:
    """The present moment on the primary.

    Raises:
        PyMongoError: no primary responds.
    """
    hello: Document = await database.client.admin.command("hello")
    now = in_utc(hello["localTime"])
    assert now is not None  # noqa: S101 - every server sends it
    return ServerTime(now, hello["operationTime"])


async def find_after(
    database: Database,
    collection: str,
    query: Mapping[str, Any],
    *,
    after: ServerTime,
    fields: Mapping[str, Any],
    sort: Mapping[str, int] | None = None,
    limit: int = 0,
) -> list[Document]:
    """The documents on the primary that match *query*, with every write up to *after*.

    A write that the majority did not have at that moment, but has later, is not missed: the read
    waits for it.

    Raises:
        PyMongoError: the primary does not respond, or the majority lags behind.
    """
    command: Document = {
        "find": collection,
        "filter": query,
        "projection": fields,
        "batchSize": FIRST_BATCH,
        **({"sort": sort} if sort else {}),
        **({"limit": limit} if limit else {}),
        "readConcern": {"level": "majority", "afterClusterTime": after.operation_time},
    }
    response = await database.command(command, codec_options=database.codec_options)
    cursor = response["cursor"]
    if not cursor["id"]:
        found: list[Document] = cursor["firstBatch"]
        return found
    # More than one batch of 16 MB. The majority has caught up now, so a plain cursor sees as much.
    await database.command({"killCursors": collection, "cursors": [cursor["id"]]})
    plain = database[collection].find(query, fields).limit(limit)
    return await (plain.sort(list(sort.items())) if sort else plain).to_list(None)
