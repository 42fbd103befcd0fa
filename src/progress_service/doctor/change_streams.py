"""`change_streams`: whether one can be opened."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo.errors import OperationFailure

from progress_service.doctor.findings import UNAUTHORIZED, Finding, error, ok
from progress_service.doctor.installation import Installation
from progress_service.mongo.client import Database

CHECK = "change_streams"
NOT_REPLICATED = 40573
EFFECT = "other devices get no live updates, and caches are up to 60 s old"


async def check(database: Database, _: Installation) -> Sequence[Finding]:
    """Open a change stream on the database, and read from it once.

    Raises:
        PyMongoError: the database does not respond.
    """
    try:
        async with database.watch(max_await_time_ms=1) as stream:
            await stream.try_next()
    except OperationFailure as failure:
        return [_failed(failure)]
    return [ok(CHECK, "a change stream can be opened")]


def _failed(failure: OperationFailure) -> Finding:
    if failure.code == UNAUTHORIZED:
        return error(
            CHECK,
            f"the user may not open change streams: {EFFECT}",
            "grant the user the role readWrite on the database, which includes changeStream.",
        )
    if failure.code == NOT_REPLICATED:
        return error(
            CHECK,
            f"a single node has no change streams: {EFFECT}",
            "use a replica set; see the check `replica_set`.",
        )
    return error(
        CHECK,
        f"no change stream can be opened (code {failure.code}): {EFFECT}",
        "see the log of mongod, and check that a majority of the members is up.",
    )
