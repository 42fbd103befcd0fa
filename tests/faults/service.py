"""The service under faults: ``prepare-db``, then ``serve``; killed, stopped and measured."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path

from progress_service.testing import (
    COMMAND,
    UNLIMITED,
    ServiceProcess,
    prepare,
    service_on,
)

CLIENT_SECONDS = 10.0  # Client 10 s > service 6 s > driver 5 s.


def running_service(
    uri: str, folder: Path, *, command: tuple[str, ...] = COMMAND
) -> AbstractContextManager[ServiceProcess]:
    """A service on the database at *uri*, ready for requests."""
    return service_on(uri, folder, command=command, **UNLIMITED)


@asynccontextmanager
async def running_service_async(uri: str, folder: Path) -> AsyncIterator[ServiceProcess]:
    """`running_service`, started without blocking the event loop, which runs its proxy."""
    settings = {"PROGRESS_MONGODB_URI": uri, **UNLIMITED}
    service = ServiceProcess(folder, ["serve"], settings=settings)
    try:
        await asyncio.to_thread(prepare, service)
        service.start()
        await asyncio.to_thread(service.wait_until_ready)
        yield service
    finally:
        service.end()


def stop(service: ServiceProcess, *, within_seconds: float) -> float:
    """SIGTERM; returns the seconds until the process exited. Raises when it takes longer."""
    started = time.monotonic()
    service.process.terminate()
    service.process.wait(within_seconds)
    return time.monotonic() - started


def resident_bytes(service: ServiceProcess) -> int:
    """Memory of the process, as the kernel counts it."""
    for line in Path(f"/proc/{service.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1_024
    raise RuntimeError("the kernel reports no VmRSS")


def tracebacks(service: ServiceProcess) -> list[str]:
    """Log lines of unexpected errors."""
    lines = service.log.splitlines()
    return [line for line in lines if "Traceback" in line or '"request_failed"' in line]
