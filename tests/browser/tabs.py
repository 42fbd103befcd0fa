"""A tab of a browser, whichever it is: the checklist says the same things to all of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Protocol

from playwright.sync_api import BrowserContext, Request

from tests.browser.firefox import Firefox, ScriptFailed
from tests.browser.standing import HOLD, IS_HELD

POLL_SECONDS = 0.05
WAIT_SECONDS = 10.0


class Tab(Protocol):
    """What the checklist needs of a browser."""

    def goto(self, address: str) -> None: ...

    def reload(self) -> None: ...

    def close(self) -> None: ...

    def evaluate(self, expression: str) -> Any: ...


class Profile(Protocol):
    """A browser of one person: what one tab stores, the next one finds."""

    def tab(self) -> Tab: ...

    def preload(self, function: str) -> None:
        """Run a function on every page of this browser before any script of the page."""
        ...

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The reports its tabs have sent; none where the browser does not tell."""
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
        # Events reach the test only while Playwright is asked something.
        return self._page.evaluate(f"async () => await ({expression})")


class ChromiumProfile:
    """A context under Playwright."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self.bodies: list[dict[str, Any]] = []
        context.on("request", self._note)

    def tab(self) -> Tab:
        return ChromiumTab(self._context)

    def preload(self, function: str) -> None:
        self._context.add_init_script(f"({function})()")

    def _note(self, request: Request) -> None:
        if request.url.endswith("/watch-time"):
            self.bodies.append(request.post_data_json)


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

    bodies: list[dict[str, Any]] = []  # noqa: RUF012 - it never tells any

    def __init__(self, browser: Firefox, origin: str, profile: str | None = None) -> None:
        """A new *profile* unless it is given."""
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
        self._browser.forget(self._profile)


class Learner:
    """Somebody signed in to the demo course, in one tab after another of one browser."""

    def __init__(self, profile: Profile, token: str | None = None, *, waits: bool = True) -> None:
        """Signed in with the *token*, on the course's page; without one, on no page yet."""
        self.profile = profile
        self._token = token
        self._tab = profile.tab()
        if token is None:
            return
        self._tab.goto("/icon.svg")
        self.ask(f"localStorage.setItem('progress.token', {json.dumps(token)})")
        if waits:
            self.open_course()
        else:
            self.go("/courses/demo")

    def go(self, address: str) -> None:
        self._tab.goto(address)

    def ask(self, expression: str) -> Any:
        return self._tab.evaluate(expression)

    def until(self, claim: str, *, within_seconds: float = WAIT_SECONDS) -> None:
        wait_until(lambda: self._holds(claim), within_seconds=within_seconds, otherwise=claim)

    def _holds(self, claim: str) -> bool:
        try:
            return bool(self.ask(claim))
        except ScriptFailed:  # what it asks about is not there yet
            return False

    # -- the course page -----------------------------------------------------------------------

    def open_course(self) -> None:
        self._tab.goto("/courses/demo")
        self.until("document.querySelector('ol li [role=progressbar]') !== null")

    def come_back(self) -> None:
        """Close the tab, and open the course in a new one."""
        self._tab.close()
        self._tab = self.profile.tab()
        self.open_course()

    def another_tab(self) -> Learner:
        """The course in a second tab, beside this one."""
        return Learner(self.profile, self._token)

    def reload(self) -> None:
        self._tab.reload()
        self._until_ready()

    def material_bar(self, title: str) -> str | None:
        """What the thin bar of the material list says."""
        found = f'ol [role=progressbar][aria-label="Progress in {title}"]'
        return self.ask(f"document.querySelector('{found}')?.getAttribute('aria-valuetext')")

    def minutes_watched(self, title: str) -> str | None:
        """What an entry of its module says of a video; None when that was not begun."""
        found = f'nav li:has([aria-label="Play {title}"]) [data-minutes]'
        return self.ask(f"document.querySelector({json.dumps(found)})?.textContent ?? null")

    # -- the video -----------------------------------------------------------------------------

    def watch(self, title: str, *, within_seconds: float = WAIT_SECONDS) -> None:
        """Open a video, and wait until it stands where it starts."""
        self.ask(f"({HOLD})()")
        self.ask(f"document.querySelector('[aria-label=\"Play {title}\"]').click()")
        self.until(f"({IS_HELD})()", within_seconds=within_seconds)
        self._until_ready()

    def _until_ready(self) -> None:
        self.until("((v) => v && v.readyState >= 2 && !v.seeking)(document.querySelector('video'))")

    @property
    def place_seconds(self) -> float:
        return float(self.ask("document.querySelector('video').currentTime"))

    def pause(self) -> None:
        self.ask("document.querySelector('video').pause()")

    def seek(self, to_seconds: float) -> None:
        self.ask(f"void (document.querySelector('video').currentTime = {to_seconds})")
        self.until("!document.querySelector('video').seeking")

    def play_until(self, place_seconds: float) -> None:
        self.ask("document.querySelector('video').play()")
        claim = f"document.querySelector('video').currentTime >= {place_seconds}"
        self.until(claim, within_seconds=WAIT_SECONDS + place_seconds)

    def close_video(self) -> None:
        self.ask("document.querySelector('[aria-label=\"Close video\"]').click()")

    def shows(self, text: str) -> bool:
        """Is there an element with exactly this text in sight?"""
        return bool(
            self.ask(
                "[...document.querySelectorAll('main *')].some((element) => "
                f"element.textContent === {json.dumps(text)} && element.checkVisibility())"
            )
        )

    def report_moments(self) -> list[float]:
        """When this page sent its reports, in seconds."""
        return self.ask(
            "performance.getEntriesByType('resource')"
            ".filter(({name}) => name.endsWith('/watch-time'))"
            ".map(({startTime}) => startTime / 1000)"
        )


def wait_until(
    claim: Callable[[], bool], *, within_seconds: float = WAIT_SECONDS, otherwise: str = ""
) -> None:
    """Return as soon as *claim* holds."""
    deadline = time.monotonic() + within_seconds
    while not claim():
        assert time.monotonic() < deadline, f"it did not come true: {otherwise}"
        time.sleep(POLL_SECONDS)
