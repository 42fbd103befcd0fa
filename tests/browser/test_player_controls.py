"""What every player has: keys, remembered wishes, a large picture, and the next video."""

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
    """A video opened by its address: nobody has clicked anything on this page."""
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


# Keys that arrive before the video's events of the first one do.
PRESS_AT_ONCE = """
([selector, ...keys]) => {
  const target = document.querySelector(selector);
  for (const key of keys) {
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }
}
"""


@pytest.mark.parametrize("focused", [".video-skin", "body"])
def test_keys_in_quick_succession_each_count(player: Player, page: Page, focused: str):
    page.evaluate(PRESS_AT_ONCE, [focused, "k", "k", ">", ">"])
    assert player.video.evaluate("(video) => video.paused")
    assert player.video.evaluate("(video) => video.playbackRate") == 1.5

    page.evaluate(PRESS_AT_ONCE, [focused, "<", "<", " ", " ", " "])
    assert not player.video.evaluate("(video) => video.paused")
    assert player.video.evaluate("(video) => video.playbackRate") == 1


def test_keys_leave_a_control_what_it_uses_itself(player: Player, page: Page):
    page.get_by_role("button", name="Props").press("Space")

    player.until("Math.abs(video.currentTime - 24) < 0.5")
    assert player.video.evaluate("(video) => video.paused")


def test_keys_are_listed_in_a_dialog_that_closes_alone(player: Player, page: Page):
    page.keyboard.press("?")

    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("Play or pause")
    page.keyboard.press("k")
    assert player.video.evaluate("(video) => video.paused")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("video")).to_be_visible()
    expect(page.get_by_role("heading", name=COMPONENTS, level=2)).to_be_focused()


def test_speed_volume_and_captions_are_remembered(player: Player, course: CoursePage, page: Page):
    for key in (">", "ArrowDown", "ArrowDown", "m", "c"):
        page.keyboard.press(key)
    player.until("video.playbackRate > 1 && video.muted")
    wished = player.video.evaluate("(video) => [video.playbackRate, video.volume]")
    player.close()

    for again in (course.watch(WELCOME), reloaded(page, course)):
        again.until(
            "[...video.textTracks].some((t) => t.kind === 'captions' && t.mode === 'showing')"
        )
        assert again.video.evaluate("(video) => [video.playbackRate, video.volume]") == wished
        assert again.video.evaluate("(video) => video.muted")


def reloaded(page: Page, course: CoursePage) -> Player:
    page.reload()
    return course.opened()


def test_the_picture_can_be_large_and_stays_so(player: Player, course: CoursePage, page: Page):
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

    reloaded(page, course)

    assert width() > usual * 1.3
    page.get_by_role("button", name="Large picture").click()
    page.wait_for_function(
        "(usual) => document.querySelector('video').clientWidth < usual + 1", arg=usual
    )


def test_the_picture_is_in_view_after_a_phone_was_turned(player: Player, page: Page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")

    page.set_viewport_size({"width": 844, "height": 390})

    page.wait_for_function(
        """() => {
            const { top, bottom } = document.querySelector("video").getBoundingClientRect();
            return top >= -1 && bottom <= innerHeight + 1;
        }"""
    )


def test_the_next_video_starts_after_a_countdown(player: Player, page: Page):
    player.seek(59)
    player.play()

    timer = page.get_by_role("timer")
    expect(timer).to_contain_text("starts in")
    expect(page.get_by_role("heading", name="State that lasts", level=2)).to_be_visible(
        timeout=COUNTDOWN_DEADLINE_MS
    )
    expect(page).to_have_url("/courses/demo/videos/state")


def test_the_countdown_can_be_cancelled(player: Player, page: Page):
    player.seek(59)
    player.play()

    page.get_by_role("timer").wait_for()
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("timer")).to_have_count(0)
    expect(page.get_by_role("button", name="Play next")).to_be_visible()
    player.until("video.ended")


def test_nothing_covers_the_picture_on_a_phone(player: Player, page: Page):
    page.set_viewport_size({"width": 320, "height": 720})
    player.seek(55)

    card = page.get_by_role("region", name="After this video")
    card.wait_for()
    box, picture = card.bounding_box(), page.locator("video").bounding_box()
    assert box is not None
    assert picture is not None
    assert box["y"] >= picture["y"] + picture["height"]


def test_less_data_is_read_where_that_is_wished(course: CoursePage, page: Page):
    page.add_init_script(
        "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"
    )

    page.goto("/courses/demo/videos/components")

    expect(page.locator("video")).to_have_attribute("preload", "none")
    page.keyboard.press("k")
    course.opened().play_until(1)
