"""Visible elements do not move while the page loads and the video plays."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Student
from tests.browser.pages import CoursePage

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"
MAX_LAYOUT_SHIFT = 0.1  # What browsers call a good cumulative layout shift.
SETTLE_MS = 700
RATE_LIMIT_SECONDS = 1.1
POSITIONS = {
    "tablet": {"welcome": (25, 90), "components": (50, 60)},
    "phone": {"welcome": (48, 90)},
}
SLOW_MS = 700  # Longer than the half second in which a shift counts as caused by a click.
PHONE_AND_DESKTOP = pytest.mark.parametrize(
    "size", [(320, 720), (1280, 900)], ids=["phone", "desktop"], indirect=True
)
RECORD_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) {
    const moved = sources.map(({ node }) => node?.className || node?.nodeName);
    if (!hadRecentInput) window.shifts.push({ value, moved });
  }
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def size(request: pytest.FixtureRequest, page: Page) -> None:
    width, height = request.param
    page.set_viewport_size({"width": width, "height": height})
    page.add_init_script(RECORD_SHIFTS)


@pytest.fixture
def student_with_progress(student: Student) -> Student:
    """A student in the middle of a video, with another position on another device."""
    for device_id, positions in POSITIONS.items():
        for video_id, (watch_time, total_duration) in positions.items():
            report = {"watch_time": watch_time, "total_duration": total_duration}
            student.report(video_id, **report, device_id=device_id)
        time.sleep(RATE_LIMIT_SECONDS)
    return student


def slow_down(page: Page) -> None:
    network = page.context.new_cdp_session(page)
    limits = {"latency": SLOW_MS, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", {"offline": False, **limits})


def shifts(page: Page) -> list[dict[str, Any]]:
    """The layout shifts since the page was loaded, or since the last call."""
    page.wait_for_timeout(SETTLE_MS)
    found: list[dict[str, Any]] = page.evaluate("window.shifts.splice(0)")
    return found


def assert_steady(page: Page, *, below: float = MAX_LAYOUT_SHIFT) -> None:
    moved = shifts(page)
    assert sum(shift["value"] for shift in moved) < below, moved


@PHONE_AND_DESKTOP
def test_video_opened_by_its_address_shifts_nothing(
    student_with_progress: Student, size: None, course: CoursePage, page: Page
):
    slow_down(page)
    page.goto("/courses/demo/videos/welcome")
    course.opened()
    expect(page.get_by_role("region", name="Why the video starts here")).to_be_visible()

    assert_steady(page)


@PHONE_AND_DESKTOP
def test_video_opened_on_a_slow_connection_shifts_nothing(
    student_with_progress: Student, size: None, course: CoursePage, page: Page
):
    course.open()
    shifts(page)
    slow_down(page)

    page.get_by_role("button", name=f"Play {WELCOME}").click()
    course.opened()
    expect(page.get_by_role("region", name="Why the video starts here")).to_be_visible()

    assert_steady(page)


@PHONE_AND_DESKTOP
def test_video_completion_shifts_nothing(size: None, course: CoursePage, page: Page):
    player = course.watch(WELCOME)
    player.seek(70)
    shifts(page)

    player.play_until(73)

    expect(course.row(WELCOME).get_by_text("Completed")).to_be_attached()
    assert_steady(page, below=MAX_LAYOUT_SHIFT / 10)


@PHONE_AND_DESKTOP
def test_progress_bars_of_the_list_have_one_length(
    student_with_progress: Student, size: None, course: CoursePage, page: Page
):
    expect(course.row("Thinking in components").get_by_text("Completed")).to_be_attached()

    bars = page.get_by_role("list", name="Materials:").get_by_role("progressbar").all()
    lengths = {round(box["width"]) for bar in bars if (box := bar.bounding_box())}

    assert len(bars) == 3
    assert len(lengths) == 1
