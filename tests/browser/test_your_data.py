"""The page "Your data": what is stored, its download, the paused history, and the erasure."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from progress_service.testing import ServiceProcess
from tests.browser.conftest import BOTH, Student, call
from tests.browser.pages import CoursePage, wait_for
from tests.browser.tabs import Learner
from tests.browser.test_accessibility import violations
from tests.browser.test_my_courses import OVERFLOWING_ELEMENTS

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"
ERASURE_SECONDS = 60.0  # The steps wait until no process can still write for the student.
ERASED = "Your data was erased"
WIRE_NAMES = ("watch_progress", "former_enrollment", "xapi_statements", "confirmation")
STORED = """async (account) => {
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open("progress-outbox", 1);
    request.onupgradeneeded = () =>
      request.result.createObjectStore("reports", { keyPath: ["accountId", "id"] });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const rows = await new Promise((resolve) => {
    const request = database.transaction("reports").objectStore("reports").getAll();
    request.onsuccess = () => resolve(request.result);
  });
  database.close();
  return {
    reports: rows.length,
    videos: (await caches.keys()).includes("kept-videos"),
    keys: Object.keys(localStorage),
    texts: JSON.stringify(Object.values(localStorage)),
  };
}"""


@pytest.fixture
def other_device(
    browser: Browser, service: ServiceProcess, student: Student
) -> Iterator[CoursePage]:
    context = browser.new_context(base_url=service.address, service_workers="block")
    course = CoursePage(context.new_page())
    course.sign_in(student.token)
    yield course
    context.close()


def open_your_data(page: Page) -> None:
    page.get_by_role("link", name="Your data").click()
    expect(page.get_by_role("heading", name="Your data", level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Erase my data")).to_be_visible()


def erase(page: Page) -> None:
    """Confirm the erasure by keyboard."""
    page.get_by_role("button", name="Erase my data").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("to confirm")).to_be_focused()
    page.keyboard.type("erase")
    page.keyboard.press("Enter")


def enroll_again(student: Student) -> None:
    """Enrol the student in the next term, as soon as the erasure permits it."""
    path = f"/api/catalog/courses/demo/enrollments/{student.student_id}"
    token = student.service.token("tests", "service")
    deadline = time.monotonic() + ERASURE_SECONDS
    while not call(student.service, "PUT", path, token=token).is_success:
        assert time.monotonic() < deadline, "the student cannot be enrolled again"
        time.sleep(0.5)


def test_export_is_counted_and_downloaded(course: CoursePage, page: Page, student: Student):
    student.report("welcome", watch_time=80, total_duration=90, device_id="phone")
    student.report("components", watch_time=20, total_duration=60, device_id="phone")
    open_your_data(page)

    held = page.get_by_role("region", name="What is stored about you")
    expect(held).to_contain_text("1 course you are in")
    expect(held).to_contain_text("2 videos and readings")
    expect(held).to_contain_text("1 of them completed")
    expect(held).to_contain_text("1 device")
    with page.expect_download() as downloading:
        held.get_by_role("button", name="Download all of it").click()
    assert downloading.value.suggested_filename.endswith(".ndjson")
    lines = downloading.value.path().read_text().splitlines()
    kinds = [json.loads(line)["kind"] for line in lines]
    assert kinds[0] == "export"
    assert kinds[-1] == "end"
    assert kinds.count("progress") == 2
    expect(held).to_contain_text("The file was saved.")


def test_export_that_breaks_off_is_no_file(course: CoursePage, page: Page):
    open_your_data(page)
    cut_off = '{"kind":"export","student_id":"x"}\n{"kind":"progress"'
    page.route(
        "**/api/progress/me/export",
        lambda route: route.fulfill(body=cut_off, content_type="application/x-ndjson"),
    )
    downloads: list[object] = []
    page.on("download", lambda download: downloads.append(download))

    page.get_by_role("button", name="Download all of it").click()

    expect(page.get_by_role("alert")).to_contain_text("did not arrive complete")
    assert downloads == []


def test_erasure_clears_this_browser_and_every_open_device(
    course: CoursePage, other_device: CoursePage, page: Page, student: Student
):
    player = course.watch(WELCOME)
    player.seek(30)
    wait_for(page, lambda: student.status("welcome")["watch_time"] == pytest.approx(30, abs=1))
    player.close()
    page.evaluate("caches.open('kept-videos').then((c) => c.put('/v.mp4', new Response('film')))")
    playing = other_device.watch(WELCOME)
    playing.play()
    open_your_data(page)

    erase(page)

    expect(page.get_by_role("region", name="Your data is being erased")).to_be_visible()
    for name in WIRE_NAMES:
        expect(page.get_by_role("main")).not_to_contain_text(name)
    other = other_device.page
    expect(other.get_by_role("alert")).to_contain_text(ERASED)
    expect(other.get_by_text("You are not in a course yet")).to_be_visible()
    expect(other.locator("video")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("region", name=ERASED)).to_be_visible(timeout=ERASURE_SECONDS * 1000)
    expect(page.get_by_text("Nothing is stored about you.")).to_be_visible()
    for cleared in (page, other):
        stored = cleared.evaluate(STORED)
        assert (stored["reports"], stored["videos"]) == (0, False)
        assert "welcome" not in stored["texts"]
        assert "progress.player" not in stored["keys"]

    enroll_again(student)
    course.open()
    assert course.watch(WELCOME).position_seconds < 1


def test_late_upload_of_an_old_phone_is_dropped_and_said_once(
    course: CoursePage, page: Page, student: Student
):
    player = course.watch(WELCOME)
    player.seek(20)
    wait_for(page, lambda: student.status("welcome")["watch_time"] == pytest.approx(20, abs=1))
    page.context.set_offline(True)
    player.seek(40)
    expect(page.get_by_role("status", name="Saving")).to_contain_text("Offline · 1")
    player.close()
    call(student.service, "DELETE", "/api/progress/me", token=student.token).raise_for_status()

    page.context.set_offline(False)

    notice = page.get_by_role("alert").filter(has_text="from before your data was erased")
    expect(notice).to_have_count(1)
    wait_for(page, lambda: page.evaluate(STORED)["reports"] == 0)
    notice.get_by_role("button", name="Close this message").click()
    page.reload()
    expect(page.get_by_role("status", name="Saving")).to_contain_text("All saved")
    expect(notice).to_have_count(0)


def test_paused_history_stores_nothing_but_completion(
    course: CoursePage, page: Page, student: Student
):
    open_your_data(page)
    page.get_by_role("button", name="Pause history").click()
    expect(page.get_by_role("button", name="Resume history")).to_be_visible()
    page.go_back()
    course.wait()

    player = course.watch(WELCOME)
    expect(page.get_by_text("Your history is paused")).to_be_visible()
    player.seek(30)
    expect(page.get_by_role("status", name="Saving")).to_contain_text("All saved")
    player.close()
    assert page.evaluate(STORED)["reports"] == 0
    assert student.status("welcome")["watch_time"] == 0
    again = course.watch(WELCOME)
    assert again.position_seconds == pytest.approx(30, abs=1)
    again.seek(80)

    expect(course.row(WELCOME).get_by_text("Completed")).to_be_visible()
    assert student.status("welcome")["completed"]


def test_browser_is_cleared_on_request(course: CoursePage, page: Page, student: Student):
    player = course.watch(WELCOME)
    player.seek(30)
    wait_for(page, lambda: student.status("welcome")["watch_time"] == pytest.approx(30, abs=1))
    player.close()
    page.evaluate(
        "caches.open('kept-videos').then((cache) => cache.put('/v.mp4', new Response('film', "
        "{ headers: { 'Content-Type': 'video/mp4', 'Content-Length': '4000000' } })))"
    )
    open_your_data(page)
    device = page.get_by_role("region", name="What this browser holds")
    expect(device).to_contain_text("Your place in 1 video")
    expect(device).to_contain_text("1 downloaded video (4.0 MB)")

    device.get_by_role("button", name="Clear this browser").click()

    expect(device).to_contain_text("This browser was cleared.")
    expect(device).not_to_contain_text("downloaded video")
    assert page.evaluate(STORED)["reports"] == 0
    page.reload()
    expect(page.get_by_role("heading", name="Your data", level=1)).to_be_visible()
    assert student.status("welcome")["watch_time"] == pytest.approx(30, abs=1)


@pytest.mark.parametrize("width", [320, 1280])
def test_page_fits_and_has_no_violation(
    course: CoursePage, page: Page, student: Student, width: int
):
    page.set_viewport_size({"width": width, "height": 720})
    page.emulate_media(color_scheme="dark" if width == 320 else "light", reduced_motion="reduce")
    student.report("welcome", watch_time=80, total_duration=90)
    open_your_data(page)
    expect(page.get_by_text("1 of them completed")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate(OVERFLOWING_ELEMENTS) == []

    page.get_by_role("button", name="Erase my data").click()
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text("Type the word")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate(OVERFLOWING_ELEMENTS) == []


@BOTH
def test_history_and_erasure_in_both_browsers(learner: Learner, student: Student):
    student.report("welcome", watch_time=45, total_duration=90)
    learner.go("/your-data")
    learner.until("document.body.innerText.includes('1 video or reading')")
    click = "[...document.querySelectorAll('button')].find((b) => b.innerText === {}).click()"
    learner.until("document.body.innerText.includes('Pause history')")
    learner.evaluate(click.format("'Pause history'"))
    learner.until("document.body.innerText.includes('Your history is paused')")
    learner.evaluate(click.format("'Erase my data'"))
    learner.until("document.activeElement.tagName === 'INPUT'")
    learner.evaluate("void (document.activeElement.value = 'erase')")

    learner.evaluate(click.format("'Erase for good'"))

    claim = f"document.body.innerText.includes('{ERASED}')"
    learner.until(claim, within_seconds=ERASURE_SECONDS)
    learner.until("document.body.innerText.includes('Nothing is stored about you.')")
    assert learner.evaluate("localStorage.getItem('progress.device_id')") is None
    assert learner.evaluate(f"({STORED})()")["reports"] == 0
