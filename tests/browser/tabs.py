"""Tabs of Chromium and of Firefox behind one interface."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Protocol

from playwright.sync_api import BrowserContext, Request

from tests.browser.autoplay import BLOCK_AUTOPLAY, IS_AUTOPLAY_BLOCKED
from tests.browser.firefox import Firefox, ScriptFailed

POLL_SECONDS = 0.05
WAIT_SECONDS = 30.0


class Tab(Protocol):
    """The operations of a tab that the tests use."""

    def goto(self, address: str) -> None: ...

    def reload(self) -> None: ...

    def close(self) -> None: ...

    def evaluate(self, expression: str) -> Any: ...


class Profile(Protocol):
    """A browser profile, whose tabs share their storage."""

    def tab(self) -> Tab: ...

    def preload(self, function: str) -> None:
        """Run a function on every page of this browser before any script of the page."""
        ...

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The reports that its tabs have sent; empty for a browser that does not expose them."""
        ...


class ChromiumTab:
    """A tab under Playwright."""

    def __init__(self, context: BrowserContext) -> None:
        self._page = context.new_page()

    def goto(self, address: str) -> None:
        self._page.goto(address)

    def reload(self) -> None:
        self._page.reload()

    def close(self) -> None:
        self._page.close()

    def evaluate(self, expression: str) -> Any:
        # Events reach the test only during a call of Playwright.
        return self._page.evaluate(f"async () => await ({expression})")


