"""The events of completions that an enrolment does not list yet."""

from __future__ import annotations

from collections.abc import Mapping

from progress_service.catalog.enrollments import Enrollment
from progress_service.domain.catalog import Course
from progress_service.domain.outbox_events import OutboxEvent, course_completed, video_completed
from progress_service.domain.progress import Progress


def completion_events(
    stored: Enrollment,
    computed: Enrollment,
    records: Mapping[str, Progress],
    *,
    student_id: str,
    course: Course,
) -> list[OutboxEvent]:
    """An event for each video, and for the course, that *computed* completes and *stored* does not.

    The ids depend on what is stored of the student only. Processes that notice the same completion,
    and one that repeats its work after a crash, give the same events.
    """
    new_ids = set(computed.completed_ids).difference(stored.completed_ids)
    events = [
        video_completed(
            student_id,
            course.course_id,
            material_id,
            completed_at=completed_at,
            unmarked_at=records[material_id].unmarked_at,
        )
        for material_id in course.video_ids
        if material_id in new_ids
        and (completed_at := records[material_id].completed_at) is not None
    ]
    if stored.completed_at is None and computed.completed_at is not None:
        held = [records[mid] for mid in course.counted_ids if mid in records]
        unmarks = [record.unmarked_at for record in held if record.unmarked_at is not None]
        events.append(
            course_completed(
                student_id,
                course.course_id,
                completed_at=computed.completed_at,
                unmarked_at=max(unmarks, default=None),
            )
        )
    return events
