"""The allowances by themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from limits.errors import StorageError

from progress_service.edge.counters import Counters
from progress_service.edge.rate_limit import Limits
from progress_service.edge.tokens import Principal
from progress_service.errors import TooOften

STUDENT = Principal("ana", frozenset({"student"}), 0)
SERVICE = Principal("importer", frozenset({"service"}), 0)


def the_limits(**given: str) -> Limits:
    usual = {"watch_time": "1/second", "calls": "2/hour", "service": "3/hour", "events": "6/hour"}
    return Limits(**{**usual, "storage_uri": "memory://", **given})


def passing(count: int, hit: Callable[[], None]) -> int:
    """How many of *count* hits pass; the others must say how long to wait."""
    waits = [wait_of(hit) for _ in range(count)]
    assert all(isinstance(wait, int) and wait >= 1 for wait in waits if wait is not None)
    return waits.count(None)


def wait_of(hit: Callable[[], None]) -> int | None:
    try:
        hit()
    except TooOften as refused:
        return refused.retry_after_seconds
    return None


def test_a_student_has_so_many_calls():
    limits = the_limits()

    assert passing(5, lambda: limits.call(STUDENT)) == 2


def test_a_service_has_more():
    limits = the_limits()

    assert passing(5, lambda: limits.call(SERVICE)) == 3


def test_two_apps_do_not_share_what_they_count():
    one, other = the_limits(), the_limits()
    one.watch_time("ana", "intro")

    other.watch_time("ana", "intro")


def test_every_part_of_a_rate_counts():
    limits = the_limits(watch_time="100/second;3/hour")

    assert passing(5, lambda: limits.watch_time("ana", "intro")) == 3


@pytest.mark.parametrize(("student", "video"), [("ana/intro", "x"), ("ana", "intro/x")])
def test_names_do_not_run_into_each_other(student: str, video: str):
    limits = the_limits(watch_time="1/hour")
    limits.watch_time("ana/intro", "y")

    limits.watch_time(student, video)


def test_storage_that_fails_falls_back_to_counting_here():
    nowhere = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50"
    limits = the_limits(watch_time="1/hour", storage_uri=nowhere)

    assert passing(3, lambda: limits.watch_time("ana", "intro")) == 1


def test_storage_that_fails_later_falls_back_too(monkeypatch: pytest.MonkeyPatch):
    limits = the_limits(watch_time="1/hour")

    def failing(*_: object, **__: object) -> bool:
        raise StorageError(OSError("gone"))

    monkeypatch.setattr(limits, "_local", the_limits()._shared)
    monkeypatch.setattr(limits._shared.limiter, "hit", failing)
    monkeypatch.setattr(limits._shared.limiter, "get_window_stats", failing)

    assert passing(3, lambda: limits.watch_time("ana", "intro")) == 1
    assert isinstance(limits._local.limiter.storage, Counters)


def test_events_count_one_by_one_and_a_rejected_batch_counts_nothing():
    limits = the_limits()

    assert passing(2, lambda: limits.events("ana", 4)) == 1
    assert passing(2, lambda: limits.events("ana", 2)) == 1
    assert passing(1, lambda: limits.events("ben", 6)) == 1


def test_events_of_several_processes_share_a_storage(monkeypatch: pytest.MonkeyPatch):
    limits = the_limits()
    monkeypatch.setattr(limits, "_shared", the_limits()._shared)

    assert passing(3, lambda: limits.events("ana", 3)) == 2


@pytest.mark.parametrize(("size_bytes", "calls"), [(32_767, 0), (32_768, 1), (1_048_576, 2)])
def test_large_bodies_count_by_their_size_and_at_most_the_allowance(size_bytes: int, calls: int):
    limits = the_limits()
    limits.large_body(STUDENT, size_bytes)

    assert passing(5, lambda: limits.call(STUDENT)) == 2 - calls
