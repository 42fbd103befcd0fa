"""The testing checklist, point by point; the first seven in two browsers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.conftest import BOTH, Student
from tests.browser.pages import CoursePage
from tests.browser.tabs import ChromiumProfile, FirefoxProfile, Learner, wait_until

pytestmark = pytest.mark.browser

WITHIN_SECONDS = 2.0
ANOTHER_BROWSER_WITHIN_SECONDS = 10.0
WELCOME = "Welcome to the course"
WELCOME_SECONDS = 90.0


def is_stored_at(student: Student, position_seconds: float) -> Callable[[], bool]:
    return lambda: abs(student.status("welcome")["watch_time"] - position_seconds) < 0.3


def shows_in_list(learner: Learner, title: str, watched: str) -> Callable[[], bool]:
    return lambda: learner.material_bar(title) == watched


@BOTH
def test_video_resumes_from_last_position(learner: Learner, student: Student):
    learner.watch(WELCOME)
    learner.seek(48)
    learner.play_until(50)
    learner.pause()
    left_at = learner.position_seconds
    wait_until(is_stored_at(student, left_at))

    learner.reopen()
    learner.watch(WELCOME)

    assert learner.position_seconds == pytest.approx(left_at, abs=WITHIN_SECONDS)


@BOTH
def test_progress_updates_every_10_seconds(learner: Learner, student: Student):
    learner.watch(WELCOME)

    learner.play_until(21)

    times = learner.report_times()
    assert len(times) == 2
    assert [later - earlier for earlier, later in pairwise(times)] == [pytest.approx(10, abs=1)]
    status = student.status("welcome")
    assert status["watch_time"] == pytest.approx(20, abs=1)
    assert status["watched_spans"] == [[pytest.approx(0, abs=0.1), pytest.approx(20, abs=1)]]
    assert {body["kind"] for body in learner.profile.bodies} <= {"heartbeat"}


@BOTH
def test_progress_bar_shows_correct_percentage(learner: Learner, student: Student):
    learner.watch(WELCOME)
    learner.seek(45)

    learner.until("document.querySelector('[aria-label=\"Watched so far\"]').ariaValueNow === '50'")
    assert learner.shows("50 %")
    assert learner.shows("0:45 remaining")
    wait_until(is_stored_at(student, 45))
    assert student.status("welcome")["progress_percentage"] == pytest.approx(50, abs=0.1)
    red, green, blue = learner.evaluate(
        "getComputedStyle([...document.querySelectorAll('main span')]"
        ".find(({textContent}) => textContent === '50 %')).color.match(/\\d+/g).map(Number)"
    )
    assert blue > max(red, green) + 50, "the percentage is blue"


@BOTH
def test_progress_persists_after_closing_video(learner: Learner, student: Student):
    learner.watch(WELCOME)
    learner.seek(20)
    learner.play_until(22)
    left_at = learner.position_seconds

    learner.close_video()
    # Reports are rounded to milliseconds.
    wait_until(lambda: student.status("welcome")["watch_time"] >= left_at - 0.01)
    learner.watch(WELCOME)

    assert learner.position_seconds == pytest.approx(left_at, abs=WITHIN_SECONDS)


@BOTH
def test_progress_persists_after_page_refresh(learner: Learner):
    learner.watch(WELCOME)
    learner.seek(50)
    learner.play_until(52)
    left_at = learner.position_seconds

    learner.reload()

    assert learner.position_seconds == pytest.approx(left_at, abs=WITHIN_SECONDS)


@BOTH
def test_multiple_videos_track_independently(learner: Learner):
    for title, position_seconds in (("Thinking in components", 20), ("State that lasts", 36)):
        learner.watch(title)
        learner.seek(position_seconds)
        learner.close_video()
        learner.until("document.querySelector('video') === null")

    for title, watched in (
        (WELCOME, "0:00 of 1:30 watched"),
        ("Thinking in components", "0:20 of 1:00 watched"),
        ("State that lasts", "0:36 of 1:15 watched"),
    ):
        wait_until(
            shows_in_list(learner, title, watched),
            otherwise=f"{title}: {learner.material_bar(title)}",
        )


@BOTH
def test_progress_shows_in_course_module_list(learner: Learner):
    assert learner.minutes_watched(WELCOME) is None

    learner.watch(WELCOME)
    learner.seek(66)
    learner.close_video()

    wait_until(lambda: learner.minutes_watched(WELCOME) == "1 minute watched")
    assert learner.material_bar(WELCOME) == "1:06 of 1:30 watched"
    assert learner.minutes_watched("State that lasts") is None


def test_auto_complete_triggers_at_80(course: CoursePage, student: Student):
    player = course.watch("Thinking in components")
    player.seek(45)
    player.play_until(46.5)
    expect(course.page.get_by_text("0 of 4 done")).to_be_visible()
    assert not student.status("components")["completed"]

    player.play_until(48.2)

    expect(course.page.get_by_text("1 of 4 done")).to_be_visible()
    expect(course.row("Thinking in components").get_by_text("Completed")).to_be_visible()
    expect(course.page.get_by_text("Thinking in components is completed.")).to_be_attached()
    assert student.status("components")["completed"]


def test_progress_works_across_different_browsers(
    context: BrowserContext, firefox_profile: FirefoxProfile, student: Student
):
    in_chromium = Learner(ChromiumProfile(context), student.token)
    in_chromium.watch(WELCOME)
    in_chromium.seek(48)
    wait_until(is_stored_at(student, 48))

    in_firefox = Learner(firefox_profile, student.token)
    in_firefox.watch(WELCOME)
    assert in_firefox.position_seconds == pytest.approx(48, abs=ANOTHER_BROWSER_WITHIN_SECONDS)
    in_firefox.seek(55)
    wait_until(is_stored_at(student, 55))

    in_chromium.reopen()
    in_chromium.watch(WELCOME)
    assert in_chromium.position_seconds == pytest.approx(55, abs=ANOTHER_BROWSER_WITHIN_SECONDS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_progress_bars_are_mobile_responsive(
    browser: Browser, course: CoursePage, student: Student, scheme: Literal["light", "dark"]
):
    page = course.page
    page.emulate_media(color_scheme=scheme)
    player = course.watch(WELCOME)
    player.seek(45)

    for width in (320, 375, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})

        page.get_by_role("heading", name=WELCOME, level=2).evaluate(
            "(heading) => heading.closest('section').scrollIntoView()"
        )
        expect(page.get_by_text("50 %").first).to_be_in_viewport()
        expect(page.get_by_text("0:45 remaining").first).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for bar in page.get_by_role("progressbar").all():
            box = bar.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["width"] > 40
