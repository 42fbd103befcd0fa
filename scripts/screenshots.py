"""Every page of the web app as a learner sees it: 320, 768 and 1280 px wide, light and dark.

Writes `screenshots/` (ignored by git); `--readme` also writes the pictures of the README. Starts a
service of its own with an empty data folder, and leaves nothing else behind.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from own_service import Token, enroll, service
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "screenshots"
IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
WIDTHS = {320: 720, 768: 1024, 1280: 900}
SCHEMES = ("light", "dark")
STUDENTS = ("ana", "ben", "cleo", "dana", "eli", "fay")  # One for each look: none spoils another's.


def main() -> int:
    """Take them all and say where they are."""
    looks = [(width, scheme) for width in WIDTHS for scheme in SCHEMES]
    with tempfile.TemporaryDirectory() as folder, service(Path(folder)) as (address, token):
        for student in STUDENTS:
            watch_a_little(address, student, token)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=[
                    "--no-sandbox",
                    "--disable-gpu",
                    "--autoplay-policy=no-user-gesture-required",
                ],
            )
            for student, (width, scheme) in zip(reversed(STUDENTS), looks, strict=True):
                context = browser.new_context(
                    base_url=address,
                    viewport={"width": width, "height": WIDTHS[width]},
                    color_scheme=scheme,
                    reduced_motion="reduce",
                )
                take(context, f"{width}-{scheme}", token(student, "student"))
                context.close()
            browser.close()
    if "--readme" in sys.argv[1:]:
        IMAGES.mkdir(parents=True, exist_ok=True)
        for source, picture in README_PICTURES.items():
            (IMAGES / picture).write_bytes((SCREENSHOTS / source).read_bytes())
    print(f"{len(PAGES) * len(looks)} pictures are in {SCREENSHOTS.name}/")
    return 0


def take(context: BrowserContext, look: str, token: str) -> None:
    """Every page in one look."""
    for name, show in PAGES.items():
        page = context.new_page()
        show(page, token)
        path = SCREENSHOTS / f"{name}-{look}.png"
        page.screenshot(path=path, full_page=True, animations="disabled")
        page.close()


# -- the pages ---------------------------------------------------------------------------------


def sign_in_page(page: Page, _: str) -> None:
    """Nobody is signed in yet."""
    page.goto("/")
    page.evaluate("localStorage.removeItem('progress.token')")
    page.reload()
    expect(page.get_by_label("Access token")).to_be_visible()


def course_page(page: Page, token: str) -> None:
    """The demo course, some of it watched."""
    sign_in(page, token, "/courses/demo")
    expect(page.get_by_role("heading", name="Materials")).to_be_visible()
    page.get_by_role("button", name="Keep the videos").wait_for()
    page.wait_for_timeout(300)


def player(page: Page, token: str) -> None:
    """A video that goes on where the learner left it."""
    sign_in(page, token, "/courses/demo/videos/welcome")
    page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
    page.mouse.move(200, 400)
    page.wait_for_timeout(600)


def video_end(page: Page, token: str) -> None:
    """The outro: what comes next."""
    player(page, token)
    page.evaluate("document.querySelector('video').currentTime = 85")
    expect(page.get_by_role("region", name="After this video")).to_be_visible()
    page.wait_for_timeout(400)


def missing_video(page: Page, token: str) -> None:
    """A video that is not in the course."""
    sign_in(page, token, "/courses/demo/videos/nothing-here")
    expect(page.get_by_role("alert")).to_be_visible()


def missing_course(page: Page, token: str) -> None:
    """A course that does not exist."""
    sign_in(page, token, "/courses/nothing-here")
    expect(page.get_by_role("alert")).to_be_visible()


def missing_page(page: Page, token: str) -> None:
    """An address that leads nowhere."""
    sign_in(page, token, "/nothing/here/at/all")
    expect(page.get_by_role("heading", name="There is nothing")).to_be_visible()


PAGES: dict[str, Callable[[Page, str], None]] = {
    "sign-in": sign_in_page,
    "course": course_page,
    "player": player,
    "video-end": video_end,
    "missing-video": missing_video,
    "missing-course": missing_course,
    "missing-page": missing_page,
}
README_PICTURES = {
    "course-1280-light.png": "demo.png",
    "player-1280-dark.png": "player.png",
    "course-320-light.png": "phone.png",
}


def sign_in(page: Page, token: str, address: str) -> None:
    """Open *address* with the token in place, as after a sign-in."""
    page.goto("/icon.svg")
    page.evaluate("token => localStorage.setItem('progress.token', token)", token)
    page.goto(address)


# -- what there is to see -----------------------------------------------------------------------


def watch_a_little(address: str, student: str, token: Token) -> None:
    """A video completed and one begun on two devices, so that there is something to see."""
    enroll(address, student, token)
    now = datetime.now(UTC)
    watched = (
        ("components", 60, "laptop", 52.0, [[0, 52]], now - timedelta(days=2)),
        ("welcome", 90, "phone", 22.0, [[0, 22]], now - timedelta(hours=5)),
        ("welcome", 90, "laptop", 52.5, [[0, 30], [40, 52.5]], now - timedelta(hours=2)),
    )
    events = [
        {
            "event_id": f"{video_id}-{device}",
            "video_id": video_id,
            "watch_time": place,
            "total_duration": length,
            "observed_at": moment.isoformat(),
            "device_id": device,
            "session_id": f"{device}-{video_id}",
            "played": played,
            "played_seconds": sum(end - start for start, end in played),
        }
        for video_id, length, device, place, played, moment in watched
    ]
    httpx.post(
        f"{address}/api/progress/events",
        headers={"Authorization": f"Bearer {token(student, 'student')}"},
        json={"sent_at": now.isoformat(), "events": events},
    ).raise_for_status()


if __name__ == "__main__":
    SCREENSHOTS.mkdir(exist_ok=True)
    sys.exit(main())
