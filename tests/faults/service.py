"""The real service as processes: ``prepare-db``, then ``serve``; killed, stopped and measured."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from progress_service.edge.tokens import Role, mint
from progress_service.mongo.mongod import end_with_parent

START_SECONDS = 30.0
CLIENT_SECONDS = 10.0  # Client 10 s > service 6 s > driver 5 s.
SECRET = "a secret of the fault suite, known to it alone"
_COMMAND = (sys.executable, "-m", "progress_service")


class Service:
    """One ``progress-service serve`` and how to reach it; its port stays over restarts."""

    def __init__(self, uri: str, folder: Path, *, command: tuple[str, ...] = _COMMAND) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process: subprocess.Popen[bytes] | None = None
        self._command = command
        self._folder = folder
        self._log = folder / "service.log"
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PROGRESS_")},
            "PROGRESS_MONGODB_URI": uri,
            "PROGRESS_JWT_SECRET": SECRET,
            "PROGRESS_WATCH_TIME_RATE": "100000/second",
            "PROGRESS_READ_RATE": "100000/second",
            "PROGRESS_SERVICE_RATE": "100000/second",
            "PROGRESS_EVENTS_RATE": "100000/second",
        }
        if mongod := os.environ.get("PROGRESS_MONGOD"):
            self._environment["PROGRESS_MONGOD"] = mongod

    def prepare(self) -> None:
        """Create the indexes, as an operator does."""
        subprocess.run(
            [*_COMMAND, "prepare-db"],
            env=self._environment,
            cwd=self._folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def spawn(self) -> None:
        """Begin to serve. To be called from the main thread: the end is tied to that thread's."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self._command, "serve", "--port", self.url.rsplit(":", 1)[1]],
                env=self._environment,
                cwd=self._folder,
                stdout=log,
                stderr=log,
                preexec_fn=partial(end_with_parent, signal.SIGKILL),
            )

    def wait_until_ready(self) -> None:
        """Wait until the service says that it is ready."""
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self._running().poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the service did not start:\n{self._log.read_text()[-4_000:]}")
            time.sleep(0.05)

    def is_ready(self) -> bool:
        """True when ``/readyz`` says so."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nobody is answered."""
        process = self._running()
        process.kill()
        process.wait()

    def stop(self, *, within_seconds: float) -> float:
        """SIGTERM; the seconds until the process was gone. Raises when it takes longer."""
        process = self._running()
        started = time.monotonic()
        process.terminate()
        process.wait(within_seconds)
        return time.monotonic() - started

    def end(self) -> None:
        """Whatever happened: nothing runs on."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def resident_bytes(self) -> int:
        """Memory of the process, as the kernel counts it."""
        for line in Path(f"/proc/{self._running().pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1_024
        raise RuntimeError("the kernel tells no VmRSS")

    def events(self, name: str) -> list[dict[str, Any]]:
        """What the service logged under that name."""
        lines = self._log.read_text().splitlines()
        logged = [json.loads(line) for line in lines if line.startswith("{")]
        return [event for event in logged if event.get("event") == name]

    def tracebacks(self) -> list[str]:
        """Lines that tell of errors nobody foresaw."""
        lines = self._log.read_text().splitlines()
        return [line for line in lines if "Traceback" in line or '"request_failed"' in line]

    def _running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None
        return self.process


@contextmanager
def running_service(
    uri: str, folder: Path, *, command: tuple[str, ...] = _COMMAND
) -> Iterator[Service]:
    """A service on the database at *uri*, ready to be asked."""
    folder.mkdir(parents=True, exist_ok=True)
    service = Service(uri, folder, command=command)
    try:
        service.prepare()
        service.spawn()
        service.wait_until_ready()
        yield service
    finally:
        service.end()


@asynccontextmanager
async def running_service_beside(uri: str, folder: Path) -> AsyncIterator[Service]:
    """`running_service`, started while the loop goes on with what the service needs."""
    service = Service(uri, folder)
    try:
        await asyncio.to_thread(service.prepare)
        service.spawn()
        await asyncio.to_thread(service.wait_until_ready)
        yield service
    finally:
        service.end()


def bearer(subject: str, role: Role) -> dict[str, str]:
    """The Authorization header of *subject*."""
    token = mint(subject=subject, role=role, secret=SECRET, algorithm="HS256", ttl_seconds=3_600)
    return {"Authorization": f"Bearer {token}"}


def free_port() -> int:
    """A port nobody listens on, below those the kernel gives to outgoing connections."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")
