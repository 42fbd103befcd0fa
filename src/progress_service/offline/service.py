"""Replays offline reports: corrects their times, then stores them as one batch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from progress_service.domain.cursor import Cursor
from progress_service.domain.progress import Report
from progress_service.errors import ServiceError
from progress_service.plausible_time import CLOCK_TOLERANCE, EARLIEST_TIME
from progress_service.progress.ingest import Candidate, Ingest, Ingested

POSITION_VALID_FOR = timedelta(days=90)  # Of older events only coverage and completion count.


@dataclass(frozen=True, slots=True)
class OfflineEvent:
    """A report that a device stored, with times by the client's clock."""

    event_id: str
    material_id: str
    report: Report


@dataclass(frozen=True, slots=True)
class Batch:
    """Events, with the times of sending (client's clock) and of arrival (service's clock)."""

    events: Sequence[OfflineEvent]
    sent_at: datetime
    received_at: datetime

    @property
    def clock_offset(self) -> timedelta:
        """The duration to add to the client's times; zero for ordinary drift.

        Whole seconds, so that a batch gives the same record although each transfer takes some
        milliseconds more or less. Rounded down, so that no time lies in the future.
        """
        offset = self.received_at - self.sent_at
        if abs(offset) <= CLOCK_TOLERANCE:
            return timedelta(0)
        return timedelta(seconds=math.floor(offset.total_seconds()))

    def corrected(self, report: Report) -> Report:
        """*report* by the service's clock. No time is later than that of sending.

        An implausible time becomes that of sending, because the time of arrival differs at each
        attempt.
        """
        offset = self.clock_offset
        sent_at = self.sent_at + offset
        try:
            at = report.observed_at + offset
        except OverflowError:  # the years 1 and 9999
            at = sent_at
        if at < EARLIEST_TIME:
            at = sent_at
        elif offset or at > self.received_at + CLOCK_TOLERANCE:
            at = min(at, sent_at)
        return replace(report, observed_at=at).with_plausible_time(self.received_at)


class OfflineService:
    """Replays batches. An invalid event does not affect the others."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest

    async def replay(
        self, batch: Batch, *, student_id: str
    ) -> tuple[dict[int, ServiceError], Cursor]:
        """Merge the valid events; durable when this returns.

        Returns:
            The error of each rejected event, by its index; and the cursor after the others.

        Raises:
            Unavailable: the outcome is unknown; send the batch again.
        """
        oldest = batch.received_at - POSITION_VALID_FOR
        reports = [(event.material_id, batch.corrected(event.report)) for event in batch.events]
        candidates = [
            Candidate(material_id, report, moves_position=report.observed_at >= oldest)
            for material_id, report in reports
        ]
        ingested = await self._ingest.ingest(candidates, student_id=student_id)
        return ingested.rejected, _cursor_after(ingested)


def _cursor_after(ingested: Ingested) -> Cursor:
    """The cursor after the records that the client created; others include unseen changes."""
    known = [r for r in ingested.records if r.material_id in ingested.created_ids]
    others = [r for r in ingested.records if r.material_id not in ingested.created_ids]
    return Cursor.after(known, unseen=others)
