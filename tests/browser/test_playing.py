"""A video opened by a click plays; one opened by its address stays paused."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SentReports, Student
from tests.browser.pages import CoursePage

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"
A_WHILE_MS = 1500


def test_click_plays_the_video_from_its_stored_position(
    course: CoursePage, page: Page, student: Student
):
    student.report("welcome", watch_time=48, total_duration=90)
    course.open()
    page.evaluate(
        "document.addEventListener('play', "
        "({target}) => { window.playedFrom ??= target.currentTime }, true)"
    )

    page.get_by_role("button", name=f"Play {WELCOME}").click()
    player = course.opened()

    player.until("!video.paused")
    player.until("video.currentTime > window.playedFrom + 0.5")
    assert page.evaluate("window.playedFrom") == pytest.approx(48, abs=5)
    expect(course.row(WELCOME)).to_contain_text("Playing")
    player.pause()
    expect(course.row(WELCOME)).to_contain_text("Open")


def test_next_video_plays(course: CoursePage, page: Page):
    course.watch("Thinking in components").seek(53)

    page.get_by_role("button", name="Play next").click()

    expect(page).to_have_url("/courses/demo/videos/state")
    course.opened().until("!video.paused && video.currentTime > 0.5")


def test_video_opened_by_its_address_stays_paused_and_sends_no_report(
    course: CoursePage, page: Page, reports: SentReports
):
    page.goto("/courses/demo/videos/welcome")
    player = course.opened()
    page.wait_for_timeout(A_WHILE_MS)
    page.reload()
    player = course.opened()
    page.wait_for_timeout(A_WHILE_MS)

    assert player.position_seconds == 0
    expect(course.row(WELCOME)).to_contain_text("Open")
    player.close()
    page.close()
    assert reports.sent == []
