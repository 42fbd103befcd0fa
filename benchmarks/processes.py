"""What is measured, each in a process of its own: mongod, the service, the baselines."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from progress_service import serving
from progress_service.mongo.mongod import Member, end_with_parent, start_set
from progress_service.settings import Settings

SECRET = "a secret of the benchmarks, known to them alone"
PLENTY = "1000000/second"  # No limit may be met: it is the work that is measured.
RAISED_RATES = {
    "PROGRESS_WATCH_TIME_RATE": PLENTY,
    "PROGRESS_READ_RATE": PLENTY,
    "PROGRESS_SERVICE_RATE": PLENTY,
    "PROGRESS_EVENTS_RATE": PLENTY,
}
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
        """Its process."""
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
    """A private mongod, a replica set of one with its journal on the disk of *folder*."""
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
    rates: Mapping[str, str] = RAISED_RATES,
    is_prepared: bool = False,
) -> Iterator[Server]:
    """``progress-service serve``, one worker, on the database *name*, which it prepares."""
    command = (sys.executable, "-m", "progress_service")
    environment = {**_environment(database, name), **rates}
    if not is_prepared:
        prepare = [*command, "prepare-db"]
        subprocess.run(prepare, env=environment, check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    with _served([*command, "serve", "--port", str(port)], environment, port, "/readyz") as server:
        yield server


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
    with _served(command, _environment(database, name), port, "/") as server:
        yield server


@contextmanager
def sink() -> Iterator[Server]:
    """A server that reads and discards."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.hostile.sink", str(port)]
    with _served(command, dict(os.environ), port, "/") as server:
        yield server


def _environment(database: Database, name: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PROGRESS_")}
    return {
        **kept,
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
            preexec_fn=partial(end_with_parent, signal.SIGKILL),
        )
        try:
            if not answers(server_url + path, process):
                log.seek(0)
                raise RuntimeError(f"{server_url} did not answer:\n{log.read().decode()}")
            yield Server(server_url, process)
        finally:
            stop(process)


def answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    """Wait until *url* answers without a server error; false when it never does."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=2).status_code < 500:
                return True
        except httpx.TransportError:
            time.sleep(0.01)
    return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, politely first."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port nobody listens on, below those the kernel gives to outgoing connections."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")
