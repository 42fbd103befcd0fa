"""A page of another origin on a device whose clock is hours off: the newer position wins.

The page reads the service's clock from the `Date` header, if that is exposed to it. A proxy may
remove this permission; the newer position must win then as well.
"""

from __future__ import annotations

import json
import shutil
import tarfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from progress_service.demo import course as demo
from progress_service.testing import ServiceProcess
from tests.browser.adopter import pack, site
from tests.browser.gateway import Gateway, gateway
from tests.browser.tabs import ChromiumProfile, FirefoxProfile, Profile, Tab, wait_until
from tests.builders import a_token
from tests.processes import dev

pytestmark = pytest.mark.browser

CLIP = Path(demo.__file__).parent / "media/welcome.mp4"
CLIP_SECONDS = 90
HIDES_DATE = frozenset({"access-control-expose-headers"})
SLOW_SECONDS = 30.0
WITHIN_SECONDS = 2.0
REWIND_SECONDS = 2.0
HOURS_OFF = [-3, 3]
PAGE = """<!doctype html>
<video src="welcome.mp4" preload="auto" muted></video>
<script type="module">
import { createTrackerClient } from "./package/dist/index.js";
import { attach } from "./package/dist/attach.js";
const given = Object.fromEntries(new URLSearchParams(location.search));
const { service: baseUrl, account: accountId, token } = given;
const client = createTrackerClient({ baseUrl, accountId, deviceId: "laptop", token: () => token });
client.outbox.start();
const video = document.querySelector("video");
const attached = attach(video, client, { videoId: "welcome", skipIntro: false });
window.isPlaced = false;
attached.place.then(() => { window.isPlaced = true; });
window.outbox = client.outbox;
</script>
"""
SET_CLOCK = """
() => {
  const RealDate = window.Date;
  const offMs = HOURS * 3_600_000;
  window.Date = class extends RealDate {
    constructor(...given) {
      if (given.length > 0) super(...given);
      else super(RealDate.now() + offMs);
    }
    static now() { return RealDate.now() + offMs; }
  };
}
"""


