"""Replays kept reports: mends the client's clock, judges each event alone, writes them at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from progress_service.catalog.service import CatalogService
from progress_service.domain.catalog import Course
from progress_service.domain.cursor import Cursor
from progress_service.domain.intervals import Coverage, total_seconds
from progress_service.domain.progress import Progress, Report
from progress_service.errors import NotEnrolled, NotFound, ServiceError
from progress_service.pacing import paced
from progress_service.plausible_time import CLOCK_TOLERANCE, EARLIEST_TIME
from progress_service.progress.service import Accepted, ProgressService, Recorded

PLACE_GOOD_FOR = timedelta(days=90)  # Older: what was seen counts, where it was does not.


@dataclass(frozen=True, slots=True)
class Kept:
    """One report that a device kept, by its client's clock."""

    event_id: str
    material_id: str
    report: Report


@dataclass(frozen=True, slots=True)
class Batch:
    """Kept reports and when, by the client's clock and by ours, they were handed in."""

    events: Sequence[Kept]
    sent_at: datetime
    received_at: datetime

    @property
    def clock_error(self) -> timedelta:
        """How much to add to the client's times; zero for ordinary drift.

        Whole seconds, downwards: the way of a batch takes some milliseconds more or less, and a
        batch sent twice must come out the same; and nothing may land in the future.
        """
        error = self.received_at - self.sent_at
        if abs(error) <= CLOCK_TOLERANCE:
            return timedelta(0)
        return timedelta(seconds=math.floor(error.total_seconds()))

    def mended(self, report: Report) -> Report:
        """*report* by our clock. Nothing was observed after the batch was sent.

        A time that cannot be believed becomes the attempt's own, not that of our receipt, which
        differs each time the same batch comes.
        """
        error = self.clock_error
        sent_at = self.sent_at + error
        try:
            at = report.observed_at + error
        except OverflowError:  # the years 1 and 9999; nobody was there
            at = sent_at
        if at < EARLIEST_TIME:
            at = sent_at
        elif error or at > self.received_at + CLOCK_TOLERANCE:
            at = min(at, sent_at)
        return replace(report, observed_at=at).believed_at(self.received_at)


class OfflineService:
    """Takes batches in; one bad event blocks no other."""

    def __init__(self, progress: ProgressService, catalog: CatalogService) -> None:
        self._progress = progress
        self._catalog = catalog

    async def replay(
        self, batch: Batch, *, student_id: str
    ) -> tuple[dict[int, ServiceError], Cursor]:
        """Merge what can be merged, durable when this returns.

        Returns:
            Why an event was refused, by its index; and the cursor of who knows what was merged.

        Raises:
            Unavailable: the outcome is unknown; send the batch again.
        """
        refused: dict[int, ServiceError] = {}
        accepted: list[Accepted] = []
        courses = await self._catalog.courses_of([kept.material_id for kept in batch.events])
        course_ids = list({course.course_id for course in courses.values()})
        enrolled = await self._catalog.enrolled_in(student_id, course_ids)
        async for index, kept in paced(enumerate(batch.events)):
            try:
                course = _watchable(kept.material_id, courses, enrolled)
                report = batch.mended(kept.report)
                video = course.by_id[kept.material_id]
                is_recent = report.observed_at >= batch.received_at - PLACE_GOOD_FOR
                report = report.against(
                    video.duration_seconds, earlier_durations=video.earlier_durations
                )
                accepted.append(Accepted(course, kept.material_id, report, is_recent))
            except ServiceError as error:
                refused[index] = error
        recorded = await self._progress.record_many(accepted, student_id=student_id)
        return refused, await _cursor_after(recorded, accepted)


def _watchable(material_id: str, courses: dict[str, Course], enrolled: set[str]) -> Course:
    course = courses.get(material_id)
    if course is None or not course.by_id[material_id].is_video:
        raise NotFound("video", material_id)
    if course.course_id not in enrolled:
        raise NotEnrolled(course.course_id)
    return course


async def _cursor_after(recorded: Recorded, accepted: Sequence[Accepted]) -> Cursor:
    """Of who handed in *accepted*: they have seen what holds nothing but that."""
    reports: dict[str, list[Report]] = {}
    for one in accepted:
        reports.setdefault(one.material_id, []).append(one.report)
    seen: list[Progress] = []
    unseen: list[Progress] = []
    async for record in paced(recorded.records):
        added = recorded.added.get(record.material_id, Coverage())
        is_own = _holds_nothing_but(record, reports[record.material_id], added)
        (seen if is_own else unseen).append(record)
    return Cursor.after(seen, unseen=unseen)


def _holds_nothing_but(record: Progress, reports: Sequence[Report], added: Coverage) -> bool:
    """*added* is a part of what the record covers, so that their totals tell them apart."""
    moments = {report.observed_at for report in reports}
    return (
        (record.observed_at, record.position_seconds)
        in {(report.observed_at, report.position_seconds) for report in reports}
        and (record.completed_at is None or record.completed_at in moments)
        and math.isclose(record.watched_seconds, total_seconds(added.spans), abs_tol=0.001)
    )
