"""Servers of MongoDB with options of their own, on a socket file; each ends with its block."""

from __future__ import annotations

import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from progress_service.child_processes import ends_with_parent
from progress_service.mongo.mongod_binary import find_mongod
from progress_service.testing import wait_until

START_SECONDS = 60.0
ROOT = "root:root-password@"


@contextmanager
def mongod_with(*options: str) -> Iterator[Path]:
    """The socket file of a running mongod."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are too long for a socket
        data = Path(folder)
        command = [str(find_mongod()), "--dbpath", folder, "--logpath", str(data / "log")]
        socket = data / "s.sock"
        process = subprocess.Popen(
            [*command, "--bind_ip", str(socket), "--nounixsocket", *options],
            preexec_fn=ends_with_parent(),
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: _responds(socket), within_seconds=START_SECONDS)
            yield socket
        finally:
            process.terminate()
            process.wait()


@contextmanager
def replicated_mongod(*options: str) -> Iterator[Path]:
    """The socket file of a mongod that is a replica set of one."""
    with mongod_with("--replSet", "rs0", *options) as socket:
        member = {"_id": 0, "host": str(socket)}
        with MongoClient[dict[str, Any]](address_of(socket)) as client:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
            wait_until(
                lambda: bool(client.admin.command("hello")["isWritablePrimary"]),
                within_seconds=START_SECONDS,
            )
        yield socket


@contextmanager
def mongod_with_users() -> Iterator[Path]:
    """The socket file of a replica set of one that requires a login; `ROOT` may do everything."""
    with tempfile.TemporaryDirectory() as folder:
        key_file = Path(folder) / "key"
        key_file.write_text(secrets.token_hex(32))
        key_file.chmod(0o600)
        with replicated_mongod("--auth", "--keyFile", str(key_file)) as socket:
            with MongoClient[dict[str, Any]](address_of(socket)) as client:
                user, _, password = ROOT.removesuffix("@").partition(":")
                client.admin.command("createUser", user, pwd=password, roles=["root"])
            yield socket


def address_of(socket: Path, credentials: str = "") -> str:
    """The connection URI; *credentials* are like ``user:password@``."""
    return f"mongodb://{credentials}{quote(str(socket), safe='')}/?directConnection=true"


def _responds(socket: Path) -> bool:
    with (
        suppress(PyMongoError),
        MongoClient[dict[str, Any]](address_of(socket), serverSelectionTimeoutMS=200) as client,
    ):
        return bool(client.admin.command("ping")["ok"])
    return False
