"""Transactions, for the rare change that must be decided and written atomically."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pymongo
from pymongo import ReadPreference
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from progress_service.errors import Unavailable
from progress_service.mongo.client import OPERATION_SECONDS, Database
from progress_service.mongo.driver import Session

MAX_ATTEMPTS = 5  # Losing the same race more often does not happen by chance.
_OPTIONS: dict[str, Any] = {
    "read_concern": ReadConcern("snapshot"),
    "write_concern": WriteConcern(w="majority", j=True),
    "read_preference": ReadPreference.PRIMARY,
}


class RunAgainError(Exception):
    """The transaction conflicts with an insert since it began; it must run again."""


async def run_in_transaction(
    database: Database,
    work: Callable[[Session], Awaitable[None]],
    *,
    within_seconds: float = OPERATION_SECONDS,
) -> None:
    """Run *work* in a transaction, durable on the majority when this returns.

    The driver runs it again when another write changed the same documents, and so does this when
    *work* raises `RunAgainError`. *work* must not upsert: retried upserts in transactions have
    crashed servers.

    Raises:
        Unavailable: others kept changing the same documents.
        PyMongoError: the outcome is unknown.
    """

    async def run(session: Session) -> None:
        await work(session)

    with pymongo.timeout(within_seconds):
        async with await database.client.start_session() as session:
            for _ in range(MAX_ATTEMPTS):
                with suppress(RunAgainError):
                    await session.with_transaction(run, **_OPTIONS)
                    return
    raise Unavailable("Others are changing the same data. Try again shortly.")
