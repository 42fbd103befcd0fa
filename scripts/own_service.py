"""A service of one's own for a script: an empty data folder, a free port, tokens for everybody."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from progress_service.edge.tokens import Role, mint

START_SECONDS = 60
STOP_SECONDS = 15

Token = Callable[[str, Role], str]


@contextmanager
def service(folder: Path) -> Iterator[tuple[str, Token]]:
    """A service with the demo course: its address, and tokens for a role."""
    secret = secrets.token_urlsafe(48)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PROGRESS_")},
        "PROGRESS_DATA_DIR": str(folder / "data"),
        "PROGRESS_JWT_SECRET": secret,
    }
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "progress_service", "dev", "--port", "0"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def token(subject: str, role: Role) -> str:
        return mint(subject=subject, role=role, secret=secret, algorithm="HS256", ttl_seconds=3600)

    try:
        yield _address(log, process), token
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    """Where the service says that it listens, once it answers there."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        told = re.search(r"Demo page\s+(http://\S+?)/\s", log.read_text())
        if told:
            try:
                httpx.get(f"{told[1]}/readyz", timeout=2).raise_for_status()
                return told[1]
            except httpx.HTTPError:
                pass
        time.sleep(0.1)
    raise SystemExit(f"The service did not start:\n{log.read_text()}")


def enroll(address: str, student: str, token: Token) -> None:
    """Put somebody into the demo course."""
    headers = {"Authorization": f"Bearer {token('scripts', 'service')}"}
    enrollment = f"{address}/api/catalog/courses/demo/enrollments/{student}"
    httpx.put(enrollment, headers=headers).raise_for_status()
