"""Every block of docs/attach-the-tracker.md against the real player, with a service and without."""

from __future__ import annotations

import shutil
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from progress_service.demo import course as demo
from progress_service.testing import ServiceProcess
from tests.browser.adopter import install, pack, run, site
from tests.browser.attach_page import Example, examples
from tests.browser.firefox import Firefox, firefox
from tests.browser.tabs import ChromiumProfile, FirefoxProfile, Profile, Tab, wait_until
from tests.builders import a_token
from tests.processes import dev

MEDIA = Path(__file__).parent / "media"
CLIP = Path(demo.__file__).parent / "media/components.mp4"
DURATION_SECONDS = 60
POSITION_SECONDS = 30.0
WITHIN_SECONDS = 2.0
# Shaka rarely starts at the 5 s segment before the position, which another device may.
RESUMES_WITHIN_SECONDS = {"shaka-player": 10.0}
SLOW_SECONDS = 60.0  # a player's first page on a busy machine

EXAMPLES = examples()
EACH_PLAYER = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
NATIVE = [example for example in EXAMPLES if example.name in ("native-video", "audio")]
NewProfile = Callable[[], Profile]
MEDIA_ELEMENT = "document.querySelector('video, audio')"
PLAYED = f"{MEDIA_ELEMENT}.played"


def test_page_documents_every_player() -> None:
    assert {example.title for example in EXAMPLES} == {
        "Native video",
        "Audio",
        "Video.js 8",
        "Video.js 10",
        "hls.js",
        "dash.js",
        "Shaka Player",
        "Plyr",
        "media-chrome",
        "Vidstack",
        "React",
    }


@dataclass(frozen=True)
class Lessons:
    """The built pages, and the service that knows their video."""

    origin: str
    service: ServiceProcess

    def address(self, example: Example, student_id: str, *, service: str | None = None) -> str:
        given = {
            "service": service or self.service.address,
            "account": student_id,
            "token": a_token(student_id),
        }
        return f"{self.origin}/{example.name}.html?{urlencode(given)}"

    def enroll(self) -> str:
        """Enrol a new student; returns the id."""
        student_id = f"student-{uuid.uuid4().hex[:12]}"
        with self.service.client("tests", "service") as client:
            path = f"/api/catalog/courses/players/enrollments/{student_id}"
            client.put(path).raise_for_status()
        return student_id

    def stored_seconds(self, student_id: str) -> float:
        with self.service.client(student_id) as client:
            response = client.get("/api/progress/video/intro/status").raise_for_status()
        position: float = response.json()["watch_time"]
        return position


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lessons]:
    archives = pack(tmp_path_factory.mktemp("archives"))
    folder = install(tmp_path_factory.mktemp("players"), "players", archives=archives)
    for example in EXAMPLES:
        example.write(folder)
    run(folder, "npm", "run", "--silent", "build")
    media = folder / "dist/media"
    shutil.copytree(MEDIA, media)
    shutil.copy(CLIP, media / "intro.mp4")
    with (
        site(folder / "dist") as pages,
        dev(tmp_path_factory.mktemp("service"), PROGRESS_CORS_ORIGINS=pages.origin) as service,
    ):
        video = {
            "material_id": "intro",
            "type": "video",
            "title": "Intro",
            "duration_seconds": DURATION_SECONDS,
        }
        course = {
            "course_id": "players",
            "title": "Players",
            "teacher_ids": [],
            "materials": [video],
        }
        with service.client("tests", "service") as client:
            client.put("/api/catalog/courses/players", json=course).raise_for_status()
        yield Lessons(pages.origin, service)


@pytest.fixture(scope="module")
def running_firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("firefox")) as running:
        yield running


@pytest.fixture
def in_chromium(browser: Browser) -> Iterator[NewProfile]:
    """Creates profiles that share no storage."""
    with ExitStack() as opened:
        yield lambda: ChromiumProfile(opened.enter_context(browser.new_context()))


@pytest.fixture
def in_firefox(running_firefox: Firefox) -> Iterator[NewProfile]:
    with ExitStack() as opened:
        yield lambda: opened.enter_context(closing(FirefoxProfile(running_firefox, "")))


@EACH_PLAYER
def test_position_is_stored_and_resumed(
    example: Example, lessons: Lessons, in_chromium: NewProfile
) -> None:
    watch_and_resume(example, lessons, in_chromium)


