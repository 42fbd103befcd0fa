"""`database`: whether the database responds, and if not, why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from pymongo.errors import OperationFailure, PyMongoError, ServerSelectionTimeoutError

from progress_service.doctor.findings import Finding, error, ok
from progress_service.errors import StartupError
from progress_service.mongo.client import OPERATION_SECONDS, Database, open_database
from progress_service.settings import Settings

CHECK = "database"
CONNECT_SECONDS = OPERATION_SECONDS + 1.0
AUTHENTICATION_FAILED = 18
_OTHER_NAME = (
    "its set has another name than replicaSet in PROGRESS_MONGODB_URI says",
    "correct replicaSet; rs.status() prints the name as `set`.",
)
REMEDIES: Mapping[str, tuple[str, str]] = {
    "but this node belongs to": _OTHER_NAME,
    "for replica set name": _OTHER_NAME,
    "certificate": (
        "its TLS certificate is not accepted",
        "name the certificate authority with tlsCAFile in PROGRESS_MONGODB_URI, and the host as "
        "it stands in the certificate.",
    ),
    "SSL": (
        "TLS cannot be agreed on with it",
        "check whether the server uses TLS, and set tls=true or tls=false in PROGRESS_MONGODB_URI.",
    ),
    "Connection refused": (
        "nothing listens at the address",
        "start mongod, and check host and port in PROGRESS_MONGODB_URI.",
    ),
    "No such file": (
        "nothing listens at the address",
        "start mongod, and check the path in PROGRESS_MONGODB_URI.",
    ),
    "Name or service not known": (
        "its host name is unknown here",
        "check the host names in PROGRESS_MONGODB_URI and the DNS of this machine.",
    ),
    "name resolution": (
        "its host name cannot be looked up",
        "check the DNS of this machine.",
    ),
    "timed out": (
        "it accepts connections, or drops them, and stays silent",
        "check firewalls between here and the database, and whether mongod hangs.",
    ),
}
"""What the driver says → what is wrong, and what to do. The first that fits counts."""
Reached = tuple[Sequence[Finding], Database | None]


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[Reached]:
    """The findings about the connection, and the database if it responds."""
    if settings.mongodb_uri is None:
        remedy = "name a replica set: mongodb://db-1,db-2/?replicaSet=rs0; only `dev` needs none."
        yield [error(CHECK, "PROGRESS_MONGODB_URI is not set", remedy)], None
        return
    uri, name = settings.mongodb_uri.get_secret_value(), settings.mongodb_database
    async with AsyncExitStack() as stack:
        try:
            database = await stack.enter_async_context(open_database(uri, name))
        except StartupError:
            yield [_unusable()], None
            return
        finding = await _reach(database)
        yield [finding], database if finding.status == "ok" else None


def _unusable() -> Finding:
    return error(
        CHECK,
        "PROGRESS_MONGODB_URI is not a usable address",
        "write it like mongodb://host:27017/?replicaSet=rs0; in user and password, write / : @ and "
        "% as %2F, %3A, %40 and %25.",
    )


async def _reach(database: Database) -> Finding:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            hello = await database.client.admin.command("hello")
            await database.command("ping")
    except OperationFailure as failure:
        if failure.code == AUTHENTICATION_FAILED:
            return error(
                CHECK,
                "the database rejects the user name or the password",
                "correct them in PROGRESS_MONGODB_URI, and name the database of the user as "
                "authSource.",
            )
        return _silent(f"the database rejects the connection (code {failure.code})")
    # TypeError: the driver cannot sort the addresses of socket files in its own message.
    except (PyMongoError, TimeoutError, TypeError) as failure:
        return _unreachable(database, failure)
    host = hello.get("me") or "the address"
    return ok(CHECK, f"responds as {database.name!r} at {host}")


def _unreachable(database: Database, failure: Exception) -> Finding:
    if isinstance(failure, ServerSelectionTimeoutError):
        text = str(failure)
        for fragment, (reason, remedy) in REMEDIES.items():
            if fragment in text and not _reachable_members(database):
                return error(CHECK, f"the database does not respond: {reason}", remedy)
    if members := _reachable_members(database):
        return error(
            CHECK,
            f"no primary: {', '.join(members)} respond, and none of them accepts writes",
            "start the other members, and see rs.status() on one of these: a majority of the "
            "votes is required to elect a primary.",
        )
    return _silent(f"the database does not respond within {OPERATION_SECONDS:g} s")


def _silent(finding: str) -> Finding:
    return error(CHECK, finding, "check the address, and that a primary is up.")


def _reachable_members(database: Database) -> list[str]:
    topology: Any = database.client.delegate.topology_description
    known = topology.server_descriptions()
    return sorted(
        f"{host}:{port}" if port else host
        for (host, port), server in known.items()
        if server.is_server_type_known
    )
