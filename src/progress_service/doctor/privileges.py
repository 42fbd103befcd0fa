"""`privileges`: whether the user of the connection may do what the service does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pymongo.errors import OperationFailure

from progress_service.doctor.findings import UNAUTHORIZED, Finding, error, ok, warning
from progress_service.doctor.installation import Installation
from progress_service.mongo import schema
from progress_service.mongo.client import Database

CHECK = "privileges"
REQUIRED = (
    "find",
    "insert",
    "update",
    "remove",
    "changeStream",
    "createCollection",
    "createIndex",
    "dropCollection",
    "listCollections",
    "listIndexes",
)
"""What the service and its commands do in the database; the role readWrite has all of it."""
Privilege = Mapping[str, Any]


async def check(database: Database, _: Installation) -> Sequence[Finding]:
    """The privileges of the user, which every user may list.

    Raises:
        PyMongoError: the database does not respond.
    """
    command = {"connectionStatus": 1, "showPrivileges": True}
    status = (await database.client.admin.command(command))["authInfo"]
    if not status["authenticatedUsers"]:
        return [await _without_user(database)]
    lacking = [*lacking_actions(status["authenticatedUserPrivileges"], database.name)]
    if lacking:
        return [
            error(
                CHECK,
                f"the user may not {', '.join(lacking)} in the database {database.name}",
                f"grant it: db.grantRolesToUser(user, [{{role: 'readWrite', db: "
                f"'{database.name}'}}]).",
            )
        ]
    return [ok(CHECK, f"the user may read and write the database {database.name}")]


async def _without_user(database: Database) -> Finding:
    try:
        await database[schema.COURSES].find_one({}, {"_id": 1})
    except OperationFailure as failure:
        if failure.code != UNAUTHORIZED:
            raise
        return error(
            CHECK,
            "the database requires a login, and PROGRESS_MONGODB_URI has no user",
            "add user and password: mongodb://user:password@host/?authSource=admin.",
        )
    if _is_local(database):
        return ok(CHECK, "the database listens on a file of this machine, without a login")
    return warning(
        CHECK,
        "the database accepts everybody who reaches its port, without a login",
        "start each mongod with --auth and --keyFile, and create a user with readWrite on the "
        f"database {database.name}.",
    )


def _is_local(database: Database) -> bool:
    """True if each address is a socket file, which the owner of the folder controls."""
    topology: Any = database.client.delegate.topology_description
    return all(port is None for _, port in topology.server_descriptions())


def lacking_actions(privileges: Sequence[Privilege], name: str) -> Iterator[str]:
    """The required actions that *privileges* do not permit on every collection of *name*."""
    collections = {*schema.SCHEMA, schema.DOCTOR_PROBES}
    for action in REQUIRED:
        granted = [each["resource"] for each in privileges if action in each["actions"]]
        if not all(
            any(_covers(resource, name, collection) for resource in granted)
            for collection in collections
        ):
            yield action


def _covers(resource: Mapping[str, Any], name: str, collection: str) -> bool:
    if resource.get("anyResource"):
        return True
    return resource.get("db") in ("", name) and resource.get("collection") in ("", collection)
