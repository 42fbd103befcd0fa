"""Which students' data is being erased, or was erased a short while ago, as this process knows it.

Every writer of documents about students checks it. What is known is at most `FRESH_SECONDS` old, or
the check reads it again. A write is sent within `OPERATION_SECONDS` of its check. So after the sum
of both, no process writes about a student whose erasure was recorded, and what is deleted then
stays deleted.

Students are known by keyed hash. Only the database has the id, and only while the erasure runs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pymongo
from pymongo.errors import AutoReconnect, PyMongoError

from progress_service.errors import Erased, Unavailable
from progress_service.mongo.driver import MotorDatabase
from progress_service.mongo.erasures import (
    ERASURES,
    KEYS_ID,
    POLLED_UNTIL,
    Erasure,
    hashes_of,
    keys_of,
    to_erasure,
)
from progress_service.mongo.primary_attempts import PrimaryAttempts
from progress_service.observability.logging import get_logger
from progress_service.plausible_time import CLOCK_TOLERANCE

FRESH_SECONDS = 2.0
FIND_SECONDS = 1.5  # Of one read; it is repeated until the deadline, because a failover may be on.
PAUSE_SECONDS = 0.1
MAX_FOUND = 10_000
log = get_logger("mongo")

Write = tuple[str, datetime]
"""Whom a document is about, and when what it says was observed."""


@dataclass(frozen=True, slots=True)
class _Known:
    """An erasure; requests that observed something until ``learned_at`` may not know of it."""

    erasure: Erasure
    learned_at: datetime

    def rejects(self, observed_at: datetime) -> bool:
        return self.erasure.is_running or observed_at <= self.learned_at


class ErasedStudents:
    """One per database, shared by its stores."""

    def __init__(self, database: MotorDatabase[Any], attempts: PrimaryAttempts) -> None:
        self._database = database
        self._attempts = attempts
        self._known: dict[bytes, _Known] = {}
        self._keys: tuple[bytes, ...] = ()
        self._read_at = float("-inf")  # when the last successful read began
        self._reading: asyncio.Task[None] | None = None
        self.on_learned: Callable[[Sequence[Erasure]], None] | None = None
        """Called with the erasures that this process did not know before."""

    @property
    def is_clear(self) -> bool:
        """True when no student is known, and that is fresh: then there is nothing to check."""
        return not self._known and time.monotonic() < self._read_at + FRESH_SECONDS

    @property
    def known(self) -> list[Erasure]:
        """The erasures that run, or ended a short while ago."""
        return [known.erasure for known in self._known.values()]

    async def check(self, writes: Sequence[Write], *, ends_at: float) -> dict[int, Erased]:
        """The error of each write that must not be sent, by its index.

        Args:
            writes: what is to be written.
            ends_at: the deadline, by the monotonic clock.

        Raises:
            Unavailable: the database did not respond in time.
        """
        began_at = time.monotonic()
        await self.refresh(since=began_at - FRESH_SECONDS, ends_at=ends_at)
        if not self._known:
            return {}
        found = self._matches(writes)
        if any(known.erasure.is_running for known in found.values()):
            await self.refresh(since=began_at, ends_at=ends_at)  # it may have ended just now
            found = self._matches(writes)
        return {i: Erased() for i, known in found.items() if known.rejects(writes[i][1])}

    def _matches(self, writes: Sequence[Write]) -> dict[int, _Known]:
        by_student: dict[str, _Known | None] = {}
        for student_id, _ in writes:
            if student_id not in by_student:
                by_student[student_id] = self._known_of(student_id)
        matches = {i: by_student[student_id] for i, (student_id, _) in enumerate(writes)}
        return {i: known for i, known in matches.items() if known is not None}

    def _known_of(self, student_id: str) -> _Known | None:
        hashes = hashes_of(student_id, self._keys)
        return next((self._known[each] for each in hashes if each in self._known), None)

    def is_known(self, student_id: str) -> bool:
        """True while the student's data is being erased, and a short while after."""
        return bool(self._known) and self._known_of(student_id) is not None

    async def find(self, student_ids: Iterable[str], *, ends_at: float) -> dict[str, Erasure]:
        """The last erasure of each student that has one, as stored now.

        Raises:
            Unavailable: the database did not respond in time.
        """
        try:
            with pymongo.timeout(max(0.0, ends_at - time.monotonic())):
                keys = self._keys
                if not keys:  # Another process may have made them just now.
                    keys = _keys_in(await self._read({"_id": KEYS_ID}, level="majority"))
                students = {
                    each: student_id
                    for student_id in student_ids
                    for each in hashes_of(student_id, keys)
                }
                if not students:
                    return {}
                query = {"_id": {"$in": list(students)}}
                documents = await self._read(query, level="majority")
        except PyMongoError as error:
            raise _unavailable(error) from error
        found: dict[str, Erasure] = {}
        for erasure in _erasures_in(documents):
            student_id = students[erasure.student_hash]
            found[student_id] = _newest(found.get(student_id), erasure)
        return found

    async def refresh(self, *, since: float, ends_at: float) -> None:
        """Read which students are known, unless that was done after *since*.

        Raises:
            Unavailable: the database did not respond in time.
        """
        while self._read_at < since:
            if self._reading is None:
                self._reading = asyncio.create_task(self._refresh())
                self._reading.add_done_callback(_retrieve_error)
            reading = self._reading
            try:
                async with asyncio.timeout(max(0.0, ends_at - time.monotonic())):
                    await asyncio.wait([reading])
            except TimeoutError as error:
                raise _unavailable(error) from error
            if (failed := reading.exception()) is None:
                continue
            if not isinstance(failed, PyMongoError):
                raise failed
            if time.monotonic() + PAUSE_SECONDS >= ends_at:
                raise _unavailable(failed) from failed
            await asyncio.sleep(PAUSE_SECONDS)

    async def _refresh(self) -> None:
        began_at = time.monotonic()
        is_polled = {
            POLLED_UNTIL: {"$exists": True},
            "$expr": {"$gt": [f"${POLLED_UNTIL}", "$$NOW"]},
        }
        try:
            with pymongo.timeout(FIND_SECONDS):
                # An old primary, which a new one has replaced, must not say "nobody".
                query = {"$or": [{"_id": KEYS_ID}, is_polled]}
                documents = await self._read(query, level="linearizable")
        finally:
            self._reading = None
        self._keys = _keys_in(documents)
        self._learn(_erasures_in(documents), is_first=self._read_at < 0)
        self._read_at = began_at

    def _learn(self, erasures: Iterable[Erasure], *, is_first: bool) -> None:
        now, before = datetime.now(UTC), self._known
        after: dict[bytes, _Known] = {}
        learned = []
        for erasure in erasures:
            held = before.get(erasure.student_hash)
            if held is not None and held.erasure.erased_at == erasure.erased_at:
                learned_at = held.learned_at
            else:  # Nothing began before the first read.
                learned_at = erasure.erased_at if is_first else now + CLOCK_TOLERANCE
                learned.append(erasure)
            after[erasure.student_hash] = _Known(erasure, learned_at)
        self._known = after
        if learned and self.on_learned is not None:
            self.on_learned(learned)

    async def _read(self, query: Mapping[str, Any], *, level: str) -> list[Mapping[str, Any]]:
        """What the primary has; a linearizable read takes up to 0.1 s longer."""
        command = {
            "find": ERASURES,
            "filter": query,
            "batchSize": MAX_FOUND,
            "readConcern": {"level": level},
        }
        try:
            async with self._attempts.attempt():
                response = await self._database.command(
                    command, codec_options=self._database.codec_options
                )
        except TimeoutError as error:
            raise AutoReconnect("another member is primary now") from error
        documents: list[Mapping[str, Any]] = response["cursor"]["firstBatch"]
        return documents


def _keys_in(documents: Iterable[Mapping[str, Any]]) -> tuple[bytes, ...]:
    return next((keys_of(each) for each in documents if each["_id"] == KEYS_ID), ())


def _retrieve_error(reading: asyncio.Task[None]) -> None:
    """Nobody may wait for the read any more when it fails."""
    if not reading.cancelled():
        reading.exception()


def _erasures_in(documents: Iterable[Mapping[str, Any]]) -> list[Erasure]:
    found = (to_erasure(document) for document in documents)
    return [erasure for erasure in found if erasure is not None]


def _newest(first: Erasure | None, second: Erasure) -> Erasure:
    """The one that runs, or else the later one: a student has one for each key at most."""
    if first is None or second.is_running:
        return second
    return first if first.is_running or first.erased_at >= second.erased_at else second


def _unavailable(error: Exception) -> Unavailable:
    log.warning("erasures_unreadable", error=type(error).__name__)
    return Unavailable("The database does not respond. Try again shortly; repeating is harmless.")
