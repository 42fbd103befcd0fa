"""A replica set of three real nodes whose primary can be killed, frozen and asked to step down."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from progress_service.mongo.mongod import Member, start_set
from tests.processes import frozen

ELECTION_SECONDS = 2.0
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

        def one_says_so() -> bool:
            found[:] = [m for m in self.members if _hello(m).get("isWritablePrimary")]
            return bool(found)

        wait_until(one_says_so, "a primary")
        return found[0]

    def kill(self, member: Member) -> None:
        """SIGKILL: no goodbye, the journal is all that stays."""
        process = _process(member)
        process.kill()
        process.wait()

    @contextmanager
    def frozen(self, member: Member) -> Iterator[None]:
        """SIGSTOP: the kernel still accepts connections, but nobody answers."""
        with frozen(_process(member).pid):
            yield

    def step_down(self) -> None:
        """Ask the primary to hand over; it stays out of elections for five seconds."""
        with _direct(self.primary()) as client, suppress(PyMongoError):
            client.admin.command("replSetStepDown", 5)

    def restart(self, *members: Member) -> None:
        """Start killed members again on the data they left."""
        for member in members:
            member.start()

    def settle(self) -> None:
        """Wait until one member is primary and the others follow it closely."""

        def all_follow() -> bool:
            for member in self.members:
                member.require_running()
            with _direct(self.primary()) as client:
                members = client.admin.command("replSetGetStatus")["members"]
            states = sorted(m["stateStr"] for m in members)
            moments = [m["optimeDate"] for m in members if "optimeDate" in m]
            lag_seconds = (max(moments) - min(moments)).total_seconds()
            return states == ["PRIMARY", "SECONDARY", "SECONDARY"] and lag_seconds <= 1

        wait_until(all_follow, "a settled set")


@contextmanager
def three_nodes(folder: Path) -> Iterator[ReplicaSet]:
    """The set, started; however the block ends, nothing of it runs on."""
    members = []
    for number in range(3):
        data = folder / f"node-{number}"
        data.mkdir(parents=True)
        # A frozen process would sleep through SIGTERM for ever.
        members.append(Member(data, end_signal=signal.SIGKILL))
    try:
        start_set(
            members,
            electionTimeoutMillis=int(ELECTION_SECONDS * 1_000),
            heartbeatIntervalMillis=500,
        )
        replica_set = ReplicaSet(members)
        replica_set.settle()
        yield replica_set
    finally:
        for member in members:
            if member.process is not None and member.process.poll() is None:
                member.process.kill()
                member.process.wait()


def wait_until(claim: Callable[[], bool], what: str, *, seconds: float = SETTLE_SECONDS) -> None:
    """Ask again until *claim* holds; nodes that do not answer yet are no error."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(PyMongoError):
            if claim():
                return
        time.sleep(0.05)
    raise TimeoutError(f"waited {seconds:g} s in vain for {what}")


def _process(member: Member) -> Any:
    assert member.process is not None
    return member.process


def _direct(member: Member) -> MongoClient[Document]:
    return MongoClient(member.uri, serverSelectionTimeoutMS=500, socketTimeoutMS=2_000)


def _hello(member: Member) -> Document:
    if _process(member).poll() is not None:
        return {}
    with suppress(PyMongoError), _direct(member) as client:
        return client.admin.command("hello")
    return {}
