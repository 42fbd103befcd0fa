"""Every page of the web app as a learner sees it: 320, 768 and 1280 px wide, light and dark.

Writes `screenshots/` (ignored by git); `--readme` also writes the pictures of the README, and
`--only=course` takes one page alone, any number of times. Starts a service of its own with an empty
data folder, and leaves nothing else behind.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from analytics_examples import course_analytics, video_analytics
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from progress_service.testing import ServiceProcess, private_service

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "screenshots"
IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
WIDTHS = {320: 720, 768: 1024, 1280: 900}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
STUDENTS = ("ana", "ben", "cleo", "dana", "eli", "fay")  # One for each look: none spoils another's.


def main() -> int:
    """Take them all and say where they are."""
    looks = [(width, scheme) for width in WIDTHS for scheme in SCHEMES]
    with tempfile.TemporaryDirectory() as folder, private_service(Path(folder)) as service:
        TEACHER_TOKENS.append(service.token("demo-teacher", "teacher"))
        for student in STUDENTS:
            watch_a_little(service, student)
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
                    base_url=service.address,
                    viewport={"width": width, "height": WIDTHS[width]},
                    color_scheme=scheme,
                    reduced_motion="reduce",
                )
                take(context, f"{width}-{scheme}", service.token(student))
                context.close()
            browser.close()
    if "--readme" in sys.argv[1:]:
        IMAGES.mkdir(parents=True, exist_ok=True)
        for source, picture in README_PICTURES.items():
            (IMAGES / picture).write_bytes((SCREENSHOTS / source).read_bytes())
    print(f"The pictures are in {SCREENSHOTS.name}/")
    return 0


def take(context: BrowserContext, look: str, token: str) -> None:
    """Every page in one look."""
    chosen = [name.removeprefix("--only=") for name in sys.argv if name.startswith("--only=")]
    for name, show in PAGES.items():
        if chosen and name not in chosen:
            continue
        page = context.new_page()
        show(page, token)
        path = SCREENSHOTS / f"{name}-{look}.png"
        page.screenshot(path=path, full_page=True, animations="disabled")
        # What this page has read or cached must not be seen on the next one.
        page.evaluate("localStorage.clear()")
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


def keys(page: Page, token: str) -> None:
    """The keys of the player."""
    player(page, token)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def large_player(page: Page, token: str) -> None:
    """The picture as large as the window allows."""
    player(page, token)
    if page.locator("[data-large]").count() == 0:
        page.keyboard.press("t")
    page.wait_for_timeout(300)


def countdown(page: Page, token: str) -> None:
    """A video that has ended, and the next one about to start."""
    sign_in(page, token, "/courses/demo/videos/components")
    page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
    page.evaluate("document.querySelector('video').currentTime = 59")
    page.evaluate("void document.querySelector('video').play()")
    expect(page.get_by_role("timer")).to_be_visible()


def your_data(page: Page, token: str) -> None:
    """What is stored about the learner."""
    sign_in(page, token, "/your-data")
    held = page.get_by_role("region", name="What is stored about you")
    expect(held.get_by_role("listitem").first).to_be_visible()
    expect(page.get_by_role("button", name="Pause history")).to_be_visible()
    page.wait_for_timeout(300)


def erase_my_data(page: Page, token: str) -> None:
    """The confirmation of an erasure."""
    your_data(page, token)
    page.get_by_role("button", name="Erase my data").click()
    page.get_by_label("to confirm").fill("no")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text("Type the word")).to_be_visible()


def erasing(page: Page, token: str) -> None:
    """An erasure that runs."""
    body = {
        "state": "erasing",
        "requested_at": "2026-11-22T10:30:00Z",
        "finished_at": None,
        "remaining": ["confirmation", "notification"],
    }
    page.route("**/api/progress/me/erasure", lambda route: route.fulfill(json=body))
    sign_in(page, token, "/your-data")
    expect(page.get_by_text("2 steps are left")).to_be_visible()


def paused_player(page: Page, token: str) -> None:
    """A video while the history is paused."""
    page.route(
        "**/api/progress/me/preferences",
        lambda route: route.fulfill(json={"history": "paused", "changed_at": None}),
    )
    player(page, token)
    expect(page.get_by_text("Your history is paused")).to_be_visible()


def token_ended(page: Page, token: str) -> None:
    """A new token is asked for beside the page."""
    course_page(page, token)
    page.route(
        "**/api/**", lambda route: route.fulfill(status=401, json={"code": "unauthenticated"})
    )
    page.get_by_role("button", name="Play Welcome").click()
    expect(page.get_by_role("region", name="Sign in again")).to_be_visible()


def waiting(page: Page, token: str) -> None:
    """Without a connection: a reading was marked, and waits."""
    course_page(page, token)
    page.context.set_offline(True)
    page.get_by_role("button", name="Mark as done: Reading list").click()
    expect(page.get_by_text("Waiting for a connection")).to_be_visible()
    page.wait_for_timeout(300)


def my_courses(page: Page, token: str) -> None:
    """Several courses."""
    fulfil_courses(page, 10)
    sign_in(page, token, "/")
    expect(page.get_by_role("heading", name="My courses")).to_be_visible()
    page.wait_for_timeout(300)


def no_courses(page: Page, token: str) -> None:
    """Somebody who is in no course yet."""
    fulfil_courses(page, 0)
    sign_in(page, token, "/")
    expect(page.get_by_text("You are not in a course yet")).to_be_visible()


def long_course(page: Page, token: str) -> None:
    """A course of 40 videos in five modules, the first of them done."""
    page.route("**/api/catalog/courses/demo", lambda route: route.fulfill(json=LONG_COURSE))
    page.route(
        "**/api/progress/course/demo",
        lambda route: route.fulfill(json={"progress": LONG_PROGRESS}),
    )
    page.route(
        "**/api/progress/videos/batch",
        lambda route: route.fulfill(json={"progress": LONG_PROGRESS["videos"], "unavailable": []}),
    )
    sign_in(page, token, "/courses/demo")
    expect(page.get_by_role("heading", name="Materials")).to_be_visible()
    page.wait_for_timeout(300)


def teacher_start(page: Page, _: str) -> None:
    """Where a teacher starts."""
    sign_in(page, TEACHER_TOKENS[-1], "/")
    link = page.get_by_role("link", name="Interfaces that remember", exact=True)
    expect(link).to_be_visible()


def teacher_course(page: Page, _: str) -> None:
    """A course as its teacher sees it."""
    sign_in(page, TEACHER_TOKENS[-1], "/courses/demo")
    expect(page.get_by_text("Nothing you watch here is recorded")).to_be_visible()
    page.wait_for_timeout(300)


def course_analytics_page(page: Page, _: str) -> None:
    """A course in numbers."""
    fulfil_analytics(page, suppressed=False)
    sign_in(page, TEACHER_TOKENS[-1], "/courses/demo/analytics")
    expect(page.get_by_role("table", name="Videos")).to_be_visible()


def video_analytics_page(page: Page, _: str) -> None:
    """A video in numbers, at one of its marks."""
    fulfil_analytics(page, suppressed=False)
    sign_in(page, TEACHER_TOKENS[-1], "/courses/demo/analytics/videos/welcome")
    page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
    page.get_by_role("list", name="Marks").get_by_role("button").nth(1).click()
    page.wait_for_timeout(600)


def analytics_table(page: Page, _: str) -> None:
    """The numbers of the charts as a table."""
    video_analytics_page(page, _)
    page.get_by_text("Show as a table").click()


def suppressed_analytics(page: Page, _: str) -> None:
    """Too few learners for numbers."""
    fulfil_analytics(page, suppressed=True)
    sign_in(page, TEACHER_TOKENS[-1], "/courses/demo/analytics")
    expect(page.get_by_text("Too few learners for numbers")).to_be_visible()


def fulfil_analytics(page: Page, *, suppressed: bool) -> None:
    """Show the numbers of a class that does not exist."""
    course, video = course_analytics(suppressed=suppressed), video_analytics()
    page.route("**/api/progress/analytics/course/*", lambda route: route.fulfill(json=course))
    page.route("**/api/progress/analytics/video/*", lambda route: route.fulfill(json=video))


TEACHER_TOKENS: list[str] = []


def fulfil_courses(page: Page, count: int) -> None:
    """Show as many courses, one of them half done and one done."""
    courses = [
        {
            "course_id": f"course-{index}",
            "title": title,
            "overall_progress": percent,
            "materials": {"total": 12, "completed": int(12 * percent / 100)},
            "last_watched": (datetime.now(UTC) - timedelta(hours=5 * index + 1)).isoformat()
            if percent
            else None,
            "completed_at": None,
        }
        for index, (title, percent) in enumerate(COURSES[:count])
    ]
    page.route(
        "**/api/progress/courses?*",
        lambda route: route.fulfill(json={"courses": courses, "next": None}),
    )


COURSES = [
    ("Interfaces that remember", 39.5),
    ("Statistics for people who count", 100),
    ("تصميم الواجهات", 12.25),
    ("Databases from the inside", 0),
    ("Donaudampfschifffahrtsgesellschaftskapitänspatente", 0),
    *((f"Introduction to subject number {number}", 0) for number in range(1, 6)),
]
LONG_COURSE: dict[str, Any] = {
    "course_id": "demo",
    "title": "Forty videos about one thing",
    "teacher_ids": [],
    "complete_at_percent": None,
    "materials": [
        {
            "material_id": f"video-{number}",
            "title": f"Part {number}: what comes after what came before",
            "type": "video",
            "module": f"Chapter {number // 8 + 1}",
            "duration_seconds": 600.0,
            "source_url": f"/demo/media/video-{number}.mp4",
            "required": True,
            "complete_at_percent": None,
            "chapters": [],
            "intro": None,
            "outro": None,
        }
        for number in range(40)
    ],
}
LONG_PROGRESS = {
    "course_id": "demo",
    "student_id": "ana",
    "overall_progress": 26.0,
    "materials": {
        "total": 40,
        "completed": 10,
        "completed_ids": [f"video-{number}" for number in range(10)],
    },
    "videos": {
        f"video-{number}": {
            "watch_time": 550.0 if number < 10 else 240.0 if number == 10 else 0,
            "total_duration": 600.0,
            "progress_percentage": 91.67 if number < 10 else 40.0 if number == 10 else 0,
            "last_watched": None,
            "completed": number < 10,
            "completed_at": None,
            "complete_at_percent": 80.0,
            "watched_seconds": 550.0 if number < 10 else 0,
        }
        for number in range(40)
    },
    "last_watched": None,
    "completed_at": None,
}


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
    "countdown": countdown,
    "large-player": large_player,
    "keys": keys,
    "token-ended": token_ended,
    "your-data": your_data,
    "erase": erase_my_data,
    "erasing": erasing,
    "paused-player": paused_player,
    "my-courses": my_courses,
    "no-courses": no_courses,
    "long-course": long_course,
    "teacher-start": teacher_start,
    "teacher-course": teacher_course,
    "course-analytics": course_analytics_page,
    "video-analytics": video_analytics_page,
    "analytics-table": analytics_table,
    "suppressed-analytics": suppressed_analytics,
    "missing-video": missing_video,
    "missing-course": missing_course,
    "missing-page": missing_page,
    "waiting": waiting,
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


def watch_a_little(service: ServiceProcess, student: str) -> None:
    """A video completed and one begun on two devices, so that there is something to see."""
    service.enroll(student)
    now = datetime.now(UTC)
    watched: tuple[tuple[str, int, str, float, list[list[float]], datetime], ...] = (
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
    with service.client(student) as client:
        body = {"sent_at": now.isoformat(), "events": events}
        client.post("/api/progress/events", json=body).raise_for_status()


if __name__ == "__main__":
    SCREENSHOTS.mkdir(exist_ok=True)
    sys.exit(main())
