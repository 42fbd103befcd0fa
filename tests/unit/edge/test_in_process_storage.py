"""Rate limit windows, counted in this process."""

from __future__ import annotations

import pytest

from progress_service.edge import in_process_storage
from progress_service.edge.in_process_storage import InProcessStorage
from tests.builders import FakeTime


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    clock = FakeTime()
    monkeypatch.setattr(in_process_storage, "time", clock)
    return clock


def test_window_counts_until_it_ends(clock: FakeTime):
    storage = InProcessStorage()

    assert [storage.incr("a", 2), storage.incr("a", 2, amount=3)] == [1, 4]
    assert (storage.get("a"), storage.get_expiry("a")) == (4, 1_002.0)

    clock.now += 2
    assert storage.get("a") == 0
    assert storage.incr("a", 2) == 1
    assert storage.get_expiry("a") == 1_004.0


def test_unknown_key_counts_as_zero(clock: FakeTime):
    storage = InProcessStorage()

    assert (storage.get("a"), storage.get_expiry("a"), storage.check()) == (0, 1_000.0, True)


def test_windows_are_separate_for_each_key_and_length(clock: FakeTime):
    storage = InProcessStorage()
    storage.incr("a/second", 1)
    storage.incr("a/hour", 3_600)
    clock.now += 1

    assert (storage.get("a/second"), storage.get("a/hour")) == (0, 1)


def test_windows_that_ended_are_removed_as_new_ones_arrive(clock: FakeTime):
    storage = InProcessStorage()
    for number in range(1_000):
        storage.incr(f"old-{number}", 1)
    clock.now += 1
    for number in range(300):
        storage.incr(f"new-{number}", 1)

    assert len(storage) == 300


def test_window_that_is_longer_does_not_retain_shorter_ones(clock: FakeTime):
    storage = InProcessStorage()
    storage.incr("long", 3_600)
    for number in range(100):
        storage.incr(f"{number}", 1)
        clock.now += 1

    assert len(storage) == 2


def test_clear_and_reset_remove_windows(clock: FakeTime):
    storage = InProcessStorage()
    storage.incr("a", 1)
    storage.incr("b", 1)
    storage.clear("a")

    assert (storage.get("a"), storage.get("b")) == (0, 1)
    assert (storage.reset(), len(storage)) == (1, 0)