@pytest.mark.parametrize("example", NATIVE, ids=lambda example: example.name)
def test_position_is_stored_and_resumed_in_firefox(
    example: Example, lessons: Lessons, in_firefox: NewProfile
) -> None:
    watch_and_resume(example, lessons, in_firefox)


def watch_and_resume(example: Example, lessons: Lessons, new_profile: NewProfile) -> None:
    student_id = lessons.enroll()
    address = lessons.address(example, student_id)

    tab = open_tab(new_profile(), address)
    play_past(tab, 1)
    seek(tab, POSITION_SECONDS)
    pause(tab)
    wait_until(
        lambda: lessons.stored_seconds(student_id) == pytest.approx(POSITION_SECONDS, abs=1),
        within_seconds=SLOW_SECONDS,
        otherwise=f"stored: {lessons.stored_seconds(student_id)}",
    )
    tab.close()

    tab = open_tab(new_profile(), address)
    until(tab, f"{MEDIA_ELEMENT}?.currentTime >= {POSITION_SECONDS - WITHIN_SECONDS}")
    play_past(tab, POSITION_SECONDS + 1)
    # Some players drop a seek while they load; the tracker seeks again, also while it plays.
    within_seconds = RESUMES_WITHIN_SECONDS.get(example.name, WITHIN_SECONDS)
    resumed_seconds = tab.evaluate(f"{PLAYED}.start({PLAYED}.length - 1)")
    assert resumed_seconds == pytest.approx(POSITION_SECONDS, abs=within_seconds)
    pause(tab)
    paused_seconds = tab.evaluate(f"{MEDIA_ELEMENT}.currentTime")
    wait_until(
        lambda: lessons.stored_seconds(student_id) == pytest.approx(paused_seconds, abs=1),
        within_seconds=SLOW_SECONDS,
        otherwise=f"stored: {lessons.stored_seconds(student_id)}",
    )
    tab.close()


@EACH_PLAYER
def test_video_plays_without_the_service_and_the_report_is_queued(
    example: Example, lessons: Lessons, in_chromium: NewProfile
) -> None:
    student_id, profile = lessons.enroll(), in_chromium()

    tab = open_tab(profile, lessons.address(example, student_id, service=unreachable()))
    play_past(tab, 1)
    seek(tab, POSITION_SECONDS)
    play_past(tab, POSITION_SECONDS + 1)
    pause(tab)
    tab.close()

    tab = open_tab(profile, lessons.address(example, student_id))
    wait_until(
        lambda: lessons.stored_seconds(student_id) >= POSITION_SECONDS,
        within_seconds=SLOW_SECONDS,
        otherwise=f"stored: {lessons.stored_seconds(student_id)}",
    )
    until(tab, f"{MEDIA_ELEMENT}?.currentTime >= {POSITION_SECONDS - WITHIN_SECONDS}")
    tab.close()


@EACH_PLAYER
def test_video_plays_with_an_unresponsive_service(
    example: Example, lessons: Lessons, in_chromium: NewProfile
) -> None:
    with unresponsive() as address:
        tab = open_tab(in_chromium(), lessons.address(example, lessons.enroll(), service=address))
        play_past(tab, 1)
        tab.close()


def unreachable() -> str:
    """An address that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def unresponsive() -> Iterator[str]:
    """An address that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def open_tab(profile: Profile, address: str) -> Tab:
    tab = profile.tab()
    tab.goto(address)
    until(tab, f"{MEDIA_ELEMENT}?.readyState >= 1")
    return tab


def play_past(tab: Tab, seconds: float) -> None:
    # Playing may have to wait for the source, which some players set late.
    until(tab, f"{MEDIA_ELEMENT}.play().then(() => true, () => false)")
    until(tab, f"{MEDIA_ELEMENT}.currentTime >= {seconds}")


def seek(tab: Tab, seconds: float) -> None:
    tab.evaluate(f"void ({MEDIA_ELEMENT}.currentTime = {seconds})")
    until(tab, f"!{MEDIA_ELEMENT}.seeking && {MEDIA_ELEMENT}.currentTime >= {seconds}")


def pause(tab: Tab) -> None:
    tab.evaluate(f"{MEDIA_ELEMENT}.pause()")


def until(tab: Tab, claim: str) -> None:
    wait_until(lambda: bool(tab.evaluate(claim)), within_seconds=SLOW_SECONDS, otherwise=claim)
