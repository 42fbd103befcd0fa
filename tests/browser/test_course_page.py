"""The course page: progress, the layout on a phone, and who may see it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from progress_service.testing import ServiceProcess
from tests.browser.conftest import Student
from tests.browser.pages import CoursePage

pytestmark = pytest.mark.browser


def test_progress_bar_shows_the_exact_time_on_hover_and_focus(course: CoursePage):
    tooltip = course.row("State that lasts").get_by_role("tooltip")
    expect(tooltip).to_be_hidden()

    course.row("State that lasts").get_by_role("progressbar").hover()
    expect(tooltip).to_be_visible()
    course.page.mouse.move(0, 0)
    expect(tooltip).to_be_hidden()

    course.page.keyboard.press("Tab")
    for _ in range(20):
        if tooltip.is_visible():
            return
        course.page.keyboard.press("Tab")
    pytest.fail("the keyboard does not reach the time watched")


def test_progress_bar_opens_the_video_on_click(course: CoursePage):
    course.open_by(course.row("State that lasts").get_by_role("progressbar"))

    expect(course.page).to_have_url("/courses/demo/videos/state")


def test_saving_state_fits_on_a_phone(course: CoursePage, page: Page):
    page.set_viewport_size({"width": 320, "height": 720})
    player = course.watch("Welcome to the course")
    page.context.set_offline(True)
    player.seek(30)

    state = page.get_by_role("status", name="Saving")
    expect(state).to_have_text("Offline · 1 report waiting")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    leave = page.get_by_role("button", name="Sign out").bounding_box()
    box = state.bounding_box()
    assert leave is not None
    assert box is not None
    assert leave["x"] + leave["width"] <= 320
    assert box["height"] < leave["height"], "it fits on one line"


def test_cached_state_is_shown_while_the_service_fails(course: CoursePage, page: Page):
    page.wait_for_function(
        "() => Object.keys(localStorage).some((name) => name.startsWith('progress.known.'))"
    )
    page.route("**/api/**", lambda route: route.fulfill(status=503, json={"code": "unavailable"}))
    page.reload()

    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("You see what was known last")
    expect(course.row("State that lasts")).to_be_visible()
    page.unroute("**/api/**")
    notice.get_by_role("button", name="Try again").click()

    expect(notice).to_have_count(0)


def test_reading_is_marked_and_unmarked(course: CoursePage):
    course.page.get_by_role("button", name="Mark as done: Reading list").click()
    expect(course.page.get_by_text("1 of 4 done")).to_be_visible()
    expect(course.page.get_by_role("progressbar", name="Course progress")).to_have_attribute(
        "aria-valuetext", "25 %"
    )

    course.page.get_by_role("button", name="Mark as not done: Reading list").click()
    expect(course.page.get_by_text("0 of 4 done")).to_be_visible()


def test_expired_token_leads_to_sign_in_with_instructions(
    page: Page, service: ServiceProcess, student: Student
):
    CoursePage(page).sign_in(service.token(student.student_id, ttl_seconds=8))

    expect(page.get_by_role("alert")).to_contain_text("Paste a new token to go on")
    expect(page.get_by_label("Access token")).to_be_visible()


def test_forged_token_leads_to_sign_in(page: Page, student: Student):
    header, claims, _ = student.token.split(".")
    page.goto("/")
    page.get_by_label("Access token").fill(f"{header}.{claims}.forged")
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_contain_text("does not accept this token")


def test_service_token_is_directed_to_the_docs(page: Page, service: ServiceProcess):
    page.goto("/")
    page.get_by_label("Access token").fill(service.token("tom", "service"))
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_contain_text("This page is for learners and teachers")
    page.get_by_role("alert").get_by_role("link").click()
    expect(page).to_have_url("/docs")


def test_teacher_sees_the_course_as_learners_do(page: Page, service: ServiceProcess):
    requested: list[str] = []
    page.on("request", lambda request: requested.append(urlsplit(request.url).path))
    page.goto("/")
    page.get_by_label("Access token").fill(service.token("demo-teacher", "teacher"))
    page.get_by_role("button", name="Sign in").click()

    page.get_by_role("link", name="Interfaces that remember", exact=True).click()
    expect(page.get_by_text("Nothing you watch here is recorded")).to_be_visible()
    player = CoursePage(page).watch("Welcome to the course")
    player.play_until(2)
    player.close()

    expect(page.get_by_role("alert")).to_have_count(0)
    assert {path for path in requested if path.startswith(("/api/", "/progress"))} == {
        "/api/catalog/courses",
        "/api/catalog/courses/demo",
    }


def test_student_without_an_enrolment_sees_instructions(page: Page, service: ServiceProcess):
    page.goto("/courses/demo")
    page.get_by_label("Access token").fill(service.token("stranger"))
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_contain_text("Ask your teacher to enrol you")


def test_token_is_in_no_address(course: CoursePage, student: Student):
    requested: list[str] = []
    course.page.on("request", lambda request: requested.append(request.url))

    player = course.watch("Welcome to the course")
    player.seek(10)
    player.close()

    assert requested
    assert not [address for address in [*requested, course.page.url] if student.token in address]


def test_unknown_course_shows_instructions(course: CoursePage):
    course.page.goto("/courses/nothing-here")

    expect(course.page.get_by_role("alert")).to_contain_text(
        re.compile("Check the address|Ask your teacher")
    )
