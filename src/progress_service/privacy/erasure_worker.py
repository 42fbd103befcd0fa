"""Continues erasures that this or another process began, and lets this process forget students."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from progress_service.errors import ServiceError
from progress_service.mongo.client import OPERATION_SECONDS
from progress_service.mongo.erased_students import ErasedStudents
from progress_service.mongo.erasures import Erasure
from progress_service.observability.logging import get_logger
from progress_service.observability.metrics import Metrics
from progress_service.privacy.erasure import ErasureService
from progress_service.privacy.erasure_store import ErasureStore
from progress_service.privacy.memory import Memory
from progress_service.privacy.overwriting import Overwriting
from progress_service.released_memory import overwrite_released

POLL_SECONDS = 1.0
AGAIN_SECONDS = 3.0
"""After that time a process forgets the student again: requests of before have ended. An erasure
takes longer, so this is before the student can be enrolled again."""
EVENTS_SECONDS = 10.0  # Between two looks whether the events of erasures were delivered.
UNLIST_SECONDS = 60.0

log = get_logger("privacy")


class ErasureWorker:
    """Works while entered. One in each process."""

    def __init__(
        self,
        service: ErasureService,
        store: ErasureStore,
        erased: ErasedStudents,
        memory: Memory,
        metrics: Metrics,
    ) -> None:
        self._service = service
        self._store = store
        self._erased = erased
        self._memory = memory
        self._metrics = metrics
        self._overwriting = Overwriting(overwrite_released)
        self._running: dict[bytes, str] = {}
        self._unlisted_at = self._events_at = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._erased.on_learned = self._learned
        began_at = time.monotonic()
        await self._erased.refresh(since=began_at, ends_at=began_at + OPERATION_SECONDS)
        self._task = asyncio.create_task(self._work())
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
        await self._service.stop()

    def _learned(self, erasures: Sequence[Erasure]) -> None:
        for erasure in erasures:
            if erasure.student_id is None:
                self._memory.forget_all()  # This process was stopped while it ran.
                continue
            self._memory.forget(erasure.student_id)
            self._memory.clear_clients(erasure.student_id)
            asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._again, erasure)

    def _again(self, erasure: Erasure) -> None:
        """Clients may have been sent a change that was stored before."""
        running = {each.student_hash for each in self._erased.known if each.is_running}
        if erasure.student_id is not None and erasure.student_hash in running:
            self._memory.clear_clients(erasure.student_id)

    async def _work(self) -> None:
        while True:
            try:
                await self._poll()
            except ServiceError:  # logged where it was raised
                pass
            except Exception as error:
                log.error("erasures_failed", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(POLL_SECONDS)

    async def _poll(self) -> None:
        began_at = time.monotonic()
        await self._erased.refresh(since=began_at, ends_at=began_at + OPERATION_SECONDS)
        known = self._erased.known
        is_due = began_at >= self._events_at + EVENTS_SECONDS
        self._events_at = began_at if is_due else self._events_at
        for erasure in known:
            if erasure.is_running or is_due:
                self._service.start(erasure)
        self._forget(known)
        self._update_gauges(known)
        await self._overwriting.poll(known)
        if began_at >= self._unlisted_at + UNLIST_SECONDS:
            self._unlisted_at = began_at
            await self._store.unlist_old()

    def _forget(self, known: Sequence[Erasure]) -> None:
        """Forget the students whose erasure runs or has just ended."""
        running = {each.student_hash: each.student_id for each in known if each.student_id}
        for student_id in {*self._running.values(), *running.values()}:
            self._memory.forget(student_id)
        self._running = {key: student_id for key, student_id in running.items() if student_id}
        self._memory.prune()

    def _update_gauges(self, known: Sequence[Erasure]) -> None:
        began = [each.erased_at for each in known if each.is_running]
        oldest = (datetime.now(UTC) - min(began)).total_seconds() if began else 0.0
        self._metrics.erasures_pending.set(len(began))
        self._metrics.erasures_oldest_seconds.set(max(0.0, oldest))
