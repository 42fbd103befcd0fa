"""Idempotent upserts: many in one command, retried until a primary has stored them.

The driver's own retries make mongod log each statement a second time, so that nothing is applied
twice. The statements here give the same record however often they are applied, so they are sent
again without that, and as often as the deadline allows instead of once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pymongo
from bson.timestamp import Timestamp
from pymongo.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

from progress_service.mongo.client import Database
from progress_service.mongo.error_counts import count_error

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
    """The outcome of the statements of one command."""

    write_errors: dict[int, int]
    """The error code of each statement that was not stored, by its index."""
    inserted: frozenset[int]
    """The statements that inserted a document."""
    operation_time: Timestamp
    """When the last of the others was stored, by the clock of the database."""


def command_for(collection: str, statements: Sequence[Statement]) -> dict[str, Any]:
    """All *statements* in one command, in no order, into the journal of the majority."""
    return {
        "update": collection,
        "updates": statements,
        "ordered": False,
        "writeConcern": {"w": "majority", "j": True},
    }


async def upsert_each(
    database: Database,
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
        except ExecutionTimeout as error:
            count_error(error)
            return await _send_each_alone(database, collection, statements, ends_at=ends_at)
        except PyMongoError as error:
            is_unknown = error.timeout or isinstance(error, WriteConcernError)
            if not (is_unknown or _may_try_again(error)):
                raise
            count_error(error)
        await asyncio.sleep(PAUSE_SECONDS)
    return await _send(database, command, ends_at=ends_at)


async def _send(database: Database, command: dict[str, Any], *, ends_at: float) -> Written:
    with pymongo.timeout(ends_at - time.monotonic()):
        while True:
            try:
                async with database.attempts.attempt():
                    return _written(await database.command(command))
            except TimeoutError:
                continue
            except PyMongoError as error:
                if not _may_try_again(error) or time.monotonic() + PAUSE_SECONDS > ends_at:
                    raise
                count_error(error)
            await asyncio.sleep(PAUSE_SECONDS)


async def _send_each_alone(
    database: Database,
    collection: str,
    statements: Sequence[Statement],
    *,
    ends_at: float,
) -> Written:
    slots = asyncio.Semaphore(MAX_SENT_ALONE)

    async def send(statement: Statement) -> Written | PyMongoError:
        async with slots:
            try:
                return await _send(database, command_for(collection, [statement]), ends_at=ends_at)
            except PyMongoError as error:
                return error

    outcomes = await asyncio.gather(*(send(statement) for statement in statements))
    written = [one for one in outcomes if isinstance(one, Written)]
    if not written:
        raise next(one for one in outcomes if isinstance(one, PyMongoError))
    write_errors = {
        i: code for i, one in enumerate(outcomes) if (code := _code_of(one)) is not None
    }
    inserted = frozenset(
        i for i, one in enumerate(outcomes) if isinstance(one, Written) and one.inserted
    )
    return Written(write_errors, inserted, max(one.operation_time for one in written))


def _code_of(outcome: Written | PyMongoError) -> int | None:
    if isinstance(outcome, Written):
        return outcome.write_errors.get(0)
    return getattr(outcome, "code", None) or TIMED_OUT


def _written(response: Mapping[str, Any]) -> Written:
    if failure := response.get("writeConcernError"):  # stored, but perhaps not durable
        raise WriteConcernError(failure.get("errmsg", ""), failure.get("code"), failure)
    write_errors = {error["index"]: error["code"] for error in response.get("writeErrors", ())}
    if code := next((code for code in write_errors.values() if code in _TRY_AGAIN), None):
        raise OperationFailure("The primary stepped down on the way", code)
    inserted = frozenset(one["index"] for one in response.get("upserted", ()))
    return Written(write_errors, inserted, response["operationTime"])


def _may_try_again(error: PyMongoError) -> bool:
    if error.timeout:
        return False
    if isinstance(error, OperationFailure):
        return error.code in _TRY_AGAIN
    return isinstance(error, ConnectionFailure)
