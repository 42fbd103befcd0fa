"""The analytics pages of teachers: real numbers of a class, by mouse, keyboard, and on a phone."""

from __future__ import annotations

import csv
import io
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from progress_service.testing import ServiceProcess
from progress_service.web_app import WEB_APP
from tests.browser.conftest import Student
from tests.browser.pages import CoursePage
from tests.browser.tabs import FirefoxProfile, Learner
from tests.browser.test_accessibility import violations
from tests.browser.test_my_courses import OVERFLOWING_ELEMENTS, submit_token
from tests.browser.watched_class import (
    CLASS_SIZE,
    LEAVERS,
    LENGTH_SECONDS,
    TEACHER,
    ClassOfCourse,
    class_of_course,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def watched_course(service: ServiceProcess) -> ClassOfCourse:
    return class_of_course(service)


@pytest.fixture
def teacher_page(page: Page, watched_course: ClassOfCourse) -> Page:
    """A page on which the teacher is signed in."""
    page.goto("/icon.svg")
    page.evaluate(
        "token => localStorage.setItem('progress.token', token)", watched_course.teacher_token
    )
    return page


def open_video(page: Page, watched_course: ClassOfCourse) -> None:
    page.goto(watched_course.video_address)
    page.get_by_role("img", name="Area chart").wait_for()
    page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")


def test_demo_course_is_one_click_away(page: Page, service: ServiceProcess):
    page.goto("/")
    submit_token(page, service.token(TEACHER, "teacher"))

    page.get_by_role("link", name="Analytics of Interfaces that remember").click()

    expect(page).to_have_url("/courses/demo/analytics")
    expect(page.get_by_role("heading", name="Interfaces that remember", level=1)).to_be_visible()
    expect(page.get_by_role("table", name="Videos")).to_be_visible()


def test_course_numbers_are_those_of_the_class(teacher_page: Page, watched_course: ClassOfCourse):
    page = teacher_page
    page.goto(watched_course.address)

    learners = page.get_by_role("region", name="Learners", exact=True)
    expect(learners).to_contain_text(f"Enrolled{CLASS_SIZE}")
    row = page.get_by_role("table", name="Videos").get_by_role("row").nth(1)
    expect(row).to_contain_text("A video that some leave")
    expect(row).to_contain_text("67 %")
    expect(row).to_contain_text(f"({LEAVERS} left)")
    row.get_by_role("link").click()
    expect(page).to_have_url(watched_course.video_address)
    expect(page.get_by_role("main")).to_be_focused()


def test_mark_seeks_the_video_and_names_the_words_said_there(
    teacher_page: Page, watched_course: ClassOfCourse
):
    page = teacher_page
    requested: list[str] = []
    page.on("request", lambda request: requested.append(urlsplit(request.url).path))
    open_video(page, watched_course)

    point = page.get_by_role("button", name=f"{LEAVERS} of {CLASS_SIZE} learners left at 0:4")
    expect(point).to_contain_text("in “Three facts”")
    expect(point.locator("q")).not_to_be_empty()
    page.get_by_role("list", name="Marks").get_by_role("button", name="learners left").click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 35")
    page.wait_for_function("() => document.querySelector('video').currentTime < 45")
    mark = page.get_by_role("list", name="Marks").get_by_role("button", name="replays").first
    mark.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('video').currentTime >= 55")
    position = page.evaluate("document.querySelector('video').currentTime")
    playhead = page.get_by_test_id("playhead").first
    left = playhead.evaluate("(line) => parseFloat(line.style.left)")
    assert left == pytest.approx(100 * position / LENGTH_SECONDS, abs=1)

    page.evaluate("document.querySelector('video').play()")
    page.wait_for_timeout(1500)
    assert [path for path in requested if "/analytics/" not in path and "/progress/" in path] == []


def test_mark_seeks_the_video_in_firefox(
    firefox_profile: FirefoxProfile, watched_course: ClassOfCourse
):
    teacher = Learner(firefox_profile)
    teacher.go("/icon.svg")
    token = watched_course.teacher_token
    teacher.evaluate(f"localStorage.setItem('progress.token', '{token}')")
    teacher.go(watched_course.video_address)
    teacher.until("document.querySelector('video').readyState >= 2", within_seconds=30)
    teacher.until("document.querySelector('ol q').textContent.length > 0")

    teacher.evaluate("document.querySelector('[aria-label$=\"learners left\"]').click()")

    teacher.until("!document.querySelector('video').seeking")
    assert 35 < teacher.position_seconds < 45
    left = "parseFloat(document.querySelector('[data-testid=playhead]').style.left)"
    teacher.until(f"{left} > 38 && {left} < 50")


def test_table_is_downloaded_as_csv(teacher_page: Page, watched_course: ClassOfCourse):
    page = teacher_page
    open_video(page, watched_course)

    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV: Along the video").click()

    assert download.value.suggested_filename == f"{watched_course.video_id}-curves.csv"
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert len(rows) == LENGTH_SECONDS
    assert float(rows[50]["retention"]) == pytest.approx(
        (CLASS_SIZE - LEAVERS) / CLASS_SIZE, abs=0.001
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_serious_violation(
    teacher_page: Page, watched_course: ClassOfCourse, scheme: Literal["light", "dark"]
):
    page = teacher_page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    page.goto(watched_course.address)
    page.get_by_role("img").first.wait_for()
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert violations(page) == []

    open_video(page, watched_course)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert violations(page) == []


def test_pages_fit_on_a_small_phone(teacher_page: Page, watched_course: ClassOfCourse):
    page = teacher_page
    page.set_viewport_size({"width": 320, "height": 720})
    page.goto(watched_course.address)
    page.get_by_role("img").first.wait_for()
    assert page.evaluate(OVERFLOWING_ELEMENTS) == []

    open_video(page, watched_course)
    page.get_by_text("Show as a table").click()
    assert page.evaluate(OVERFLOWING_ELEMENTS) == []
    page.goto("/")
    page.get_by_role("link", name="Analytics of A class").wait_for()
    assert page.evaluate(OVERFLOWING_ELEMENTS) == []


def test_learner_downloads_no_analytics(page: Page, student: Student):
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    course = CoursePage(page)
    course.sign_in(student.token)
    course.watch("Welcome to the course")

    page.goto("/courses/demo/analytics")

    expect(page.get_by_role("alert")).to_contain_text("for the teachers of the course")
    assert [url for url in requested if "Analytics" in url] == []
    # Nor does the service worker of a learner.
    assert "assets/AnalyticsPages" not in (WEB_APP / "sw.js").read_text()
    assert list((WEB_APP / "assets").glob("AnalyticsPages-*.js"))
