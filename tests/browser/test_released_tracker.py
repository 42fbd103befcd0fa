"""The last released tracker reports to this service: the archive, never the working tree."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from progress_service.testing import ServiceProcess, wait_until
from tests.browser.adopter import site
from tests.builders import a_token
from tests.processes import dev

RELEASED = Path(__file__).parents[1] / "contract" / "released"
STUDENT_ID = "auditor"
POSITION_SECONDS = 50.0  # Further than 10 s from a chapter, where a resume would begin.
WITHIN_SECONDS = 2.0

PAGE = """<!doctype html><meta charset="utf-8"><title>Released tracker</title>
<video muted></video><output id="waiting"></output><output id="connection"></output>
<script type="module">
import { createTrackerClient } from "./package/dist/index.js";
import { attach } from "./package/dist/attach.js";
import { openLive } from "./package/dist/live.js";
const query = new URLSearchParams(location.search);
const client = createTrackerClient({
  baseUrl: query.get("service"),
  accountId: query.get("account"),
  deviceId: query.get("device"),
  token: () => query.get("token"),
});
const show = (id, value) => { document.querySelector(id).textContent = value; };
const showWaiting = () => show("#waiting", client.outbox.state.waiting);
client.outbox.subscribe(showWaiting);
showWaiting();
client.outbox.start();
const live = openLive(client);
live.subscribe(() => show("#connection", live.state.connection));
live.start();
const video = document.querySelector("video");
window.tracker = attach(video, client, { videoId: "welcome" });
video.src = `${query.get("service")}/demo/media/welcome.mp4`;
window.tracker.place.then((place) => { document.title = place.source; });
</script>
"""


@dataclass(frozen=True)
class Tracked:
    """A page with the released tracker, on an origin of its own, and the service it reports to."""

    origin: str
    service: ServiceProcess

    def open(self, page: Page, *, device_id: str) -> Page:
        """The page, once the saved position was received."""
        failures: list[str] = []
        page.on("pageerror", lambda error: failures.append(str(error)))
        query = {
            "service": self.service.address,
            "account": STUDENT_ID,
            "device": device_id,
            "token": a_token(STUDENT_ID),
        }
        page.goto(f"{self.origin}/?{urlencode(query)}")
        expect(page).to_have_title("service")
        expect(page.locator("#connection")).to_have_text("live")
        page.wait_for_function(
            """() => {
              const video = document.querySelector("video");
              return video.readyState >= 2 && !video.seeking;
            }"""
        )
        assert failures == []
        return page

    def stored_position(self) -> float:
        with self.service.client(STUDENT_ID) as client:
            response = client.get("/api/progress/video/welcome/status").raise_for_status()
        position: float = response.json()["watch_time"]
        return position


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracked]:
    folder = tmp_path_factory.mktemp("site")
    [archive] = RELEASED.glob("progress-service-tracker-*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (folder / "index.html").write_text(PAGE)
    with (
        site(folder) as served,
        dev(tmp_path_factory.mktemp("service"), PROGRESS_CORS_ORIGINS=served.origin) as service,
    ):
        service.enroll(STUDENT_ID)
        yield Tracked(served.origin, service)


def test_released_tracker_reports_and_resumes_on_another_device(
    tracked: Tracked, browser: Browser
) -> None:
    with browser.new_context() as context:
        page = tracked.open(context.new_page(), device_id="one")
        page.locator("video").evaluate(f"(video) => {{ video.currentTime = {POSITION_SECONDS} }}")
        wait_until(lambda: tracked.stored_position() == POSITION_SECONDS, within_seconds=30)
        expect(page.locator("#waiting")).to_have_text("0")

    with browser.new_context() as context:
        page = tracked.open(context.new_page(), device_id="two")
        position = page.locator("video").evaluate("(video) => video.currentTime")
        assert position == pytest.approx(POSITION_SECONDS, abs=WITHIN_SECONDS)


def test_released_tracker_sends_what_was_stored_offline(tracked: Tracked, browser: Browser) -> None:
    with browser.new_context() as context:
        page = tracked.open(context.new_page(), device_id="three")
        context.set_offline(True)
        page.locator("video").evaluate("(video) => { video.currentTime = 33 }")
        expect(page.locator("#waiting")).not_to_have_text("0")

        context.set_offline(False)

        wait_until(lambda: tracked.stored_position() == 33, within_seconds=60)
        expect(page.locator("#waiting")).to_have_text("0")
