"""A private mongod, as a replica set of one, for ``dev`` and for tests; and sets of several.

It listens on a unix socket beside its data: no port is open or can conflict, and the member's name
stays valid over restarts. It ends with the process that started it, also when that is killed.
"""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from progress_service import interrupts
from progress_service.child_processes import ends_with_parent
from progress_service.errors import StartupError
from progress_service.mongo.mongod_binary import find_mongod
from progress_service.mongo.private_folder import locked, mongod_folder, private_log

START_SECONDS = 30.0
STOP_SECONDS = 10.0
MAX_SOCKET_PATH = 100  # The kernel takes 108 bytes, macOS 104.
EXIT_DATA_IN_USE = 100
SNAPSHOT_HISTORY_SECONDS = 5  # By default 300: in the tests, 20 000 open files.
# The log of slow operations would hold ids and positions.
NO_SLOW_OPERATIONS_MILLISECONDS = 2**31 - 1
_ALREADY_INITIALIZED = 23


class Member:
    """One mongod of a replica set: its data, its socket and its process."""

    def __init__(
        self,
        folder: Path,
        *,
        end_signal: signal.Signals = signal.SIGTERM,
        options: Sequence[str] = (),
        parameters: Mapping[str, str | int] | None = None,
    ) -> None:
        """
        Args:
            folder: its data, log and socket.
            end_signal: sent by the kernel when the thread that started it has ended.
            options: added to the command line of mongod.
            parameters: of the server, as ``--setParameter`` takes them.
        """
        self.folder = folder
        self.parameters = parameters or {}
        self.socket = _socket_path(folder)
        self.process: subprocess.Popen[bytes] | None = None
        self._end_signal = end_signal
        self._options = options

    @property
    def uri(self) -> str:
        """The connection URI of this member alone."""
        return f"mongodb://{quote(str(self.socket), safe='')}/?directConnection=true"

    def start(self) -> None:
        """Start the process; `start_set` waits until it is ready."""
        binary = find_mongod()
        self.socket.unlink(missing_ok=True)  # A killed mongod leaves it behind.
        try:
            with private_log(self.folder) as log:  # for output before it opens its log
                self.process = subprocess.Popen(  # noqa: S603 - the binary is ours to choose
                    [
                        *_command(binary, self.folder, self.socket, self.parameters),
                        *self._options,
                    ],
                    stdout=log,
                    stderr=log,
                    preexec_fn=_prepare_process(self._end_signal),
                    start_new_session=True,  # Ctrl-C must not reach it; `stop` ends it.
                )
        except OSError as error:
            raise StartupError(
                f"{binary} cannot be run as mongod ({error.strerror}); "
                "name another in PROGRESS_MONGOD, or a database in PROGRESS_MONGODB_URI."
            ) from error

    def require_running(self) -> None:
        """Pass when the process lives; start it again when an earlier one still closes the data.

        Raises:
            StartupError: it ended.
        """
        code = self.process.poll() if self.process else None
        if code == EXIT_DATA_IN_USE:
            time.sleep(0.2)
            self.start()
        elif code is not None:
            raise StartupError(f"mongod ended with code {code}; see {self.folder}/mongod.log.")

    def stop(self) -> None:
        """Terminate it; kill it when that takes too long."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def remove_short_folder(self) -> None:
        """Remove the folder of a socket that could not be beside its data."""
        if self.socket.parent != self.folder.resolve():
            shutil.rmtree(self.socket.parent, ignore_errors=True)


@contextmanager
def private_mongod(data_dir: Path) -> Iterator[str]:
    """Run a mongod on *data_dir*, kept between runs; the value is its connection URI.

    Raises:
        StartupError: no binary, no place to write, the data is in use, or it does not start.
    """
    find_mongod()
    folder = mongod_folder(data_dir)
    with locked(folder):
        member = Member(folder)
        try:
            start_set([member])
            yield member.uri
        finally:
            member.stop()
            member.remove_short_folder()


def start_set(members: Sequence[Member], **settings: int) -> None:
    """Start *members* as one replica set with *settings*, and wait until it accepts writes.

    Raises:
        StartupError: there is no binary, or the set does not become ready.
    """
    with interrupts.noted() as raise_noted, ExitStack() as stack:
        for member in members:
            member.start()
        deadline = time.monotonic() + START_SECONDS
        clients = [
            stack.enter_context(MongoClient[dict[str, Any]](m.uri, serverSelectionTimeoutMS=200))
            for m in members
        ]
        while time.monotonic() < deadline:
            raise_noted()
            for member in members:
                member.require_running()
            with suppress(PyMongoError):
                if _accepts_writes(clients, [str(m.socket) for m in members], settings):
                    return
            time.sleep(0.02)
    folder = members[0].folder
    raise StartupError(f"mongod did not get ready in {START_SECONDS:g} s; see {folder}/mongod.log.")


def _prepare_process(end_signal: signal.Signals) -> Callable[[], None]:
    """A ``preexec_fn``: mongod stops when it may open no more files."""
    end_with_parent = ends_with_parent(end_signal)

    def prepare() -> None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        with suppress(ValueError, OSError):  # macOS has a limit below the one it names
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        end_with_parent()

    return prepare


def _socket_path(folder: Path) -> Path:
    """Beside the data; in a short folder of our own when that path is too long for a socket."""
    path = folder.resolve() / "mongod.sock"
    if len(str(path)) <= MAX_SOCKET_PATH:
        return path
    return Path(tempfile.mkdtemp(prefix="progress-")) / "mongod.sock"


def _command(
    binary: Path, folder: Path, socket: Path, parameters: Mapping[str, str | int]
) -> list[str]:
    return [
        str(binary),
        *("--dbpath", str(folder), "--bind_ip", str(socket), "--port", "27017", "--nounixsocket"),
        *("--replSet", "rs0", "--oplogSize", "990", "--wiredTigerCacheSizeGB", "0.25"),
        # Without preallocation the empty data folder takes 11 MB, not 308.
        *("--wiredTigerEngineConfigString", "log=(file_max=10MB,prealloc=false)"),
        *("--slowms", str(NO_SLOW_OPERATIONS_MILLISECONDS)),
        *("--noscripting", "--setParameter", "diagnosticDataCollectionEnabled=false"),
        # Files of dropped collections stay open until the oldest readable snapshot is newer.
        *("--setParameter", f"minSnapshotHistoryWindowInSeconds={SNAPSHOT_HISTORY_SECONDS}"),
        *(f"--setParameter={name}={value}" for name, value in parameters.items()),
        *("--logpath", str(folder / "mongod.log"), "--logappend"),
    ]


def _accepts_writes(
    clients: Sequence[MongoClient[dict[str, Any]]], names: Sequence[str], settings: dict[str, int]
) -> bool:
    responses = [client.admin.command("hello") for client in clients]
    if not any(hello.get("isWritablePrimary") or "setName" in hello for hello in responses):
        _configure(clients[0], names, settings)
    return any(hello.get("isWritablePrimary") for hello in responses)


def _configure(
    client: MongoClient[dict[str, Any]], names: Sequence[str], settings: dict[str, int]
) -> None:
    """Initiate the set at its first start; rename its members when the data was moved."""
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
