"""Random journeys: whatever happens to the browser, the learner resumes where they left.

Each journey prints its seed and number, the position at which the learner left, the position that
the service returns, and the difference. `JOURNEY_SEED=… pytest
tests/browser/test_random_journeys.py` repeats a run.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from progress_service.testing import ServiceProcess
from tests.browser.conftest import Student, enrolled_student
from tests.browser.devices import Device
from tests.browser.pages import Player

pytestmark = pytest.mark.browser

SAME_DEVICE_SECONDS = 2.0
OTHER_DEVICE_SECONDS = 10.0
SEEK_STAY_MS = 500  # A shorter stay is not a position.
SEED = int(os.environ.get("JOURNEY_SEED") or random.SystemRandom().randrange(10**6))
LENGTHS = {"Welcome to the course": 90, "Thinking in components": 60, "State that lasts": 75}
ENDINGS = (
    "the tab is closed while playing",
    "the tab is closed right after a seek",
    "the browser is killed while playing",
    "the browser is killed right after a seek",
    "the browser is killed while paused",
    "the network is lost, then the browser is killed",
    "the network is lost, then the tab is closed",
    "the network comes back",
    "the page is reloaded",
    "the browser is shut",
    "another device goes on while this one plays",
    "another device goes on after a pause",
)
JOURNEYS = 30
RATES = (1, 1.5, 2)
ORDER = [
    (ending, RATES[number % len(RATES)])
    for number, ending in enumerate(random.Random(SEED).sample(ENDINGS * 3, len(ENDINGS) * 3))
][:JOURNEYS]


@dataclass
class Learner:
    """A learner with two browsers."""

    laptop: Device
    tablet: Device


@pytest.fixture(scope="module")
def learner(
    browser: Browser, service: ServiceProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Learner]:
    student: Student = enrolled_student(service)
    profiles = tmp_path_factory.mktemp("profiles")
    laptop, tablet = (
        Device(browser.browser_type, service.address, profiles / name)
        for name in ("laptop", "tablet")
    )
    for device in (laptop, tablet):
        device.sign_in(student.token)
    yield Learner(laptop, tablet)
    laptop.close()
    tablet.close()


@pytest.mark.parametrize("number", range(JOURNEYS))
def test_learner_resumes_where_they_left(
    learner: Learner, number: int, capsys: pytest.CaptureFixture[str]
):
    rng = random.Random(f"{SEED}/{number}")
    title = rng.choice(list(LENGTHS))
    ending, rate = ORDER[number]
    device = learner.tablet if ending.startswith("another") else learner.laptop
    player = learner.laptop.open(title)
    player.set_rate(rate)
    steps = _watch(player, rng, LENGTHS[title])

    left_at = _end(learner.laptop, player, ending, rng, LENGTHS[title])
    reopened = device.open(title)

    within = OTHER_DEVICE_SECONDS if device is learner.tablet else SAME_DEVICE_SECONDS
    # A player that is still open plays on while the other device opens.
    is_open = ending.endswith("while this one plays")
    latest = player.position_seconds if is_open else left_at
    found_at = device.resume["watch_time"]
    difference = found_at - min(max(found_at, left_at), latest)
    result = f"left {left_at:.2f} s, found {found_at:.2f} s, off {difference:+.2f} s"
    summary = f"{SEED}/{number}: {title} at {rate} x: {', '.join(steps)}; {ending}: {result}"
    with capsys.disabled():
        sys.stdout.write(f"\n{summary} ")
    assert abs(difference) <= within, summary
    assert reopened.position_seconds == pytest.approx(device.resume["resume_at"], abs=1), summary
    learner.tablet.close()
    reopened.page.close() if device is learner.laptop else player.page.close()


def _watch(player: Player, rng: random.Random, length: int) -> list[str]:
    """Watch before the ending. It begins with a seek, since the start is not a position."""
    steps = [_seek(player, rng, length)]
    for _ in range(rng.randint(0, 2)):
        if rng.random() < 0.5:
            steps.append(_play(player, rng))
        elif rng.random() < 0.5:
            player.pause()
            steps.append("pause")
        else:
            steps.append(_seek(player, rng, length))
    return steps


def _seek(player: Player, rng: random.Random, length: int) -> str:
    position = round(rng.uniform(5, length - 10), 2)
    player.seek(position)
    return f"seek {position}"


def _play(player: Player, rng: random.Random) -> str:
    seconds = round(rng.uniform(0.3, 1.8), 2)
    player.play()
    player.page.wait_for_timeout(seconds * 1000)
    return f"play {seconds}"


def _end(laptop: Device, player: Player, ending: str, rng: random.Random, length: int) -> float:
    """Perform the ending; returns the position of the learner, in seconds."""
    if "network" in ending:
        laptop.set_offline(True)
        _seek(player, rng, length)
    if "seek" in ending:
        _seek(player, rng, length)
        player.page.wait_for_timeout(SEEK_STAY_MS)
    else:
        player.play()
        player.page.wait_for_timeout(rng.uniform(700, 2000))
    if "pause" in ending:
        player.pause()
        player.page.wait_for_timeout(300)
    left_at = player.position_seconds

    if "killed" in ending:
        laptop.kill()
    elif "closed" in ending:
        player.page.close(run_before_unload=False)
    elif "shut" in ending:
        laptop.close()
    elif "reloaded" in ending:
        player.page.reload()
        player.page.close()
    elif "comes back" in ending:
        player.pause()
        left_at = player.position_seconds
        laptop.set_offline(False)
        player.page.wait_for_timeout(2_500)
        player.page.close()
    if "network" in ending and laptop.context is not None:
        laptop.set_offline(False)
    return left_at
