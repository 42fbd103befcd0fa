"""Axe checks of every page, and a whole journey by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Student
from tests.browser.pages import CoursePage

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
WELCOME = "Welcome to the course"


def violations(page: Page) -> list[str]:
    """The serious and critical violations, each with its targets."""
    page.evaluate(AXE.read_text())  # the page's policy rejects a script element
    report = page.evaluate("axe.run()")
    return [
        f"{violation['id']}: {[node['target'] for node in violation['nodes']]}"
        for violation in report["violations"]
        if violation["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_serious_violation(
    course: CoursePage, student: Student, scheme: Literal["light", "dark"]
):
    page = course.page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    student.report("welcome", watch_time=45, total_duration=90)

    course.open()
    assert violations(page) == []

    player = course.watch(WELCOME)
    page.get_by_text("Chapters").first.wait_for()
    assert violations(page) == []
    player.seek(85)
    page.get_by_role("region", name="After this video").wait_for()
    assert violations(page) == []

    for address in ("/courses/nothing-here", "/courses/demo/videos/nothing-here", "/nothing"):
        page.goto(address)
        page.get_by_role("alert").or_(
            page.get_by_role("heading", name="nothing at this")
        ).wait_for()
        assert violations(page) == []

    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Access token").wait_for()
    assert violations(page) == []


def tab_to(page: Page, name: str, *, at_most: int = 40) -> None:
    """Press Tab until the control of this name has focus."""
    for _ in range(at_most):
        if (
            page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.innerText")
            == name
        ):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {name!r}")


def test_journey_works_by_keyboard_alone(page: Page, student: Student):
    page.goto("/")
    tab_to(page, "") if page.evaluate("document.activeElement.id") else None
    page.keyboard.press("Tab")
    page.keyboard.insert_text(student.token)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Materials")).to_be_visible()
    expect(page.get_by_role("main")).to_be_focused()

    tab_to(page, "Skip to the content")
    page.keyboard.press("Enter")
    tab_to(page, f"Play {WELCOME}")
    CoursePage(page).block_autoplay()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=WELCOME, level=2)).to_be_focused()
    page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")

    tab_to(page, "Close video")
    page.keyboard.press("Tab")
    page.keyboard.press("k")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.5")
    page.keyboard.press("k")
    page.wait_for_function("() => document.querySelector('video').paused")
    tab_to(page, "Skip intro")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('video').currentTime >= 8")
    expect(page.get_by_role("group", name="Media player")).to_be_focused()
    tab_to(page, "0:35Three facts")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('video').currentTime >= 35")
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name=f"Play {WELCOME}")).to_be_focused()
    expect(page.locator("video")).to_have_count(0)
    tab_to(page, "Mark as done: Reading list")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 4 done")).to_be_visible()
    expect(page.get_by_text("Reading list is marked as done.")).to_be_attached()
    expect(page.get_by_role("button", name="Mark as not done: Reading list")).to_be_focused()
