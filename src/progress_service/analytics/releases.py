"""Decides which releases to make; the newest requests come first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from cachetools import LRUCache

from progress_service.analytics.release_maker import ReleaseMaker
from progress_service.analytics.stale_videos import StaleVideos
from progress_service.analytics.store import WHOLE_COURSE
from progress_service.analytics.turns import Counted, Turns
from progress_service.catalog.service import CatalogService
from progress_service.errors import ServiceError
from progress_service.observability.logging import get_logger
from progress_service.pacing import MovingAverage

log = get_logger("analytics")
Key = tuple[str, str]
"""(course_id, material_id)."""

IDLE_SECONDS = 1.0  # How often courses that are asked about are looked through.
BUSY_SECONDS = 0.25  # When a video that another process counts is looked at again, if wanted.
RETRY_SECONDS = 5.0  # After an error of the database.
MAX_COURSES = 1_000  # Whose duration of a count is known.


class Releases:
    """Keeps the releases of courses that are asked about up to date, while entered."""

    def __init__(
        self, maker: ReleaseMaker, catalog: CatalogService, stale: StaleVideos, turns: Turns
    ) -> None:
        self._maker = maker
        self._catalog = catalog
        self._stale = stale
        self._turns = turns
        self._wanted: dict[Key, asyncio.Future[None]] = {}  # the newest request comes last
        self._making: dict[Key, asyncio.Future[None]] = {}  # at most one
        self._count_seconds: LRUCache[str, MovingAverage] = LRUCache(MAX_COURSES)
        self._is_wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._work())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._task is not None  # noqa: S101
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        for future in (*self._wanted.values(), *self._making.values()):
            future.cancel()

    async def refresh(
        self, course_id: str, material_ids: Sequence[str], *, within_seconds: float
    ) -> None:
        """Count stale videos again; return when that is done, or after *within_seconds*.

        Returns at once if earlier counts say that it would take longer.
        """
        self._stale.ask(course_id)
        stale = [mid for mid in material_ids if self._stale.is_stale(course_id, mid)]
        # The newest request is served first, and the first video of it before the others.
        awaited = [self._want((course_id, mid)) for mid in reversed(stale)]
        awaited += [
            future
            for (cid, mid), future in self._making.items()
            if cid == course_id and mid in material_ids and mid not in stale
        ]
        count_seconds = self._count_seconds.get(course_id)
        if awaited and (
            count_seconds is None or len(awaited) * count_seconds.value <= within_seconds
        ):
            await asyncio.wait(awaited, timeout=within_seconds)

    async def make_first(
        self, course_id: str, material_ids: Sequence[str], *, within_seconds: float
    ) -> None:
        """As `refresh`, where there should be a release and is none: count again in any case."""
        self._stale.note_missing(course_id, material_ids)
        await self.refresh(course_id, material_ids, within_seconds=within_seconds)

    def _want(self, key: Key) -> asyncio.Future[None]:
        future = self._wanted.pop(key, None) or asyncio.get_running_loop().create_future()
        self._wanted[key] = future
        self._is_wanted.set()
        return future

    async def _work(self) -> None:
        while True:
            if self._wanted:
                await self._make_wanted(*self._wanted.popitem())
            elif (stale := await self._next_stale()) is not None:
                await self._make_safely(stale)
            else:
                self._is_wanted.clear()
                with suppress(TimeoutError):  # `wait_for` may swallow a cancellation
                    async with asyncio.timeout(IDLE_SECONDS):
                        await self._is_wanted.wait()

    async def _make_wanted(self, key: Key, future: asyncio.Future[None]) -> None:
        """Make the release; requests for it that arrive meanwhile await *future* too."""
        if self._stale.is_stale(*key):
            self._making = {key: future}
            await self._make_safely(key)
            self._making = {}
            if self._stale.is_busy(*key):
                await asyncio.sleep(BUSY_SECONDS)
                future = self._wanted.pop(key, future)
                self._wanted = {key: future, **self._wanted}
                return
        if not future.done():
            future.set_result(None)

    async def _next_stale(self) -> Key | None:
        """A stale video of a course that is asked about; of the newest request."""
        for course_id in self._stale.asked():
            with suppress(ServiceError):
                course = await self._catalog.course(course_id)
                for material_id in (*course.video_ids, WHOLE_COURSE):
                    key = (course_id, material_id)
                    if self._stale.is_stale(*key) and not self._stale.is_busy(*key):
                        return key
        return None

    async def _make_safely(self, key: Key) -> None:
        try:
            await self._make_in_turn(key)
        except ServiceError as error:
            log.warning("release_failed", code=error.code)
            await asyncio.sleep(RETRY_SECONDS)
        except Exception as error:
            log.error("release_failed", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(RETRY_SECONDS)

    async def _make_in_turn(self, key: Key) -> None:
        """Make the release, unless another process has made it, or is making it."""
        max_age_seconds, began_at = self._stale.max_age_seconds(*key), time.monotonic()
        turn = await self._turns.take(*key, max_age_seconds=max_age_seconds)
        if turn is None:
            self._stale.busy(*key)
        elif isinstance(turn, Counted):
            took_seconds = time.monotonic() - began_at  # In which changes may have been noted.
            self._stale.counted(*key, seconds_ago=turn.seconds_ago + took_seconds)
        else:
            try:
                await self._maker.make(*key, turn=turn)
            except Exception:
                with suppress(ServiceError):
                    await turn.abandon()
                raise
            await turn.finish()
            took_seconds = time.monotonic() - began_at
            self._count_seconds.setdefault(key[0], MovingAverage()).add(took_seconds)
            self._stale.counted(*key, seconds_ago=took_seconds)

    async def rebuild(self, course_id: str) -> int:
        """Count the course and its videos again; return how many releases that makes."""
        course = await self._catalog.course(course_id)
        for material_id in (*course.video_ids, WHOLE_COURSE):
            await self._maker.make(course_id, material_id)
        return len(course.video_ids) + 1
