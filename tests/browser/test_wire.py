"""The bytes that a browser receives until a page is loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Student
from tests.browser.pages import CoursePage

pytestmark = pytest.mark.browser

MAX_FIRST_PAGE_BYTES = 130_000
MAX_PLAYER_BYTES = 110_000
MEDIA = ("Media", "TextTrack")


@dataclass
class Wire:
    """Everything a page receives, heads included; videos and captions not counted."""

    kinds: dict[str, str] = field(default_factory=dict)
    codings: dict[str, str | None] = field(default_factory=dict)
    bytes: int = 0

    def follow(self, page: Page) -> None:
        session = page.context.new_cdp_session(page)
        session.on("Network.responseReceived", self._received)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def _received(self, event: dict[str, Any]) -> None:
        self.kinds[event["requestId"]] = event["type"]
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        self.codings[event["response"]["url"]] = headers.get("content-encoding")

    def _finished(self, event: dict[str, Any]) -> None:
        if self.kinds.get(event["requestId"]) not in MEDIA:
            self.bytes += event["encodedDataLength"]


def test_first_page_and_player_stay_within_their_budgets(page: Page, student: Student):
    page.goto("/icon.svg")
    page.evaluate("token => localStorage.setItem('progress.token', token)", student.token)
    wire = Wire()
    wire.follow(page)

    course = CoursePage(page)
    course.open()
    page.wait_for_load_state("networkidle")
    first_page_bytes = wire.bytes
    course.watch("Welcome to the course")
    expect(page.locator("video")).to_be_visible()
    page.wait_for_timeout(1000)
    player_bytes = wire.bytes - first_page_bytes

    print(f"first page {first_page_bytes} bytes, player {player_bytes} bytes")  # noqa: T201
    code = {url: coding for url, coding in wire.codings.items() if "/assets/" in url}
    assert len(code) == 4
    assert set(code.values()) == {"br"} or set(code.values()) == {"gzip"}
    assert 50_000 < first_page_bytes <= MAX_FIRST_PAGE_BYTES
    assert 30_000 < player_bytes <= MAX_PLAYER_BYTES
