"""Page objects of the app, by labels and roles rather than by its markup."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.autoplay import BLOCK_AUTOPLAY, IS_AUTOPLAY_BLOCKED


def wait_for(page: Page, condition: Callable[[], bool], *, within_seconds: float = 30) -> None:
    """Wait for a condition outside the page, while the page keeps running."""
    deadline = time.monotonic() + within_seconds
    while not condition():
        assert time.monotonic() < deadline, "condition not met in time"
        page.wait_for_timeout(50)


class CoursePage:
    """The page of the demo course and the video opened on it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def sign_in(self, token: str) -> None:
        self.page.goto("/")
        self.page.get_by_label("Access token").fill(token)
        self.page.get_by_role("button", name="Sign in").click()
        self.wait()

    def open(self) -> None:
        self.page.goto("/courses/demo")
        self.wait()

    def wait(self) -> None:
        expect(self.page.get_by_role("heading", name="Materials")).to_be_visible()

    def row(self, title: str) -> Locator:
        """The entry of the material list."""
        rows = self.page.get_by_role("list", name="Materials:").get_by_role("listitem")
        return rows.filter(has_text=title)

    def module(self, title: str) -> Locator:
        """The button that folds and unfolds a module of the list."""
        return self.page.get_by_role("navigation", name="Modules").get_by_role("button", name=title)

    def watch(self, title: str) -> Player:
        """Open a video, and wait until it is at its start position."""
        return self.open_by(self.page.get_by_role("button", name=f"Play {title}"))

    def open_by(self, control: Locator) -> Player:
        """Open a video with *control*, and wait until it is at its start position."""
        self.block_autoplay()
        control.click()
        return self.opened_at_start()

    def block_autoplay(self) -> None:
        """Block autoplay of the next video that is opened."""
        self.page.evaluate(BLOCK_AUTOPLAY)

    def opened_at_start(self) -> Player:
        """The video that was opened after `block_autoplay`, at its start position."""
        self.page.wait_for_function(IS_AUTOPLAY_BLOCKED)
        return self.opened()

    def opened(self) -> Player:
        """The open video, at any position."""
        return Player(self.page)


class Player:
    """The open video."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.video = page.locator("video")
        self.until("video.readyState >= 2 && !video.seeking")

    @property
    def position_seconds(self) -> float:
        return float(self._evaluate("video.currentTime"))

    @property
    def percent(self) -> int:
        """The percentage below the video."""
        shown = self.page.get_by_text("remaining").locator("..").get_by_text("%").inner_text()
        return int(shown.removesuffix(" %"))

    def play(self) -> None:
        self._evaluate("video.play()")

    def pause(self) -> None:
        self._evaluate("video.pause()")

    def seek(self, to_seconds: float) -> None:
        self._evaluate(f"void (video.currentTime = {to_seconds})")
        self.until("!video.seeking")

    def set_rate(self, rate: float) -> None:
        self._evaluate(f"void (video.playbackRate = {rate})")

    def play_until(self, position_seconds: float) -> None:
        self.play()
        self.until(f"video.currentTime >= {position_seconds}")

    def close(self) -> None:
        self.page.get_by_role("button", name="Close video").click()

    def _evaluate(self, expression: str):
        return self.video.evaluate(f"(video) => {expression}")

    def until(self, condition: str) -> None:
        """Wait until a script condition on `video` holds."""
        found = "const video = document.querySelector('video')"
        self.page.wait_for_function(f"() => {{ {found}; return video && {condition}; }}")
