"""The rate limiter on its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from limits.errors import StorageError

from progress_service.edge.in_process_storage import InProcessStorage
from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.token_verifier import Principal
from progress_service.errors import RateLimited

STUDENT = Principal("ana", frozenset({"student"}), 0)
SERVICE = Principal("importer", frozenset({"service"}), 0)


def a_limiter(**given: str) -> RateLimiter:
    defaults = {
        "watch_time": "1/second",
        "calls": "2/hour",
        "service": "3/hour",
        "events": "6/hour",
    }
    return RateLimiter(**{**defaults, "storage_uri": "memory://", **given})


def passing(count: int, hit: Callable[[], None]) -> int:
    """How many of *count* hits pass; the others must return the seconds to wait."""
    waits = [wait_of(hit) for _ in range(count)]
    assert all(isinstance(wait, int) and wait >= 1 for wait in waits if wait is not None)
    return waits.count(None)


def wait_of(hit: Callable[[], None]) -> int | None:
    try:
        hit()
    except RateLimited as error:
        return error.retry_after_seconds
    return None


def test_student_is_limited_to_the_call_rate():
    limiter = a_limiter()

    assert passing(5, lambda: limiter.call(STUDENT)) == 2


def test_service_is_limited_to_its_own_rate():
    limiter = a_limiter()

    assert passing(5, lambda: limiter.call(SERVICE)) == 3


def test_limiters_of_two_apps_share_no_counts():
    one, other = a_limiter(), a_limiter()
    one.watch_time("ana", "intro")

    other.watch_time("ana", "intro")


def test_rate_with_several_parts_applies_each():
    limiter = a_limiter(watch_time="100/second;3/hour")

    assert passing(5, lambda: limiter.watch_time("ana", "intro")) == 3


@pytest.mark.parametrize(("student", "video"), [("ana/intro", "x"), ("ana", "intro/x")])
def test_counts_of_similar_names_are_separate(student: str, video: str):
    limiter = a_limiter(watch_time="1/hour")
    limiter.watch_time("ana/intro", "y")

    limiter.watch_time(student, video)


def test_storage_that_fails_falls_back_to_local_counts():
    unreachable = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50"
    limiter = a_limiter(watch_time="1/hour", storage_uri=unreachable)

    assert passing(3, lambda: limiter.watch_time("ana", "intro")) == 1


def test_storage_that_fails_later_falls_back_to_local_counts(monkeypatch: pytest.MonkeyPatch):
    limiter = a_limiter(watch_time="1/hour")

    def failing(*_: object, **__: object) -> bool:
        raise StorageError(OSError("gone"))

    monkeypatch.setattr(limiter, "_local", a_limiter()._shared)
    monkeypatch.setattr(limiter._shared.limiter, "hit", failing)
    monkeypatch.setattr(limiter._shared.limiter, "get_window_stats", failing)

    assert passing(3, lambda: limiter.watch_time("ana", "intro")) == 1
    assert isinstance(limiter._local.limiter.storage, InProcessStorage)


def test_events_count_one_by_one_and_a_rejected_batch_counts_none():
    limiter = a_limiter()

    assert passing(2, lambda: limiter.events("ana", 4)) == 1
    assert passing(2, lambda: limiter.events("ana", 2)) == 1
    assert passing(1, lambda: limiter.events("ben", 6)) == 1


def test_events_of_several_processes_share_a_storage(monkeypatch: pytest.MonkeyPatch):
    limiter = a_limiter()
    monkeypatch.setattr(limiter, "_shared", a_limiter()._shared)

    assert passing(3, lambda: limiter.events("ana", 3)) == 2


@pytest.mark.parametrize(("size_bytes", "calls"), [(32_767, 0), (32_768, 1), (1_048_576, 2)])
def test_large_body_counts_by_its_size_up_to_the_rate(size_bytes: int, calls: int):
    limiter = a_limiter()
    limiter.large_body(STUDENT, size_bytes)

    assert passing(5, lambda: limiter.call(STUDENT)) == 2 - calls
