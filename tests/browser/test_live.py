"""Other devices of the learner: live updates, the offer to continue here, and the cards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from progress_service.testing import ServiceProcess
from tests.browser.conftest import Student
from tests.browser.pages import CoursePage, wait_for

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"
RATE_LIMIT_MS = 1100


@pytest.fixture
def other_device(
    browser: Browser, service: ServiceProcess, student: Student
) -> Iterator[CoursePage]:
    context = browser.new_context(base_url=service.address, service_workers="block")
    course = CoursePage(context.new_page())
    course.sign_in(student.token)
    yield course
    context.close()


def test_course_page_updates_while_another_device_plays(
    course: CoursePage, other_device: CoursePage
):
    player = other_device.watch(WELCOME)
    player.seek(66)

    bar = course.row(WELCOME).get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuetext", "1:06 of 1:30 watched")
    expect(course.row(WELCOME)).to_contain_text("1 minute watched")


def test_completion_on_another_device_is_shown(course: CoursePage, other_device: CoursePage):
    player = other_device.watch(WELCOME)
    player.seek(75)

    expect(course.row(WELCOME).get_by_text("Completed")).to_be_visible()
    expect(course.page.get_by_text("1 of 4 done")).to_be_visible()


def test_video_continues_where_another_device_plays(course: CoursePage, student: Student):
    student.report("welcome", watch_time=41, total_duration=90, device_id="phone")

    notice = course.page.get_by_role("region", name="On another device")
    expect(notice).to_contain_text(WELCOME)
    here = course.open_by(notice.get_by_role("button", name="Continue on this device from 0:41"))

    assert here.position_seconds == pytest.approx(41, abs=0.5)
    expect(notice).to_have_count(0)


def test_continue_offer_disappears_when_the_other_device_stops(
    course: CoursePage, student: Student
):
    phone = {"total_duration": 90, "device_id": "phone"}
    student.report("welcome", watch_time=41, **phone)
    notice = course.page.get_by_role("region", name="On another device")
    expect(notice).to_be_visible()
    course.page.wait_for_timeout(RATE_LIMIT_MS)

    student.report("welcome", watch_time=43, kind="heartbeat", **phone)
    course.page.wait_for_timeout(2 * RATE_LIMIT_MS)
    expect(notice).to_contain_text("Continue on this device from 0:43")
    student.report("welcome", watch_time=45, kind="pause", **phone)

    expect(notice).to_have_count(0)


def test_continue_offer_can_be_declined(course: CoursePage, student: Student):
    student.report("welcome", watch_time=40, total_duration=90, device_id="phone")
    notice = course.page.get_by_role("region", name="On another device")

    notice.get_by_role("button", name="Not now").click()
    course.page.wait_for_timeout(RATE_LIMIT_MS)
    student.report("welcome", watch_time=50, total_duration=90, device_id="phone")

    bar = course.row(WELCOME).get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuetext", "0:50 of 1:30 watched")
    expect(notice).to_have_count(0)


def test_continue_watching_card_resumes_a_video(course: CoursePage, page: Page, student: Student):
    expect(page.get_by_role("heading", name="Continue watching")).to_have_count(0)
    student.report("welcome", watch_time=45, total_duration=90)

    course.open()
    card = page.get_by_role("list", name="Continue watching").get_by_role("listitem")
    expect(card).to_contain_text("0:45 remaining")
    player = course.open_by(card.get_by_role("button", name=f"Continue with {WELCOME}"))

    assert player.position_seconds == pytest.approx(45, abs=10)
    expect(page.get_by_role("heading", name="Continue watching")).to_have_count(0)


def test_continue_watching_card_can_be_dismissed_and_restored(
    course: CoursePage, page: Page, student: Student
):
    student.report("welcome", watch_time=45, total_duration=90)
    course.open()
    cards = page.get_by_role("list", name="Continue watching")

    cards.get_by_role("button", name=f"Take {WELCOME} off this list").click()
    expect(cards.get_by_role("status")).to_have_text(f"{WELCOME} is off this list.")
    wait_for(page, lambda: student.cards() == [])
    cards.get_by_role("button", name="Undo").click()

    expect(cards.get_by_role("button", name=f"Continue with {WELCOME}")).to_be_visible()
    assert [card["material_id"] for card in student.cards()] == ["welcome"]
    assert student.status("welcome")["watch_time"] == 45
