"""The player: its start position, intro, chapters, controls and the next video."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Student
from tests.browser.pages import CoursePage, wait_for

pytestmark = pytest.mark.browser

INTRO_END_SECONDS = 8
RATE_LIMIT_MS = 1100
WELCOME = "Welcome to the course"


def test_intro_can_be_skipped(course: CoursePage, page: Page):
    player = course.watch(WELCOME)

    page.get_by_role("button", name="Skip intro").click()

    assert player.position_seconds == pytest.approx(INTRO_END_SECONDS, abs=0.5)
    expect(page.get_by_role("button", name="Skip intro")).to_have_count(0)


def test_start_at_a_chapter_is_explained_with_a_link_to_the_exact_position(
    course: CoursePage, page: Page, student: Student
):
    player = course.watch(WELCOME)
    player.seek(39)
    wait_for(page, lambda: student.status("welcome")["watch_time"] == pytest.approx(39))
    player.close()

    player = course.watch(WELCOME)
    expect(page.get_by_text("Starts at chapter 3, “Three facts”.")).to_be_visible()
    assert player.position_seconds == pytest.approx(35, abs=0.5)
    page.get_by_role("button", name="Go to 0:39").click()

    player.until("Math.abs(video.currentTime - 39) < 0.5")
    expect(page.get_by_text("Starts at chapter 3")).to_have_count(0)


def test_position_of_another_device_is_offered(course: CoursePage, page: Page, student: Student):
    player = course.watch(WELCOME)
    player.seek(20)
    wait_for(page, lambda: student.status("welcome")["watch_time"] == pytest.approx(20))
    player.close()
    page.wait_for_timeout(RATE_LIMIT_MS)
    student.report("welcome", watch_time=55, total_duration=90, device_id="phone")

    player = course.watch(WELCOME)
    assert player.position_seconds == pytest.approx(55, abs=3)
    page.get_by_role("region", name="Why the video starts here").get_by_role(
        "button", name="Go to 0:20"
    ).click()

    player.until("Math.abs(video.currentTime - 20) < 0.5")


def test_next_video_is_offered_at_the_end(course: CoursePage, page: Page):
    player = course.watch("Thinking in components")
    player.seek(53)

    card = page.get_by_role("region", name="After this video")
    expect(card).to_contain_text("State that lasts")
    card.get_by_role("button", name="Play next").click()

    expect(page.get_by_role("heading", name="State that lasts", level=2)).to_be_focused()
    expect(page).to_have_url("/courses/demo/videos/state")


def test_end_card_can_be_dismissed_and_can_replay_the_video(course: CoursePage, page: Page):
    player = course.watch("Thinking in components")
    player.seek(53)
    card = page.get_by_role("region", name="After this video")

    card.get_by_role("button", name="Stay in this video").click()
    expect(card).to_have_count(0)
    player.seek(30)
    player.seek(54)
    card.get_by_role("button", name="Watch again").click()

    player.until("!video.paused && video.currentTime < 5")


def test_progress_bar_shades_the_watched_spans(course: CoursePage, page: Page, student: Student):
    student.report("welcome", watch_time=40, total_duration=90, played=[[0, 10], [30, 40]])

    course.watch(WELCOME)

    shaded = page.locator("[data-seen]")
    expect(shaded).to_have_count(2)
    track = page.get_by_role("progressbar", name="Watched so far").bounding_box()
    second = shaded.nth(1).bounding_box()
    assert track is not None
    assert second is not None
    assert (second["x"] - track["x"]) / track["width"] == pytest.approx(30 / 90, abs=0.01)
    assert second["width"] / track["width"] == pytest.approx(10 / 90, abs=0.01)


def test_player_responds_to_the_usual_keys(course: CoursePage, page: Page):
    player = course.watch(WELCOME)
    page.get_by_role("group", name="Video player").or_(page.locator(".video-skin")).first.focus()

    page.keyboard.press("k")
    player.until("!video.paused")
    page.keyboard.press("k")
    player.until("video.paused")
    before = player.position_seconds
    page.keyboard.press("ArrowRight")
    player.until(f"video.currentTime > {before + 4}")
    page.keyboard.press("c")
    player.until("[...video.textTracks].some((t) => t.kind === 'captions' && t.mode === 'showing')")
    page.keyboard.press(">")
    player.until("video.playbackRate > 1")


def test_skin_has_a_size_and_its_controls(course: CoursePage, page: Page):
    player = course.watch(WELCOME)

    box = page.locator(".video-skin").bounding_box()
    assert box is not None
    assert box["width"] > 600
    assert box["height"] == pytest.approx(box["width"] * 9 / 16, abs=2)
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    for name in ("Play", "Enable captions", "Enter picture-in-picture", "Enter fullscreen"):
        expect(page.locator(".video-skin").get_by_role("button", name=name)).to_be_visible()
    assert player.video.evaluate("(video) => video.controls") is False


def test_player_without_the_skin_has_browser_controls(course: CoursePage, context: BrowserContext):
    context.route("**/SkinnedVideo*", lambda route: route.abort())

    player = course.watch(WELCOME)

    assert player.video.evaluate("(video) => video.controls")
    player.play_until(1)


def test_unknown_video_is_shown_as_missing(course: CoursePage, page: Page):
    page.goto("/courses/demo/videos/nothing-here")

    expect(page.get_by_role("alert")).to_contain_text("This video is not in the course")
    expect(page.get_by_role("button", name=f"Play {WELCOME}")).to_be_visible()
