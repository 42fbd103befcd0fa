"""Without a connection: the page opens, kept videos play, and what was watched arrives later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Service, Student
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
def context(browser: Browser, service: Service) -> Iterator[BrowserContext]:
    """A profile that may have a service worker."""
    context = browser.new_context(base_url=service.address)
    yield context
    context.close()


@pytest.fixture
def kept(course: CoursePage) -> CoursePage:
    """The course, with its videos on this device."""
    page = course.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.get_by_role("button", name="Keep the videos").click()
    expect(page.get_by_text("The videos of this course are on this device.")).to_be_visible()
    return course


def test_the_course_opens_and_a_kept_video_plays(kept: CoursePage, context: BrowserContext):
    context.set_offline(True)
    kept.page.reload()
    kept.wait()

    player = kept.watch(WELCOME)
    player.seek(50)
    player.play_until(51)

    expect(kept.page.get_by_role("status", name="Saving")).to_contain_text("Offline")


def test_progress_made_offline_shows_at_once_and_arrives_later(
    kept: CoursePage, context: BrowserContext, student: Student
):
    state = kept.page.get_by_role("status", name="Saving")
    expect(state).to_have_text("All saved")
    context.set_offline(True)
    player = kept.watch(WELCOME)
    player.seek(50)
    player.play_until(51.5)
    player.pause()
    left_at = player.place_seconds
    player.close()

    expect(state).to_have_text("Offline · 1 report waiting")
    bar = kept.row(WELCOME).get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuetext", f"0:{int(left_at)} of 1:30 watched")
    assert student.status("welcome")["watch_time"] == 0
    again = kept.watch(WELCOME)
    assert again.place_seconds == pytest.approx(left_at, abs=2)
    again.close()

    context.set_offline(False)

    wait_for(
        kept.page,
        lambda: student.status("welcome")["watch_time"] == pytest.approx(left_at, abs=0.1),
        within_seconds=10,
    )
    expect(state).to_have_text("All saved")


def test_kept_videos_are_removed_on_request(kept: CoursePage):
    remove = kept.page.get_by_role("button", name="Remove the videos")
    expect(remove).to_be_focused()
    kept.page.evaluate(SLOW_REMOVAL)
    remove.click()

    expect(kept.page.get_by_role("button", name="Keep the videos")).to_be_focused()
    left = kept.page.evaluate(
        "caches.open('kept-videos').then(async (c) => (await c.keys()).length)"
    )
    assert left == 0


def test_a_single_video_is_kept_and_plays_without_a_connection(
    course: CoursePage, context: BrowserContext
):
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


def test_a_video_on_its_way_can_be_cancelled(course: CoursePage, page: Page):
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


def test_signing_out_leaves_nothing_to_read(course: CoursePage, student: Student):
    course.page.wait_for_function(
        "() => Object.keys(localStorage).some((name) => name.startsWith('progress.known.'))"
    )

    course.page.get_by_role("button", name="Sign out").click()

    course.page.wait_for_timeout(1200)
    stored = course.page.evaluate("JSON.stringify(localStorage)")
    assert student.student_id not in stored
    assert student.token not in stored


def test_the_app_can_be_installed(course: CoursePage, page: Page):
    manifest = page.evaluate(
        "fetch(document.querySelector('link[rel=manifest]').href).then((answer) => answer.json())"
    )

    assert manifest["display"] == "standalone"
    assert manifest["start_url"] == "/"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert any(icon.get("purpose") == "maskable" for icon in manifest["icons"])
    for icon in manifest["icons"]:
        answer = page.request.get(icon["src"])
        assert answer.headers["content-type"].startswith(icon["type"])
    session = page.context.new_cdp_session(page)
    told = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A test's profile is a private window, from which nothing is installed.
    assert [error["errorId"] for error in told if error["errorId"] != "in-incognito"] == []
