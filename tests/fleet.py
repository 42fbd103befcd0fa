"""Processes of the service on one database, as they run behind a load balancer."""

from __future__ import annotations

import itertools
import signal
import uuid
from contextlib import ExitStack
from pathlib import Path

from progress_service.testing import UNLIMITED, ServiceProcess, free_port
from tests.builders import SECRET
from tests.processes import run

START_SECONDS = 120.0  # Several workers at once, on a busy machine.


class Fleet:
    """Processes on separate ports; each can be replaced."""

    def __init__(
        self, folder: Path, uri: str, *, workers: int, processes: int = 2, **settings: str
    ) -> None:
        """
        Args:
            folder: gets a folder for each process.
            uri: of the database.
            workers: of each process.
            processes: how many.
            settings: more environment variables.
        """
        self._folder = folder
        self._environment = {
            "PROGRESS_JWT_SECRET": SECRET,
            "PROGRESS_MONGODB_URI": uri,
            "PROGRESS_MONGODB_DATABASE": f"rolling_{uuid.uuid4().hex}",
            "PROGRESS_WORKERS": str(workers),
            **UNLIMITED,
            **settings,
        }
        self._number = itertools.count()
        self._stack = ExitStack()
        self.ports = [free_port() for _ in range(processes)]
        self.processes: list[ServiceProcess] = []

    def __enter__(self) -> Fleet:
        with ExitStack() as started:
            started.push(self._stack)
            prepared = run(
                self._folder, "prepare-db", settings=self._environment, timeout_seconds=120
            )
            assert prepared.returncode == 0, prepared.stderr
            self.processes = [self._start(port) for port in self.ports]
            started.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def replace(self, index: int, how: signal.Signals) -> None:
        """Stop one, wait for its end, and start another on its port."""
        old = self.processes[index]
        old.stop(how)
        assert "Traceback" not in old.log
        self.processes[index] = self._start(self.ports[index])

    def _start(self, port: int) -> ServiceProcess:
        folder = self._folder / str(next(self._number))
        service = ServiceProcess(folder, ["serve"], settings=self._environment, port=port)
        self._stack.callback(service.end)
        service.start()
        service.wait_until_ready(within_seconds=START_SECONDS)
        return service
