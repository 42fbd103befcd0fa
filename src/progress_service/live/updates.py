"""Converts change events to frames, and pushes them to the students' sockets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from progress_service.catalog.service import CatalogService
from progress_service.changes.events import (
    CatalogEvent,
    CourseChanged,
    EnrollmentChanged,
    HistoryLost,
    ProgressChanged,
)
from progress_service.domain.cursor import Cursor
from progress_service.domain.progress import Progress
from progress_service.errors import ServiceError
from progress_service.live.frames import CompletedFrame, CourseFrame, PlayingFrame, ProgressFrame
from progress_service.live.hub import Hub
from progress_service.pacing import paced

PLAYING_FRESH = timedelta(seconds=30)  # A device with an older position is not playing now.


class LiveUpdates:
    """Pushes changes; reads from the database at most once per list of events."""

    def __init__(self, hub: Hub, catalog: CatalogService) -> None:
        self._hub = hub
        self._catalog = catalog

    # -- progress ------------------------------------------------------------------------------

    async def progress_changed(self, events: Sequence[ProgressChanged | HistoryLost]) -> None:
        """Push the current state of each record."""
        changed = [event for event in events if isinstance(event, ProgressChanged)]
        if len(changed) < len(events):
            self._hub.resync()
        if not changed:
            return
        states = await self._current_states([event.record for event in changed])
        async for event, state in paced(zip(changed, states, strict=True)):
            self._push(event, state)

    async def _current_states(self, records: Sequence[Progress]) -> Sequence[Progress]:
        try:
            return await self._catalog.current_states(records)
        except ServiceError:
            return records  # as stored; the next read computes the current states

    def _push(self, event: ProgressChanged, record: Progress) -> None:
        state = ProgressFrame.of(record).text()
        completed = _completed_frame(event, record)
        playing = _playing_frame(record, now=datetime.now(UTC))
        for socket in self._hub.sockets_of(event.student_id):
            socket.push(f"progress {record.material_id}", state)
            if completed is not None:
                socket.push(f"completed {record.material_id}", completed)
            if playing is not None and socket.device_id != record.position_device_id:
                socket.push(f"playing {record.material_id}", playing)

    # -- courses and enrolments ----------------------------------------------------------------

    async def catalog_changed(self, event: CatalogEvent) -> None:
        """Push a changed course or enrolment to the students it concerns."""
        if isinstance(event, HistoryLost):
            self._hub.resync()
        elif isinstance(event, CourseChanged):
            await self._push_to_enrolled(
                CourseFrame(course_id=event.course_id, enrolled=not event.is_removed)
            )
        elif isinstance(event, EnrollmentChanged) and (frame := _course_frame(event)):
            self._push_course(event.student_id, frame)

    async def _push_to_enrolled(self, frame: CourseFrame) -> None:
        try:
            enrolled = await self._catalog.enrolled_among(frame.course_id, self._hub.students())
        except ServiceError:
            self._hub.resync()  # the enrolled students are unknown
            return
        for student_id in enrolled:
            self._push_course(student_id, frame)

    def _push_course(self, student_id: str, frame: CourseFrame) -> None:
        text = frame.text()
        for socket in self._hub.sockets_of(student_id):
            socket.push(f"course {frame.course_id}", text)


def _course_frame(event: EnrollmentChanged) -> CourseFrame | None:
    """A frame with the totals if they were just computed, else one without."""
    if event.totals is not None:
        return CourseFrame(
            course_id=event.course_id,
            enrolled=True,
            overall_progress=event.totals.progress_percent,
            completed_ids=list(event.totals.completed_ids),
            completed_at=event.totals.completed_at,
        )
    if event.is_new or event.is_removed:
        return CourseFrame(course_id=event.course_id, enrolled=not event.is_removed)
    return None  # a card was dismissed; the course did not change


def _completed_frame(event: ProgressChanged, record: Progress) -> str | None:
    if not event.sets_completion or record.completed_at is None:
        return None
    return CompletedFrame(
        video_id=record.material_id,
        completed_at=record.completed_at,
        cursor=Cursor.at(record).encode(),
    ).text()


def _playing_frame(record: Progress, *, now: datetime) -> str | None:
    position = record.device_position
    if position is None or not position.is_playing or position.observed_at < now - PLAYING_FRESH:
        return None
    return PlayingFrame(
        video_id=record.material_id,
        device_id=position.device_id,
        watch_time=position.position_seconds,
        observed_at=position.observed_at,
    ).text()
