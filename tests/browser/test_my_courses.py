"""The start page with several courses, one or none; and a token that expires during use."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Page, expect

from progress_service.testing import ServiceProcess
from tests.browser.conftest import BOTH_BEHIND_GATEWAY, Student, call
from tests.browser.gateway import Gateway
from tests.browser.pages import CoursePage, wait_for
from tests.browser.tabs import Learner, Profile, wait_until

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"
OVERFLOWING_ELEMENTS = """() => {
  const isClipped = (element) => {
    for (let box = element.parentElement; box; box = box.parentElement) {
      if (getComputedStyle(box).overflowX !== "visible") return true;
    }
    return false;
  };
  return [...document.querySelectorAll("body *")]
    .filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      const isShown = width > 1 && getComputedStyle(element).visibility === "visible";
      return isShown && (right > innerWidth + 0.5 || left < -0.5) && !isClipped(element);
    })
    .map((element) => `${element.tagName} ${element.className} ${element.textContent}`);
}"""


@pytest.fixture
def course_titles(service: ServiceProcess, student: Student) -> list[str]:
    """Ten more courses of the student, one with a very long title; their titles."""
    titles = [f"Course number {number}" for number in range(9)]
    titles.append("Donaudampfschifffahrtsgesellschaftskapitän " * 3)
    for title in titles:
        course_id = f"course-{uuid.uuid4().hex[:12]}"
        path = f"/api/catalog/courses/{course_id}"
        token = service.token("tests", "service")
        body = {"course_id": course_id, "title": title, "teacher_ids": [], "materials": []}
        call(service, "PUT", path, token=token, body=body).raise_for_status()
        call(
            service, "PUT", f"{path}/enrollments/{student.student_id}", token=token
        ).raise_for_status()
    return titles


def submit_token(page: Page, token: str) -> None:
    page.get_by_label("Access token").fill(token)
    page.get_by_role("button", name="Sign in").click()


def test_courses_are_listed_with_continue_watching_cards(
    page: Page, student: Student, course_titles: list[str]
):
    student.report("welcome", watch_time=45, total_duration=90)
    page.goto("/")
    submit_token(page, student.token)

    expect(page.get_by_role("heading", name="My courses", level=1)).to_be_visible()
    cards = page.get_by_role("list", name="My courses")
    expect(cards.get_by_role("link")).to_have_count(len(course_titles) + 1)
    expect(cards.get_by_role("link").first).to_have_text("Interfaces that remember")
    expect(page.get_by_role("list", name="Continue watching")).to_contain_text(
        "Interfaces that remember"
    )
    page.get_by_role("searchbox").fill("number 7")
    expect(cards.get_by_role("link")).to_have_count(1)
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name=f"Continue with {WELCOME}").click()
    expect(page).to_have_url("/courses/demo/videos/welcome")
    expect(page).to_have_title(f"{WELCOME} · Interfaces that remember · Progress")
    page.get_by_role("link", name="Progress").click()
    expect(page.get_by_role("heading", name="My courses", level=1)).to_be_visible()


def test_student_without_a_course_sees_no_error(page: Page, service: ServiceProcess):
    page.goto("/")
    submit_token(page, service.token(f"newcomer-{uuid.uuid4().hex[:8]}"))

    expect(page.get_by_text("You are not in a course yet")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_teacher_starts_on_the_courses_they_teach(page: Page, service: ServiceProcess):
    teacher = f"teacher-{uuid.uuid4().hex[:8]}"
    titles = ["Zoology", "astronomy", "Donaudampfschifffahrtsgesellschaftskapitän " * 3]
    for title in titles:
        body = {"title": title, "teacher_ids": [teacher], "materials": []}
        path = f"/api/catalog/courses/course-{uuid.uuid4().hex[:12]}"
        call(
            service, "PUT", path, token=service.token("tests", "service"), body=body
        ).raise_for_status()
    page.set_viewport_size({"width": 320, "height": 720})
    page.goto("/")
    submit_token(page, service.token(teacher, "teacher"))

    list_ = page.get_by_role("list", name="Your courses")
    expect(list_.get_by_role("heading")).to_have_text(["astronomy", titles[2].strip(), "Zoology"])
    assert page.evaluate(OVERFLOWING_ELEMENTS) == []
    list_.get_by_role("link", name="Analytics of Zoology").click()
    expect(page.get_by_role("heading", name="Zoology", level=1)).to_be_visible()
    page.get_by_role("link", name="Progress").first.click()
    list_.get_by_role("link", name="astronomy", exact=True).click()
    expect(page.get_by_text("Nothing you watch here is recorded")).to_be_visible()


def test_pages_fit_on_a_small_phone(page: Page, student: Student, course_titles: list[str]):
    page.set_viewport_size({"width": 320, "height": 720})
    student.report("welcome", watch_time=45, total_duration=90)
    page.goto("/")
    submit_token(page, student.token)
    page.get_by_role("heading", name="My courses", level=1).wait_for()
    assert page.evaluate(OVERFLOWING_ELEMENTS) == []

    course = CoursePage(page)
    course.open()
    assert page.evaluate(OVERFLOWING_ELEMENTS) == []
    player = course.watch(WELCOME)
    assert page.evaluate(OVERFLOWING_ELEMENTS) == []
    player.seek(85)
    page.get_by_role("region", name="After this video").wait_for()
    assert page.evaluate(OVERFLOWING_ELEMENTS) == []
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    assert page.evaluate(OVERFLOWING_ELEMENTS) == []


def test_video_keeps_playing_when_its_token_expires(
    page: Page, service: ServiceProcess, student: Student
):
    course = CoursePage(page)
    course.sign_in(service.token(student.student_id, ttl_seconds=8))
    player = course.watch(WELCOME)
    player.play()

    form = page.get_by_role("region", name="Sign in again")
    expect(form).to_contain_text("Paste a new token to go on")
    position_seconds_before = player.position_seconds
    player.until(f"!video.paused && video.currentTime > {position_seconds_before} + 0.5")
    submit_token(page, student.token)
    expect(form).to_have_count(0)
    player.until("!video.paused")
    player.pause()

    left_at = player.position_seconds
    wait_for(
        page,
        lambda: student.status("welcome")["watch_time"] == pytest.approx(left_at, abs=1),
        within_seconds=20,
    )


def test_pending_report_count_stays_visible(course: CoursePage, page: Page):
    page.set_viewport_size({"width": 320, "height": 480})
    player = course.watch(WELCOME)
    page.context.set_offline(True)
    player.seek(30)
    state = page.get_by_role("status", name="Saving")
    expect(state).to_contain_text("Offline · 1")

    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")

    expect(state).to_be_in_viewport()


@BOTH_BEHIND_GATEWAY
@pytest.mark.parametrize("has_course", [False, True], ids=["in_no_course", "in_another_course"])
def test_learner_without_the_demo_course_sees_no_error(
    profile: Profile, service: ServiceProcess, network: Gateway, has_course: bool
):
    name = uuid.uuid4().hex[:12]
    if has_course:
        path, token = f"/api/catalog/courses/{name}", service.token("tests", "service")
        body = {"course_id": name, "title": "Elsewhere", "teacher_ids": [], "materials": []}
        call(service, "PUT", path, token=token, body=body).raise_for_status()
        enrollment = f"{path}/enrollments/student-{name}"
        call(service, "PUT", enrollment, token=token).raise_for_status()
    learner = Learner(profile)
    learner.go("/icon.svg")
    learner.evaluate(
        f"localStorage.setItem('progress.token', '{service.token(f'student-{name}')}')"
    )

    learner.go("/")

    expected = "Elsewhere" if has_course else "You are not in a course yet"
    wait_until(lambda: expected in learner.evaluate("document.body.innerText"), within_seconds=30)
    alerts = "[...document.querySelectorAll('[role=alert]')].filter((one) => one.checkVisibility())"
    assert learner.evaluate(f"{alerts}.map((one) => one.innerText)") == []
