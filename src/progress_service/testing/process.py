"""A server process of the service, with a port, a folder and an environment of its own."""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from progress_service.child_processes import ends_with_parent
from progress_service.edge.token_verifier import Role, mint

START_SECONDS = 60.0
STOP_SECONDS = 60.0
REQUEST_SECONDS = 30.0
POLL_SECONDS = 0.05
COMMAND = (sys.executable, "-m", "progress_service")


class ServiceProcess:
    """A ``progress-service`` server process. Its port stays the same across restarts."""

    def __init__(
        self,
        folder: Path,
        arguments: Sequence[str],
        *,
        settings: Mapping[str, str] | None = None,
        command: Sequence[str] = COMMAND,
        port: int | None = None,
    ) -> None:
        """
        Args:
            folder: gets ``stdout``, ``stderr``, and the data of a private mongod.
            arguments: ``dev`` or ``serve``; the port is added.
            settings: environment variables; empty ones are omitted.
            command: runs the command line.
            port: where it listens; ``None``: any free port.
        """
        folder.mkdir(parents=True, exist_ok=True)
        given = {"PROGRESS_JWT_SECRET": secrets.token_urlsafe(48), **(settings or {})}
        self.folder = folder
        self.secret = given["PROGRESS_JWT_SECRET"]
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = environment(folder, **given)
        self._command = [*command, *arguments, "--port", str(self.port)]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process, once it was started."""
        if self._process is None:
            raise RuntimeError("the service was not started")
        return self._process

    def start(self) -> None:
        """Start the process. Call this from the main thread: the process ends with the thread."""
        with (self.folder / "stdout").open("ab") as out, (self.folder / "stderr").open("ab") as err:
            self._process = subprocess.Popen(  # noqa: S603 - the command of the caller
                self._command,
                cwd=self.folder,
                env=self.environment,
                stdout=out,
                stderr=err,
                preexec_fn=ends_with_parent(signal.SIGTERM),
            )

    def wait_until_ready(self, *, within_seconds: float = START_SECONDS) -> None:
        """Return when the service is ready.

        Raises:
            RuntimeError: it has exited, or is not ready in time; with its log.
        """
        wait_until(
            lambda: self.is_ready() or self.process.poll() is not None,
            within_seconds=within_seconds,
            otherwise=lambda: self.log,
        )
        if not self.is_ready():
            raise RuntimeError(f"the service did not start:\n{self.log[-4_000:]}")

    def is_ready(self) -> bool:
        """True if ``/readyz`` returns 200."""
        try:
            return httpx.get(f"{self.address}/readyz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the exit, and return the exit code."""
        self.process.send_signal(how)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """SIGKILL: no request is completed."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Stop the process if it is running; kill it if it does not stop."""
        if self._process is None or self._process.poll() is not None:
            return
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            self.kill()

    @property
    def output(self) -> str:
        """Its standard output so far."""
        return (self.folder / "stdout").read_text()

    @property
    def log(self) -> str:
        """Its log so far: standard error."""
        return (self.folder / "stderr").read_text()

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log events with this name, if the log is JSON."""
        logged = [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
        return [event for event in logged if event.get("event") == name]

    def token(self, subject: str, role: Role = "student", *, ttl_seconds: int = 3_600) -> str:
        """A token that this service accepts."""
        mint_hs256 = partial(mint, secret=self.secret, algorithm="HS256")
        return mint_hs256(subject=subject, role=role, ttl_seconds=ttl_seconds)

    def headers(self, subject: str, role: Role = "student") -> dict[str, str]:
        """The Authorization header of a user."""
        return {"Authorization": f"Bearer {self.token(subject, role)}"}

    def client(self, subject: str | None = "ana", role: Role = "student") -> httpx.Client:
        """An HTTP client with a token of *subject*, or without one. The caller closes it."""
        headers = self.headers(subject, role) if subject else {}
        return httpx.Client(base_url=self.address, headers=headers, timeout=REQUEST_SECONDS)

    def enroll(self, student_id: str, course_id: str = "demo") -> None:
        """Enrol a student in a course."""
        with self.client("enrolments", "service") as client:
            path = f"/api/catalog/courses/{course_id}/enrollments/{student_id}"
            client.put(path).raise_for_status()


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """Environment variables without the settings of this machine."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PROGRESS_") or name == "PROGRESS_MONGOD"
    }
    own = {"PROGRESS_DATA_DIR": str(folder / "data"), **settings}
    return {name: value for name, value in {**inherited, **own}.items() if value}


def wait_until(
    condition: Callable[[], bool],
    *,
    within_seconds: float,
    otherwise: Callable[[], str] = lambda: "",
) -> None:
    """Return as soon as *condition* holds.

    Raises:
        RuntimeError: it does not hold in time; with the text of *otherwise*.
    """
    ends_at = time.monotonic() + within_seconds
    while not condition():
        if time.monotonic() > ends_at:
            raise RuntimeError(f"it did not become true within {within_seconds:g} s: {otherwise()}")
        time.sleep(POLL_SECONDS)


def free_port() -> int:
    """An unused port, below the range of outgoing connections."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")
