"""Upserts are sent again until a primary has them, and never after the deadline."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest
from bson.timestamp import Timestamp
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import (
    AutoReconnect,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

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
    """Answers in turn what it was told to; the last of it for ever."""

    def __init__(self, *answers: dict[str, Any] | PyMongoError) -> None:
        self._answers = list(answers)
        self.commands: list[dict[str, Any]] = []

    async def command(self, command: dict[str, Any]) -> dict[str, Any]:
        self.commands.append(command)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, PyMongoError):
            raise answer
        return answer


async def sent_to(database: Database, *, within_seconds: float = 5.0) -> Written:
    motor = cast(AsyncIOMotorDatabase[Any], database)
    return await upsert_each(motor, "records", STATEMENTS, within_seconds=within_seconds)


def refusing(*codes: int) -> dict[str, Any]:
    errors = [{"index": index, "code": code} for index, code in enumerate(codes)]
    return STORED | {"writeErrors": errors}


async def test_all_go_in_one_command_to_the_journal_of_the_majority():
    database = Database(STORED)

    written = await sent_to(database)

    assert written == ({}, Timestamp(7, 1))
    (command,) = database.commands
    assert command == {
        "update": "records",
        "updates": STATEMENTS,
        "ordered": False,
        "writeConcern": {"w": "majority", "j": True},
    }


async def test_what_is_refused_is_told_by_its_place():
    assert (await sent_to(Database(refusing(DUPLICATE_KEY)))).refused == {0: DUPLICATE_KEY}


@pytest.mark.parametrize(
    "trouble",
    [
        AutoReconnect("connection closed"),
        NotPrimaryError("not primary", {"code": 10107}),
        OperationFailure("stepped down", STEPPED_DOWN),
        refusing(STEPPED_DOWN, DUPLICATE_KEY),
        STORED | {"writeConcernError": {"code": 11602, "errmsg": "interrupted"}},
    ],
    ids=["connection", "not primary", "command", "statement", "write concern"],
)
async def test_a_primary_that_leaves_is_no_trouble_of_the_caller(
    trouble: dict[str, Any] | PyMongoError,
):
    database = Database(trouble, trouble, STORED)

    assert (await sent_to(database)).refused == {}
    assert len(database.commands) == 3


async def test_an_error_of_the_request_is_raised_at_once():
    database = Database(OperationFailure("too large", DOCUMENT_TOO_LARGE))

    with pytest.raises(OperationFailure):
        await sent_to(database)

    assert len(database.commands) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        NetworkTimeout("timed out"),
        STORED | {"writeConcernError": {"code": 64, "errmsg": "waiting timed out"}},
    ],
    ids=["time-out", "not on the majority"],
)
async def test_statements_of_an_unknown_outcome_are_sent_once_more(
    trouble: dict[str, Any] | PyMongoError,
):
    assert (await sent_to(Database(trouble, STORED))).refused == {}

    database = Database(trouble)
    with pytest.raises((NetworkTimeout, WriteConcernError)):
        await sent_to(database)
    assert len(database.commands) == 2


async def test_a_slow_statement_fails_alone():
    class Slow(Database):
        async def command(self, command: dict[str, Any]) -> dict[str, Any]:
            self.commands.append(command)
            if STATEMENTS[1] in command["updates"]:
                raise ExecutionTimeout("operation exceeded time limit", 50)
            return STORED

    database = Slow(STORED)

    written = await sent_to(database)

    assert written == ({1: TIMED_OUT}, Timestamp(7, 1))
    assert [command["updates"] for command in database.commands] == [
        STATEMENTS,
        [STATEMENTS[0]],
        [STATEMENTS[1]],
    ]


async def test_only_slow_statements_are_an_error_of_all():
    database = Database(ExecutionTimeout("operation exceeded time limit", 50))

    with pytest.raises(ExecutionTimeout):
        await sent_to(database)


async def test_after_the_deadline_nothing_is_sent():
    database = Database(AutoReconnect("nobody there"))
    started = time.monotonic()

    with pytest.raises(AutoReconnect):
        await sent_to(database, within_seconds=3 * PAUSE_SECONDS)

    assert time.monotonic() - started < 3 * PAUSE_SECONDS + 1
    assert 2 <= len(database.commands) <= 3
