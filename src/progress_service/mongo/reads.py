"""Reads from the primary, and from a secondary while the primary is unresponsive.

The primary comes first, so that users read their own writes. When it does not respond, a secondary
returns what the majority holds, and waits until that includes every write that this process has
acknowledged to the same user, who therefore never sees progress shrink. While the primary is
unresponsive, one read a second tries it again, and the others do not wait for it.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pymongo
from bson.timestamp import Timestamp
from pymongo import ASCENDING
from pymongo.errors import ConnectionFailure, PyMongoError
from pymongo.read_preferences import SecondaryPreferred

from progress_service.mongo.driver import MotorDatabase, Session
from progress_service.mongo.last_writes import LastWrites
from progress_service.observability.logging import get_logger

PRIMARY_SECONDS = 1.5
SECONDARY_SECONDS = 3.0  # Both together end before the deadline of the request.
RETRY_SECONDS = 1.0
MAX_STALENESS_SECONDS = 90  # The least that MongoDB allows; staler secondaries are not used.

T = TypeVar("T")
Query = Callable[[MotorDatabase[Any], Session | None], Awaitable[T]]
Document = dict[str, Any]
Stages = Sequence[Mapping[str, Any]]
FIRST_BATCH = 10_000  # More than most results have; the server stops at 16 MB by itself.
PAGE_DOCUMENTS = 1_000  # Some hundred kilobytes, and some milliseconds.
log = get_logger("mongo")


class FailoverReader:
    """Reads from the primary, else from a secondary. One per database, shared by its stores."""

    def __init__(self, database: MotorDatabase[Any]) -> None:
        self._primary = database
        self._secondaries = database.client.get_database(
            database.name,
            read_concern=database.read_concern,
            read_preference=SecondaryPreferred(max_staleness=MAX_STALENESS_SECONDS),
        )
        self._is_primary_unresponsive = False
        self._retry_at = 0.0
        self._acknowledged = LastWrites()

    async def find(
        self,
        collection: str,
        query: Mapping[str, Any],
        *,
        fields: Mapping[str, Any] | None = None,
        readers: Iterable[str] = (),
    ) -> list[Document]:
        """The documents that match *query*, in no order.

        Raises:
            PyMongoError: no member responds.
        """

        async def query_in(database: MotorDatabase[Any], session: Session | None) -> list[Document]:
            if session is None:
                command = _find(collection, query, fields)
                if (found := await _at_once(database, command)) is not None:
                    return found
            return await database[collection].find(query, fields, session=session).to_list(None)

        return await self._read(query_in, readers)

    async def find_pages(
        self,
        collection: str,
        query: Mapping[str, Any],
        *,
        page_by: str,
        fields: Mapping[str, Any] | None = None,
        readers: Iterable[str] = (),
    ) -> AsyncIterator[list[Document]]:
        """The documents that match *query*, some at a time, ordered by the text *page_by*.

        Each page is a query of its own, with its own time limit. *query* compares the fields of an
        index before *page_by* for equality; *fields* keeps *page_by*.

        Raises:
            PyMongoError: no member responds.
        """
        readers, rest = tuple(readers), query
        order = dict.fromkeys([*_equal_fields(query), page_by], ASCENDING)

        async def query_in(
            database: MotorDatabase[Any], session: Session | None
        ) -> tuple[list[Document], bool]:
            if session is None:
                command = _find(collection, rest, fields)
                return await _first_batch(
                    database, command | {"sort": order, "limit": PAGE_DOCUMENTS}
                )
            cursor = database[collection].find(rest, fields, session=session)
            page = await cursor.sort(list(order.items())).limit(PAGE_DOCUMENTS).to_list(None)
            return page, True

        while True:
            page, has_all = await self._read(query_in, readers)
            if page:
                yield page
            if not page or (has_all and len(page) < PAGE_DOCUMENTS):
                return
            last = page[-1].get(page_by)
            # A comparison finds values of one type. What is no text sorts before the texts.
            behind = {"$gt": last} if isinstance(last, str) else {"$gte": ""}
            rest = {**query, page_by: behind}

    async def aggregate(
        self, collection: str, stages: Stages, *, readers: Iterable[str] = ()
    ) -> list[Document]:
        """What *stages* make of the collection.

        Raises:
            PyMongoError: no member responds.
        """

        async def query_in(database: MotorDatabase[Any], session: Session | None) -> list[Document]:
            if session is None:
                cursor = {"batchSize": FIRST_BATCH}
                command = {"aggregate": collection, "pipeline": stages, "cursor": cursor}
                if (result := await _at_once(database, command)) is not None:
                    return result
            found = database[collection].aggregate(stages, session=session)
            return await found.to_list(None)

        return await self._read(query_in, readers)

    async def _read(self, query: Query[T], readers: Iterable[str]) -> T:
        """What *query* finds in the database and with the session it is given.

        Raises:
            PyMongoError: no member responds.
        """
        if self._may_try_primary():
            try:
                with pymongo.timeout(PRIMARY_SECONDS):
                    result = await query(self._primary, None)
            except PyMongoError as error:
                if not (error.timeout or isinstance(error, ConnectionFailure)):
                    raise
                self._note_unresponsive(error)
            else:
                self._is_primary_unresponsive = False
                return result
        client = self._secondaries.client
        async with await client.start_session(causal_consistency=True) as session:
            if (operation_time := self._acknowledged.newest(readers)) is not None:
                session.advance_operation_time(operation_time)
            with pymongo.timeout(SECONDARY_SECONDS):
                return await query(self._secondaries, session)

    def note_write(self, readers: Iterable[str], operation_time: Timestamp) -> None:
        """From now on *readers* must see what was stored at *operation_time*."""
        self._acknowledged.add(readers, operation_time)
        self._is_primary_unresponsive = False  # it acknowledged a write

    def forget_reader(self, reader: str) -> None:
        """Forget what *reader* must see."""
        self._acknowledged.forget(reader)

    def _may_try_primary(self) -> bool:
        if not self._is_primary_unresponsive:
            return True
        now = time.monotonic()
        if now < self._retry_at:
            return False
        self._retry_at = now + PRIMARY_SECONDS + RETRY_SECONDS
        return True

    def _note_unresponsive(self, error: PyMongoError) -> None:
        if not self._is_primary_unresponsive:
            log.warning("primary_unresponsive", error=type(error).__name__, cause=cause_of(error))
        self._is_primary_unresponsive = True
        self._retry_at = time.monotonic() + RETRY_SECONDS


def _find(collection: str, query: Mapping[str, Any], fields: Mapping[str, Any] | None) -> Document:
    command = {"find": collection, "filter": query, "batchSize": FIRST_BATCH}
    return command | ({"projection": fields} if fields else {})


def _equal_fields(query: Mapping[str, Any]) -> list[str]:
    return [name for name, value in query.items() if isinstance(value, str)]


async def _at_once(database: MotorDatabase[Any], command: Document) -> list[Document] | None:
    """Read in one round trip; ``None`` when the result does not fit into one batch.

    The driver's cursor takes two hops between threads, and three times as long. But only a cursor
    can read on within a time limit: the server takes no ``maxTimeMS`` with a ``getMore``.
    """
    documents, has_all = await _first_batch(database, command)
    return documents if has_all else None


async def _first_batch(
    database: MotorDatabase[Any], command: Document
) -> tuple[list[Document], bool]:
    """The first batch, and whether it holds everything. A cursor for the rest is closed."""
    level = {"level": "majority"}
    response = await database.command(
        {**command, "readConcern": level}, codec_options=database.codec_options
    )
    cursor = response["cursor"]
    if cursor["id"]:
        collection = cursor["ns"].partition(".")[2]
        await database.command({"killCursors": collection, "cursors": [cursor["id"]]})
    return cursor["firstBatch"], not cursor["id"]


def cause_of(error: Exception) -> str:
    """The message of a driver error, without its description of the whole replica set."""
    return str(error).split(", Timeout:")[0].split(", full error")[0][:200]
