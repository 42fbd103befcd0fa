"""A replica set with users, whose user, disk, delays and processes can be made faulty."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import MongoClient

from progress_service.mongo.mongod import Member, start_set
from tests.faults.replica_set import wait_until

Document = dict[str, Any]
DISK_BYTES = 2_000_000_000
ADMIN, SERVICE, SIDE = "admin", "progress", "side"
"""Users; the services have a database of the same name."""
ACTIONS = (
    *("find", "insert", "update", "remove", "changeStream"),
    *("createIndex", "listIndexes", "listCollections", "dbStats"),
)
"""What the service does, of all that the role ``readWrite`` permits."""


class SecuredSet:
    """Three members on unix sockets; an administrator, and a user of each service."""

    def __init__(self, members: list[Member]) -> None:
        self.members = members
        self._hosts = ",".join(quote(str(member.socket), safe="") for member in members)
        self._passwords = {user: secrets.token_urlsafe(16) for user in (ADMIN, SERVICE, SIDE)}
        self.admin_uri = self.uri_of(ADMIN)

    def uri_of(self, user: str) -> str:
        """The connection string of a user."""
        password = self._passwords[user]
        return f"mongodb://{user}:{password}@{self._hosts}/?replicaSet=rs0&authSource=admin"

    def create_users(self) -> None:
        """Make the users; possible without one as long as there is none."""
        with MongoClient[Document](f"mongodb://{self._hosts}/?replicaSet=rs0") as client:
            client.admin.command("createUser", ADMIN, pwd=self._passwords[ADMIN], roles=["root"])
        with self.admin() as client:
            for user in (SERVICE, SIDE):
                roles = [{"role": "readWrite", "db": user}]
                client.admin.command("createUser", user, pwd=self._passwords[user], roles=roles)

    def admin(self) -> MongoClient[Document]:
        """A client of the administrator. The caller closes it."""
        return MongoClient(self.admin_uri, serverSelectionTimeoutMS=20_000)

    def primary(self) -> Member:
        """The member that takes writes."""
        with self.admin() as client:
            name = client.admin.command("hello")["primary"]
        [member] = [one for one in self.members if str(one.socket) == name]
        return member

    def settle(self) -> None:
        """Wait until each member has its state, so that a fault finds a whole set."""

        def all_follow() -> bool:
            with self.admin() as client:
                members = client.admin.command("replSetGetStatus")["members"]
            return sorted(one["stateStr"] for one in members) == [
                "PRIMARY",
                "SECONDARY",
                "SECONDARY",
            ]

        wait_until(all_follow, "settled set")

    def freeze_majority(self) -> None:
        """SIGSTOP the primary and one secondary: the last member cannot be elected."""
        primary = self.primary()
        secondary = next(one for one in self.members if one is not primary)
        for member in (primary, secondary):
            os.kill(_process(member).pid, signal.SIGSTOP)

    def node_names(self) -> list[str]:
        """The members, as a connection string names them."""
        return [quote(str(member.socket), safe="") for member in self.members]

    def stop(self, name: str) -> None:
        """Kill the member of that name, frozen or not."""
        process = _process(self._member(name))
        process.kill()
        process.wait()

    def start(self, name: str) -> None:
        """Start a stopped member on its data. Call this from the main thread."""
        self._member(name).start()

    def _member(self, name: str) -> Member:
        return dict(zip(self.node_names(), self.members, strict=True))[name]

    def restrict(self, user: str, *, without: str) -> None:
        """Give the user of a service a role that lacks one action, and end its sessions."""
        actions = [one for one in ACTIONS if one != without]
        role = f"{user}_without_{without}"
        privileges = [{"resource": {"db": user, "collection": ""}, "actions": actions}]
        with self.admin() as client:
            client.admin.command("createRole", role, privileges=privileges, roles=[])
            client.admin.command("updateUser", user, roles=[role])
            client.admin.command("killAllSessions", [{"user": user, "db": "admin"}])

    def delay_secondaries(self, seconds: int) -> None:
        """Let both secondaries apply each write so much later; a majority then needs as long."""
        primary = str(self.primary().socket)
        with self.admin() as client:
            config = client.admin.command("replSetGetConfig")["config"]
            for member in config["members"]:
                if member["host"] != primary:
                    member |= {"priority": 0, "secondaryDelaySecs": seconds}
            config["version"] += 1
            client.admin.command("replSetReconfig", config)

    def rename_back_and_forth(self, database: str, collection: str, *, times: int) -> None:
        """Rename a collection, and undo that, so often."""
        here, there = f"{database}.{collection}", f"{database}.{collection}_old"
        with self.admin() as client:
            for _ in range(times):
                client.admin.command("renameCollection", here, to=there)
                client.admin.command("renameCollection", there, to=here)

    def hold_lease(self, *, hours: int) -> None:
        """What a database leaves behind whose clock was ahead: a lease that does not end."""
        update = [
            {
                "$set": {
                    "owner": "a process of the past",
                    "until": {"$dateAdd": {"startDate": "$$NOW", "unit": "hour", "amount": hours}},
                }
            }
        ]
        with self.admin() as client:
            client[SERVICE]["outbox"].update_one({"_id": "lease"}, update)


@contextmanager
def secured_set(folder: Path) -> Iterator[SecuredSet]:
    """A running set with its users; every member is killed at the end of the block."""
    key = folder / "key"
    key.write_text(secrets.token_hex(32))
    key.chmod(0o400)
    members = []
    for number in range(3):
        data = folder / f"node-{number}"
        data.mkdir()
        options = ["--keyFile", str(key)]
        members.append(Member(data, end_signal=signal.SIGKILL, options=options))
    try:
        start_set(members, electionTimeoutMillis=2_000, heartbeatIntervalMillis=500)
        database = SecuredSet(members)
        database.create_users()
        database.settle()
        yield database
    finally:
        for member in members:
            if member.process is not None:
                member.process.kill()
                member.process.wait()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 2 GB of its own, in a file; requires root."""
    image, mounted = folder / "disk.img", folder / "disk"
    mounted.mkdir()
    with image.open("wb") as file:
        file.truncate(DISK_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(mounted)], check=True)
    try:
        yield mounted
    finally:
        # Lazily: a killed mongod may still close its files.
        subprocess.run(["umount", "--lazy", str(mounted)], check=True)
        image.unlink()


def _process(member: Member) -> subprocess.Popen[bytes]:
    assert member.process is not None
    return member.process
