"""Events and records → what statements say. Events are computed from records for the export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from progress_service.domain.catalog import Course
from progress_service.domain.current_state import current_state_in
from progress_service.domain.outbox_events import (
    VIDEO_COMPLETED,
    OutboxEvent,
    session_ended,
    video_completed,
)
from progress_service.domain.played_sessions import PlayedSession, SessionRecord
from progress_service.xapi.identifiers import Identifiers
from progress_service.xapi.statements import Statement, Viewing, completed, terminated


@dataclass(frozen=True)
class StatementBuilder:
    """Builds the statement about an event from the record and the course as they are now.

    ``default_percent`` is the threshold of videos whose course was removed.
    """

    identifiers: Identifiers
    default_percent: float

    def statement(
        self, event: OutboxEvent, record: SessionRecord, course: Course | None
    ) -> Statement | None:
        """The statement; ``None`` if the record has no such completion or session."""
        record = _current(record, course)
        if event.type == VIDEO_COMPLETED:
            return self._completed(event, record, course)
        session = record.session(event.data["session_id"])
        return None if session is None else self._terminated(event, record, course, session)

    def _completed(
        self, event: OutboxEvent, record: SessionRecord, course: Course | None
    ) -> Statement | None:
        if not record.progress.is_completed:
            return None
        at = event.occurred_at
        session = record.session_at(at)
        viewing = self._viewing(
            event,
            record,
            course,
            at=at,
            position_seconds=record.progress.position_seconds,
            spent_seconds=record.total_played_seconds,
            session_id=session.session_id if session else None,
        )
        return completed(viewing, event_id=event.event_id, identifiers=self.identifiers)

    def _terminated(
        self,
        event: OutboxEvent,
        record: SessionRecord,
        course: Course | None,
        session: PlayedSession,
    ) -> Statement:
        viewing = self._viewing(
            event,
            record,
            course,
            at=session.last_observed_at,
            position_seconds=record.position_of(session),
            spent_seconds=session.played_seconds,
            session_id=session.session_id,
        )
        return terminated(viewing, event_id=event.event_id, identifiers=self.identifiers)

    def _viewing(
        self,
        event: OutboxEvent,
        record: SessionRecord,
        course: Course | None,
        *,
        at: datetime,
        position_seconds: float,
        spent_seconds: float,
        session_id: str | None,
    ) -> Viewing:
        progress, material_id = record.progress, record.progress.material_id
        material = course.by_id.get(material_id) if course else None
        percent = self.default_percent
        if course is not None and material is not None:
            percent = course.thresholds[material_id].percent
        known_seconds = material.duration_seconds if material else None
        return Viewing(
            student_id=record.student_id,
            course_id=event.data["course_id"],
            course_title=course.title if course else "",
            material_id=material_id,
            title=material.title if material else "",
            at=at,
            length_seconds=known_seconds or progress.duration_seconds,
            complete_at_percent=percent,
            position_seconds=position_seconds,
            reached_percent=max(progress.percent, progress.furthest_percent),
            spans=progress.watched_spans,
            spent_seconds=spent_seconds,
            session_id=session_id,
        )


def events_of(
    record: SessionRecord, course: Course | None, *, now: datetime
) -> Iterator[tuple[str, OutboxEvent]]:
    """The events that the record stands for: a completion, and each session that has ended.

    Each comes with its key in the record: empty for the completion, else the id of the session.
    """
    record = _current(record, course)
    progress, student_id = record.progress, record.student_id
    material = course.by_id.get(progress.material_id) if course else None
    course_id = course.course_id if course else record.course_id
    if course_id is None or (material is not None and not material.is_video):
        return
    key = (student_id, course_id, progress.material_id)
    if progress.completed_at is not None:
        unmarked_at = progress.unmarked_at
        yield "", video_completed(*key, completed_at=progress.completed_at, unmarked_at=unmarked_at)
    for session in record.sessions:
        if record.has_ended(session, now=now):
            session_id, ended_at = session.session_id, session.last_observed_at
            yield session_id, session_ended(*key, session_id, ended_at=ended_at)


def _current(record: SessionRecord, course: Course | None) -> SessionRecord:
    if course is None:
        return record
    progress = current_state_in(record.progress, course)
    return SessionRecord(record.student_id, record.course_id, progress, record.sessions)
