"""The focus stays on the page when the focused element disappears."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Student
from tests.browser.pages import CoursePage

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"


@pytest.fixture
def player_element(page: Page) -> Locator:
    """The element that handles the player's keys."""
    return page.get_by_role("group", name="Media player")


def test_escape_key_closes_an_open_menu_and_not_the_video(course: CoursePage, page: Page):
    course.watch(WELCOME)
    page.locator(".video-skin").hover()
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("menu")).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_be_hidden()
    expect(page.locator("video")).to_be_visible()

    page.keyboard.press("Escape")
    page.keyboard.press("Escape")  # The button's tooltip may have taken the one before.
    expect(page.locator("video")).to_have_count(0)


def test_player_keys_work_after_the_intro_was_skipped(
    course: CoursePage, page: Page, player_element: Locator
):
    player = course.watch(WELCOME)

    page.get_by_role("button", name="Skip intro").press("Enter")

    expect(player_element).to_be_focused()
    page.keyboard.press("k")
    player.until("!video.paused")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=f"Play {WELCOME}")).to_be_focused()


def test_player_keys_work_after_another_position_was_chosen(
    course: CoursePage, page: Page, student: Student, player_element: Locator
):
    student.report("welcome", watch_time=39, total_duration=90)
    course.watch(WELCOME)

    page.get_by_role("button", name="Go to 0:39").press("Enter")

    expect(player_element).to_be_focused()


@pytest.mark.parametrize("choice", ["Watch again", "Stay in this video"])
def test_player_keys_work_after_a_choice_at_the_end(
    course: CoursePage, page: Page, player_element: Locator, choice: str
):
    player = course.watch(WELCOME)
    player.seek(85)

    page.get_by_role("button", name=choice).press("Enter")

    expect(player_element).to_be_focused()


def test_closed_video_returns_the_focus_to_its_opener(
    course: CoursePage, page: Page, student: Student
):
    student.report("welcome", watch_time=45, total_duration=90)
    course.open()
    cards = page.get_by_role("list", name="Continue watching")

    for opener in (
        course.row(WELCOME).get_by_role("button", name="Play"),
        cards.get_by_role("button", name=f"Continue with {WELCOME}"),
    ):
        course.open_by(opener).close()

        expect(opener).to_be_focused()
