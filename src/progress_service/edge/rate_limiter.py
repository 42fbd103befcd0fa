"""Rate limits for each user, by slowapi's limiter and the storages of `limits`.

slowapi's decorators run after validation, skip routers, and inspect signatures at every call. So
calls are counted here, by the dependencies that every route needs anyway, with slowapi's storage
and strategy. A window opens with the first call and lasts its full length, so 1/second never passes
two calls within one second.
"""

from __future__ import annotations

import math
import time
from contextlib import suppress
from typing import Any, ClassVar

from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError, StorageError
from slowapi import Limiter
from slowapi.util import get_remote_address

from progress_service.edge import in_process_storage
from progress_service.edge.token_buckets import TokenBuckets
from progress_service.edge.token_verifier import Principal
from progress_service.errors import RateLimited, StartupError
from progress_service.observability.logging import get_logger

IN_PROCESS = "memory://"
BODY_BYTES_A_CALL = 32_768  # The largest report has a quarter of it, most batches of events less.
RECORDS_A_CALL = 50  # Most courses have fewer; reading so many takes as long as several calls.
FLOOD_CALLS = 10
STORAGE_PAUSE_SECONDS = 5.0  # A call to a failed storage blocks the event loop for its timeout.
_RAISE_STORAGE_ERRORS: Any = {
    "wrap_exceptions": True
}  # slowapi types it as text; limits takes a bool
log = get_logger("rate_limit")


class RateLimiter:
    """The four limits. When the shared storage fails, calls are counted in this process."""

    def __init__(
        self, *, watch_time: str, calls: str, service: str, events: str, storage_uri: str
    ) -> None:
        self._watch_time = _allowances(watch_time)
        self._calls = _allowances(calls)
        self._service = _allowances(service)
        self._events = _allowances(events)
        self._event_buckets = [
            TokenBuckets(capacity=item.amount, refill_seconds=item.window_seconds)
            for item in self._events
        ]
        self._shared = _limiter(storage_uri)
        self._local = self._shared if storage_uri == IN_PROCESS else _limiter(IN_PROCESS)
        self._counters = self._local.limiter.storage
        self._shared_again_at = 0.0

    def watch_time(self, student_id: str, video_id: str) -> None:
        """Count one update of a video by a student.

        Raises:
            RateLimited: the limit is used up; nothing else was done.
        """
        self._hit(self._watch_time, "watch-time", student_id, video_id)

    def call(self, principal: Principal, *, cost: int = 1) -> None:
        """Count any other call, per user; services have their own limit.

        Invalid requests, and reports of videos that the student cannot watch, count too.

        Raises:
            RateLimited: the limit is used up.
        """
        rate = self._service if "service" in principal.roles else self._calls
        self._hit(rate, "call", principal.id, cost=cost)

    def large_body(self, principal: Principal, size_bytes: int) -> None:
        """Count a body as one more call for each `BODY_BYTES_A_CALL`: reading it takes as long.

        Raises:
            RateLimited: the limit is used up.
        """
        if cost := size_bytes // BODY_BYTES_A_CALL:
            self.call(principal, cost=cost)

    def records(self, principal: Principal, count: int) -> None:
        """Count what was read as one more call for each `RECORDS_A_CALL`.

        The call itself succeeds; later ones may be too many.
        """
        if cost := count // RECORDS_A_CALL:
            with suppress(RateLimited):
                self.call(principal, cost=cost)

    def events(self, student_id: str, count: int) -> None:
        """Count *count* offline events: a burst, then a steady rate.

        Raises:
            RateLimited: the limit is used up; none of them was counted.
        """
        if self._shared is not self._local:
            self._hit(self._events, "events", student_id, cost=count)
            return
        for item, buckets in zip(self._events, self._event_buckets, strict=True):
            if wait_seconds := buckets.take(student_id, count):
                raise _rate_limited(item, max(1, math.ceil(wait_seconds)))

    def prune(self) -> None:
        """Drop what is counted in this process and no longer limits anybody."""
        if isinstance(self._counters, in_process_storage.InProcessStorage):
            self._counters.prune()
        for buckets in self._event_buckets:
            buckets.prune()

    def forget_user(self, user_id: str) -> None:
        """Drop the allowance of a user for events. Other counts end with their short window."""
        for buckets in self._event_buckets:
            buckets.forget(user_id)

    def bad_token(self, address: str) -> None:
        """Count a rejected token by the client's address, so that floods use up a limit.

        Raises:
            RateLimited: too many of them.
        """
        self._hit(self._service, "bad-token", address)

    def flood(self, *, student_id: str | None, address: str) -> None:
        """Count a socket closed for too many frames as `FLOOD_CALLS`; nothing is rejected yet."""
        with suppress(RateLimited):
            if student_id is not None:
                self._hit(self._calls, "call", student_id, cost=FLOOD_CALLS)
            else:
                self._hit(self._service, "bad-token", address, cost=FLOOD_CALLS)

    def _hit(self, rate: list[_Allowance], *key: str, cost: int = 1) -> None:
        for item in rate:
            if not self._count(item, *key, cost=min(cost, item.amount)):
                raise _rate_limited(item, self._wait_seconds(item, *key))

    def _count(self, item: _Allowance, *key: str, cost: int) -> bool:
        """Count in the shared storage; for a while after it has failed, in this process."""
        if self._shared is self._local:  # as the limiter does, in fewer steps
            held = self._counters.incr(item.key_for(*key), item.window_seconds, cost)
            return bool(held <= item.amount)
        if time.monotonic() >= self._shared_again_at:
            try:
                return bool(self._shared.limiter.hit(item, *key, cost=cost))
            except StorageError as error:
                log.warning("rate_limit_storage_failed", error=type(error).__name__)
                self._shared_again_at = time.monotonic() + STORAGE_PAUSE_SECONDS
        return bool(self._local.limiter.hit(item, *key, cost=cost))

    def _wait_seconds(self, item: RateLimitItem, *key: str) -> int:
        is_shared = time.monotonic() >= self._shared_again_at
        limiter = (self._shared if is_shared else self._local).limiter
        try:
            reset_at = limiter.get_window_stats(item, *key).reset_time
        except StorageError:
            return 1
        return max(1, math.ceil(reset_at - time.time()))


