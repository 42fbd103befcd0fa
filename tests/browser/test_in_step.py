"""The page keeps in step: with what was kept here, with a second tab, with the course's total."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Student
from tests.browser.pages import CoursePage, wait_for

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"
PLACES = """
  window.places = [];
  const look = () => {
    const bar = document.querySelector('[role=progressbar][aria-valuetext$="of 1:30 watched"]');
    const place = bar?.getAttribute('aria-valuetext');
    if (place && place !== window.places.at(-1)) window.places.push(place);
    requestAnimationFrame(look);
  };
  look();
"""


def test_what_a_closed_tab_watched_offline_stays_in_sight(
    course: CoursePage, context: BrowserContext, student: Student
):
    player = course.watch(WELCOME)
    context.set_offline(True)
    player.seek(29)
    player.play_until(30)
    player.pause()
    left_at = player.place_seconds
    course.page.wait_for_timeout(500)
    course.page.close()
    assert student.status("welcome")["watch_time"] == 0
    context.set_offline(False)

    page = context.new_page()
    page.add_init_script(PLACES)
    again = CoursePage(page)
    again.open()
    place = pytest.approx(left_at, abs=0.1)
    wait_for(page, lambda: student.status("welcome")["watch_time"] == place)
    page.wait_for_timeout(1000)

    assert page.evaluate("window.places") == [f"0:{int(left_at)} of 1:30 watched"]
    expect(page.get_by_role("status", name="Saving")).to_contain_text("All saved")


def test_a_second_tab_of_this_browser_follows(course: CoursePage, context: BrowserContext):
    other = CoursePage(context.new_page())
    other.open()

    player = course.watch(WELCOME)
    player.seek(66)

    bar = other.row(WELCOME).get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuetext", "1:06 of 1:30 watched")


def test_the_ring_moves_with_the_place_as_the_service_counts(
    course: CoursePage, page: Page, student: Student
):
    ring = page.get_by_role("progressbar", name="Course progress")
    player = course.watch(WELCOME)

    player.seek(45)
    expect(ring).to_have_attribute("aria-valuenow", "12.5")
    player.seek(20)
    wait_for(page, lambda: student.status("welcome")["watch_time"] == pytest.approx(20))
    expect(ring).to_have_attribute("aria-valuenow", "12.5")

    answer = student.service.call("GET", "/api/progress/course/demo", token=student.token)
    assert answer.json()["progress"]["overall_progress"] == pytest.approx(12.5, abs=0.01)


def test_a_video_completed_by_another_device_is_told_in_the_open_player(
    course: CoursePage, page: Page, student: Student
):
    course.watch(WELCOME)

    student.report("welcome", watch_time=80, total_duration=90, device_id="phone")

    expect(page.get_by_text(f"{WELCOME} is completed.")).to_have_count(1)


def test_what_a_learner_who_left_the_course_watched_is_told_as_refused(
    course: CoursePage, context: BrowserContext, student: Student
):
    player = course.watch(WELCOME)
    context.set_offline(True)
    player.seek(40)
    player.play_until(41)
    player.close()
    service = student.service
    service.call(
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
