"""Upserts are retried until a primary stores them, and never after the deadline."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from bson.timestamp import Timestamp
from pymongo.errors import (
    AutoReconnect,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

from progress_service.mongo.client import Database as OpenDatabase
from progress_service.mongo.primary_attempts import PrimaryAttempts
from progress_service.mongo.writes import (
    PAUSE_SECONDS,
    TIMED_OUT,
    Statement,
    Written,
    upsert_each,
)

STORED = {"ok": 1, "n": 2, "operationTime": Timestamp(7, 1)}
STATEMENTS: list[Statement] = [{"q": {"_id": n}, "u": [], "upsert": True} for n in range(2)]
DUPLICATE_KEY, STEPPED_DOWN, DOCUMENT_TOO_LARGE = 11000, 189, 17419


class Database:
    """Returns or raises the given responses in order, then the last one again."""

    def __init__(self, *responses: dict[str, Any] | PyMongoError) -> None:
        self._responses = list(responses)
        self.commands: list[dict[str, Any]] = []
        self.primary = "db-1"
        self.attempts = PrimaryAttempts(lambda: (self.primary, 27017))

    async def command(self, command: dict[str, Any]) -> dict[str, Any]:
        self.commands.append(command)
        response = self._responses.pop(0) if len(self._responses) > 1 else self._responses[0]
        if isinstance(response, PyMongoError):
            raise response
        return response


async def send_to(database: Database, *, within_seconds: float = 5.0) -> Written:
    opened = cast(OpenDatabase, database)
    return await upsert_each(opened, "records", STATEMENTS, within_seconds=within_seconds)


def with_errors(*codes: int) -> dict[str, Any]:
    """The response with one write error for each of *codes*."""
    errors = [{"index": index, "code": code} for index, code in enumerate(codes)]
    return STORED | {"writeErrors": errors}


async def test_statements_are_sent_in_one_journaled_majority_command():
    database = Database(STORED)

    written = await send_to(database)

    assert written == Written({}, frozenset(), Timestamp(7, 1))
    (command,) = database.commands
    assert command == {
        "update": "records",
        "updates": STATEMENTS,
        "ordered": False,
        "writeConcern": {"w": "majority", "j": True},
    }


async def test_write_errors_are_returned_by_index():
    assert (await send_to(Database(with_errors(DUPLICATE_KEY)))).write_errors == {0: DUPLICATE_KEY}


@pytest.mark.parametrize(
    "failure",
    [
        AutoReconnect("connection closed"),
        NotPrimaryError("not primary", {"code": 10107}),
        OperationFailure("stepped down", STEPPED_DOWN),
        with_errors(STEPPED_DOWN, DUPLICATE_KEY),
        STORED | {"writeConcernError": {"code": 11602, "errmsg": "interrupted"}},
    ],
    ids=["connection", "not primary", "command", "statement", "write concern"],
)
async def test_statements_are_retried_when_the_primary_is_lost(
    failure: dict[str, Any] | PyMongoError,
):
    database = Database(failure, failure, STORED)

    assert (await send_to(database)).write_errors == {}
    assert len(database.commands) == 3


async def test_error_of_the_request_is_raised_at_once():
    database = Database(OperationFailure("too large", DOCUMENT_TOO_LARGE))

    with pytest.raises(OperationFailure):
        await send_to(database)

    assert len(database.commands) == 1


@pytest.mark.parametrize(
    "failure",
    [
        NetworkTimeout("timed out"),
        STORED | {"writeConcernError": {"code": 64, "errmsg": "waiting timed out"}},
    ],
    ids=["time-out", "not on the majority"],
)
async def test_statements_of_unknown_outcome_are_retried_once(
    failure: dict[str, Any] | PyMongoError,
):
    assert (await send_to(Database(failure, STORED))).write_errors == {}

    database = Database(failure)
    with pytest.raises((NetworkTimeout, WriteConcernError)):
        await send_to(database)
    assert len(database.commands) == 2


async def test_slow_statement_fails_alone():
    class Slow(Database):
        async def command(self, command: dict[str, Any]) -> dict[str, Any]:
            self.commands.append(command)
            if STATEMENTS[1] in command["updates"]:
                raise ExecutionTimeout("operation exceeded time limit", 50)
            return STORED

    database = Slow(STORED)

    written = await send_to(database)

    assert written == Written({1: TIMED_OUT}, frozenset(), Timestamp(7, 1))
    assert [command["updates"] for command in database.commands] == [
        STATEMENTS,
        [STATEMENTS[0]],
        [STATEMENTS[1]],
    ]


async def test_slow_statements_raise_when_all_are_slow():
    database = Database(ExecutionTimeout("operation exceeded time limit", 50))

    with pytest.raises(ExecutionTimeout):
        await send_to(database)


async def test_statements_are_not_sent_after_the_deadline():
    database = Database(AutoReconnect("no server"))

    with pytest.raises(AutoReconnect):
        await send_to(database, within_seconds=3 * PAUSE_SECONDS)

    assert 2 <= len(database.commands) <= 3


async def test_statements_are_sent_again_as_soon_as_there_is_another_primary():
    class Frozen(Database):
        async def command(self, command: dict[str, Any]) -> dict[str, Any]:
            self.commands.append(command)
            if len(self.commands) == 1:
                self.primary = "db-2"
                await asyncio.Event().wait()
            return STORED

    database = Frozen(STORED)

    assert (await send_to(database, within_seconds=600)).write_errors == {}
    assert len(database.commands) == 2
