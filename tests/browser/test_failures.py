"""The page with a failing browser or service: it shows an error and never goes blank."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from progress_service.testing import ServiceProcess
from tests.browser.conftest import (
    BOTH_BEHIND_GATEWAY,
    CHROMIUM_FLAGS,
    CHROMIUM_WITH_SETTINGS,
    Student,
)
from tests.browser.firefox import firefox
from tests.browser.gateway import EVERYTHING, Gateway, Mode
from tests.browser.pages import CoursePage
from tests.browser.tabs import ChromiumProfile, FirefoxProfile, Learner, Profile, wait_until

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"
TIMEOUT_SECONDS = 30.0  # 10 s for the call, and a margin for a busy machine
RECOVERY_SECONDS = 60.0

UNRESPONSIVE_DATABASE = "() => { IDBFactory.prototype.open = () => ({}); }"
BLOCKED_STORAGE = """
() => {
  const deny = () => { throw new DOMException("denied", "SecurityError"); };
  for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
    Object.defineProperty(window, name, { get: deny });
  }
  LockManager.prototype.request = LockManager.prototype.query = async () => deny();
  Object.defineProperty(navigator, "serviceWorker", { get: deny });
  Object.defineProperty(window, "BroadcastChannel", { value: deny });
}
"""
FULL_STORAGE = """
() => {
  Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
}
"""
TWO_HOURS_AHEAD = """
() => {
  const { Date: RealDate } = window;
  const aheadMs = 7_200_000;
  window.Date = class extends RealDate {
    constructor(...given) {
      if (given.length > 0) super(...given);
      else super(RealDate.now() + aheadMs);
    }
    static now() { return RealDate.now() + aheadMs; }
  };
}
"""
OLDER_BROWSER = """
() => {
  delete AbortSignal.timeout;
  delete AbortSignal.any;
  delete window.structuredClone;
  delete Crypto.prototype.randomUUID;
  delete window.BroadcastChannel;
}
"""


def text_of(learner: Learner) -> str:
    return str(learner.evaluate("document.body.innerText"))


def shows(learner: Learner, text: str) -> Callable[[], bool]:
    return lambda: text in text_of(learner)


def sign_in(profile: Profile, token: str) -> Learner:
    """Sign in through the form, since the page may be unable to store anything."""
    learner = Learner(profile)
    learner.go("/")
    learner.until("document.querySelector('input') !== null")
    learner.evaluate(
        "(() => { const input = document.querySelector('input');"
        "Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')"
        f".set.call(input, '{token}');"
        "input.dispatchEvent(new Event('input', { bubbles: true }));"
        "document.querySelector('form').requestSubmit(); })()"
    )
    return learner


LOADED = "document.querySelector('ol li [role=progressbar]') !== null"


def is_stored_at(student: Student, position_seconds: float) -> Callable[[], bool]:
    return lambda: abs(student.status("welcome")["watch_time"] - position_seconds) < 0.3


@BOTH_BEHIND_GATEWAY
@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (UNRESPONSIVE_DATABASE, "The storage of this browser does not respond"),
        (BLOCKED_STORAGE, "This browser does not store anything for this page"),
        (FULL_STORAGE, "The storage of this browser is full"),
        (TWO_HOURS_AHEAD, ""),
        (OLDER_BROWSER, "This browser is older"),
    ],
    ids=[
        "unresponsive_database",
        "blocked_storage",
        "full_storage",
        "clock_ahead",
        "older_browser",
    ],
)
def test_failing_browser_affects_offline_use_only(
    profile: Profile, student: Student, fault: str, line: str
):
    profile.preload(fault)
    learner = sign_in(profile, student.token)
    learner.until(LOADED, within_seconds=TIMEOUT_SECONDS)

    learner.watch(WELCOME)
    learner.seek(40)
    learner.play_until(41)
    learner.pause()
    left_at = learner.position_seconds

    wait_until(is_stored_at(student, left_at), within_seconds=TIMEOUT_SECONDS)
    wait_until(shows(learner, "All saved"), within_seconds=TIMEOUT_SECONDS)
    wait_until(shows(learner, line), within_seconds=TIMEOUT_SECONDS)
    if not line:
        assert "storage" not in text_of(learner)
        assert "older" not in text_of(learner)


@BOTH_BEHIND_GATEWAY
@pytest.mark.parametrize("mode", ["unresponsive", "no_body", "bad_gateway"])
def test_unresponsive_service_is_shown_and_the_page_recovers(
    profile: Profile, student: Student, network: Gateway, mode: Mode
):
    network.set(mode)
    learner = Learner(profile, student.token, waits=False)
    line = "The service has trouble" if mode == "bad_gateway" else "The service does not answer"
    wait_until(shows(learner, line), within_seconds=TIMEOUT_SECONDS)
    wait_until(shows(learner, "Try again"))
    assert "All saved" not in text_of(learner)

    network.set("pass")

    learner.until(LOADED, within_seconds=RECOVERY_SECONDS)
    wait_until(shows(learner, "All saved"), within_seconds=TIMEOUT_SECONDS)
    assert line not in text_of(learner)


@BOTH_BEHIND_GATEWAY
def test_cached_state_stays_while_the_service_is_unresponsive(
    profile: Profile, student: Student, network: Gateway
):
    learner = Learner(profile, student.token)
    learner.until("Object.keys(localStorage).some((key) => key.startsWith('progress.known.'))")
    learner.until("JSON.stringify(localStorage).includes('progress_percentage')")
    network.set("unresponsive")

    learner.reopen()

    learner.until(LOADED)
    wait_until(shows(learner, "You see what was known last"), within_seconds=TIMEOUT_SECONDS)
    learner.watch(WELCOME, within_seconds=TIMEOUT_SECONDS)
    learner.seek(30)
    learner.play_until(31)
    learner.pause()
    left_at = learner.position_seconds
    assert "All saved" not in text_of(learner)

    network.set("pass")

    wait_until(is_stored_at(student, left_at), within_seconds=RECOVERY_SECONDS)
    wait_until(shows(learner, "All saved"), within_seconds=RECOVERY_SECONDS)


def test_downloaded_video_plays_while_everything_is_unresponsive(
    browser: Browser, student: Student, network: Gateway
):
    context = browser.new_context(base_url=network.address)
    course = CoursePage(context.new_page())
    course.sign_in(student.token)
    page = course.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.get_by_role("button", name="Keep the videos").click()
    expect(page.get_by_text("The videos of this course are on this device.")).to_be_visible()
    network.set("unresponsive", prefixes=EVERYTHING)

    page.reload()
    course.wait()
    player = course.watch(WELCOME)
    player.seek(50)
    player.play_until(51)

    expect(page.get_by_role("status", name="Saving")).not_to_contain_text("All saved")
    network.set("pass")
    context.close()


@BOTH_BEHIND_GATEWAY
def test_page_loads_although_one_call_is_unresponsive(
    profile: Profile, student: Student, network: Gateway
):
    network.set("unresponsive", ending="/continue-watching")

    learner = Learner(profile, student.token, waits=False)

    learner.until(LOADED, within_seconds=TIMEOUT_SECONDS)


@BOTH_BEHIND_GATEWAY
def test_app_that_cannot_start_shows_a_message(
    profile: Profile, student: Student, network: Gateway
):
    profile.preload(
        "() => { Object.defineProperty(window, 'MessageChannel', { get() { throw 1; } }); }"
    )

    learner = Learner(profile)
    learner.go("/")

    wait_until(shows(learner, "This page could not start"))


def test_cookies_blocked_in_chromium_are_reported(
    browser: Browser, service: ServiceProcess, student: Student, tmp_path: Path
):
    default = tmp_path / "Default"
    default.mkdir()
    (default / "Preferences").write_text(
        '{"profile": {"default_content_setting_values": {"cookies": 2}}}'
    )
    context: BrowserContext = browser.browser_type.launch_persistent_context(
        tmp_path,
        executable_path=CHROMIUM_WITH_SETTINGS,
        args=CHROMIUM_FLAGS,
        base_url=service.address,
    )
    try:
        learner = sign_in(ChromiumProfile(context), student.token)
        assert learner.evaluate("(() => { try { localStorage } catch { return true } })()")
        learner.until(LOADED, within_seconds=TIMEOUT_SECONDS)
        learner.watch(WELCOME)
        wait_until(shows(learner, "This browser does not store anything for this page"))
    finally:
        context.close()


def test_cookies_blocked_in_firefox_are_reported(
    service: ServiceProcess, student: Student, tmp_path: Path
):
    with firefox(tmp_path, {"network.cookie.cookieBehavior": 2}) as running:
        profile = FirefoxProfile(running, service.address)
        learner = sign_in(profile, student.token)
        learner.until(LOADED, within_seconds=TIMEOUT_SECONDS)
        learner.watch(WELCOME)
        wait_until(shows(learner, "This browser does not store anything for this page"))
