"""Upserts that may be repeated: many in one trip, tried again until a primary has them.

The driver's own retries make mongod write down each statement a second time, so that nothing is
done twice. What is sent here gives the same record however often it arrives, so it is simply sent
again, and as often as the deadline allows instead of once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pymongo
from bson.timestamp import Timestamp
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

PAUSE_SECONDS = 0.1
MAX_SENT_ALONE = 16  # At a time; the connections are for others as well.
TIMED_OUT = 50  # MaxTimeMSExpired
# What a member says that is no primary now, is stopping, or lost its own connection on the way:
# HostUnreachable, HostNotFound, NetworkTimeout, ShutdownInProgress, PrimarySteppedDown,
# ExceededTimeLimit, SocketException, NotWritablePrimary, InterruptedAtShutdown,
# InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary.
_TRY_AGAIN = frozenset({6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436})

Statement = Mapping[str, Any]
"""One ``{"q", "u", "upsert"}`` of MongoDB's ``update`` command."""


class Written(NamedTuple):
    """What became of the statements of one trip."""

    refused: dict[int, int]
    """The error code of each statement that was not stored, by its place."""
    moment: Timestamp
    """When the last of the others was stored, on the database's own clock."""


def command_for(collection: str, statements: Sequence[Statement]) -> dict[str, Any]:
    """All *statements* in one command, in no order, into the journal of the majority."""
    return {
        "update": collection,
        "updates": statements,
        "ordered": False,
        "writeConcern": {"w": "majority", "j": True},
    }


async def upsert_each(
    database: AsyncIOMotorDatabase[Any],
    collection: str,
    statements: Sequence[Statement],
    *,
    within_seconds: float,
) -> Written:
    """Send *statements*, in no order; durable on the majority when this returns.

    When the server works on several of them for half of that time, each is sent once more by
    itself: one that is slow then fails alone.

    Raises:
        PyMongoError: nothing is known of any of them.
    """
    command = command_for(collection, statements)
    began_at = time.monotonic()
    ends_at = began_at + within_seconds
    if len(statements) > 1:
        try:
            return await _send(database, command, ends_at=began_at + within_seconds / 2)
        except ExecutionTimeout:
            return await _send_each_alone(database, collection, statements, ends_at=ends_at)
        except PyMongoError as error:
            is_unknown = error.timeout or isinstance(error, WriteConcernError)
            if not (is_unknown or _may_try_again(error)):
                raise
        await asyncio.sleep(PAUSE_SECONDS)
    return await _send(database, command, ends_at=ends_at)


async def _send(
    database: AsyncIOMotorDatabase[Any], command: dict[str, Any], *, ends_at: float
) -> Written:
    with pymongo.timeout(ends_at - time.monotonic()):
        while True:
            try:
                return _written(await database.command(command))
            except PyMongoError as error:
                if not _may_try_again(error) or time.monotonic() + PAUSE_SECONDS > ends_at:
                    raise
            await asyncio.sleep(PAUSE_SECONDS)


async def _send_each_alone(
    database: AsyncIOMotorDatabase[Any],
    collection: str,
    statements: Sequence[Statement],
    *,
    ends_at: float,
) -> Written:
    places = asyncio.Semaphore(MAX_SENT_ALONE)

    async def send(statement: Statement) -> Written | PyMongoError:
        async with places:
            try:
                return await _send(database, command_for(collection, [statement]), ends_at=ends_at)
            except PyMongoError as error:
                return error

    outcomes = await asyncio.gather(*(send(statement) for statement in statements))
    written = [one for one in outcomes if isinstance(one, Written)]
    if not written:
        raise next(one for one in outcomes if isinstance(one, PyMongoError))
    refused = {i: code for i, one in enumerate(outcomes) if (code := _code_of(one)) is not None}
    return Written(refused, max(one.moment for one in written))


def _code_of(outcome: Written | PyMongoError) -> int | None:
    if isinstance(outcome, Written):
        return outcome.refused.get(0)
    return getattr(outcome, "code", None) or TIMED_OUT


def _written(answer: Mapping[str, Any]) -> Written:
    if trouble := answer.get("writeConcernError"):  # stored, but nobody knows whether it will last
        raise WriteConcernError(trouble.get("errmsg", ""), trouble.get("code"), trouble)
    refused = {error["index"]: error["code"] for error in answer.get("writeErrors", ())}
    if code := next((code for code in refused.values() if code in _TRY_AGAIN), None):
        raise OperationFailure("The primary stepped down on the way", code)
    return Written(refused, answer["operationTime"])


def _may_try_again(error: PyMongoError) -> bool:
    if error.timeout:
        return False
    if isinstance(error, OperationFailure):
        return error.code in _TRY_AGAIN
    return isinstance(error, ConnectionFailure)
