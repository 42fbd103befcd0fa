"""A video that was shortened to less than a learner's position; in two browsers."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

import pytest

from tests.browser.conftest import BOTH, Student, call
from tests.browser.tabs import Learner, wait_until

pytestmark = pytest.mark.browser

TITLE = "A lesson"
LONG_SECONDS, SHORT_SECONDS = 90, 60
POSITION_SECONDS = 71.0  # not yet complete
A_WHILE_SECONDS = 2.0


@dataclass(frozen=True)
class Lesson:
    """A video in a course of its own, which its teacher may shorten."""

    student: Student
    course_id: str
    video_id: str

    @property
    def address(self) -> str:
        return f"/courses/{self.course_id}"

    def put(self, file: str, duration_seconds: float) -> None:
        material = {
            "material_id": self.video_id,
            "type": "video",
            "title": TITLE,
            "duration_seconds": duration_seconds,
            "source_url": f"/demo/media/{file}.mp4",
        }
        body = {
            "course_id": self.course_id,
            "title": "A course",
            "teacher_ids": [],
            "materials": [material],
        }
        self._call("", body)

    def enroll(self) -> None:
        self._call(f"/enrollments/{self.student.student_id}")

    def _call(self, path: str, body: object = None) -> None:
        service = self.student.service
        token = service.token("tests", "service")
        address = f"/api/catalog/courses/{self.course_id}{path}"
        call(service, "PUT", address, token=token, body=body).raise_for_status()

    @property
    def position_seconds(self) -> float:
        return float(self.student.status(self.video_id)["watch_time"])


@pytest.fixture
def lesson(student: Student) -> Lesson:
    """A lesson where the student's position on another device is beyond a later, shorter video."""
    name = uuid.uuid4().hex[:12]
    new_lesson = Lesson(student, f"course-{name}", f"video-{name}")
    new_lesson.put("welcome", LONG_SECONDS)
    new_lesson.enroll()
    student.report(
        new_lesson.video_id,
        watch_time=POSITION_SECONDS,
        total_duration=LONG_SECONDS,
        device_id="tablet",
    )
    return new_lesson


def open_lesson(learner: Learner, lesson: Lesson) -> None:
    learner.go(lesson.address)
    learner.until("document.querySelector('ol li [role=progressbar]') !== null")
    learner.watch(TITLE)


def seconds_offered(learner: Learner) -> list[int]:
    """The positions that buttons of the page offer."""
    names = learner.evaluate(
        "[...document.querySelectorAll('main button, main a')].map((one) => one.textContent)"
    )
    found = re.findall(r"(?:to|at|from) (\d+):(\d\d)", "\n".join(names))
    return [60 * int(minutes) + int(seconds) for minutes, seconds in found]


# With the current file, and with a player or proxy that still has the old one.
FILES = pytest.mark.parametrize("file", ["components", "welcome"], ids=["short", "old"])


@BOTH
@FILES
def test_shortened_video_opens_before_its_end_and_keeps_the_position(
    learner: Learner, lesson: Lesson, file: str
):
    lesson.put(file, SHORT_SECONDS)
    stored_seconds = lesson.position_seconds

    open_lesson(learner, lesson)

    learner.until("document.body.innerText.includes('has been shortened')")
    assert learner.position_seconds < SHORT_SECONDS - A_WHILE_SECONDS
    assert [seconds for seconds in seconds_offered(learner) if seconds > SHORT_SECONDS] == []
    learner.play_until(0.5)
    learner.pause()
    learner.close_video()
    learner.reopen()
    wait_until(lambda: not learner.evaluate("document.body.innerText.includes('waiting')"))
    assert lesson.position_seconds == stored_seconds


@BOTH
@FILES
def test_playback_of_a_shortened_video_is_stored(learner: Learner, lesson: Lesson, file: str):
    lesson.put(file, SHORT_SECONDS)

    open_lesson(learner, lesson)
    learner.seek(20)
    learner.play_until(21)
    learner.pause()

    wait_until(lambda: abs(lesson.position_seconds - learner.position_seconds) < 0.3)


@BOTH
def test_video_shortened_while_its_page_is_open_does_not_restart(learner: Learner, lesson: Lesson):
    open_lesson(learner, lesson)
    learner.until(f"document.querySelector('video').currentTime >= {POSITION_SECONDS - 5}")
    lesson.put("components", SHORT_SECONDS)

    learner.play_until(POSITION_SECONDS + 1)
    learner.pause()
    learner.reload()

    assert learner.evaluate("document.querySelector('video').duration") < SHORT_SECONDS + 1
    assert [seconds for seconds in seconds_offered(learner) if seconds > SHORT_SECONDS] == []
    assert lesson.position_seconds >= SHORT_SECONDS
