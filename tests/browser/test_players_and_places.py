"""Players that misbehave, and places that a learner has only asked for; in two browsers."""

from __future__ import annotations

import pytest

from tests.browser.conftest import BOTH, Student
from tests.browser.tabs import Learner, wait_until

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"
WELCOME_SECONDS = 90
WITHIN_SECONDS = 2.0

# Set before the video is opened.
NO_LENGTH = """
Object.defineProperty(HTMLMediaElement.prototype, "duration", { get: () => Infinity }) && null
"""
# As iOS does: a seek before the first `playing` is dropped without a sign.
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
# As a player that loads by steps: it goes to its own start as soon as it knows the media.
GOES_TO_ZERO = """
document.addEventListener("loadeddata", ({ target }) => {
  target.currentTime = 0;
}, { capture: true, once: true })
"""


def place(student: Student) -> float:
    return student.status("welcome")["watch_time"]


def report(student: Student, watch_time: float) -> None:
    student.report("welcome", watch_time=watch_time, total_duration=WELCOME_SECONDS)


@BOTH
def test_video_without_a_length_is_saved_with_the_catalogues(learner: Learner, student: Student):
    learner.ask(NO_LENGTH)
    learner.watch(WELCOME)
    learner.play_until(4)
    learner.pause()
    left_at = learner.place_seconds

    wait_until(lambda: abs(place(student) - left_at) < 0.3)
    assert student.status("welcome")["total_duration"] == WELCOME_SECONDS


@BOTH
@pytest.mark.parametrize("habit", [DROPS_EARLY_SEEKS, GOES_TO_ZERO], ids=["drops", "to-zero"])
def test_player_that_undoes_the_first_seek_overwrites_no_place(
    learner: Learner, student: Student, habit: str
):
    report(student, 48)
    learner.open_course()
    learner.ask(f"void ({habit.strip()})")
    learner.ask(f"document.querySelector('[aria-label=\"Play {WELCOME}\"]').click()")
    learner.until("document.querySelector('video')?.readyState >= 2")
    learner.play_until(49)
    learner.pause()
    left_at = learner.place_seconds

    wait_until(lambda: abs(place(student) - left_at) < 0.3)
    assert 48 < left_at < 60


@BOTH
def test_seek_counts_though_the_page_is_loaded_again_at_once(learner: Learner):
    learner.watch(WELCOME)
    learner.seek(5)
    learner.ask("void (document.querySelector('video').currentTime = 55)")
    learner.reload()

    # After 15 s a place is rewound by 2 s.
    learner.until("Math.abs(document.querySelector('video').currentTime - 55) < 2.5")


@BOTH
def test_second_window_beside_a_playing_one_opens_where_that_one_is(learner: Learner):
    learner.watch(WELCOME)
    learner.seek(46)
    learner.play_until(48.5)
    second = learner.another_tab()

    was_at = learner.place_seconds
    second.watch(WELCOME)

    # The first one plays on while the second one opens.
    assert was_at - WITHIN_SECONDS <= second.place_seconds <= learner.place_seconds
