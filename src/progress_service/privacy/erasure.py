"""Erases everything about a student, in steps that can be repeated after a crash."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from progress_service.domain.outbox_events import progress_erased
from progress_service.errors import NotFound, ServiceError
from progress_service.mongo.client import OPERATION_SECONDS, Database
from progress_service.mongo.erased_students import FRESH_SECONDS
from progress_service.mongo.erasures import Erasure, student_hash
from progress_service.observability.logging import get_logger
from progress_service.outbox.store import OutboxStore
from progress_service.privacy.erased_data import COLLECTIONS, ErasedData
from progress_service.privacy.erasure_store import ErasureStore
from progress_service.privacy.ledger import Ledger

LEDGER, CONFIRMATION, NOTIFICATION = "ledger", "confirmation", "notification"
FENCE_SECONDS = FRESH_SECONDS + OPERATION_SECONDS + 1.0
"""From then on no process writes about the student: it has read of the erasure, and the writes that
it had checked before have ended."""
NOTIFIED_WITHIN = timedelta(days=7)
"""Retries to a receiver end before. A receiver that is inactive must not keep the id forever."""
RENEW_SECONDS = 1.0
QUIET_SECONDS = 2.0
"""If the database takes longer to respond, it may have been frozen, with writes in its queue."""

log = get_logger("privacy")
IsNotified = Callable[[], Awaitable[bool]]
"""Returns whether any other system wants to know of erasures."""


@dataclass(frozen=True, slots=True)
class ErasureStatus:
    """How far an erasure is; ``remaining`` names the steps that are not done."""

    requested_at: datetime
    finished_at: datetime | None
    remaining: tuple[str, ...]

    @property
    def is_finished(self) -> bool:
        """True when every step is done."""
        return self.finished_at is not None


class ErasureService:
    """Records erasures and runs their steps.

    Each step may be repeated. Whatever process runs them, after a crash or at the same time as
    another one, the outcome is the same.
    """

    def __init__(
        self,
        database: Database,
        outbox: OutboxStore,
        *,
        ledger: Ledger | None,
        is_notified: IsNotified,
    ) -> None:
        self._erased = database.erased
        self._store = ErasureStore(database)
        self._documents = ErasedData(database)
        self._outbox = outbox
        self._ledger = ledger
        self._is_notified = is_notified
        self._tasks: dict[bytes, asyncio.Task[None]] = {}
        self._steps = ((LEDGER,) if ledger else ()) + (*COLLECTIONS, CONFIRMATION, NOTIFICATION)

    # -- requests ------------------------------------------------------------------------------

    async def erase(self, student_id: str) -> ErasureStatus:
        """Begin an erasure, or return how far it is; durable when this returns.

        After an erasure, a new one begins only if something was stored since.

        Raises:
            Unavailable: the outcome is unknown; repeating is harmless.
        """
        erasure = await self._store.find(student_id)
        if erasure is None or not erasure.is_running:
            if erasure is not None and not await self._documents.holds(student_id):
                return self._status_of(erasure)
            erasure = await self.begin(student_id)
        await self._append(erasure)
        self.start(erasure)
        return self._status_of(erasure)

    async def begin(self, student_id: str, *, erased_at: datetime | None = None) -> Erasure:
        """Record an erasure, unless the ledger cannot be written."""
        if self._ledger is not None:
            await asyncio.to_thread(self._ledger.require_writable)
        erasure = await self._store.begin(student_id, erased_at=erased_at)
        began_at = time.monotonic()
        await self._erased.refresh(since=began_at, ends_at=began_at + OPERATION_SECONDS)
        log.info("erasure_recorded")
        return erasure

    async def status(self, student_id: str) -> ErasureStatus:
        """How far the last erasure is.

        Raises:
            NotFound: there was none.
        """
        erasure = await self._store.find(student_id)
        if erasure is None:
            raise NotFound("erasure")
        return self._status_of(erasure)

    def _status_of(self, erasure: Erasure) -> ErasureStatus:
        done = erasure.done if erasure.is_running else frozenset(self._steps)
        remaining = tuple(step for step in self._steps if step not in done)
        return ErasureStatus(erasure.erased_at, erasure.finished_at, remaining)

    # -- steps ---------------------------------------------------------------------------------

    def start(self, erasure: Erasure) -> None:
        """Run the steps of *erasure* in this process, unless it does already."""
        key = erasure.student_hash
        if key in self._tasks or not (erasure.is_running or erasure.event_ids):
            return
        task = self._tasks[key] = asyncio.create_task(self._run_safely(erasure))
        task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def stop(self) -> None:
        """Stop the steps; another process, or the next start, continues them."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run_safely(self, erasure: Erasure) -> None:
        try:
            await self.run(erasure)
        except ServiceError:  # logged where it was raised; the worker tries again
            pass
        except Exception as error:
            log.error("erasure_failed", error=type(error).__name__, exc_info=error)

    async def run(self, erasure: Erasure) -> bool:
        """Run the steps that are not done; false if another process runs them.

        Raises:
            Unavailable: the database does not respond; run them again.
        """
        if not await self._store.claim(erasure):
            return False
        if erasure.student_id is None:
            await self._forget_events(erasure)
            return True
        await self._append(erasure)
        for collection in COLLECTIONS:
            if collection not in erasure.done:
                await self._documents.delete(collection, erasure.student_id)
                await self._store.mark_done(erasure, collection)
        if CONFIRMATION not in erasure.done:
            if not await self._wait_for_writers(erasure):
                return False
            await self._confirm(erasure.student_id)
            await self._store.mark_done(erasure, CONFIRMATION)
        event = progress_erased(
            erasure.student_id,
            student_key=erasure.student_hash.hex(),
            erased_at=erasure.erased_at,
        )
        if await self._is_notified():
            await self._outbox.add([event])
        await self._store.finish(erasure, event_id=event.event_id)
        began_at = time.monotonic()
        await self._erased.refresh(since=began_at, ends_at=began_at + OPERATION_SECONDS)
        log.info("erasure_finished")
        await self._forget_events(replace(erasure, event_ids=(*erasure.event_ids, event.event_id)))
        return True

    async def _append(self, erasure: Erasure) -> None:
        """Append *erasure* to the ledger, if there is one."""
        if self._ledger is None or LEDGER in erasure.done or erasure.student_id is None:
            return
        keys, student_id = await self._store.keys(), erasure.student_id
        key = next(k for k in keys if student_hash(student_id, k) == erasure.student_hash)
        append = self._ledger.append
        await asyncio.to_thread(append, erasure.student_hash, erasure.erased_at, key=key)
        await self._store.mark_done(erasure, LEDGER)

    async def _wait_for_writers(self, erasure: Erasure) -> bool:
        """Wait until no process writes about the student; false if another one took over.

        The wait begins anew when the database was slow: it may have been frozen, and writes that
        were sent before are executed after that.
        """
        quiet_since = asked_at = time.monotonic()
        while True:
            if not await self._store.claim(erasure):
                return False
            now = time.monotonic()
            if now - asked_at > RENEW_SECONDS + QUIET_SECONDS:
                quiet_since = now
            left = quiet_since + FENCE_SECONDS - now
            if left <= 0:
                return True
            asked_at = now
            await asyncio.sleep(min(RENEW_SECONDS, left))

    async def _confirm(self, student_id: str) -> None:
        """Delete what was written meanwhile, until nothing is found."""
        while await self._documents.holds(student_id):
            for collection in COLLECTIONS:
                await self._documents.delete(collection, student_id)

    async def _forget_events(self, erasure: Erasure) -> None:
        """Remove what still names the student, once others were notified or had their time."""
        age = datetime.now(UTC) - erasure.erased_at
        for event_id in erasure.event_ids:
            if not await self._outbox.forget_event(event_id, is_final=age > NOTIFIED_WITHIN):
                return
        await self._store.forget_events(erasure)
