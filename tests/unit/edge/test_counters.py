"""Windows of the rate limits, counted in this process."""

from __future__ import annotations

import pytest

from progress_service.edge import counters
from progress_service.edge.counters import Counters
from tests.builders import Ticking


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Ticking:
    clock = Ticking()
    monkeypatch.setattr(counters, "time", clock)
    return clock


def test_a_window_counts_until_it_ends(clock: Ticking):
    held = Counters()

    assert [held.incr("a", 2), held.incr("a", 2, amount=3)] == [1, 4]
    assert (held.get("a"), held.get_expiry("a")) == (4, 1_002.0)

    clock.now += 2
    assert held.get("a") == 0
    assert held.incr("a", 2) == 1
    assert held.get_expiry("a") == 1_004.0


def test_what_was_never_counted_is_nothing(clock: Ticking):
    held = Counters()

    assert (held.get("a"), held.get_expiry("a"), held.check()) == (0, 1_000.0, True)


def test_keys_and_lengths_do_not_mix(clock: Ticking):
    held = Counters()
    held.incr("a/second", 1)
    held.incr("a/hour", 3_600)
    clock.now += 1

    assert (held.get("a/second"), held.get("a/hour")) == (0, 1)


def test_what_has_ended_leaves_as_new_ones_come(clock: Ticking):
    held = Counters()
    for number in range(1_000):
        held.incr(f"old-{number}", 1)
    clock.now += 1
    for number in range(300):
        held.incr(f"new-{number}", 1)

    assert len(held) == 300


def test_a_longer_window_in_front_keeps_no_shorter_one(clock: Ticking):
    held = Counters()
    held.incr("long", 3_600)
    for number in range(100):
        held.incr(f"{number}", 1)
        clock.now += 1

    assert len(held) == 2


def test_it_forgets_what_it_is_told_to(clock: Ticking):
    held = Counters()
    held.incr("a", 1)
    held.incr("b", 1)
    held.clear("a")

    assert (held.get("a"), held.get("b")) == (0, 1)
    assert (held.reset(), len(held)) == (1, 0)
