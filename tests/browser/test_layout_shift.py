"""What has been seen stays where it is while the page loads and the video plays."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Student
from tests.browser.pages import CoursePage

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"
GOOD = 0.1  # What browsers call a good cumulative layout shift.
SETTLE_MS = 700
RATE_LIMIT_SECONDS = 1.1
PLACES = {
    "tablet": {"welcome": (25, 90), "components": (50, 60)},
    "phone": {"welcome": (48, 90)},
}
SLOW_MS = 700  # Longer than the half second in which a shift counts as wanted by whoever clicked.
PHONE_AND_DESK = pytest.mark.parametrize(
    "size", [(320, 720), (1280, 900)], ids=["phone", "desk"], indirect=True
)
WATCH = """
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
    page.add_init_script(WATCH)


@pytest.fixture
def begun(student: Student) -> Student:
    """Somebody in the middle of a video, and with another place on another device."""
    for device_id, places in PLACES.items():
        for video_id, (watch_time, total_duration) in places.items():
            report = {"watch_time": watch_time, "total_duration": total_duration}
            student.report(video_id, **report, device_id=device_id)
        time.sleep(RATE_LIMIT_SECONDS)
    return student


def slow_down(page: Page) -> None:
    network = page.context.new_cdp_session(page)
    limits = {"latency": SLOW_MS, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", {"offline": False, **limits})


def shifts(page: Page) -> list[dict]:
    """What has moved since the page was loaded, or since this was asked."""
    page.wait_for_timeout(SETTLE_MS)
    return page.evaluate("window.shifts.splice(0)")


def assert_steady(page: Page, *, below: float = GOOD) -> None:
    moved = shifts(page)
    assert sum(shift["value"] for shift in moved) < below, moved


@PHONE_AND_DESK
def test_a_video_opened_by_its_address(begun: Student, size: None, course: CoursePage, page: Page):
    slow_down(page)
    page.goto("/courses/demo/videos/welcome")
    course.opened()
    expect(page.get_by_role("region", name="Why the video starts here")).to_be_visible()

    assert_steady(page)


@PHONE_AND_DESK
def test_a_video_opened_on_a_slow_connection(
    begun: Student, size: None, course: CoursePage, page: Page
):
    course.open()
    shifts(page)
    slow_down(page)

    page.get_by_role("button", name=f"Play {WELCOME}").click()
    course.opened()
    expect(page.get_by_role("region", name="Why the video starts here")).to_be_visible()

    assert_steady(page)


@PHONE_AND_DESK
def test_a_video_that_gets_completed(size: None, course: CoursePage, page: Page):
    player = course.watch(WELCOME)
    player.seek(70)
    shifts(page)

    player.play_until(73)

    expect(course.row(WELCOME).get_by_text("Completed")).to_be_attached()
    assert_steady(page, below=GOOD / 10)


@PHONE_AND_DESK
def test_all_bars_of_the_list_are_equally_long(
    begun: Student, size: None, course: CoursePage, page: Page
):
    expect(course.row("Thinking in components").get_by_text("Completed")).to_be_attached()

    bars = page.get_by_role("list", name="Materials:").get_by_role("progressbar").all()
    lengths = {round(box["width"]) for bar in bars if (box := bar.bounding_box())}

    assert len(bars) == 3
    assert len(lengths) == 1