class _Allowance(RateLimitItem):
    """A limit with text keys; `limits` converts every part of a key at each hit."""

    __slots__ = ()
    window_seconds: ClassVar[int]
    suffix: ClassVar[str]

    def key_for(self, *identifiers: Any) -> str:
        """A key for this limit and what it is counted for."""
        return "/".join(identifiers) + self.suffix


def _allowances(rate: str) -> list[_Allowance]:
    """The limits that the text *rate* names; all of them apply."""
    return [_allowance(item) for item in parse_many(rate)]


def _allowance(item: RateLimitItem) -> _Allowance:
    seconds = item.get_expiry()
    constants = {"window_seconds": seconds, "suffix": f"/{item.amount}/{seconds}"}
    kind = type("Allowance", (_Allowance, type(item)), {"__slots__": (), **constants})
    allowance: _Allowance = kind(item.amount, item.multiples)
    return allowance


def _rate_limited(item: RateLimitItem, retry_after_seconds: int) -> RateLimited:
    return RateLimited(
        f"At most {item.amount} in {item.multiples} {item.GRANULARITY.name}: "
        "wait as Retry-After says, then send the newest values.",
        retry_after_seconds=retry_after_seconds,
    )


def _limiter(storage_uri: str) -> Limiter:
    is_here = storage_uri == IN_PROCESS
    try:
        return Limiter(
            key_func=get_remote_address,
            strategy="fixed-window",
            storage_uri=f"{in_process_storage.SCHEME}://" if is_here else storage_uri,
            storage_options={} if is_here else _RAISE_STORAGE_ERRORS,
        )
    except (ConfigurationError, ValueError) as error:
        raise StartupError(
            f"PROGRESS_RATE_LIMIT_STORAGE is not usable ({error}); use memory://, or the address "
            "of a storage whose client is installed, like redis://host:6379."
        ) from error
