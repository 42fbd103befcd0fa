"""A replica set of three real nodes whose primary can be killed, frozen and stepped down."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from progress_service.mongo.mongod import Member, start_set
from tests.processes import frozen

QUICK_ELECTIONS = {"electionTimeoutMillis": 2_000, "heartbeatIntervalMillis": 500}
RECOMMENDED_PARAMETERS = {
    "oplogNetworkTimeoutBufferSeconds": 1,
    "oplogFetcherSteadyStateMaxFetcherRestarts": 0,
    "oplogInitialFindMaxSeconds": 2,
    "oplogRetriedFindMaxSeconds": 1,
}
"""Of each mongod: a secondary soon leaves a primary that is unresponsive."""
SETTLE_SECONDS = 60.0
Document = dict[str, Any]


class ReplicaSet:
    """Three members on unix sockets. Names of members are the paths of their sockets."""

    def __init__(self, members: list[Member]) -> None:
        self.members = members
        names = ",".join(quote(str(member.socket), safe="") for member in members)
        self.uri = f"mongodb://{names}/?replicaSet=rs0"

    def primary(self) -> Member:
        """The member that takes writes; waits for one."""
        found: list[Member] = []

        def has_primary() -> bool:
            found[:] = [m for m in self.members if _hello(m).get("isWritablePrimary")]
            return bool(found)

        wait_until(has_primary, "primary")
        return found[0]

    def kill(self, member: Member) -> None:
        """SIGKILL: only the journal remains."""
        process = _process(member)
        process.kill()
        process.wait()

    @contextmanager
    def frozen(self, member: Member) -> Iterator[None]:
        """SIGSTOP: the kernel still accepts connections, but the node is unresponsive."""
        with frozen(_process(member).pid):
            yield

    def state_of(self, member: Member) -> str:
        """The state of *member*, as the first member that responds sees it."""
        running = next(m for m in self.members if _process(m).poll() is None)
        with direct(running) as client:
            members = client.admin.command("replSetGetStatus")["members"]
        [state] = [m["stateStr"] for m in members if m["name"] == str(member.socket)]
        return str(state)

    def step_down(self) -> None:
        """Make the primary step down; it stays out of elections for five seconds."""
        with direct(self.primary()) as client, suppress(PyMongoError):
            client.admin.command("replSetStepDown", 5)

    def restart(self, *members: Member) -> None:
        """Restart killed members on their data."""
        for member in members:
            member.start()

    def settle(self) -> None:
        """Wait until one member is primary and the others follow it closely."""

        def all_follow() -> bool:
            for member in self.members:
                member.require_running()
            with direct(self.primary()) as client:
                members = client.admin.command("replSetGetStatus")["members"]
            states = sorted(m["stateStr"] for m in members)
            optimes = [m["optimeDate"] for m in members if "optimeDate" in m]
            lag_seconds = (max(optimes) - min(optimes)).total_seconds()
            return states == ["PRIMARY", "SECONDARY", "SECONDARY"] and lag_seconds <= 1

        wait_until(all_follow, "settled set")


@contextmanager
def three_nodes(
    folder: Path, *, parameters: Mapping[str, str | int] | None = None, **settings: int
) -> Iterator[ReplicaSet]:
    """A running set; every member is killed at the end of the block.

    Args:
        folder: of the members' data.
        parameters: of each server.
        settings: of the set; they replace those below.
    """
    members = []
    for number in range(3):
        data = folder / f"node-{number}"
        data.mkdir(parents=True)
        # A frozen process never handles SIGTERM.
        members.append(Member(data, end_signal=signal.SIGKILL, parameters=parameters))
    try:
        start_set(members, **{**QUICK_ELECTIONS, **settings})
        replica_set = ReplicaSet(members)
        replica_set.settle()
        yield replica_set
    finally:
        for member in members:
            if member.process is not None and member.process.poll() is None:
                member.process.kill()
                member.process.wait()


def wait_until(claim: Callable[[], bool], what: str, *, seconds: float = SETTLE_SECONDS) -> None:
    """Poll until *claim* holds; errors of unresponsive nodes are ignored."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(PyMongoError):
            if claim():
                return
        time.sleep(0.05)
    raise TimeoutError(f"no {what} within {seconds:g} s")


def _process(member: Member) -> Any:
    assert member.process is not None
    return member.process


def direct(member: Member) -> MongoClient[Document]:
    """A client of this member alone."""
    return MongoClient(member.uri, serverSelectionTimeoutMS=500, socketTimeoutMS=2_000)


def _hello(member: Member) -> Document:
    if _process(member).poll() is not None:
        return {}
    with suppress(PyMongoError), direct(member) as client:
        return client.admin.command("hello")
    return {}
