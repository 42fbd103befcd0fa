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
    usual = {"watch_time": "1/second", "calls": "2/hour", "service": "3/hour"}
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

    def failing(*_: object) -> bool:
        raise StorageError(OSError("gone"))

    monkeypatch.setattr(limits, "_local", the_limits()._shared)
    monkeypatch.setattr(limits._shared.limiter, "hit", failing)
    monkeypatch.setattr(limits._shared.limiter, "get_window_stats", failing)

    assert passing(3, lambda: limits.watch_time("ana", "intro")) == 1
    assert isinstance(limits._local.limiter.storage, Counters)
