"""Stops without losing a request, behind a load balancer that goes on sending some.

First `/readyz` fails and each response closes its connection, while requests are still served. Then
the listeners close, once no connection waits in them; then idle connections close.
"""

from __future__ import annotations

import asyncio
import select
import socket
import time

from uvicorn import Config, Server
from uvicorn.supervisors import multiprocess

from progress_service.edge.health import IS_DRAINING
from progress_service.observability import shared_metrics

DRAIN_SECONDS = 3.0  # At most; load balancers poll `/readyz` every second or two…
QUIET_SECONDS = 1.0  # …or until no request has come for so long.
LAST_REQUESTS_SECONDS = 0.5  # For connections just accepted, or taken from a pool.
POLL_SECONDS = 0.05
WORKER_START_SECONDS = 120.0


class GracefulServer(Server):
    """uvicorn's server with a drain before its shutdown."""

    def __init__(self, config: Config, *, drains: bool = True) -> None:
        super().__init__(config)
        self._drains = drains

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, stop accepting, then shut down as uvicorn does."""
        if self._drains:
            self.lifespan.state[IS_DRAINING] = True
            await self._until_quiet(DRAIN_SECONDS, QUIET_SECONDS)
        await self._stop_accepting(sockets or [])
        if self._drains:
            await self._until_quiet(LAST_REQUESTS_SECONDS, LAST_REQUESTS_SECONDS)
        await super().shutdown(sockets)

    async def _until_quiet(self, max_seconds: float, quiet_seconds: float) -> None:
        """Return when no request was served for *quiet_seconds*, or after *max_seconds*."""
        now = asyncio.get_running_loop().time
        ends_at, quiet_since = now() + max_seconds, now()
        served = self.server_state.total_requests
        while not self.force_exit and now() < min(ends_at, quiet_since + quiet_seconds):
            await asyncio.sleep(POLL_SECONDS)
            if served != self.server_state.total_requests:
                served, quiet_since = self.server_state.total_requests, now()

    async def _stop_accepting(self, listeners: list[socket.socket]) -> None:
        """Close the listeners once no connection waits in them: it would be reset."""
        waiting = select.poll()
        for listener in listeners:
            waiting.register(listener, select.POLLIN)
        ends_at = asyncio.get_running_loop().time() + LAST_REQUESTS_SECONDS
        while waiting.poll(0) and asyncio.get_running_loop().time() < ends_at:  # noqa: ASYNC110
            await asyncio.sleep(0)  # the event loop accepts
        for server in self.servers:
            server.close()
        for listener in listeners:
            listener.close()


class Worker(multiprocess.Process):
    """A process of several that serve one port."""

    _is_asked = False
    _has_responded = False
    _created_at = 0.0

    @property
    def server(self) -> Server:
        """The server of this process."""
        if self._server is None:
            self._server = GracefulServer(self.config)
        return self._server

    def is_alive(self, timeout: float = 5) -> bool:
        """False if it has ended or hangs. On a busy machine, a start takes longer than *timeout*:
        uvicorn would kill such a worker, and the next one, and never serve.
        """
        if self._has_responded:
            return super().is_alive(timeout)
        if not self.process.is_alive():
            return False
        if not self._is_asked:
            self._is_asked, self._created_at = True, time.monotonic()
            self.parent_conn.send(b"ping")
        if self.parent_conn.poll(0):
            self.parent_conn.recv()
            self._has_responded = True
        is_late = time.monotonic() - self._created_at > WORKER_START_SECONDS
        return self._has_responded or not is_late

    def join(self) -> None:
        """Wait for the end of the process, and take over its counters."""
        super().join()
        folder = shared_metrics.folder()
        if folder is not None and self.pid is not None:
            shared_metrics.add_to_ended(folder, self.pid)


class Workers(multiprocess.Multiprocess):
    """uvicorn's supervisor of several workers."""

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        # The supervisor has no parameter for the class of its processes.
        multiprocess.Process = Worker  # type: ignore[misc]

    def terminate_all(self) -> None:
        """Close our listener first: the kernel would accept for it when all workers are gone."""
        for listener in self.sockets:
            listener.close()
        super().terminate_all()
