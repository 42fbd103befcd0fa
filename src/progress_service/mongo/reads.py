"""Reads that go on while the primary does not answer.

The primary is asked first, so that everybody reads what they wrote. When it stays mute, a secondary
is asked for what the majority holds, and it waits until that includes all that this process has
acknowledged to the same reader: nobody sees their own progress shrink. While the primary is mute,
one read a second tries it again and the others do not wait for it.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pymongo
from bson.timestamp import Timestamp
from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorDatabase
from pymongo import ASCENDING
from pymongo.errors import ConnectionFailure, PyMongoError
from pymongo.read_preferences import SecondaryPreferred

from progress_service.observability import get_logger

PRIMARY_SECONDS = 1.5
SECONDARY_SECONDS = 3.0  # Both together end before the request's own deadline.
TRY_AGAIN_SECONDS = 1.0
MAX_STALENESS_SECONDS = 90  # The least MongoDB allows; a secondary further behind is not asked.
REMEMBER_SECONDS = 120.0  # Longer than that, so that every secondary asked has caught up.
MAX_REMEMBERED = 100_000

T = TypeVar("T")
Session = AsyncIOMotorClientSession | None
Question = Callable[[AsyncIOMotorDatabase[Any], Session], Awaitable[T]]
Document = dict[str, Any]
Stages = Sequence[Mapping[str, Any]]
FIRST_BATCH = 10_000  # More than most answers hold; the server stops at 16 MB by itself.
PAGE_DOCUMENTS = 1_000  # Some hundred kilobytes, and some milliseconds.
log = get_logger("mongo")


class Reads:
    """Asks the primary, or else a secondary. One for each database, shared by its stores."""

    def __init__(self, database: AsyncIOMotorDatabase[Any]) -> None:
        self._primary = database
        self._secondaries = database.client.get_database(
            database.name,
            read_concern=database.read_concern,
            read_preference=SecondaryPreferred(max_staleness=MAX_STALENESS_SECONDS),
        )
        self._is_mute = False
        self._try_again_at = 0.0
        self._acknowledged = _Moments()

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
            PyMongoError: nobody answers.
        """

        async def question(database: AsyncIOMotorDatabase[Any], session: Session) -> list[Document]:
            if session is None:
                command = _find(collection, query, fields)
                if (found := await _at_once(database, command)) is not None:
                    return found
            return await database[collection].find(query, fields, session=session).to_list(None)

        return await self._ask(question, readers)

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
            PyMongoError: nobody answers.
        """
        readers, rest = tuple(readers), query
        order = dict.fromkeys([*_equal_fields(query), page_by], ASCENDING)

        async def question(
            database: AsyncIOMotorDatabase[Any], session: Session
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
            page, has_all = await self._ask(question, readers)
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
            PyMongoError: nobody answers.
        """

        async def question(database: AsyncIOMotorDatabase[Any], session: Session) -> list[Document]:
            if session is None:
                cursor = {"batchSize": FIRST_BATCH}
                command = {"aggregate": collection, "pipeline": stages, "cursor": cursor}
                if (answer := await _at_once(database, command)) is not None:
                    return answer
            found = database[collection].aggregate(stages, session=session)
            return await found.to_list(None)

        return await self._ask(question, readers)

    async def _ask(self, question: Question[T], readers: Iterable[str]) -> T:
        """What *question* finds in the database and with the session it is given.

        Raises:
            PyMongoError: nobody answers.
        """
        if self._may_try_primary():
            try:
                with pymongo.timeout(PRIMARY_SECONDS):
                    answer = await question(self._primary, None)
            except PyMongoError as error:
                if not (error.timeout or isinstance(error, ConnectionFailure)):
                    raise
                self._note_mute(error)
            else:
                self._is_mute = False
                return answer
        client = self._secondaries.client
        async with await client.start_session(causal_consistency=True) as session:
            if (moment := self._acknowledged.of(readers)) is not None:
                session.advance_operation_time(moment)
            with pymongo.timeout(SECONDARY_SECONDS):
                return await question(self._secondaries, session)

    def note(self, readers: Iterable[str], moment: Timestamp) -> None:
        """What was stored at *moment* is what *readers* must see from now on."""
        self._acknowledged.note(readers, moment)
        self._is_mute = False  # It acknowledged a write.

    def _may_try_primary(self) -> bool:
        if not self._is_mute:
            return True
        now = time.monotonic()
        if now < self._try_again_at:
            return False
        self._try_again_at = now + PRIMARY_SECONDS + TRY_AGAIN_SECONDS
        return True

    def _note_mute(self, error: PyMongoError) -> None:
        if not self._is_mute:
            log.warning("primary_mute", error=type(error).__name__, cause=cause_of(error))
        self._is_mute = True
        self._try_again_at = time.monotonic() + TRY_AGAIN_SECONDS


def _find(collection: str, query: Mapping[str, Any], fields: Mapping[str, Any] | None) -> Document:
    command = {"find": collection, "filter": query, "batchSize": FIRST_BATCH}
    return command | ({"projection": fields} if fields else {})


def _equal_fields(query: Mapping[str, Any]) -> list[str]:
    return [name for name, value in query.items() if isinstance(value, str)]


async def _at_once(database: AsyncIOMotorDatabase[Any], command: Document) -> list[Document] | None:
    """Ask in one trip; ``None`` when the answer does not fit into one.

    The driver's cursor takes two hops between threads, and thrice the time. But only that can ask
    for more within a time limit: the server takes no ``maxTimeMS`` with a ``getMore``.
    """
    documents, has_all = await _first_batch(database, command)
    return documents if has_all else None


async def _first_batch(
    database: AsyncIOMotorDatabase[Any], command: Document
) -> tuple[list[Document], bool]:
    """What one batch holds, and whether that is all. A cursor for the rest is closed."""
    level = {"level": "majority"}
    answer = await database.command(
        {**command, "readConcern": level}, codec_options=database.codec_options
    )
    cursor = answer["cursor"]
    if cursor["id"]:
        collection = cursor["ns"].partition(".")[2]
        await database.command({"killCursors": collection, "cursors": [cursor["id"]]})
    return cursor["firstBatch"], not cursor["id"]


class _Moments:
    """The newest moment of each reader, kept for a while: two ages, the older is dropped whole."""

    def __init__(self) -> None:
        self._new: dict[str, Timestamp] = {}
        self._old: dict[str, Timestamp] = {}
        self._turned_at = time.monotonic()

    def note(self, readers: Iterable[str], moment: Timestamp) -> None:
        """*readers* were told of a write at *moment*."""
        now = time.monotonic()
        if now > self._turned_at + REMEMBER_SECONDS or len(self._new) > MAX_REMEMBERED:
            self._old, self._new, self._turned_at = self._new, {}, now
        for reader in readers:
            self._new[reader] = max(self._new.get(reader, moment), moment)

    def of(self, readers: Iterable[str]) -> Timestamp | None:
        """The newest moment any of *readers* was told of."""
        moments = (self._new.get(reader) or self._old.get(reader) for reader in readers)
        return max((moment for moment in moments if moment is not None), default=None)


def cause_of(error: Exception) -> str:
    """What the driver says, without its description of the whole set."""
    return str(error).split(", Timeout:")[0].split(", full error")[0][:200]
