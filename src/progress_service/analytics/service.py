"""Returns what may be published about a class: the measures of releases, rounded with k."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cachetools import LRUCache

from progress_service.analytics.release_maker import counted_video
from progress_service.analytics.releases import Releases
from progress_service.analytics.store import WHOLE_COURSE, AnalyticsStore, StoredRelease, Version
from progress_service.catalog.permits import not_teacher
from progress_service.catalog.service import CatalogService
from progress_service.domain.catalog import Course, Material
from progress_service.domain.class_counts import ClassCounts
from progress_service.domain.class_measures import VideoMeasures, measure
from progress_service.domain.course_measures import CourseMeasures, measure_course
from progress_service.domain.k_anonymity import KAnonymity
from progress_service.domain.releases import Release
from progress_service.domain.snapshots import C, Snapshot, is_cohort_publishable
from progress_service.errors import NotFound, Unavailable
from progress_service.pacing import paced

VIDEO_SECONDS = 0.2  # How long a response waits for newer numbers.
COURSE_SECONDS = 0.4  # Of a second; the releases of a hundred videos are then still to be read.
FIRST_SECONDS = 4.0  # …and for the first ones.
MAX_CACHED = 500  # Measured videos.


@dataclass(frozen=True, slots=True)
class MeasuredVideo:
    """A video and its published measures. ``cohorts`` are those that may be published."""

    video: Material
    course: Course
    as_of: datetime | None
    duration_seconds: float | None
    measures: VideoMeasures
    cohorts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Cached:
    version: Version
    measured: MeasuredVideo


@dataclass(frozen=True, slots=True)
class MeasuredCourse:
    """A course and its videos in course order, with their published measures."""

    course: Course
    as_of: datetime | None
    measures: CourseMeasures
    videos: tuple[MeasuredVideo, ...]
    cohorts: tuple[str, ...] = ()


class AnalyticsService:
    """Aggregate views of classes, for the teachers of their courses and for services."""

    def __init__(
        self, store: AnalyticsStore, releases: Releases, catalog: CatalogService, *, k: int
    ) -> None:
        self._store = store
        self._releases = releases
        self._catalog = catalog
        self._privacy = KAnonymity(k)
        self._measured: LRUCache[tuple[str, str, str | None], _Cached] = LRUCache(MAX_CACHED)

    @property
    def min_learners(self) -> int:
        """The k of this service."""
        return self._privacy.k

    async def video(
        self, material_id: str, *, cohort: str | None, teacher_id: str | None
    ) -> MeasuredVideo:
        """The published measures of the video; *teacher_id* is ``None`` for a service.

        Raises:
            NotFound: no such video.
            Forbidden: the teacher does not teach its course.
            Unavailable: the class is being counted for the first time.
        """
        course = (await self._catalog.courses_of([material_id])).get(material_id)
        if course is None or not course.by_id[material_id].is_video:
            raise NotFound("video", material_id)
        _permit(course, teacher_id)
        stored = await self._fresh_videos(course, [material_id], within_seconds=VIDEO_SECONDS)
        if not stored and counted_video(course, material_id) is not None:
            raise Unavailable("The class is being counted. Try again shortly.")
        return self._measured_video(course, material_id, stored.get(material_id), cohort)

    async def course(
        self, course_id: str, *, cohort: str | None, teacher_id: str | None
    ) -> MeasuredCourse:
        """The published measures of the course and its videos; see `video`."""
        course = await self._catalog.course(course_id)
        _permit(course, teacher_id)
        wanted = [WHOLE_COURSE, *course.video_ids]
        await self._releases.refresh(course_id, wanted, within_seconds=COURSE_SECONDS)
        held = await self._store.course(course_id)
        if held is None:
            await self._releases.make_first(course_id, [WHOLE_COURSE], within_seconds=FIRST_SECONDS)
            held = await self._store.course(course_id)
        if held is None:
            raise Unavailable("The class is being counted. Try again shortly.")
        stored = await self._store.videos(course_id, course.video_ids)
        videos = [
            self._measured_video(course, mid, stored.get(mid), cohort)
            async for mid in paced(course.video_ids)
        ]
        snapshot = self._snapshot(held.release, cohort)
        return MeasuredCourse(
            course,
            as_of=held.release.whole.as_of,
            measures=measure_course(snapshot.counts, self._privacy, is_cohort=cohort is not None)
            if snapshot
            else CourseMeasures(),
            videos=tuple(videos),
            cohorts=self._cohorts(held.release),
        )

    async def _fresh_videos(
        self, course: Course, material_ids: Sequence[str], *, within_seconds: float
    ) -> dict[str, StoredRelease[ClassCounts]]:
        course_id = course.course_id
        await self._releases.refresh(course_id, material_ids, within_seconds=within_seconds)
        stored = await self._store.videos(course_id, material_ids)
        countable = [mid for mid in material_ids if counted_video(course, mid) is not None]
        if countable and not stored:
            await self._releases.make_first(course_id, countable, within_seconds=FIRST_SECONDS)
            stored = await self._store.videos(course_id, material_ids)
        return stored

    def _measured_video(
        self,
        course: Course,
        material_id: str,
        stored: StoredRelease[ClassCounts] | None,
        cohort: str | None,
    ) -> MeasuredVideo:
        """The measures; those of the same release and the same catalogue entry are cached."""
        if stored is None:
            video = course.by_id[material_id]
            return MeasuredVideo(video, course, None, video.duration_seconds, VideoMeasures())
        key = (course.course_id, material_id, cohort)
        cached = self._measured.get(key)
        if cached and cached.version == stored.version and cached.measured.course is course:
            return cached.measured
        measured = self._measure(course, material_id, stored.release, cohort)
        self._measured[key] = _Cached(stored.version, measured)
        return measured

    def _measure(
        self, course: Course, material_id: str, release: Release[ClassCounts], cohort: str | None
    ) -> MeasuredVideo:
        video = course.by_id[material_id]
        snapshot = self._snapshot(release, cohort)
        measures = VideoMeasures()
        if snapshot is not None:
            duration = snapshot.duration_seconds
            measures = measure(
                snapshot.counts, self._privacy, duration_seconds=duration, video=video
            )
        shown = snapshot or release.whole
        return MeasuredVideo(
            video,
            course,
            as_of=shown.as_of,
            duration_seconds=shown.duration_seconds,
            measures=measures,
            cohorts=self._cohorts(release),
        )

    def _snapshot(self, release: Release[C], cohort: str | None) -> Snapshot[C] | None:
        """The whole class, or the *cohort*; ``None`` where that may not be published."""
        if cohort is None:
            return release.whole
        held = release.cohorts.get(cohort)
        return held if held is not None and is_cohort_publishable(held, k=self._privacy.k) else None

    def _cohorts(self, release: Release[C]) -> tuple[str, ...]:
        k = self._privacy.k
        held = release.cohorts
        return tuple(sorted(name for name in held if is_cohort_publishable(held[name], k=k)))


def _permit(course: Course, teacher_id: str | None) -> None:
    if teacher_id is not None and teacher_id not in course.teacher_ids:
        raise not_teacher(course.course_id)
