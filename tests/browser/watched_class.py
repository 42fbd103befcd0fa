"""A course with a class that has watched its only video: some leave, and some play a part again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from progress_service.testing import ServiceProcess
from tests.browser.conftest import call

TEACHER = "demo-teacher"
LENGTH_SECONDS = 90.0
LEFT_AT_SECONDS = 41.0
CLASS_SIZE = 30
LEAVERS = 10  # Stop at LEFT_AT_SECONDS; the others watch the whole video.
REPLAYERS = 10  # Of the others; they watch from 60 to 70 s again.


@dataclass(frozen=True)
class ClassOfCourse:
    """A course with a class that has watched its only video."""

    course_id: str
    video_id: str
    teacher_token: str

    @property
    def address(self) -> str:
        return f"/courses/{self.course_id}/analytics"

    @property
    def video_address(self) -> str:
        return f"{self.address}/videos/{self.video_id}"


def watch(service: ServiceProcess, student_id: str, video_id: str, *, learner: int) -> None:
    """Report what the learner of that number has played."""
    moment = datetime.now(UTC) - timedelta(hours=2)
    leaves = learner < LEAVERS
    end = LEFT_AT_SECONDS if leaves else LENGTH_SECONDS
    sessions = [("first", end, [[0.0, end]])]
    if not leaves and learner < LEAVERS + REPLAYERS:
        sessions.append(("again", 70.0, [[60.0, 70.0]]))
    events = [
        {
            "event_id": f"{student_id}-{name}",
            "video_id": video_id,
            "watch_time": place,
            "total_duration": LENGTH_SECONDS,
            "observed_at": (moment + timedelta(minutes=10 * index)).isoformat(),
            "session_id": f"{student_id}-{name}",
            "played": played,
            "played_seconds": sum(stop - start for start, stop in played),
        }
        for index, (name, place, played) in enumerate(sessions)
    ]
    with service.client(student_id) as client:
        body = {"sent_at": datetime.now(UTC).isoformat(), "events": events}
        client.post("/api/progress/events", json=body).raise_for_status()


def class_of_course(service: ServiceProcess) -> ClassOfCourse:
    """A new course whose class has watched its video, in part."""
    name = uuid.uuid4().hex[:12]
    course_id, video_id = f"course-{name}", f"video-{name}"
    token = service.token("tests", "service")
    video = {
        "material_id": video_id,
        "type": "video",
        "title": "A video that some leave",
        "duration_seconds": LENGTH_SECONDS,
        "source_url": "/demo/media/welcome.mp4",
        "chapters": [
            {"start_seconds": 0, "title": "Intro"},
            {"start_seconds": 35, "title": "Three facts"},
        ],
    }
    body = {"title": "A class", "teacher_ids": [TEACHER], "materials": [video]}
    path = f"/api/catalog/courses/{course_id}"
    call(service, "PUT", path, token=token, body=body).raise_for_status()
    for learner in range(CLASS_SIZE):
        student_id = f"{name}-{learner}"
        service.enroll(student_id, course_id)
        watch(service, student_id, video_id, learner=learner)
    return ClassOfCourse(course_id, video_id, service.token(TEACHER, "teacher"))
