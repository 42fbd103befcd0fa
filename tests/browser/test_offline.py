"""Offline: the page opens, downloaded videos play, and reports are sent later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from progress_service.testing import ServiceProcess
from tests.browser.conftest import Student
from tests.browser.pages import CoursePage, wait_for

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"
SLOW_REMOVAL = """() => {
    const remove = Cache.prototype.delete;
    Cache.prototype.delete = async function (file) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return remove.call(this, file);
    };
}"""


@pytest.fixture
def context(browser: Browser, service: ServiceProcess) -> Iterator[BrowserContext]:
    """A profile that may have a service worker."""
    context = browser.new_context(base_url=service.address)
    yield context
    context.close()


@pytest.fixture
def downloaded(course: CoursePage) -> CoursePage:
    """The course, with its videos on this device."""
    page = course.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.get_by_role("button", name="Keep the videos").click()
    expect(page.get_by_text("The videos of this course are on this device.")).to_be_visible()
    return course


def test_downloaded_video_plays_offline(downloaded: CoursePage, context: BrowserContext):
    context.set_offline(True)
    downloaded.page.reload()
    downloaded.wait()

    player = downloaded.watch(WELCOME)
    player.seek(50)
    player.play_until(51)

    expect(downloaded.page.get_by_role("status", name="Saving")).to_contain_text("Offline")


def test_offline_progress_is_shown_immediately_and_sent_later(
    downloaded: CoursePage, context: BrowserContext, student: Student
):
    state = downloaded.page.get_by_role("status", name="Saving")
    expect(state).to_have_text("All saved")
    context.set_offline(True)
    player = downloaded.watch(WELCOME)
    player.seek(50)
    player.play_until(51.5)
    player.pause()
    left_at = player.position_seconds
    player.close()

    expect(state).to_have_text("Offline · 1 report waiting")
    bar = downloaded.row(WELCOME).get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuetext", f"0:{int(left_at)} of 1:30 watched")
    assert student.status("welcome")["watch_time"] == 0
    reopened = downloaded.watch(WELCOME)
    assert reopened.position_seconds == pytest.approx(left_at, abs=2)
    reopened.close()

    context.set_offline(False)

    wait_for(
        downloaded.page,
        lambda: student.status("welcome")["watch_time"] == pytest.approx(left_at, abs=0.1),
        within_seconds=30,
    )
    expect(state).to_have_text("All saved")


def test_downloaded_videos_can_be_removed(downloaded: CoursePage):
    remove = downloaded.page.get_by_role("button", name="Remove the videos")
    expect(remove).to_be_focused()
    downloaded.page.evaluate(SLOW_REMOVAL)
    remove.click()

    expect(downloaded.page.get_by_role("button", name="Keep the videos")).to_be_focused()
    left = downloaded.page.evaluate(
        "caches.open('kept-videos').then(async (c) => (await c.keys()).length)"
    )
    assert left == 0


def test_single_downloaded_video_plays_offline(course: CoursePage, context: BrowserContext):
    page = course.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    button = course.row(WELCOME).get_by_role("button", name=f"Keep {WELCOME} on this device")
    button.hover()
    expect(course.row(WELCOME).get_by_role("button", name="MB")).to_be_visible()
    course.row(WELCOME).get_by_role("button", name="MB").click()

    remove = course.row(WELCOME).get_by_role("button", name=f"Remove {WELCOME} from this device")
    expect(remove).to_be_focused()
    expect(page.get_by_text("1 video is on this device.")).to_be_visible()
    context.set_offline(True)
    course.watch(WELCOME).play_until(1)
    context.set_offline(False)
    remove.click()
    expect(page.get_by_text("1 video is on this device.")).to_have_count(0)


def test_video_download_can_be_cancelled(course: CoursePage, page: Page):
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": 20_000, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", slow)
    row = course.row(WELCOME)

    row.get_by_role("button", name=f"Keep {WELCOME}").click()
    expect(row.get_by_text("MB")).to_be_visible()
    row.get_by_role("button", name=f"Cancel keeping {WELCOME}").click()

    expect(row.get_by_role("button", name=f"Keep {WELCOME}")).to_be_focused()
    left = page.evaluate("caches.open('kept-videos').then(async (c) => (await c.keys()).length)")
    assert left == 0


def test_sign_out_leaves_no_personal_data(course: CoursePage, student: Student):
    course.page.wait_for_function(
        "() => Object.keys(localStorage).some((name) => name.startsWith('progress.known.'))"
    )

    course.page.get_by_role("button", name="Sign out").click()

    course.page.wait_for_timeout(1200)
    stored = course.page.evaluate("JSON.stringify(localStorage)")
    assert student.student_id not in stored
    assert student.token not in stored


def test_app_can_be_installed(course: CoursePage, page: Page):
    manifest = page.evaluate(
        "fetch(document.querySelector('link[rel=manifest]').href).then((found) => found.json())"
    )

    assert manifest["display"] == "standalone"
    assert manifest["start_url"] == "/"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert any(icon.get("purpose") == "maskable" for icon in manifest["icons"])
    for icon in manifest["icons"]:
        response = page.request.get(icon["src"])
        assert response.headers["content-type"].startswith(icon["type"])
    session = page.context.new_cdp_session(page)
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A test's profile is a private window, from which nothing is installed.
    assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []
