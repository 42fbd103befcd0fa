"""Runs all checks, each with a deadline of its own; the failure of one affects no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence

from pymongo.errors import OperationFailure, PyMongoError

from progress_service.doctor import (
    change_streams,
    clock,
    configuration,
    connection,
    disk,
    documents,
    erasure_ledger,
    indexes,
    key_set,
    oplog,
    outbox,
    privileges,
    proxy,
    replica_set,
    secret,
    version,
    write_latency,
)
from progress_service.doctor.findings import UNAUTHORIZED, Finding, error, skipped
from progress_service.doctor.installation import Check, DatabaseCheck, Installation
from progress_service.errors import Unavailable
from progress_service.mongo.client import Database

CHECK_SECONDS = 10.0  # Twice the deadline of one operation of the driver.
CHECKS: Mapping[str, Check] = {
    configuration.CHECK: configuration.check,
    secret.CHECK: secret.check,
    key_set.CHECK: key_set.check,
    proxy.CHECK: proxy.check,
}
ALONE: Mapping[str, DatabaseCheck] = {
    clock.CHECK: clock.check,
    write_latency.CHECK: write_latency.check,
}
"""They measure time, so nothing else runs beside them."""
DATABASE_CHECKS: Mapping[str, DatabaseCheck] = {
    version.CHECK: version.check,
    replica_set.CHECK: replica_set.check,
    privileges.CHECK: privileges.check,
    indexes.CHECK: indexes.check,
    documents.CHECK: documents.check,
    change_streams.CHECK: change_streams.check,
    oplog.CHECK: oplog.check,
    disk.CHECK: disk.check,
    outbox.CHECK: outbox.check,
    erasure_ledger.CHECK: erasure_ledger.check,
}


async def examine(installation: Installation) -> list[Finding]:
    """The findings of all checks, in a fixed order.

    Without a database that responds, there is one error about that, and the checks that require
    one are left out.
    """
    findings: list[Finding] = []
    for name, check in CHECKS.items():
        findings += await _run(name, check(installation))
    async with connection.connect(installation.settings) as (reached, database):
        findings += reached
        if database is not None:
            findings += await _examine_database(database, installation)
    return findings


async def _examine_database(database: Database, installation: Installation) -> list[Finding]:
    alone = [
        finding
        for name, check in ALONE.items()
        for finding in await _run(name, check(database, installation))
    ]
    together = await asyncio.gather(
        *(_run(name, check(database, installation)) for name, check in DATABASE_CHECKS.items())
    )
    return [*(finding for found in together for finding in found), *alone]


async def _run(name: str, check: Awaitable[Sequence[Finding]]) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check
    except TimeoutError:
        return [_failed(name, f"the check did not end within {CHECK_SECONDS:g} s")]
    except (PyMongoError, Unavailable) as failure:
        cause = failure.__cause__ if isinstance(failure, Unavailable) else failure
        return [_of_database(name, cause)]
    except Exception as failure:  # noqa: BLE001 - whatever one check meets, the others run
        return [_failed(name, f"the check failed ({type(failure).__name__})")]


def _failed(name: str, finding: str) -> Finding:
    return error(name, finding, "repeat the command; if that does not help, report a bug.")


def _of_database(name: str, cause: BaseException | None) -> Finding:
    if isinstance(cause, OperationFailure) and cause.code == UNAUTHORIZED:
        return skipped(
            name,
            "the user of PROGRESS_MONGODB_URI may not read this",
            "to check it too, run this command as a user who also has the role clusterMonitor.",
        )
    code = f", code {cause.code}" if isinstance(cause, OperationFailure) else ""
    return error(
        name,
        f"the database did not respond to this check ({type(cause).__name__}{code})",
        "check its log and its load, then repeat the command.",
    )
