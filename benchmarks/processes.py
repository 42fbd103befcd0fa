"""Starts mongod, the service and the baselines, each in its own process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from progress_service import serving
from progress_service.child_processes import ends_with_parent
from progress_service.mongo.mongod import Member, start_set
from progress_service.settings import Settings
from progress_service.testing import UNLIMITED, ServiceProcess, free_port, prepare

SECRET = "a secret that only the benchmarks use, never a service"
START_SECONDS = 40.0
STOP_SECONDS = 15.0
OPEN_FILES = 20_000


@dataclass(frozen=True, slots=True)
class Server:
    """A running HTTP server."""

    url: str
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    @property
    def port(self) -> int:
        """Its port on this machine."""
        return int(self.url.rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class Database:
    """A running mongod."""

    uri: str
    pid: int


@contextmanager
def mongod(folder: Path) -> Iterator[Database]:
    """A private mongod: a replica set of one, with data and journal in *folder*."""
    folder.mkdir(parents=True)
    member = Member(folder)
    try:
        start_set([member])
        assert member.process is not None
        yield Database(member.uri, member.process.pid)
    finally:
        member.stop()


@contextmanager
def service(
    database: Database,
    name: str,
    *,
    rates: Mapping[str, str] = UNLIMITED,
    is_prepared: bool = False,
) -> Iterator[Server]:
    """``progress-service serve`` with one worker on the database *name*.

    The indexes are created first, unless the database *is_prepared*.
    """
    settings = {**_variables(database, name), **rates}
    with tempfile.TemporaryDirectory() as folder:
        process = ServiceProcess(Path(folder), ["serve"], settings=settings)
        try:
            if not is_prepared:
                prepare(process)
            process.start()
            process.wait_until_ready()
            yield Server(process.address, process.process)
        finally:
            process.end()


@contextmanager
def baseline(app: str, database: Database, name: str = "baseline") -> Iterator[Server]:
    """An app of `benchmarks.baselines` under uvicorn with the settings of the service."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", f"benchmarks.baselines:{app}", "--port", str(port)),
        *("--no-access-log", "--no-server-header", "--log-level", "warning"),
        *("--timeout-keep-alive", str(Settings.model_fields["keep_alive_seconds"].default)),
        *("--ws-max-size", str(serving.MAX_FRAME_BYTES), "--ws-per-message-deflate", "false"),
        *("--ws-ping-interval", str(serving.PING_SECONDS)),
        *("--ws-ping-timeout", str(serving.PING_SECONDS)),
    ]
    variables = {**os.environ, **_variables(database, name)}
    with _served(command, variables, port, "/") as server:
        yield server


@contextmanager
def sink() -> Iterator[Server]:
    """A server that reads and discards requests."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.hostile.sink", str(port)]
    with _served(command, dict(os.environ), port, "/") as server:
        yield server


def _variables(database: Database, name: str) -> dict[str, str]:
    return {
        "PROGRESS_MONGODB_URI": database.uri,
        "PROGRESS_MONGODB_DATABASE": name,
        "PROGRESS_JWT_SECRET": SECRET,
    }


@contextmanager
def _served(
    command: Sequence[str], environment: dict[str, str], port: int, path: str
) -> Iterator[Server]:
    server_url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            env=environment,
            stdout=log,
            stderr=log,
            preexec_fn=ends_with_parent(signal.SIGKILL),
        )
        try:
            if not wait_until_ready(server_url + path, process):
                log.seek(0)
                raise RuntimeError(f"{server_url} did not respond:\n{log.read().decode()}")
            yield Server(server_url, process)
        finally:
            stop(process)


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> bool:
    """Wait until *url* responds without a server error; false after `START_SECONDS`."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=2).status_code < 500:
                return True
        except httpx.TransportError:
            time.sleep(0.01)
    return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a process with SIGTERM, then with SIGKILL."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
