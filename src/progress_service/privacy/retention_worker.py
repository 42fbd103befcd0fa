"""Runs retention once a day, in one process."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict
from types import TracebackType
from typing import Self

from progress_service.errors import ServiceError
from progress_service.observability.logging import get_logger
from progress_service.privacy.retention import Retention
from progress_service.privacy.retention_turns import RetentionTurns

LOOK_SECONDS = 60.0  # Between two looks for whether a run is due.
RELEASE_SECONDS = 0.5

log = get_logger("privacy")


class RetentionWorker:
    """Works while entered; without a retention period it does nothing."""

    def __init__(self, retention: Retention | None, turns: RetentionTurns) -> None:
        self._retention = retention
        self._turns = turns
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._retention is not None:
            self._task = asyncio.create_task(self._work(self._retention))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self, retention: Retention) -> None:
        while True:
            try:
                await self._run_when_due(retention)
            except ServiceError:  # logged where it was raised
                pass
            except Exception as error:
                log.error("retention_failed", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(LOOK_SECONDS)

    async def _run_when_due(self, retention: Retention) -> None:
        after = await self._turns.take()
        if after is None:
            return
        try:
            report = await retention.run(after=after, on_page=self._turns.note)
        except BaseException:
            with suppress(ServiceError, TimeoutError):  # the turn ends by itself, too
                async with asyncio.timeout(RELEASE_SECONDS):
                    await self._turns.abandon()
            raise
        await self._turns.finish()
        log.info("retention_finished", **asdict(report))
