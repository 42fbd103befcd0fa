"""Players that misbehave, and positions that are requested but not yet reached; in two browsers."""

from __future__ import annotations

import pytest

from tests.browser.conftest import BOTH, Student
from tests.browser.tabs import Learner, wait_until

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"
WELCOME_SECONDS = 90
WITHIN_SECONDS = 2.0

# Set before the video is opened.
NO_DURATION = """
Object.defineProperty(HTMLMediaElement.prototype, "duration", { get: () => Infinity }) && null
"""
# As iOS does: it silently drops a seek before the first `playing`.
DROPS_EARLY_SEEKS = """
(() => {
  const media = HTMLMediaElement.prototype;
  const { get, set } = Object.getOwnPropertyDescriptor(media, "currentTime");
  const played = new WeakSet();
  document.addEventListener("playing", ({ target }) => played.add(target), true);
  Object.defineProperty(media, "currentTime", {
    get,
    set(seconds) { if (played.has(this)) set.call(this, seconds); },
    configurable: true,
  });
})()
"""
# As a player that loads in steps: it seeks to its own start once the media is loaded.
GOES_TO_ZERO = """
document.addEventListener("loadeddata", ({ target }) => {
  target.currentTime = 0;
}, { capture: true, once: true })
"""


def stored_seconds(student: Student) -> float:
    return float(student.status("welcome")["watch_time"])


def report(student: Student, watch_time: float) -> None:
    student.report("welcome", watch_time=watch_time, total_duration=WELCOME_SECONDS)


@BOTH
def test_video_without_a_duration_is_stored_with_the_catalogues(learner: Learner, student: Student):
    learner.evaluate(NO_DURATION)
    learner.watch(WELCOME)
    learner.play_until(4)
    learner.pause()
    left_at = learner.position_seconds

    wait_until(lambda: abs(stored_seconds(student) - left_at) < 0.3)
    assert student.status("welcome")["total_duration"] == WELCOME_SECONDS


@BOTH
@pytest.mark.parametrize("fault", [DROPS_EARLY_SEEKS, GOES_TO_ZERO], ids=["drops", "to-zero"])
def test_player_that_undoes_the_first_seek_overwrites_no_position(
    learner: Learner, student: Student, fault: str
):
    report(student, 48)
    learner.open_course()
    learner.evaluate(f"void ({fault.strip()})")
    learner.evaluate(f"document.querySelector('[aria-label=\"Play {WELCOME}\"]').click()")
    learner.until("document.querySelector('video')?.readyState >= 2")
    learner.play_until(49)
    learner.pause()
    left_at = learner.position_seconds

    wait_until(lambda: abs(stored_seconds(student) - left_at) < 0.3)
    assert 48 < left_at < 60


@BOTH
def test_seek_is_stored_although_the_page_is_reloaded_immediately(learner: Learner):
    learner.watch(WELCOME)
    learner.seek(5)
    learner.evaluate("void (document.querySelector('video').currentTime = 55)")
    learner.reload()

    # After 15 s a resume rewinds by 2 s.
    learner.until("Math.abs(document.querySelector('video').currentTime - 55) < 2.5")


@BOTH
def test_second_tab_opens_at_the_position_of_a_playing_one(learner: Learner):
    learner.watch(WELCOME)
    learner.seek(46)
    learner.play_until(48.5)
    second = learner.second_tab()

    was_at = learner.position_seconds
    second.watch(WELCOME)

    # The first one keeps playing while the second one opens.
    assert was_at - WITHIN_SECONDS <= second.position_seconds <= learner.position_seconds