@dataclass(frozen=True)
class Lesson:
    """A page of another origin with a video, and the service that knows it."""

    origin: str
    service: ServiceProcess
    network: Gateway
    student_id: str

    @property
    def page(self) -> str:
        given = {
            "service": self.network.address,
            "account": self.student_id,
            "token": a_token(self.student_id),
        }
        return f"{self.origin}/?{urlencode(given)}"

    @property
    def stored_seconds(self) -> float:
        with self.service.client(self.student_id) as client:
            found = client.get("/api/progress/video/welcome/status").raise_for_status()
        return float(found.json()["watch_time"])

    def report_from_phone(self, watch_time: float) -> None:
        """Report from a phone with a correct clock; retries when the rate limit is used up."""
        body = {"watch_time": watch_time, "total_duration": CLIP_SECONDS, "device_id": "phone"}
        with self.service.client(self.student_id) as client:
            path = "/api/progress/video/welcome/watch-time"
            wait_until(lambda: client.post(path, json=body).status_code == 200)

    def wait_until_stored(self, watch_time: float) -> None:
        wait_until(
            lambda: abs(self.stored_seconds - watch_time) < 0.3,
            within_seconds=SLOW_SECONDS,
            otherwise=f"{watch_time} is stored",
        )


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site with the page: the tracker as it is published, without a bundler."""
    folder = tmp_path_factory.mktemp("site")
    archives = pack(tmp_path_factory.mktemp("archives"))
    [tracker] = [one for one in archives if "tracker" in one.name and "react" not in one.name]
    with tarfile.open(tracker) as packed:
        packed.extractall(folder, filter="data")
    shutil.copy(CLIP, folder)
    (folder / "index.html").write_text(PAGE)
    with site(folder) as running:
        yield running.origin


@pytest.fixture(scope="module")
def cross_origin_service(
    origin: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    with dev(tmp_path_factory.mktemp("service"), PROGRESS_CORS_ORIGINS=origin) as running:
        yield running


@pytest.fixture(params=[frozenset(), HIDES_DATE], ids=["date_exposed", "date_hidden"])
def lesson(
    request: pytest.FixtureRequest, origin: str, cross_origin_service: ServiceProcess
) -> Iterator[Lesson]:
    """A lesson with a new student."""
    student_id = f"student-{uuid.uuid4().hex[:12]}"
    with cross_origin_service.client("tests", "service") as client:
        path = f"/api/catalog/courses/demo/enrollments/{student_id}"
        client.put(path).raise_for_status()
    with gateway(cross_origin_service.address, hidden_headers=request.param) as network:
        yield Lesson(origin, cross_origin_service, network, student_id)


@pytest.fixture(params=["chromium", "firefox"])
def visitor(request: pytest.FixtureRequest) -> Iterator[Profile]:
    """A browser with nothing stored."""
    if request.param == "firefox":
        firefox_profile = FirefoxProfile(request.getfixturevalue("running_firefox"), "")
        yield firefox_profile
        firefox_profile.close()
        return
    browser: Browser = request.getfixturevalue("browser")
    with browser.new_context() as context:
        yield ChromiumProfile(context)


def open_page(profile: Profile, lesson: Lesson) -> Tab:
    """The page, with the video where it starts."""
    tab = profile.tab()
    tab.goto(lesson.page)
    until(tab, "window.isPlaced && document.querySelector('video').readyState >= 2")
    return tab


def until(tab: Tab, claim: str) -> None:
    wait_until(lambda: bool(tab.evaluate(claim)), within_seconds=SLOW_SECONDS, otherwise=claim)


def until_at(tab: Tab, seconds: float) -> None:
    """Wait for a position near *seconds*, within the rewind of a resume."""
    low, high = seconds - REWIND_SECONDS - WITHIN_SECONDS, seconds + WITHIN_SECONDS
    position = "document.querySelector('video').currentTime"
    until(
        tab,
        f"{position} >= {low} && {position} <= {high} && !document.querySelector('video').seeking",
    )


def play_to(tab: Tab, seconds: float) -> float:
    """Play, pause, and return the position."""
    tab.evaluate("document.querySelector('video').play()")
    until(tab, f"document.querySelector('video').currentTime >= {seconds}")
    tab.evaluate("document.querySelector('video').pause()")
    return float(tab.evaluate("document.querySelector('video').currentTime"))


def seek(tab: Tab, seconds: float) -> None:
    tab.evaluate(f"void (document.querySelector('video').currentTime = {json.dumps(seconds)})")
    until(tab, "!document.querySelector('video').seeking")


@pytest.mark.parametrize("hours", HOURS_OFF)
def test_newer_position_wins_over_a_wrong_clock(visitor: Profile, lesson: Lesson, hours: int):
    visitor.preload(SET_CLOCK.replace("HOURS", str(hours)))
    lesson.report_from_phone(25)

    tab = open_page(visitor, lesson)
    until_at(tab, 25)
    lesson.wait_until_stored(play_to(tab, 27))
    # The last report is sent as the page closes, or by the next page.
    seek(tab, 50)
    tab.close()
    tab = open_page(visitor, lesson)
    until_at(tab, 50)
    lesson.wait_until_stored(50)
    tab.close()

    lesson.report_from_phone(71)
    lesson.wait_until_stored(71)
    tab = open_page(visitor, lesson)
    until_at(tab, 71)
    tab.close()


def leave_offline(visitor: Profile, lesson: Lesson, hours: int) -> float:
    """Watch with a clock that is *hours* off and close the page offline; returns the position."""
    visitor.preload(SET_CLOCK.replace("HOURS", str(hours)))
    lesson.report_from_phone(25)
    tab = open_page(visitor, lesson)
    until_at(tab, 25)
    lesson.network.set("drop")
    seek(tab, 50)
    left_at = play_to(tab, 51)
    tab.close()
    return left_at


@pytest.mark.parametrize("hours", HOURS_OFF)
def test_older_position_that_is_sent_late_does_not_win(
    visitor: Profile, lesson: Lesson, hours: int
):
    leave_offline(visitor, lesson, hours)
    lesson.report_from_phone(71)
    lesson.network.set("pass")

    tab = open_page(visitor, lesson)

    until_at(tab, 71)
    until(tab, "window.outbox.pendingReports().then((pending) => pending.size === 0)")
    assert lesson.stored_seconds == 71
    tab.close()


@pytest.mark.parametrize("hours", HOURS_OFF)
def test_newer_position_of_an_offline_page_wins(visitor: Profile, lesson: Lesson, hours: int):
    left_at = leave_offline(visitor, lesson, hours)
    lesson.network.set("pass")

    tab = open_page(visitor, lesson)

    until_at(tab, left_at)
    lesson.wait_until_stored(left_at)
    tab.close()
