"""Makes one release: counts the class, and replaces what is stored where that is allowed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from progress_service.analytics.counting import Counting
from progress_service.analytics.pipelines import CountedVideo
from progress_service.analytics.store import WHOLE_COURSE, AnalyticsStore
from progress_service.analytics.turns import Turn
from progress_service.catalog.class_members import ClassMember, ClassMembers
from progress_service.catalog.service import CatalogService
from progress_service.domain.catalog import Course
from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.class_measures import DEFINITION_VERSION
from progress_service.domain.course_counts import CourseCounts
from progress_service.domain.releases import next_release, times_compared
from progress_service.domain.snapshots import C, Group
from progress_service.pacing import MovingAverage

Result = TypeVar("Result")


class ReleaseMaker:
    """Counts videos and courses, at the pace that the store sets for all processes."""

    def __init__(
        self,
        store: AnalyticsStore,
        counting: Counting,
        members: ClassMembers,
        catalog: CatalogService,
        *,
        k: int,
    ) -> None:
        self._store = store
        self._counting = counting
        self._members = members
        self._catalog = catalog
        self._k = k
        self._call_seconds = MovingAverage()

    async def make(self, course_id: str, material_id: str, *, turn: Turn | None = None) -> None:
        """Count the video or course; keep the *turn* meanwhile."""
        course = await self._catalog.course(course_id)
        members = await self._members.of(course_id)
        if material_id == WHOLE_COURSE:
            await self._make_course(course, members, turn)
        elif (video := counted_video(course, material_id)) is not None:
            await self._make_video(course, video, members, turn)

    async def _make_video(
        self,
        course: Course,
        video: CountedVideo,
        members: Sequence[ClassMember],
        turn: Turn | None,
    ) -> None:
        found = await self._store.videos(course.course_id, [video.material_id])
        held = found.get(video.material_id)
        release = held.release if held else None
        groups = await self._counting.video(
            video, members, since=partial(times_compared, release), run=partial(self._paced, turn)
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

    async def _make_course(
        self, course: Course, members: Sequence[ClassMember], turn: Turn | None
    ) -> None:
        held = await self._store.course(course.course_id)
        release = held.release if held else None
        groups = await self._counting.course(
            course,
            members,
            since=partial(times_compared, release),
            now=await self._store.database_time(),
            run=partial(self._paced, turn),
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

    async def _paced(self, turn: Turn | None, call: Callable[[], Awaitable[Result]]) -> Result:
        """What *call* returns, when its turn comes."""
        claimed = self._call_seconds.value
        while wait_seconds := await self._store.claim(claimed):  # noqa: ASYNC110 - see the store
            await asyncio.sleep(wait_seconds)
        if turn is not None:
            await turn.renew()
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
