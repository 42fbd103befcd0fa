"""The page is consistent with its pending reports, with a second tab, and with the service."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Student, call
from tests.browser.pages import CoursePage, wait_for

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"
RECORD_POSITIONS = """
  window.places = [];
  const look = () => {
    const bar = document.querySelector('[role=progressbar][aria-valuetext$="of 1:30 watched"]');
    const place = bar?.getAttribute('aria-valuetext');
    if (place && place !== window.places.at(-1)) window.places.push(place);
    requestAnimationFrame(look);
  };
  look();
"""


def test_offline_progress_of_a_closed_tab_stays_visible(
    course: CoursePage, context: BrowserContext, student: Student
):
    player = course.watch(WELCOME)
    context.set_offline(True)
    player.seek(29)
    player.play_until(30)
    player.pause()
    left_at = player.position_seconds
    course.page.wait_for_timeout(500)
    course.page.close()
    assert student.status("welcome")["watch_time"] == 0
    context.set_offline(False)

    page = context.new_page()
    page.add_init_script(RECORD_POSITIONS)
    reopened = CoursePage(page)
    reopened.open()
    position = pytest.approx(left_at, abs=0.1)
    wait_for(page, lambda: student.status("welcome")["watch_time"] == position)
    page.wait_for_timeout(1000)

    assert page.evaluate("window.places") == [f"0:{int(left_at)} of 1:30 watched"]
    expect(page.get_by_role("status", name="Saving")).to_contain_text("All saved")


def test_second_tab_shows_the_progress_of_the_first(course: CoursePage, context: BrowserContext):
    other = CoursePage(context.new_page())
    other.open()

    player = course.watch(WELCOME)
    player.seek(66)

    bar = other.row(WELCOME).get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuetext", "1:06 of 1:30 watched")


def test_course_progress_ring_agrees_with_the_service(
    course: CoursePage, page: Page, student: Student
):
    ring = page.get_by_role("progressbar", name="Course progress")
    player = course.watch(WELCOME)

    player.seek(45)
    expect(ring).to_have_attribute("aria-valuenow", "12.5")
    player.seek(20)
    wait_for(page, lambda: student.status("welcome")["watch_time"] == pytest.approx(20))
    expect(ring).to_have_attribute("aria-valuenow", "12.5")

    response = call(student.service, "GET", "/api/progress/course/demo", token=student.token)
    assert response.json()["progress"]["overall_progress"] == pytest.approx(12.5, abs=0.01)


def test_completion_by_another_device_is_shown_in_the_open_player(
    course: CoursePage, page: Page, student: Student
):
    course.watch(WELCOME)

    student.report("welcome", watch_time=80, total_duration=90, device_id="phone")

    expect(page.get_by_text(f"{WELCOME} is completed.")).to_have_count(1)


def test_report_after_an_ended_enrolment_is_shown_as_rejected(
    course: CoursePage, context: BrowserContext, student: Student
):
    player = course.watch(WELCOME)
    context.set_offline(True)
    player.seek(40)
    player.play_until(41)
    player.close()
    service = student.service
    call(
        service,
        "DELETE",
        f"/api/catalog/courses/demo/enrollments/{student.student_id}",
        token=service.token("tests", "service"),
    ).raise_for_status()

    context.set_offline(False)

    notice = course.page.get_by_role("alert").filter(has_text="could be saved")
    expect(notice).to_contain_text(WELCOME)
    expect(notice).to_contain_text("Ask your teacher")
    bar = course.row(WELCOME).get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuetext", "0:00 of 1:30 watched")
