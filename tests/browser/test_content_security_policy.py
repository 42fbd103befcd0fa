"""The Content-Security-Policy allows our own pages, and blocks injected scripts and frames."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from progress_service.testing import ServiceProcess
from tests.browser.conftest import Student
from tests.browser.pages import CoursePage, wait_for

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"
RECORD_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} by ${event.sourceFile}`);
});
"""


@pytest.fixture
def context(browser: Browser, service: ServiceProcess) -> Iterator[BrowserContext]:
    """A profile with a service worker, whose requests the policy governs too."""
    context = browser.new_context(base_url=service.address)
    context.add_init_script(RECORD_VIOLATIONS)
    yield context
    context.close()


@pytest.fixture
def policy_messages(context: BrowserContext) -> list[str]:
    """The browser's console messages about the policy, of any page and any worker."""
    found: list[str] = []

    def record(text: str) -> None:
        if "content security policy" in text.lower():
            found.append(text)

    context.on("console", lambda message: record(message.text))
    return found


def violations(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.violations")
    return found


def test_course_page_and_player_cause_no_violation(
    policy_messages: list[str], course: CoursePage, student: Student
):
    page = course.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.get_by_role("button", name="Keep the videos").click()
    expect(page.get_by_text("The videos of this course are on this device.")).to_be_visible()

    player = course.watch(WELCOME)
    player.seek(50)
    player.play_until(51)
    player.close()

    wait_for(page, lambda: student.status("welcome")["watch_time"] > 49, within_seconds=30)
    expect(page.get_by_role("status", name="Saving")).to_have_text("All saved", timeout=30_000)
    assert violations(page) == []
    page.reload()  # now from the service worker
    course.wait()
    assert (violations(page), policy_messages) == ([], [])


def test_live_updates_pass_the_policy(
    policy_messages: list[str], course: CoursePage, student: Student
):
    with course.page.expect_websocket() as opened:
        course.page.reload()
        course.wait()
    with opened.value.expect_event("framereceived"):
        pass

    student.report("welcome", watch_time=45, total_duration=90, device_id="another")

    expect(course.row(WELCOME)).to_contain_text("50 %", timeout=30_000)
    assert (violations(course.page), policy_messages) == ([], [])


def test_docs_page_runs_an_operation_without_a_violation(
    policy_messages: list[str], page: Page, student: Student
):
    page.goto("/docs")
    page.get_by_role("button", name="Authorize").first.click()
    page.get_by_role("textbox", name="auth-bearer-value").fill(student.token)
    page.locator(".auth-btn-wrapper").get_by_role("button", name="Apply credentials").click()
    page.locator(".auth-btn-wrapper").get_by_role("button", name="Close").click()

    operation = page.locator("#operations-progress-getVideoStatus")
    operation.locator(".opblock-summary-control").click()
    with page.expect_response("**/api/progress/video/*/status") as response_info:
        operation.get_by_role("button", name="Execute").click()

    assert response_info.value.status == 200
    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text(
        "200"
    )
    assert (violations(page), policy_messages) == ([], [])


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_injected_script_does_not_run(page: Page, path: str):
    page.goto(path)

    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.injected = true";
          document.body.append(script);
          const image = document.createElement("div");
          image.innerHTML = '<img src="data:," onerror="window.injected = true">';
          document.body.append(image);
        }"""
    )
    page.wait_for_function("() => window.violations.length >= 2")

    assert page.evaluate("window.injected") is None


def test_pages_cannot_be_framed(page: Page, service: ServiceProcess):
    page.goto("about:blank")
    for path in ("/", "/courses/demo", "/docs", "/healthz", "/api/progress/nothing"):
        page.evaluate(
            """(address) => new Promise((loaded) => {
              const frame = document.createElement("iframe");
              frame.onload = loaded;
              frame.src = address;
              document.body.replaceChildren(frame);
            })""",
            service.address + path,
        )

        [frame] = [frame for frame in page.frames if frame.parent_frame == page.main_frame]
        assert frame.url == "chrome-error://chromewebdata/", path
