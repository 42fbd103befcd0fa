"""A record with its playback sessions. A session is all reports with one ``session_id``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from progress_service.domain.intervals import Span
from progress_service.domain.progress import ROUNDING_SECONDS, Progress

QUIET_TIME = timedelta(seconds=60)  # Players report every 10 s while they play.


@dataclass(frozen=True, slots=True)
class PlayedSession:
    """What one session played. ``played_seconds`` also counts what was played again."""

    session_id: str
    last_observed_at: datetime
    played_seconds: float = 0.0
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A student's record of a video, with its newest sessions, the newest first.

    ``course_id`` is the course of its first report.
    """

    student_id: str
    course_id: str | None
    progress: Progress
    sessions: tuple[PlayedSession, ...] = ()

    def session(self, session_id: str) -> PlayedSession | None:
        """The session with that id, if it is still stored."""
        return next((each for each in self.sessions if each.session_id == session_id), None)

    @property
    def total_played_seconds(self) -> float:
        """Seconds spent on the video: in its stored sessions, or at least what was watched."""
        in_sessions = sum(session.played_seconds for session in self.sessions)
        return max(in_sessions, self.progress.watched_seconds)

    def session_at(self, moment: datetime) -> PlayedSession | None:
        """The session in which *moment* probably lies: the first one that was reported since."""
        since = [each for each in self.sessions if each.last_observed_at >= moment]
        return min(since, key=lambda each: (each.last_observed_at, each.session_id), default=None)

    def position_of(self, session: PlayedSession) -> float:
        """Where *session* was at its last report; if that is unknown, the furthest it played."""
        for device in self.progress.devices:
            if device.session_id == session.session_id:
                return device.position_seconds
        if session.last_observed_at == self.progress.observed_at:
            return self.progress.position_seconds
        furthest = max((end for _, end in session.spans), default=0.0)
        return min(furthest, self.progress.duration_seconds or furthest)

    def has_ended(self, session: PlayedSession, *, now: datetime) -> bool:
        """True at the end of the video, or when no report has come for `QUIET_TIME`."""
        length_seconds = self.progress.duration_seconds
        is_at_end = 0 < length_seconds <= self.position_of(session) + ROUNDING_SECONDS
        return is_at_end or session.last_observed_at <= now - QUIET_TIME
