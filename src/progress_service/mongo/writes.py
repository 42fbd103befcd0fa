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
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError, WriteConcernError

PAUSE_SECONDS = 0.1
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

    Raises:
        PyMongoError: nothing is known of any of them.
    """
    command = command_for(collection, statements)
    ends_at = time.monotonic() + within_seconds
    with pymongo.timeout(within_seconds):
        while True:
            try:
                return _written(await database.command(command))
            except PyMongoError as error:
                if not _may_try_again(error) or time.monotonic() + PAUSE_SECONDS > ends_at:
                    raise
            await asyncio.sleep(PAUSE_SECONDS)


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