class ChromiumProfile:
    """A context under Playwright."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self.bodies: list[dict[str, Any]] = []
        context.on("request", self._record)

    def tab(self) -> Tab:
        return ChromiumTab(self._context)

    def preload(self, function: str) -> None:
        self._context.add_init_script(f"({function})()")

    def _record(self, request: Request) -> None:
        if request.url.endswith("/watch-time"):
            self.bodies.append(request.post_data_json or {})


class FirefoxTab:
    """A tab over WebDriver BiDi."""

    def __init__(self, browser: Firefox, profile: str, origin: str) -> None:
        self._browser, self._origin = browser, origin
        self._tab = browser.tab(profile)

    def goto(self, address: str) -> None:
        url = self._origin + address
        self._browser.call("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def reload(self) -> None:
        self._browser.call("browsingContext.reload", context=self._tab, wait="complete")

    def close(self) -> None:
        self._browser.call("browsingContext.close", context=self._tab)

    def evaluate(self, expression: str) -> Any:
        return self._browser.evaluate(self._tab, expression)


class FirefoxProfile:
    """A user context of Firefox."""

    bodies: list[dict[str, Any]] = []  # noqa: RUF012 - always empty

    def __init__(self, browser: Firefox, origin: str, profile: str | None = None) -> None:
        """Use *profile*, or create a new one."""
        self._browser, self._origin = browser, origin
        self._profile = profile or browser.profile()

    def tab(self) -> Tab:
        return FirefoxTab(self._browser, self._profile, self._origin)

    def preload(self, function: str) -> None:
        self._browser.call(
            "script.addPreloadScript",
            functionDeclaration=function,
            userContexts=[self._profile],
        )

    def close(self) -> None:
        self._browser.remove_profile(self._profile)


class Learner:
    """A learner who is signed in to the demo course, in one tab of a browser at a time."""

    def __init__(self, profile: Profile, token: str | None = None, *, waits: bool = True) -> None:
        """Sign in with *token* and open the course's page; without a token, open no page."""
        self.profile = profile
        self._token = token
        self._tab = profile.tab()
        if token is None:
            return
        self._tab.goto("/icon.svg")
        self.evaluate(f"localStorage.setItem('progress.token', {json.dumps(token)})")
        if waits:
            self.open_course()
        else:
            self.go("/courses/demo")

    def go(self, address: str) -> None:
        self._tab.goto(address)

    def evaluate(self, expression: str) -> Any:
        return self._tab.evaluate(expression)

    def until(self, claim: str, *, within_seconds: float = WAIT_SECONDS) -> None:
        wait_until(lambda: self._holds(claim), within_seconds=within_seconds, otherwise=claim)

    def _holds(self, claim: str) -> bool:
        try:
            return bool(self.evaluate(claim))
        except ScriptFailed:  # its element does not exist yet
            return False

    # -- the course page -----------------------------------------------------------------------

    def open_course(self) -> None:
        self._tab.goto("/courses/demo")
        self.until("document.querySelector('ol li [role=progressbar]') !== null")

    def reopen(self) -> None:
        """Close the tab, and open the course in a new one."""
        self._tab.close()
        self._tab = self.profile.tab()
        self.open_course()

    def second_tab(self) -> Learner:
        """The course in a second tab."""
        return Learner(self.profile, self._token)

    def reload(self) -> None:
        self._tab.reload()
        self._until_ready()

    def material_bar(self, title: str) -> str | None:
        """The text of a progress bar in the material list."""
        found = f'ol [role=progressbar][aria-label="Progress in {title}"]'
        text: str | None = self.evaluate(
            f"document.querySelector('{found}')?.getAttribute('aria-valuetext')"
        )
        return text

    def minutes_watched(self, title: str) -> str | None:
        """The minutes in the module list; None for a video without progress."""
        found = f'nav li:has([aria-label="Play {title}"]) [data-minutes]'
        text: str | None = self.evaluate(
            f"document.querySelector({json.dumps(found)})?.textContent ?? null"
        )
        return text

    # -- the video -----------------------------------------------------------------------------

    def watch(self, title: str, *, within_seconds: float = WAIT_SECONDS) -> None:
        """Open a video, and wait until it is at its start position."""
        self.evaluate(f"({BLOCK_AUTOPLAY})()")
        self.evaluate(f"document.querySelector('[aria-label=\"Play {title}\"]').click()")
        self.until(f"({IS_AUTOPLAY_BLOCKED})()", within_seconds=within_seconds)
        self._until_ready()

    def _until_ready(self) -> None:
        self.until("((v) => v && v.readyState >= 2 && !v.seeking)(document.querySelector('video'))")

    @property
    def position_seconds(self) -> float:
        return float(self.evaluate("document.querySelector('video').currentTime"))

    def pause(self) -> None:
        self.evaluate("document.querySelector('video').pause()")

    def seek(self, to_seconds: float) -> None:
        self.evaluate(f"void (document.querySelector('video').currentTime = {to_seconds})")
        self.until("!document.querySelector('video').seeking")

    def play_until(self, position_seconds: float) -> None:
        self.evaluate("document.querySelector('video').play()")
        claim = f"document.querySelector('video').currentTime >= {position_seconds}"
        self.until(claim, within_seconds=WAIT_SECONDS + position_seconds)

    def close_video(self) -> None:
        self.evaluate("document.querySelector('[aria-label=\"Close video\"]').click()")

    def shows(self, text: str) -> bool:
        """True if a visible element has exactly this text."""
        return bool(
            self.evaluate(
                "[...document.querySelectorAll('main *')].some((element) => "
                f"element.textContent === {json.dumps(text)} && element.checkVisibility())"
            )
        )

    def report_times(self) -> list[float]:
        """The times of this page's reports, in seconds."""
        times: list[float] = self.evaluate(
            "performance.getEntriesByType('resource')"
            ".filter(({name}) => name.endsWith('/watch-time'))"
            ".map(({startTime}) => startTime / 1000)"
        )
        return times


def wait_until(
    claim: Callable[[], bool], *, within_seconds: float = WAIT_SECONDS, otherwise: str = ""
) -> None:
    """Return as soon as *claim* holds."""
    deadline = time.monotonic() + within_seconds
    while not claim():
        assert time.monotonic() < deadline, f"condition not met: {otherwise}"
        time.sleep(POLL_SECONDS)
