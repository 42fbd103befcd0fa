"""The events of playback sessions that end."""

from __future__ import annotations

from collections.abc import Iterable

from progress_service.domain.outbox_events import OutboxEvent, session_ended
from progress_service.progress.merge import ReportChange

# A page that is hidden sends its last report as a `flush`, and often comes back.
DELAY_SECONDS = {"ended": 0.0, "flush": 60.0}


def session_ends(changes: Iterable[ReportChange]) -> list[OutboxEvent]:
    """An event for each of *changes* that ends a session, by the kind of its report."""
    return [
        session_ended(
            change.student_id,
            change.course_id,
            change.material_id,
            change.report.session_id,
            ended_at=change.report.observed_at,
            delay_seconds=DELAY_SECONDS[change.report.kind],
        )
        for change in changes
        if change.keeps_history
        and change.report.kind in DELAY_SECONDS
        and change.report.session_id is not None
    ]
