"""The service as `dev` starts it, a Chromium, and a student with nothing watched yet."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from progress_service.edge.tokens import Role, mint
from progress_service.pages import WEB_APP
from tests.browser.firefox import Firefox, firefox
from tests.browser.gateway import Gateway, gateway
from tests.browser.pages import CoursePage
from tests.browser.tabs import ChromiumProfile, FirefoxProfile, Learner, Profile

# Chromium without its own windows, which cost more processor time than most pages.
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
START_DEADLINE_SECONDS = 60
# The same journey in two browsers.
BOTH = pytest.mark.parametrize("learner", ["chromium", "firefox"], indirect=True)
BOTH_BEHIND_GATEWAY = pytest.mark.parametrize("profile", ["chromium", "firefox"], indirect=True)
STOP_DEADLINE_SECONDS = 15


@dataclass(frozen=True)
class Service:
    """A running service and the way to become somebody there."""

    address: str
    secret: str

    def token(self, subject: str, role: Role = "student", *, ttl_seconds: int = 3600) -> str:
        return mint(
            subject=subject,
            role=role,
            secret=self.secret,
            algorithm="HS256",
            ttl_seconds=ttl_seconds,
        )

    def call(self, method: str, path: str, *, token: str, body: object = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.request(method, self.address + path, headers=headers, json=body, timeout=30)


@dataclass(frozen=True)
class Student:
    """Somebody enrolled in the demo course who has watched nothing."""

    service: Service
    student_id: str
    token: str

    def status(self, video_id: str) -> dict:
        """What the service holds about a video."""
        answer = self.service.call(
            "GET", f"/api/progress/video/{video_id}/status", token=self.token
        )
        return answer.raise_for_status().json()

    def report(self, video_id: str, **report: object) -> None:
        """What another device says."""
        path = f"/api/progress/video/{video_id}/watch-time"
        self.service.call("POST", path, token=self.token, body=report).raise_for_status()

    def cards(self) -> list[dict]:
        """What the service would put on the shelf."""
        answer = self.service.call("GET", "/api/progress/continue-watching", token=self.token)
        return answer.raise_for_status().json()["items"]


@dataclass
class SentReports:
    """The reports a page has sent, each with its moment in seconds."""

    sent: list[tuple[float, str, dict]] = field(default_factory=list)

    def note(self, request: Request) -> None:
        if request.url.endswith("/watch-time"):
            self.sent.append((time.monotonic(), request.url, request.post_data_json))

    @property
    def bodies(self) -> list[dict]:
        return [body for _, _, body in self.sent]


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`progress-service dev` with a data folder of its own, on a free port."""
    if not (WEB_APP / "index.html").is_file():
        pytest.fail("The web app is not built; run `make setup` with Node installed.")
    folder = tmp_path_factory.mktemp("service")
    secret = secrets.token_urlsafe(48)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PROGRESS_")},
        "PROGRESS_DATA_DIR": str(folder / "data"),
        "PROGRESS_JWT_SECRET": secret,
    }
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "progress_service", "dev", "--port", "0"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Service(address=_wait_until_ready(process, log), secret=secret)
    finally:
        process.terminate()
        process.wait(STOP_DEADLINE_SECONDS)


def _wait_until_ready(process: subprocess.Popen, log: Path) -> str:
    deadline = time.monotonic() + START_DEADLINE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        told = re.search(r"Demo page\s+(http://\S+?)/\s", log.read_text())
        if told:
            try:
                httpx.get(f"{told[1]}/readyz", timeout=2).raise_for_status()
                return told[1]
            except httpx.HTTPError:
                pass
        time.sleep(0.1)
    raise AssertionError(f"The service did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


def enrolled_student(service: Service) -> Student:
    """Somebody new."""
    student_id = f"student-{uuid.uuid4().hex[:12]}"
    service.call(
        "PUT",
        f"/api/catalog/courses/demo/enrollments/{student_id}",
        token=service.token("tests", "service"),
    ).raise_for_status()
    return Student(service, student_id, service.token(student_id))


@pytest.fixture
def student(service: Service) -> Student:
    return enrolled_student(service)


@pytest.fixture
def context(browser: Browser, service: Service) -> Iterator[BrowserContext]:
    """A browser profile in which nobody but the service is asked for anything.

    Without a service worker, so that what a page asks for is seen and can be cut off; the tests of
    the offline page have a profile of their own.
    """
    context = browser.new_context(
        base_url=service.address,
        viewport={"width": 1280, "height": 900},
        service_workers="block",
    )
    asked: list[str] = []
    # Watched, not intercepted: a request on its way while its tab closes must not wait for a test.
    context.on("request", lambda request: asked.append(request.url))
    yield context
    context.close()
    own = (service.address, "blob:", "data:")
    assert [url for url in asked if not url.startswith(own)] == [], "somebody else was asked"


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which no script fails."""
    page = context.new_page()
    page.set_default_timeout(30_000)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    assert failures == []


@pytest.fixture
def reports(context: BrowserContext) -> SentReports:
    sent = SentReports()
    context.on("request", sent.note)
    return sent


@pytest.fixture
def course(page: Page, student: Student) -> CoursePage:
    """The demo course's page, with the student signed in."""
    course = CoursePage(page)
    course.sign_in(student.token)
    return course


@pytest.fixture(scope="module")
def a_firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("firefox")) as running:
        yield running


@pytest.fixture
def firefox_profile(a_firefox: Firefox, service: Service) -> Iterator[FirefoxProfile]:
    profile = FirefoxProfile(a_firefox, service.address)
    yield profile
    profile.close()


@pytest.fixture
def network(service: Service) -> Iterator[Gateway]:
    """What the browsers of `profile` have between them and the service."""
    with gateway(service.address) as running:
        yield running


@pytest.fixture
def profile(request: pytest.FixtureRequest, network: Gateway) -> Iterator[Profile]:
    """A browser that has never seen the page, behind the gateway."""
    if request.param == "firefox":
        made = FirefoxProfile(request.getfixturevalue("a_firefox"), network.address)
        yield made
        made.close()
        return
    browser: Browser = request.getfixturevalue("browser")
    context = browser.new_context(base_url=network.address, service_workers="block")
    yield ChromiumProfile(context)
    context.close()


@pytest.fixture
def learner(request: pytest.FixtureRequest, student: Student) -> Learner:
    """The student in one of the browsers; only the one that is asked for is started."""
    profile: Profile
    if request.param == "firefox":
        profile = request.getfixturevalue("firefox_profile")
    else:
        profile = ChromiumProfile(request.getfixturevalue("context"))
    return Learner(profile, student.token)
