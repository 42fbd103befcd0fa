"""The command line, run as people run it: in a process and a folder of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from progress_service.edge.tokens import Role
from tests.builders import SECRET, a_token, bearer

PROGRAM = Path(sys.executable).with_name("progress-service")
START_SECONDS = 40
STOP_SECONDS = 15


@dataclass(frozen=True)
class Served:
    """A running service."""

    address: str
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def output(self) -> str:
        """What it has printed."""
        return (self.folder / "stdout").read_text()

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self.folder / "stderr").read_text()

    def client(self, subject: str | None = "ana", role: Role = "student") -> httpx.Client:
        """Somebody who calls it."""
        headers = bearer(a_token(subject, role)) if subject else {}
        return httpx.Client(base_url=self.address, headers=headers, timeout=30)

    def wait_until_ready(self, *, within_seconds: float = START_SECONDS) -> None:
        wait_for(self._is_ready, within_seconds=within_seconds, otherwise=lambda: self.log)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """End it and give its exit code."""
        self.process.send_signal(how)
        return self.process.wait(STOP_SECONDS)


def environment(folder: Path, **given: str) -> dict[str, str]:
    """The variables of a process that must not see the settings of this machine."""
    usual = {
        "PROGRESS_DATA_DIR": str(folder / "data"),
        "PROGRESS_JWT_SECRET": SECRET,
    }
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PROGRESS_") or name == "PROGRESS_MONGOD"
    }
    return {name: value for name, value in {**kept, **usual, **given}.items() if value}


def run(
    folder: Path, *arguments: str, timeout_seconds: float = 30, **given: str
) -> subprocess.CompletedProcess[str]:
    """The finished command."""
    return subprocess.run(
        [str(PROGRAM), *arguments],
        cwd=folder,
        env=environment(folder, **given),
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        check=False,
    )


@contextmanager
def dev(folder: Path, **given: str) -> Iterator[Served]:
    """``progress-service dev`` on a free port, ready when this enters."""
    with started(folder, "dev", "--port", "0", **given) as process:
        found: list[str] = []

        def is_told() -> bool:
            told = re.search(r"Demo page\s+(http://\S+?)/\s", (folder / "stdout").read_text())
            found.extend(told.groups() if told else ())
            return bool(told) or process.poll() is not None

        wait_for(is_told, within_seconds=START_SECONDS)
        assert found, (folder / "stderr").read_text()
        served = Served(address=found[0], process=process, folder=folder)
        served.wait_until_ready()
        yield served


@contextmanager
def started(folder: Path, *arguments: str, **given: str) -> Iterator[subprocess.Popen[bytes]]:
    """The running command, its words in the files ``stdout`` and ``stderr`` of *folder*."""
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = subprocess.Popen(
            [str(PROGRAM), *arguments],
            cwd=folder,
            env=environment(folder, **given),
            stdout=out,
            stderr=err,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def is_one_sentence(text: str) -> bool:
    """True for a single line of ours that ends as a sentence does."""
    lines = text.splitlines()
    return (
        len(lines) == 1
        and lines[0].startswith("progress-service: ")
        and lines[0].endswith(".")
        and "Traceback" not in text
    )


def wait_for(condition, *, within_seconds: float, otherwise=lambda: "it did not come true") -> None:
    """Return as soon as *condition* holds."""
    deadline = time.monotonic() + within_seconds
    while not condition():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.02)


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """SIGSTOP until the end of the block, which begins when each thread stands still.

    The signal alone does not wait for that: a thread on another core may still answer.
    """
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_for(
            lambda: _stands_still(pid),
            within_seconds=10,
            otherwise=lambda: f"process {pid} goes on",
        )
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _stands_still(pid: int) -> bool:
    states = [
        task.joinpath("stat").read_text().rpartition(")")[2].split()[0]
        for task in Path(f"/proc/{pid}/task").iterdir()
    ]
    return set(states) == {"T"}
