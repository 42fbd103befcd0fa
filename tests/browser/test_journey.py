"""The main journey: leave a video in any way, return, and resume at the same position."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import SentReports, Student
from tests.browser.pages import CoursePage, Player, wait_for

pytestmark = pytest.mark.browser

WITHIN_SECONDS = 2.0
INTRO_END_SECONDS = 8.0
# By the page's own clock: a busy machine delays the test's events.
REPORT_TIMES = """
performance.getEntriesByType('resource').filter(({name}) => name.endsWith('/watch-time'))
  .map(({startTime}) => startTime / 1000)
"""


def reopen(context: BrowserContext) -> Player:
    """A new tab of the same browser, where the student is still signed in."""
    course = CoursePage(context.new_page())
    course.open()
    return course.watch("Welcome to the course")


def test_video_resumes_after_its_tab_was_closed(course: CoursePage, context: BrowserContext):
    player = course.watch("Welcome to the course")
    player.seek(20)
    player.play_until(24.5)
    left_at = player.position_seconds
    course.page.close()

    player = reopen(context)

    assert player.position_seconds == pytest.approx(left_at, abs=WITHIN_SECONDS)


def test_video_resumes_on_another_device(course: CoursePage, browser, service, student: Student):
    player = course.watch("Welcome to the course")
    player.seek(61)
    wait_for(course.page, lambda: student.status("welcome")["watch_time"] == pytest.approx(61))
    other = browser.new_context(base_url=service.address)
    other_course = CoursePage(other.new_page())
    other_course.sign_in(student.token)

    player = other_course.watch("Welcome to the course")

    assert player.position_seconds == pytest.approx(61, abs=WITHIN_SECONDS)
    other.close()


def test_seek_to_the_start_is_stored(course: CoursePage, context: BrowserContext, student: Student):
    player = course.watch("Welcome to the course")
    player.seek(40)
    wait_for(course.page, lambda: student.status("welcome")["watch_time"] == pytest.approx(40))

    player.seek(0)
    wait_for(course.page, lambda: student.status("welcome")["watch_time"] < 1)
    course.page.close()

    player = reopen(context)
    assert player.position_seconds == pytest.approx(INTRO_END_SECONDS, abs=WITHIN_SECONDS)
    expect(player.page.get_by_text("Starts after the intro.")).to_be_visible()


def test_video_opened_without_playing_sends_no_report(course: CoursePage, reports: SentReports):
    player = course.watch("Welcome to the course")
    player.close()
    course.page.close()

    assert reports.sent == []


def test_reports_of_rapid_clicks_are_at_least_a_second_apart(
    course: CoursePage, reports: SentReports
):
    player = course.watch("Welcome to the course")

    for position in (10, 70, 20, 60, 30, 50, 40):
        player.play()
        player.seek(position)
        player.pause()
        course.page.wait_for_timeout(350)
    wait_for(
        course.page,
        lambda: reports.bodies[-1]["watch_time"] == pytest.approx(40, abs=0.5),
        within_seconds=30,
    )

    assert len(reports.sent) > 1
    times = course.page.evaluate(REPORT_TIMES)
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.99


def test_report_is_sent_after_a_lost_network(
    course: CoursePage, context: BrowserContext, student: Student
):
    player = course.watch("Welcome to the course")
    context.set_offline(True)
    player.seek(33)
    course.page.wait_for_timeout(1500)

    context.set_offline(False)

    wait_for(course.page, lambda: student.status("welcome")["watch_time"] == 33, within_seconds=30)


def test_video_plays_in_a_browser_without_h264(course: CoursePage, context: BrowserContext):
    context.route("**/*.mp4", lambda route: route.abort())

    player = course.watch("Welcome to the course")
    player.play_until(1)

    assert player.video.evaluate("(video) => video.currentSrc").endswith("/welcome.webm")


def test_captions_and_chapters_are_available(course: CoursePage, page: Page):
    player = course.watch("Welcome to the course")
    cues = player.video.evaluate(
        """async (video) => {
          const cues = {};
          for (const track of video.textTracks) track.mode = "hidden";
          for (const element of video.querySelectorAll("track")) {
            if (element.readyState < 2) await new Promise((done) => (element.onload = done));
            cues[element.kind] = [...element.track.cues].map((cue) => cue.text);
          }
          return cues;
        }"""
    )

    assert cues["chapters"] == [
        "Intro",
        "Why progress matters",
        "Three facts",
        "Every device",
        "Outro",
    ]
    assert "Welcome to the course." in cues["captions"]
    page.get_by_role("button", name="Three facts").click()
    expect(page.get_by_text("38 %").first).to_be_visible()
    assert player.position_seconds == pytest.approx(35, abs=0.5)
