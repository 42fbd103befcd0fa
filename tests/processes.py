"""Run the command line in its own process and folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from progress_service.testing import STOP_SECONDS, ServiceProcess, private_service, wait_until
from progress_service.testing import environment as environment_of
from tests.builders import SECRET

PROGRAM = Path(sys.executable).with_name("progress-service")


def environment(folder: Path, **given: str) -> dict[str, str]:
    """Environment variables of a command that accepts the tokens of `builders.a_token`."""
    return environment_of(folder, **{"PROGRESS_JWT_SECRET": SECRET, **given})


def run(
    folder: Path,
    *arguments: str,
    program: Path | str = PROGRAM,
    settings: Mapping[str, str] | None = None,
    timeout_seconds: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; another *program* in the same environment."""
    return subprocess.run(
        [str(program), *arguments],
        cwd=folder,
        env=environment(folder, **(settings or {})),
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        check=False,
    )


@contextmanager
def dev(folder: Path, **given: str) -> Iterator[ServiceProcess]:
    """``progress-service dev``, which accepts the tokens of `builders.a_token`."""
    with private_service(folder, **{"PROGRESS_JWT_SECRET": SECRET, **given}) as service:
        yield service


@contextmanager
def started(
    folder: Path, *arguments: str, settings: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A running command; its output goes to the files ``stdout`` and ``stderr`` in *folder*."""
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = subprocess.Popen(
            [str(PROGRAM), *arguments],
            cwd=folder,
            env=environment(folder, **(settings or {})),
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


def mongods_of(folder: Path) -> list[int]:
    """The mongods that run on the data of *folder*."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                command = (process / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if "mongod" in command.split("\0")[0] and str(folder) in command:
                found.append(int(process.name))
    return found


def is_one_sentence(text: str) -> bool:
    """True if *text* is one line of ``progress-service`` that ends with a full stop."""
    lines = text.splitlines()
    return (
        len(lines) == 1
        and lines[0].startswith("progress-service: ")
        and lines[0].endswith(".")
        and "Traceback" not in text
    )


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop the process with SIGSTOP for the block, which starts once every thread is stopped.

    The signal itself does not wait: a thread on another core may still send a response.
    """
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_until(
            lambda: _is_stopped(pid),
            within_seconds=60,
            otherwise=lambda: f"process {pid} did not stop",
        )
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _is_stopped(pid: int) -> bool:
    states = [
        task.joinpath("stat").read_text().rpartition(")")[2].split()[0]
        for task in Path(f"/proc/{pid}/task").iterdir()
    ]
    return set(states) == {"T"}


def worker_ids(service: ServiceProcess) -> list[int]:
    """The process ids of the workers that a service with several has now."""
    parent = service.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in _command_line(child)]


def _command_line(process_id: str) -> bytes:
    try:
        return Path(f"/proc/{process_id}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return b""
