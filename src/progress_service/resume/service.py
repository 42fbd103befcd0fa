"""Applies the resume rules of the domain to stored records."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from progress_service.catalog.enrollments_store import EnrollmentsStore
from progress_service.catalog.service import CatalogService
from progress_service.clock import Clock
from progress_service.domain.catalog import Chapter, Course, Material
from progress_service.domain.continue_watching import Card, build_card, needs_spans, with_spans
from progress_service.domain.current_state import current_state_in
from progress_service.domain.progress import Progress
from progress_service.domain.resume import Resume, chapter_at, next_unfinished, resume
from progress_service.pacing import paced
from progress_service.progress.projections import IN_TOTALS
from progress_service.progress.store import ProgressStore


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """Where to resume a video, with its chapter and the next material."""

    found: Resume
    video: Material
    chapter: Chapter | None
    next: Material | None
    now: datetime


class ResumeService:
    """Computes where to resume a video, and the cards to continue with."""

    def __init__(
        self,
        progress: ProgressStore,
        enrollments: EnrollmentsStore,
        catalog: CatalogService,
        *,
        clock: Clock,
    ) -> None:
        self._progress = progress
        self._enrollments = enrollments
        self._catalog = catalog
        self._clock = clock

    async def video(self, student_id: str, video_id: str, *, skip_intro: bool) -> ResumePoint:
        """Where to resume one video.

        Raises:
            NotFound, NotEnrolled: the student may not watch it.
        """
        course, video = await self._catalog.video(student_id, video_id)
        [progress], records = await asyncio.gather(
            self._progress.read_each([(student_id, video_id)]),
            self._progress.read_many(student_id, list(course.by_id), fields=IN_TOTALS),
        )
        now = self._clock.now()
        found = resume(
            current_state_in(progress, course),
            video,
            now=now,
            threshold_percent=course.thresholds[video_id].percent,
            skip_intro=skip_intro,
        )
        states = _current_states(course, records)
        done_ids = {mid for mid, state in states.items() if state.is_completed}
        return ResumePoint(
            found=found,
            video=video,
            chapter=chapter_at(video, found.resume_at_seconds),
            next=next_unfinished(course, done_ids, after=video_id),
            now=now,
        )

    async def cards(self, student_id: str, *, limit: int) -> list[Card]:
        """One card for each course with something to continue, newest activity first."""
        dismissed = await self._enrollments.dismissals(student_id)
        records = await self._progress.read_all(student_id)
        courses = await self._catalog.courses_of(list(records))
        open_courses = {c.course_id: c for c in courses.values() if c.course_id in dismissed}
        cards = [
            self._card(course, records)
            async for course in paced(open_courses.values())
            if not _is_dismissed(dismissed[course.course_id], course, records)
        ]
        return await self._with_spans(student_id, _newest_first(cards)[:limit], courses)

    async def _with_spans(
        self, student_id: str, cards: list[Card], courses: Mapping[str, Course]
    ) -> list[Card]:
        keys = [(student_id, card.material.material_id) for card in cards if needs_spans(card)]
        if not keys:
            return cards
        found = {
            record.material_id: current_state_in(record, courses[record.material_id])
            for record in await self._progress.read_each(keys)
        }
        return [
            with_spans(card, found[card.material.material_id]) if needs_spans(card) else card
            for card in cards
        ]

    async def dismiss(self, student_id: str, course_id: str, *, dismissed: bool) -> None:
        """Hide the course's card until the next change in the course, or show it again.

        Raises:
            NotFound, NotEnrolled: the student has no such course.
        """
        await self._catalog.course(course_id)
        await self._catalog.require_enrolled(student_id, course_id)
        await self._enrollments.dismiss(student_id, course_id, dismissed=dismissed)

    def _card(self, course: Course, records: dict[str, Progress]) -> Card | None:
        return build_card(
            course,
            _current_states(course, records),
            now=self._clock.now(),
        )


def _current_states(course: Course, records: Mapping[str, Progress]) -> dict[str, Progress]:
    return {mid: current_state_in(records[mid], course) for mid in course.by_id if mid in records}


def _newest_first(cards: Iterable[Card | None]) -> list[Card]:
    found = [card for card in cards if card is not None]
    return sorted(found, key=lambda card: card.active_at, reverse=True)


def _is_dismissed(
    dismissed_at: datetime | None, course: Course, records: dict[str, Progress]
) -> bool:
    if dismissed_at is None:
        return False
    stamps = [records[mid].stored_at for mid in course.by_id if mid in records]
    return all(at is not None and at <= dismissed_at for at in stamps)
