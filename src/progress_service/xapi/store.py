"""The owner of ``xapi_statements``: statements as they were first sent.

A statement is built once and never changes, so a repetition is identical, the export shows what the
learning record store has, and a session that its record no longer holds is still sent.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pymongo
from pymongo.errors import BulkWriteError

from progress_service.mongo.client import OPERATION_SECONDS, Database, driver_errors
from progress_service.mongo.schema import DUPLICATE_KEY, XAPI_STATEMENTS
from progress_service.mongo.server_time import read_server_time
from progress_service.xapi.statements import Statement


class StatementStore:
    """Queries over ``xapi_statements``. Every driver error becomes `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = database[XAPI_STATEMENTS]

    async def find(self, statement_ids: Sequence[str]) -> dict[str, Statement]:
        """The stored statements of *statement_ids*, by id."""
        return await self._find({"_id": {"$in": list(statement_ids)}})

    async def of_materials(
        self, student_id: str, material_ids: Sequence[str]
    ) -> dict[str, Statement]:
        """The stored statements about a student and these videos, by id."""
        key = {"student_id": student_id, "material_id": {"$in": list(material_ids)}}
        return await self._find(key)

    async def add(
        self, statements: Sequence[Statement], *, occurred_at: Mapping[str, datetime]
    ) -> dict[str, Statement]:
        """Store *statements* and return what is stored: another process may have been first.

        Omits statements about students whose data was erased.

        Args:
            statements: what to store.
            occurred_at: for each id of a statement, when what it says happened.
        """
        ends_at = time.monotonic() + OPERATION_SECONDS
        writes = [(one.student_id, occurred_at[one.statement_id]) for one in statements]
        erased = await self._database.erased.check(writes, ends_at=ends_at)
        statements = [one for i, one in enumerate(statements) if i not in erased]
        if not statements:
            return {}
        try:
            within_seconds = max(0.0, ends_at - time.monotonic())
            with driver_errors("save statements"), pymongo.timeout(within_seconds):
                now = (await read_server_time(self._database)).now
                new = [{**_to_document(each), "stored_at": now} for each in statements]
                await self._insert(new)
        except _StoredBefore:
            return await self.find([statement.statement_id for statement in statements])
        return {statement.statement_id: statement for statement in statements}

    async def _insert(self, documents: Sequence[dict[str, Any]]) -> None:
        try:
            await self._statements.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            failed = error.details["writeErrors"]
            if not failed or any(one["code"] != DUPLICATE_KEY for one in failed):
                raise
            raise _StoredBefore from error

    async def _find(self, query: Mapping[str, Any]) -> dict[str, Statement]:
        with driver_errors("read statements"):
            found = await self._database.reads.find(XAPI_STATEMENTS, query)
        statements = [_to_statement(document) for document in found]
        return {statement.statement_id: statement for statement in statements if statement}


class _StoredBefore(Exception):
    pass


def _to_document(statement: Statement) -> dict[str, Any]:
    return {
        "_id": statement.statement_id,
        "student_id": statement.student_id,
        "material_id": statement.material_id,
        "session_id": statement.session_key,
        "statement": statement.body,
    }


def _to_statement(document: Mapping[str, Any]) -> Statement | None:
    match document:
        case {
            "_id": str(statement_id),
            "student_id": str(student_id),
            "material_id": str(material_id),
            "session_id": str(session_key),
            "statement": str(body),
        }:
            return Statement(statement_id, student_id, material_id, session_key, body)
    return None
