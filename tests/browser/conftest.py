"""The service as `dev` starts it, the browsers, and a student without progress."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from progress_service.testing import ServiceProcess, private_service
from progress_service.web_app import WEB_APP
from tests.browser.firefox import Firefox, firefox
from tests.browser.gateway import Gateway, gateway
from tests.browser.pages import CoursePage
from tests.browser.tabs import ChromiumProfile, FirefoxProfile, Learner, Profile

# Headless, since windows cost more processor time than most pages.
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium-headless-shell")
CHROMIUM_WITH_SETTINGS = "/usr/bin/chromium"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
# The same journey in two browsers.
BOTH = pytest.mark.parametrize("learner", ["chromium", "firefox"], indirect=True)
BOTH_BEHIND_GATEWAY = pytest.mark.parametrize("profile", ["chromium", "firefox"], indirect=True)

WAIT_MS = 30_000  # For a page on a busy machine.
expect.set_options(timeout=WAIT_MS)


def call(
    service: ServiceProcess, method: str, path: str, *, token: str, body: object = None
) -> httpx.Response:
    """The response to one request."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.request(method, service.address + path, headers=headers, json=body, timeout=30)


@dataclass(frozen=True)
class Student:
    """A student who is enrolled in the demo course and has no progress."""

    service: ServiceProcess
    student_id: str
    token: str

    def status(self, video_id: str) -> dict[str, Any]:
        """The stored status of a video."""
        response = call(
            self.service, "GET", f"/api/progress/video/{video_id}/status", token=self.token
        )
        status: dict[str, Any] = response.raise_for_status().json()
        return status

    def report(self, video_id: str, **report: object) -> None:
        """Send a report from another device."""
        path = f"/api/progress/video/{video_id}/watch-time"
        call(self.service, "POST", path, token=self.token, body=report).raise_for_status()

    def cards(self) -> list[dict[str, Any]]:
        """The continue-watching cards."""
        response = call(self.service, "GET", "/api/progress/continue-watching", token=self.token)
        cards: list[dict[str, Any]] = response.raise_for_status().json()["items"]
        return cards


@dataclass
class SentReports:
    """The reports that a page has sent, each with its time in seconds."""

    sent: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)

    def record(self, request: Request) -> None:
        if request.url.endswith("/watch-time"):
            self.sent.append((time.monotonic(), request.url, request.post_data_json or {}))

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [body for _, _, body in self.sent]


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """`progress-service dev` with its own data folder, on a free port."""
    if not (WEB_APP / "index.html").is_file():
        pytest.fail("The web app is not built; run `make setup` with Node installed.")
    with private_service(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


def enrolled_student(service: ServiceProcess) -> Student:
    """A new student of the demo course."""
    student_id = f"student-{uuid.uuid4().hex[:12]}"
    service.enroll(student_id)
    return Student(service, student_id, service.token(student_id))


@pytest.fixture
def student(service: ServiceProcess) -> Student:
    return enrolled_student(service)


@pytest.fixture
def context(browser: Browser, service: ServiceProcess) -> Iterator[BrowserContext]:
    """A browser profile that sends requests to the service only.

    It has no service worker, so that requests of a page can be observed and blocked; the offline
    tests have a profile of their own.
    """
    context = browser.new_context(
        base_url=service.address,
        viewport={"width": 1280, "height": 900},
        service_workers="block",
    )
    requested: list[str] = []
    # Observed, not intercepted: a request of a closing tab must not wait for a test.
    context.on("request", lambda request: requested.append(request.url))
    yield context
    context.close()
    own = (service.address, "blob:", "data:")
    assert [url for url in requested if not url.startswith(own)] == [], "requests to other hosts"


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which no script fails."""
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    assert failures == []


@pytest.fixture
def reports(context: BrowserContext) -> SentReports:
    sent = SentReports()
    context.on("request", sent.record)
    return sent


@pytest.fixture
def course(page: Page, student: Student) -> CoursePage:
    """The demo course's page, with the student signed in."""
    course = CoursePage(page)
    course.sign_in(student.token)
    return course


@pytest.fixture(scope="module")
def running_firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("firefox")) as running:
        yield running


@pytest.fixture
def firefox_profile(running_firefox: Firefox, service: ServiceProcess) -> Iterator[FirefoxProfile]:
    profile = FirefoxProfile(running_firefox, service.address)
    yield profile
    profile.close()


@pytest.fixture
def network(service: ServiceProcess) -> Iterator[Gateway]:
    """The gateway between the browsers of `profile` and the service."""
    with gateway(service.address) as running:
        yield running


@pytest.fixture
def profile(request: pytest.FixtureRequest, network: Gateway) -> Iterator[Profile]:
    """A new browser profile, behind the gateway."""
    if request.param == "firefox":
        gateway_profile = FirefoxProfile(
            request.getfixturevalue("running_firefox"), network.address
        )
        yield gateway_profile
        gateway_profile.close()
        return
    browser: Browser = request.getfixturevalue("browser")
    context = browser.new_context(base_url=network.address, service_workers="block")
    yield ChromiumProfile(context)
    context.close()


@pytest.fixture
def learner(request: pytest.FixtureRequest, student: Student) -> Learner:
    """The student in one of the browsers; only the requested one is started."""
    profile: Profile
    if request.param == "firefox":
        profile = request.getfixturevalue("firefox_profile")
    else:
        profile = ChromiumProfile(request.getfixturevalue("context"))
    return Learner(profile, student.token)
