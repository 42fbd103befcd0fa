"""Reports with sessions, devices and spans: what the learners of a class do with a video."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.learners import COURSE_ID, DURATION_SECONDS, video_id
from benchmarks.records import THRESHOLD, ChangesOf
from progress_service.domain.intervals import Span
from progress_service.domain.progress import Report
from progress_service.progress.merge import ReportChange

MAX_CLASS_SESSIONS = 4
DEVICES = ("ipad-1", "phone-2")
_REPLAY_SECONDS = 40.0


def of_class(student: str) -> Iterator[ReportChange]:
    """A few sessions that go on where the last one stopped; some replay a part."""
    return _viewings(student, sessions=random.randint(1, MAX_CLASS_SESSIONS))


def with_sessions(sessions: int) -> ChangesOf:
    """As many sessions as given."""
    return lambda student: _viewings(student, sessions=sessions)


def _viewings(student: str, *, sessions: int) -> Iterator[ReportChange]:
    begin = datetime.now(UTC) - timedelta(days=sessions)
    limit = 0.75 * DURATION_SECONDS  # below the threshold
    position = 0.0
    for number in range(sessions):
        start = position if position < 0.9 * limit else 0.0
        position = round(random.uniform(start + 1, limit), 1)
        played: list[Span] = [(start, position)]
        if random.random() < 0.3:
            again = round(random.uniform(0, 0.8 * position), 1)
            played.append((again, round(min(again + _REPLAY_SECONDS, position), 1)))
        report = Report(
            position,
            DURATION_SECONDS,
            begin + timedelta(days=number),
            device_id=random.choice(DEVICES),
            session_id=f"{random.getrandbits(128):032x}",
            played=tuple(played),
            played_seconds=round(sum(end - begin for begin, end in played), 3),
        )
        yield ReportChange(student, video_id(0), COURSE_ID, report, THRESHOLD)
