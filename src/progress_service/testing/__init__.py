"""A real service for tests, including those of adopters: a process, a port, a database, tokens.

    with private_service(tmp_path) as service:
        service.enroll("ana")
        with service.client("ana") as ana:
            ana.post("/api/progress/video/welcome/watch-time", json={...})

It requires the extra ``embedded``, or a mongod on the PATH. Settings of this machine are ignored.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from progress_service.testing.process import (
    COMMAND,
    STOP_SECONDS,
    ServiceProcess,
    environment,
    free_port,
    wait_until,
)

__all__ = [
    "COMMAND",
    "STOP_SECONDS",
    "UNLIMITED",
    "ServiceProcess",
    "environment",
    "free_port",
    "prepare",
    "private_service",
    "service_on",
    "service_with_class",
    "wait_until",
]

UNLIMITED = {
    f"PROGRESS_{limit}_RATE": "1000000/second"
    for limit in ("WATCH_TIME", "READ", "SERVICE", "EVENTS")
}
"""Settings for tests that send more than the limits allow."""


@contextmanager
def private_service(folder: Path, **settings: str) -> Iterator[ServiceProcess]:
    """Run ``progress-service dev`` in *folder*, with a private database and the demo course."""
    with service_with_class(folder, students=0, settings=settings) as service:
        yield service


@contextmanager
def service_with_class(
    folder: Path, *, students: int, settings: Mapping[str, str] | None = None
) -> Iterator[ServiceProcess]:
    """Like `private_service`, with a class of so many *students* who have watched already."""
    service = ServiceProcess(folder, ["dev", "--students", str(students)], settings=settings)
    try:
        service.start()
        service.wait_until_ready()
        yield service
    finally:
        service.end()


@contextmanager
def service_on(
    uri: str, folder: Path, *, command: Sequence[str] = COMMAND, **settings: str
) -> Iterator[ServiceProcess]:
    """Prepare the database at *uri*, and run ``progress-service serve`` on it."""
    given = {"PROGRESS_MONGODB_URI": uri, **settings}
    service = ServiceProcess(folder, ["serve"], settings=given, command=command)
    try:
        prepare(service)
        service.start()
        service.wait_until_ready()
        yield service
    finally:
        service.end()


def prepare(service: ServiceProcess) -> None:
    """Run ``prepare-db`` with the settings of *service*.

    Raises:
        CalledProcessError: it failed.
    """
    command = [*COMMAND, "prepare-db"]
    subprocess.run(  # noqa: S603 - the service's own command line
        command, cwd=service.folder, env=service.environment, check=True, stdout=subprocess.DEVNULL
    )
