"""Random journeys: whatever happens to the browser, the learner goes on where they left.

Each journey prints its seed and number, where the learner left, where the service says they were,
and the difference. `JOURNEY_SEED=… pytest tests/browser/test_places.py` repeats a run.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Service, Student, enrolled_student
from tests.browser.devices import Device
from tests.browser.pages import Player

pytestmark = pytest.mark.browser

SAME_DEVICE_SECONDS = 2.0
OTHER_DEVICE_SECONDS = 10.0
JUST_THERE_MS = 500  # Nobody is anywhere for less.
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
WALKS = 30
RATES = (1, 1.5, 2)
ORDER = [
    (ending, RATES[number % len(RATES)])
    for number, ending in enumerate(random.Random(SEED).sample(ENDINGS * 3, len(ENDINGS) * 3))
][:WALKS]


@dataclass
class Learner:
    """Somebody with two browsers."""

    laptop: Device
    tablet: Device


@pytest.fixture(scope="module")
def learner(
    browser: Browser, service: Service, tmp_path_factory: pytest.TempPathFactory
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
    laptop.shut()
    tablet.shut()


@pytest.mark.parametrize("number", range(WALKS))
def test_the_learner_goes_on_where_they_left(
    learner: Learner, number: int, capsys: pytest.CaptureFixture[str]
):
    chance = random.Random(f"{SEED}/{number}")
    title = chance.choice(list(LENGTHS))
    ending, rate = ORDER[number]
    device = learner.tablet if ending.startswith("another") else learner.laptop
    player = learner.laptop.open(title)
    player.set_rate(rate)
    steps = _wander(player, chance, LENGTHS[title])

    left_at = _end(learner.laptop, player, ending, chance, LENGTHS[title])
    again = device.open(title)

    within = OTHER_DEVICE_SECONDS if device is learner.tablet else SAME_DEVICE_SECONDS
    # A player that is still open plays on while the other device opens.
    is_open = ending.endswith("while this one plays")
    latest = player.place_seconds if is_open else left_at
    found = device.resume["watch_time"]
    off = found - min(max(found, left_at), latest)
    said = f"left {left_at:.2f} s, found {found:.2f} s, off {off:+.2f} s"
    story = f"{SEED}/{number}: {title} at {rate} x: {', '.join(steps)}; {ending}: {said}"
    with capsys.disabled():
        sys.stdout.write(f"\n{story} ")
    assert abs(off) <= within, story
    assert again.place_seconds == pytest.approx(device.resume["resume_at"], abs=1), story
    learner.tablet.shut()
    again.page.close() if device is learner.laptop else player.page.close()


def _wander(player: Player, chance: random.Random, length: int) -> list[str]:
    """Some watching before it ends. It begins away from the start, which is nobody's place."""
    steps = [_seek(player, chance, length)]
    for _ in range(chance.randint(0, 2)):
        if chance.random() < 0.5:
            steps.append(_play(player, chance))
        elif chance.random() < 0.5:
            player.pause()
            steps.append("pause")
        else:
            steps.append(_seek(player, chance, length))
    return steps


def _seek(player: Player, chance: random.Random, length: int) -> str:
    place = round(chance.uniform(5, length - 10), 2)
    player.seek(place)
    return f"seek {place}"


def _play(player: Player, chance: random.Random) -> str:
    seconds = round(chance.uniform(0.3, 1.8), 2)
    player.play()
    player.page.wait_for_timeout(seconds * 1000)
    return f"play {seconds}"


def _end(laptop: Device, player: Player, ending: str, chance: random.Random, length: int) -> float:
    """Let it end that way; where the learner was then, in seconds."""
    if "network" in ending:
        laptop.set_offline(True)
        _seek(player, chance, length)
    if "seek" in ending:
        _seek(player, chance, length)
        player.page.wait_for_timeout(JUST_THERE_MS)
    else:
        player.play()
        player.page.wait_for_timeout(chance.uniform(700, 2000))
    if "pause" in ending:
        player.pause()
        player.page.wait_for_timeout(300)
    left_at = player.place_seconds

    if "killed" in ending:
        laptop.kill()
    elif "closed" in ending:
        player.page.close(run_before_unload=False)
    elif "shut" in ending:
        laptop.shut()
    elif "reloaded" in ending:
        player.page.reload()
        player.page.close()
    elif "comes back" in ending:
        player.pause()
        left_at = player.place_seconds
        laptop.set_offline(False)
        player.page.wait_for_timeout(2_500)
        player.page.close()
    if "network" in ending and laptop.context is not None:
        laptop.set_offline(False)
    return left_at
