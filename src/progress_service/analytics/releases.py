"""Makes releases, at most a tenth of the database's time; the newest requests come first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from progress_service.analytics.counting import Counting
from progress_service.analytics.pipelines import CountedVideo
from progress_service.analytics.stale_videos import StaleVideos
from progress_service.analytics.store import WHOLE_COURSE, AnalyticsStore
from progress_service.catalog.class_members import ClassMember, ClassMembers
from progress_service.catalog.service import CatalogService
from progress_service.domain.catalog import Course
from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.class_measures import DEFINITION_VERSION
from progress_service.domain.course_counts import CourseCounts
from progress_service.domain.releases import next_release, times_compared
from progress_service.domain.snapshots import C, Group
from progress_service.errors import ServiceError
from progress_service.observability.logging import get_logger
from progress_service.pacing import MovingAverage

log = get_logger("analytics")
Key = tuple[str, str]
"""(course_id, material_id)."""
Result = TypeVar("Result")

IDLE_SECONDS = 1.0  # How often courses that are asked about are looked through.
RETRY_SECONDS = 5.0  # After an error of the database.


class Releases:
    """Keeps the releases of courses that are asked about up to date, while entered."""

    def __init__(
        self,
        store: AnalyticsStore,
        counting: Counting,
        members: ClassMembers,
        catalog: CatalogService,
        stale: StaleVideos,
        *,
        k: int,
    ) -> None:
        self._store = store
        self._counting = counting
        self._members = members
        self._catalog = catalog
        self._stale = stale
        self._k = k
        self._call_seconds = MovingAverage()
        self._wanted: dict[Key, asyncio.Future[None]] = {}  # the newest request comes last
        self._making: dict[Key, asyncio.Future[None]] = {}  # at most one
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
        """Count stale videos again; return when that is done, or after *within_seconds*."""
        self._stale.ask(course_id)
        stale = [mid for mid in material_ids if self._stale.is_stale(course_id, mid)]
        # The newest request is served first, and the first video of it before the others.
        awaited = [self._want((course_id, mid)) for mid in reversed(stale)]
        awaited += [
            future
            for (cid, mid), future in self._making.items()
            if cid == course_id and mid in material_ids and mid not in stale
        ]
        if awaited:
            await asyncio.wait(awaited, timeout=within_seconds)

    def _want(self, key: Key) -> asyncio.Future[None]:
        future = self._wanted.pop(key, None) or asyncio.get_running_loop().create_future()
        self._wanted[key] = future
        self._is_wanted.set()
        return future

    async def _work(self) -> None:
        while True:
            if self._wanted:
                await self._make_awaited(*self._wanted.popitem())
            elif (stale := await self._next_stale()) is not None:
                await self._make_awaited(stale, asyncio.get_running_loop().create_future())
            else:
                self._is_wanted.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._is_wanted.wait(), IDLE_SECONDS)

    async def _make_awaited(self, key: Key, future: asyncio.Future[None]) -> None:
        """Make the release; requests for it that arrive meanwhile await *future*."""
        self._making = {key: future}
        await self._make_safely(key)
        self._making = {}
        if not future.done():
            future.set_result(None)

    async def _next_stale(self) -> Key | None:
        """A stale video of a course that is asked about; of the newest request."""
        for course_id in self._stale.asked():
            with suppress(ServiceError):
                course = await self._catalog.course(course_id)
                for material_id in (*course.video_ids, WHOLE_COURSE):
                    if self._stale.is_stale(course_id, material_id):
                        return course_id, material_id
        return None

    async def _make_safely(self, key: Key) -> None:
        self._stale.counting(*key)
        try:
            await self._make(*key)
        except ServiceError as error:
            log.warning("release_failed", code=error.code)
            await asyncio.sleep(RETRY_SECONDS)
        except Exception as error:
            log.error("release_failed", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(RETRY_SECONDS)

    async def rebuild(self, course_id: str) -> int:
        """Count the course and its videos again; return how many releases that makes."""
        course = await self._catalog.course(course_id)
        for material_id in (*course.video_ids, WHOLE_COURSE):
            await self._make(course_id, material_id)
        return len(course.video_ids) + 1

    async def _make(self, course_id: str, material_id: str) -> None:
        """Count the video or course, and replace its release where that is allowed."""
        course = await self._catalog.course(course_id)
        members = await self._members.of(course_id)
        if material_id == WHOLE_COURSE:
            await self._make_course(course, members)
        elif (video := counted_video(course, material_id)) is not None:
            await self._make_video(course, video, members)

    async def _make_video(
        self, course: Course, video: CountedVideo, members: Sequence[ClassMember]
    ) -> None:
        found = await self._store.videos(course.course_id, [video.material_id])
        held = found.get(video.material_id)
        release = held.release if held else None
        groups = await self._counting.video(
            video, members, since=partial(times_compared, release), run=self._paced
        )
        new = next_release(
            release,
            groups,
            nobody=ClassCounts(),
            k=self._k,
            as_of=await self._as_of(groups.values()),
            duration_seconds=video.duration_seconds,
            definition_version=DEFINITION_VERSION,
        )
        if new is not release:
            revision = held.revision if held else 0
            await self._store.replace(course.course_id, video.material_id, new, revision=revision)

    async def _make_course(self, course: Course, members: Sequence[ClassMember]) -> None:
        held = await self._store.course(course.course_id)
        release = held.release if held else None
        groups = await self._counting.course(
            course,
            members,
            since=partial(times_compared, release),
            now=await self._store.database_time(),
            run=self._paced,
        )
        new = next_release(
            release,
            groups,
            nobody=CourseCounts(),
            k=self._k,
            as_of=await self._as_of(groups.values()),
            duration_seconds=0.0,
            definition_version=DEFINITION_VERSION,
        )
        if new is not release:
            revision = held.revision if held else 0
            await self._store.replace(course.course_id, WHOLE_COURSE, new, revision=revision)

    async def _as_of(self, groups: Iterable[Group[C]]) -> datetime:
        """A time that no counted record or enrolment is newer than."""
        times = [at for group in groups for at in (*group.stored_at, *group.enrolled_at)]
        return max([await self._store.database_time(), *times])

    async def _paced(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """What *call* returns, when its turn comes."""
        claimed = self._call_seconds.value
        while wait_seconds := await self._store.claim(claimed):  # noqa: ASYNC110 - see the store
            await asyncio.sleep(wait_seconds)
        began_at = time.monotonic()
        try:
            return await call()
        finally:
            took = time.monotonic() - began_at
            self._call_seconds.add(took)
            await self._store.settle(took - claimed)


def counted_video(course: Course, material_id: str) -> CountedVideo | None:
    """How to count that video of *course*; ``None`` for one without a length in the catalogue."""
    material = course.by_id.get(material_id)
    if material is None or not material.is_video or material.duration_seconds is None:
        return None
    return CountedVideo(material_id, material.duration_seconds, course.thresholds[material_id])
