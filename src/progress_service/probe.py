"""Measures what no request shows: the database, the change streams, the keys, the memory.

Every few seconds, in each process, on connections of its own.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pymongo
from pymongo.errors import PyMongoError

from progress_service.edge.key_set import KeySet
from progress_service.mongo.client import Database
from progress_service.mongo.server_time import read_server_time
from progress_service.observability.logging import get_logger
from progress_service.observability.metrics import Metrics

PROBE_SECONDS = 5.0
POLL_SECONDS = 0.1
DATABASE_SECONDS = 1.0  # For one command.
MEMORY = Path("/proc/self/statm")  # In pages: of the program, then resident.

log = get_logger("probe")


class Probe:
    """Probes while entered; the first probe has ended when it is."""

    def __init__(
        self,
        database: Database,
        keys: KeySet,
        metrics: Metrics,
        *,
        is_following: Callable[[], bool],
    ) -> None:
        """
        Args:
            database: connections that no request uses.
            keys: their age is measured, and they are fetched again when that is due.
            metrics: get the values.
            is_following: whether the change streams are connected.
        """
        self._database = database
        self._keys = keys
        self._metrics = metrics
        self._is_following = is_following
        self._task: asyncio.Task[None] | None = None
        self._fetch: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        if self._keys.is_fetched:
            outcomes = {True: "fetched", False: "failed"}
            counts = {
                is_fetched: self._metrics.key_set_fetches.labels(outcome)
                for is_fetched, outcome in outcomes.items()
            }
            self._keys.on_fetched = lambda is_fetched: counts[is_fetched].inc()
        await self._probe()
        self._task = asyncio.create_task(self._repeat())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        tasks = [task for task in (self._task, self._fetch) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _repeat(self) -> None:
        ends_at = time.monotonic() + PROBE_SECONDS
        while not self._is_following() and time.monotonic() < ends_at:  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)  # the streams open after the start
        self._measure_streams()
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            try:
                self._measure_streams()
                await self._probe()
            except Exception as error:
                log.error("probe_failed", error=type(error).__name__, exc_info=error)

    async def _probe(self) -> None:
        self._measure_memory()
        self._measure_keys()
        await self._measure_primary()
        await self._measure_disk()

    def _measure_streams(self) -> None:
        self._metrics.change_stream_connected.set(self._is_following())

    def _measure_memory(self) -> None:
        with suppress(OSError):  # only Linux has it
            pages = int(MEMORY.read_text().split()[1])
            self._metrics.resident_memory.set(pages * os.sysconf("SC_PAGE_SIZE"))

    def _measure_keys(self) -> None:
        if not self._keys.is_fetched:
            return
        self._metrics.key_set_age.set(self._keys.age_seconds())
        if self._fetch is None or self._fetch.done():
            # Else the age would say nothing while no token comes.
            self._fetch = asyncio.ensure_future(self._keys.refresh())

    async def _measure_primary(self) -> None:
        began_at = time.time()
        try:
            with pymongo.timeout(DATABASE_SECONDS):
                server = await read_server_time(self._database)
        except PyMongoError:
            self._metrics.database_writable.set(0)
            return
        # The clock was read somewhere between sending the command and its response.
        our_time = (began_at + time.time()) / 2
        self._metrics.database_clock_offset.set(our_time - server.now.timestamp())
        self._metrics.database_writable.set(1)

    async def _measure_disk(self) -> None:
        try:
            with pymongo.timeout(DATABASE_SECONDS):
                response = await self._database.command("dbStats")
        except PyMongoError:  # It does not respond, or the user may not read this.
            return
        if (disk := _fullest_disk(response)) is not None:
            size, used = disk
            self._metrics.database_disk_size.set(size)
            self._metrics.database_disk_free.set(size - used)


def _fullest_disk(response: dict[str, Any]) -> tuple[float, float] | None:
    """(size, used) in bytes; of a sharded cluster, on the shard with the least free space."""
    shards = response.get("raw")
    answers = [*shards.values()] if isinstance(shards, dict) else [response]
    disks = [
        (float(answer["fsTotalSize"]), float(answer["fsUsedSize"]))
        for answer in answers
        if isinstance(answer, dict) and {"fsTotalSize", "fsUsedSize"} <= answer.keys()
    ]
    return min(disks, key=lambda disk: disk[0] - disk[1], default=None)
