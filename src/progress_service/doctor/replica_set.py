"""`replica_set`: members, their health and their votes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.errors import OperationFailure

from progress_service.doctor.findings import UNAUTHORIZED, Finding, error, ok, warning
from progress_service.doctor.installation import Installation
from progress_service.mongo.client import Database

CHECK = "replica_set"
MIN_MEMBERS = 3  # With one down, two still are a majority, and both have every acknowledged write.
MAX_LAG_SECONDS = 10.0  # Of three members, the second must follow: writes wait for it.
DISCOVERY_SECONDS = 1.0  # Until the driver has seen each member once, or has failed to.
HEALTHY_STATES = frozenset({"PRIMARY", "SECONDARY", "ARBITER"})
IS_MONGOS = "isdbgrid"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the set, as far as it is known.

    ``votes`` is 1 where it is unknown; ``lag_seconds`` is how far it follows the newest write.
    """

    host: str
    state: str
    votes: int = 1
    is_arbiter: bool = False
    lag_seconds: float = 0.0

    @property
    def is_healthy(self) -> bool:
        """True if it takes part in writes and elections."""
        return self.state in HEALTHY_STATES


async def check(database: Database, _: Installation) -> Sequence[Finding]:
    """The state of the set: from its status, or, without that right, as the driver sees it.

    Raises:
        PyMongoError: the database does not respond.
    """
    hello = await database.client.admin.command("hello")
    if hello.get("msg") == IS_MONGOS:
        return [ok(CHECK, "a sharded cluster; the members of its shards are not checked")]
    if "setName" not in hello:
        return [
            error(
                CHECK,
                "a single node without replication; the service does not start on it",
                "start it with --replSet and run rs.initiate(), or name a replica set.",
            )
        ]
    try:
        members = await _members(database)
    except OperationFailure as failure:
        if failure.code != UNAUTHORIZED:
            raise
        members = await _members_seen(database, hello)
    return judge(members)


def judge(members: Sequence[Member]) -> list[Finding]:
    """The findings about a set with these *members*."""
    found = [*_of_size(members), *_of_health(members), *_of_lag(members)]
    return found or [ok(CHECK, f"{len(members)} members, all healthy")]


def _of_size(members: Sequence[Member]) -> Iterator[Finding]:
    data = [member for member in members if not member.is_arbiter]
    votes = sum(member.votes for member in members)
    remedy = "use three members with data, in three places; add them with rs.add()."
    if len(data) == 1:
        finding = "a set of one: if its disk is lost, all progress is, and if it stops, all writes"
        yield warning(CHECK, finding, remedy)
    elif len(data) < MIN_MEMBERS:
        finding = f"only {len(data)} members hold data: if one stops, no write is acknowledged"
        yield warning(CHECK, finding, remedy)
    elif votes % 2 == 0:
        finding = f"{votes} votes: an even number tolerates no more failures than one less"
        yield warning(CHECK, finding, "give an odd number of members a vote, with rs.reconfig().")


def _of_health(members: Sequence[Member]) -> Iterator[Finding]:
    ill = [member for member in members if not member.is_healthy]
    if not ill:
        return
    # Only members with data and a vote can acknowledge a write.
    healthy = sum(m.votes for m in members if m.is_healthy and not m.is_arbiter)
    majority = sum(member.votes for member in members) // 2 + 1
    names = ", ".join(f"{member.host} ({member.state})" for member in ill)
    remedy = "start these members or repair them; rs.status() and their logs say why they are out."
    if healthy < majority:
        finding = f"no majority for writes: {healthy} of {majority} required votes; out: {names}"
        yield error(CHECK, finding, remedy)
    else:
        yield warning(CHECK, f"not healthy: {names}", remedy)


def _of_lag(members: Sequence[Member]) -> Iterator[Finding]:
    for member in members:
        if member.is_healthy and member.lag_seconds > MAX_LAG_SECONDS:
            yield warning(
                CHECK,
                f"{member.host} lags {member.lag_seconds:.0f} s behind",
                "check its disk, its load and its network; rs.printSecondaryReplicationInfo().",
            )


async def _members(database: Database) -> list[Member]:
    admin = database.client.admin
    status = await admin.command("replSetGetStatus")
    config = (await admin.command("replSetGetConfig"))["config"]
    configured = {member["_id"]: member for member in config["members"]}
    newest = max((m["optimeDate"] for m in status["members"] if "optimeDate" in m), default=None)
    return [_member(member, configured[member["_id"]], newest) for member in status["members"]]


def _member(status: Any, configured: Any, newest: Any) -> Member:
    lag = (newest - status["optimeDate"]).total_seconds() if "optimeDate" in status else 0.0
    return Member(
        host=str(status["name"]),
        state=str(status["stateStr"]),
        votes=int(configured["votes"]),
        is_arbiter=bool(configured["arbiterOnly"]),
        lag_seconds=lag,
    )


async def _members_seen(database: Database, hello: Any) -> list[Member]:
    """Every user may see which members the driver reaches, but not how they vote."""
    await asyncio.sleep(DISCOVERY_SECONDS)
    topology: Any = database.client.delegate.topology_description
    known = {
        f"{host}:{port}" if port else host: server
        for (host, port), server in topology.server_descriptions().items()
    }
    hosts = [*hello.get("hosts", ()), *hello.get("passives", ()), *hello.get("arbiters", ())]
    return [
        Member(
            host=host,
            state="SECONDARY" if _is_reached(known, host) else "not reached from here",
            is_arbiter=host in hello.get("arbiters", ()),
        )
        for host in hosts
    ]


def _is_reached(known: Any, host: str) -> bool:
    # With directConnection=true, the driver looks at one member only.
    return host not in known or bool(known[host].is_server_type_known)
