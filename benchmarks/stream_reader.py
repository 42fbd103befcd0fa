"""A process that follows the changes of progress as the service does, with nobody listening.

``python -m benchmarks.stream_reader URI DATABASE [PARTS PART POLL]`` prints a line when it follows,
and after each line on stdin the number of events so far. With *PARTS* it follows one part of the
records, and asks for their changes every *POLL* seconds (0: waits for them).

The database selects the part by a hash of the key of the record, before it looks the record up.
Here that is ``_id``; in a sharded collection the key has the student too.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from progress_service.changes.events import CatalogEvent, HistoryLost, ProgressChanged
from progress_service.changes.feed import ChangeFeed
from progress_service.mongo.change_stream import ChangeStream
from progress_service.mongo.schema import WATCH_PROGRESS


def in_part(key: str, *, parts: int, part: int) -> dict[str, Any]:
    """The condition that the hash of *key*, a field path, is in one of *parts* equal parts."""
    return {"$eq": [{"$abs": {"$mod": [{"$toHashedIndexKey": key}, parts]}}, part]}


class PartialChangeStream(ChangeStream):
    """The change events of one part of the records; all events of other collections."""

    def __init__(
        self,
        uri: str,
        database: str,
        collections: Sequence[str],
        *,
        parts: int,
        part: int,
        poll_seconds: float,
        **options: Any,
    ) -> None:
        if collections == [WATCH_PROGRESS]:
            super().__init__(
                uri, database, collections, poll_interval_seconds=poll_seconds, **options
            )
            of_part = in_part("$documentKey._id", parts=parts, part=part)
            self._pipeline.insert(1, {"$match": {"$expr": of_part}})
        else:
            super().__init__(uri, database, collections, **options)


async def main(uri: str, database: str, *part: str) -> None:
    """Follow until stdin ends."""
    count = 0

    def is_listening(_: str) -> bool:
        nonlocal count
        count += 1
        return False

    async def ignore(_: CatalogEvent | Sequence[ProgressChanged | HistoryLost]) -> None:
        pass

    open_stream: Callable[..., ChangeStream] = partial(ChangeStream, uri, database)
    if part:
        parts, number, poll_seconds = int(part[0]), int(part[1]), float(part[2])
        open_stream = partial(
            PartialChangeStream,
            uri,
            database,
            parts=parts,
            part=number,
            poll_seconds=poll_seconds,
        )
    feed = ChangeFeed(
        open_stream,
        on_catalog_changed=ignore,
        on_progress_changed=ignore,
        is_listening=is_listening,
    )
    async with feed:
        await feed.follow_progress()
        print("ready", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(count, flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
