"""Player controls: keys, stored preferences, the large picture, and the next video."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import CoursePage, Player

pytestmark = pytest.mark.browser

COMPONENTS = "Thinking in components"
WELCOME = "Welcome to the course"
COUNTDOWN_DEADLINE_MS = 30_000


@pytest.fixture
def player(course: CoursePage, page: Page) -> Player:
    """A video opened by its address, without a click on the page."""
    page.goto("/courses/demo/videos/components")
    return course.opened()


def test_keys_work_right_after_opening(player: Player, page: Page):
    page.keyboard.press("Space")
    player.until("!video.paused")
    page.keyboard.press("k")
    player.until("video.paused")
    page.keyboard.press("2")
    player.until("Math.abs(video.currentTime - 12) < 1")
    page.keyboard.press("l")
    player.until("Math.abs(video.currentTime - 22) < 1")
    page.keyboard.press("ArrowRight")
    player.until("Math.abs(video.currentTime - 27) < 1")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("j")
    player.until("Math.abs(video.currentTime - 12) < 1")
    page.keyboard.press("ArrowDown")
    player.until("video.volume < 1")
    page.keyboard.press("m")
    player.until("video.muted")
    page.keyboard.press("c")
    player.until("[...video.textTracks].some((t) => t.kind === 'captions' && t.mode === 'showing')")
    page.keyboard.press(">")
    player.until("video.playbackRate > 1")
    page.keyboard.press("<")
    player.until("video.playbackRate === 1")
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement === null")


# All keys arrive before the video's events for the first one.
PRESS_KEYS = """
([selector, ...keys]) => {
  const target = document.querySelector(selector);
  for (const key of keys) {
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }
}
"""


@pytest.mark.parametrize("focused", [".video-skin", "body"])
def test_keys_in_quick_succession_each_count(player: Player, page: Page, focused: str):
    page.evaluate(PRESS_KEYS, [focused, "k", "k", ">", ">"])
    assert player.video.evaluate("(video) => video.paused")
    assert player.video.evaluate("(video) => video.playbackRate") == 1.5

    page.evaluate(PRESS_KEYS, [focused, "<", "<", " ", " ", " "])
    assert not player.video.evaluate("(video) => video.paused")
    assert player.video.evaluate("(video) => video.playbackRate") == 1


def test_keys_do_not_override_a_focused_control(player: Player, page: Page):
    page.get_by_role("button", name="Props").press("Space")

    player.until("Math.abs(video.currentTime - 24) < 0.5")
    assert player.video.evaluate("(video) => video.paused")


def test_keys_dialog_closes_without_closing_the_video(player: Player, page: Page):
    page.keyboard.press("?")

    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("Play or pause")
    page.keyboard.press("k")
    assert player.video.evaluate("(video) => video.paused")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("video")).to_be_visible()
    expect(page.get_by_role("heading", name=COMPONENTS, level=2)).to_be_focused()


def test_speed_volume_and_captions_are_stored(player: Player, course: CoursePage, page: Page):
    for key in (">", "ArrowDown", "ArrowDown", "m", "c"):
        page.keyboard.press(key)
    player.until("video.playbackRate > 1 && video.muted")
    preferences = player.video.evaluate("(video) => [video.playbackRate, video.volume]")
    player.close()

    for player_after in (course.watch(WELCOME), reload(page, course)):
        player_after.until(
            "[...video.textTracks].some((t) => t.kind === 'captions' && t.mode === 'showing')"
        )
        assert (
            player_after.video.evaluate("(video) => [video.playbackRate, video.volume]")
            == preferences
        )
        assert player_after.video.evaluate("(video) => video.muted")


def reload(page: Page, course: CoursePage) -> Player:
    page.reload()
    return course.opened()


def test_large_picture_is_stored(player: Player, course: CoursePage, page: Page):
    def width() -> float:
        box = page.locator("video").bounding_box()
        assert box is not None
        return box["width"]

    usual = width()
    page.keyboard.press("t")
    page.wait_for_function(
        "(usual) => document.querySelector('video').clientWidth > usual * 1.3", arg=usual
    )
    expect(page.get_by_role("button", name="Large picture")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 1280

    reload(page, course)

    assert width() > usual * 1.3
    page.get_by_role("button", name="Large picture").click()
    page.wait_for_function(
        "(usual) => document.querySelector('video').clientWidth < usual + 1", arg=usual
    )


def test_picture_is_visible_after_a_phone_was_rotated(player: Player, page: Page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")

    page.set_viewport_size({"width": 844, "height": 390})

    page.wait_for_function(
        """() => {
            const { top, bottom } = document.querySelector("video").getBoundingClientRect();
            return top >= -1 && bottom <= innerHeight + 1;
        }"""
    )


def test_next_video_starts_after_a_countdown(player: Player, page: Page):
    player.seek(59)
    player.play()

    timer = page.get_by_role("timer")
    expect(timer).to_contain_text("starts in")
    expect(page.get_by_role("heading", name="State that lasts", level=2)).to_be_visible(
        timeout=COUNTDOWN_DEADLINE_MS
    )
    expect(page).to_have_url("/courses/demo/videos/state")


def test_countdown_can_be_cancelled(player: Player, page: Page):
    player.seek(59)
    player.play()

    page.get_by_role("timer").wait_for()
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("timer")).to_have_count(0)
    expect(page.get_by_role("button", name="Play next")).to_be_visible()
    player.until("video.ended")


def test_picture_is_not_covered_on_a_phone(player: Player, page: Page):
    page.set_viewport_size({"width": 320, "height": 720})
    player.seek(55)

    card = page.get_by_role("region", name="After this video")
    card.wait_for()
    box, picture = card.bounding_box(), page.locator("video").bounding_box()
    assert box is not None
    assert picture is not None
    assert box["y"] >= picture["y"] + picture["height"]


def test_preload_is_off_when_the_browser_saves_data(course: CoursePage, page: Page):
    page.add_init_script(
        "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"
    )

    page.goto("/courses/demo/videos/components")

    expect(page.locator("video")).to_have_attribute("preload", "none")
    page.keyboard.press("k")
    course.opened().play_until(1)
