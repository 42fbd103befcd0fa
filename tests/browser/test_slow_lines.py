"""Networks on which a response takes seconds: no position is lost or shown as saved too early.

The same journeys in Chromium and Firefox.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import BOTH_BEHIND_GATEWAY, Student
from tests.browser.devices import Device
from tests.browser.firefox import DEFAULT_PROFILE, Firefox, firefox
from tests.browser.gateway import API, EVERYTHING, Gateway, Mode
from tests.browser.tabs import ChromiumProfile, FirefoxProfile, Learner, Profile, wait_until

pytestmark = pytest.mark.browser

WELCOME = "Welcome to the course"
ALL_SAVED = "All saved"
SLOW_RESPONSE_SECONDS = 6.0
SLOW_EVENTS_SECONDS = 5.0  # a resume waits 3 s for pending events
STORED_SECONDS = 60.0  # several such responses one after another, on a busy machine
REWIND_SECONDS = 2.0
WITHIN_SECONDS = 2.0


def stored_seconds(student: Student) -> float:
    return float(student.status("welcome")["watch_time"])


def shows_all_saved(learner: Learner) -> bool:
    return ALL_SAVED in str(learner.evaluate("document.querySelector('header').innerText"))


def pause(learner: Learner) -> float:
    """Pause, and return the position."""
    learner.pause()
    return learner.position_seconds


@BOTH_BEHIND_GATEWAY
@pytest.mark.parametrize("mode", ["slow_requests", "slow_responses"])
def test_pause_on_a_slow_network_is_stored_before_it_is_shown_as_saved(
    profile: Profile, student: Student, network: Gateway, mode: Mode
):
    learner = Learner(profile, student.token)
    learner.watch(WELCOME)
    network.set(mode, delay_seconds=SLOW_RESPONSE_SECONDS)
    learner.play_until(14)
    left_at = pause(learner)

    def is_saved() -> bool:
        is_shown_saved = shows_all_saved(learner)
        is_stored = abs(stored_seconds(student) - left_at) < 0.3
        assert is_stored or not is_shown_saved, "shown as saved before the service stored it"
        return is_shown_saved and is_stored

    wait_until(is_saved, within_seconds=STORED_SECONDS)


class KillableBrowser(Protocol):
    """A browser whose profile outlives its process."""

    def start(self) -> Profile: ...

    def kill(self) -> None: ...


class KillableChromium:
    """Chromium with a folder for its profile."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def start(self) -> Profile:
        self._device.start()
        assert self._device.context is not None
        return ChromiumProfile(self._device.context)

    def kill(self) -> None:
        self._device.kill()


class KillableFirefox:
    """Firefox with a folder for its profile."""

    def __init__(self, folder: Path, address: str) -> None:
        self._folder, self._address = folder, address
        self._opened = ExitStack()
        self._running: Firefox | None = None

    def start(self) -> Profile:
        self._running = self._opened.enter_context(firefox(self._folder))
        return FirefoxProfile(self._running, self._address, DEFAULT_PROFILE)

    def kill(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running = None
        self._opened.close()


@pytest.fixture(params=["chromium", "firefox"])
def killable(
    request: pytest.FixtureRequest, network: Gateway, tmp_path: Path
) -> Iterator[KillableBrowser]:
    made: KillableBrowser
    if request.param == "firefox":
        made = KillableFirefox(tmp_path, network.address)
    else:
        browser: Browser = request.getfixturevalue("browser")
        made = KillableChromium(Device(browser.browser_type, network.address, tmp_path))
    yield made
    made.kill()


@pytest.mark.parametrize("slow", ["/events", ""], ids=["slow_events", "slow_everything"])
def test_position_of_a_killed_browser_survives_slow_events(
    killable: KillableBrowser, student: Student, network: Gateway, slow: str
):
    learner = Learner(killable.start(), student.token)
    learner.watch(WELCOME)
    learner.seek(9)
    wait_until(lambda: abs(stored_seconds(student) - 9) < 0.3)
    network.set("drop", prefixes=EVERYTHING)
    learner.play_until(20)
    left_at = learner.position_seconds
    killable.kill()
    assert stored_seconds(student) < 10

    network.set("slow_requests", ending=slow, prefixes=API, delay_seconds=SLOW_EVENTS_SECONDS)
    learner = Learner(killable.start(), student.token, waits=False)
    learner.until("document.querySelector('ol li') !== null", within_seconds=STORED_SECONDS)
    learner.watch(WELCOME, within_seconds=STORED_SECONDS)

    opened_at = learner.position_seconds
    assert opened_at >= left_at - REWIND_SECONDS - WITHIN_SECONDS
    learner.play_until(opened_at + 2)
    paused_at = pause(learner)
    wait_until(
        lambda: shows_all_saved(learner) and abs(stored_seconds(student) - paused_at) < 0.3,
        within_seconds=STORED_SECONDS,
    )
    # The report of the killed browser has arrived as well, and it is older.
    network.set("pass")
    learner.reopen()
    learner.until("!document.querySelector('header').innerText.includes('waiting')")
    assert abs(stored_seconds(student) - paused_at) < 0.3
