"""Bounds how many calls of one user run at once; the others queue."""

from __future__ import annotations

import asyncio
from collections import deque

from fastapi import Request

from progress_service.edge.deadlines import RESPONSE_SECONDS, Deadlines
from progress_service.edge.services import service_in
from progress_service.edge.token_verifier import Principal
from progress_service.errors import RateLimited, Unavailable

MAX_ACTIVE_CALLS = 4  # A page sends so many at once; an outbox one.
MAX_WAITING_CALLS = 200  # More than any page has.
LARGE_BODY_BYTES = 131_072
ANNOUNCED_BYTES = "progress_service.announced_bytes"
"""In the scope of a request: the length of its body; -1 for a chunked one."""
ACTIVE_CALLS = "progress_service.active_calls"
"""In the scope of a request: the limiters to release at its end, and the user of each."""


class ConcurrencyLimiter:
    """Counts the running calls of each user; one dictionary lookup while they are few."""

    def __init__(
        self, *, max_active: int = MAX_ACTIVE_CALLS, max_waiting: int = MAX_WAITING_CALLS
    ) -> None:
        self._max_active = max_active
        self._max_waiting = max_waiting
        self._active: dict[str, int] = {}
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    def try_acquire(self, user_id: str) -> bool:
        """Start a call now, if few enough are running."""
        active = self._active.get(user_id, 0)
        if active >= self._max_active:
            return False
        self._active[user_id] = active + 1
        return True

    async def acquire(self, user_id: str) -> None:
        """Start a call when it is its turn.

        Raises:
            RateLimited: too many are queued.
            Unavailable: its turn did not come in time.
        """
        if self.try_acquire(user_id):
            return
        queue = self._waiting.setdefault(user_id, deque())
        if len(queue) >= self._max_waiting:
            raise RateLimited(
                f"{self._max_active} of your calls are running and {self._max_waiting} are queued; "
                "send fewer at once.",
                retry_after_seconds=1,
            )
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            async with asyncio.timeout(RESPONSE_SECONDS):
                await turn
        except (TimeoutError, asyncio.CancelledError) as error:
            self._leave(user_id, turn)
            if isinstance(error, TimeoutError):
                raise Unavailable("Your other calls took too long. Send fewer at once.") from error
            raise

    def _leave(self, user_id: str, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():
            self.release(user_id)  # its turn came just now
        elif turn in (queue := self._waiting.get(user_id, deque())):
            queue.remove(turn)

    def release(self, user_id: str) -> None:
        """End a call; start the one that is queued longest."""
        queue = self._waiting.get(user_id)
        while queue:
            turn = queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._waiting.pop(user_id, None)
        if self._active[user_id] == 1:
            del self._active[user_id]
        else:
            self._active[user_id] -= 1


class LargeBodyLimiter(ConcurrencyLimiter):
    """One large body of a user at a time."""

    def __init__(self) -> None:
        super().__init__(max_active=1)


def try_begin_call(request: Request, principal: Principal) -> bool:
    """Start the call now, if it need not queue; it ends with the request.

    Services have no such limit.
    """
    if "service" in principal.roles:
        return True
    limiter = service_in(request.scope["app"], ConcurrencyLimiter)
    if not limiter.try_acquire(principal.id):
        return False
    request.scope[ACTIVE_CALLS].append((limiter, principal.id))
    return True


async def wait_to_begin_call(request: Request, principal: Principal) -> None:
    """Start the call when it is its turn; it ends with the request.

    Raises:
        RateLimited, Unavailable: as `ConcurrencyLimiter.acquire`.
    """
    await _wait_for_turn(request, service_in(request.scope["app"], ConcurrencyLimiter), principal)


async def begin_large_body(request: Request, principal: Principal) -> None:
    """Process one large body of a user at a time: each takes much memory.

    Raises:
        RateLimited, Unavailable: as `ConcurrencyLimiter.acquire`.
    """
    if "service" not in principal.roles:
        await _wait_for_turn(request, service_in(request.scope["app"], LargeBodyLimiter), principal)


async def _wait_for_turn(
    request: Request, limiter: ConcurrencyLimiter, principal: Principal
) -> None:
    if not limiter.try_acquire(principal.id):
        deadlines = service_in(request.scope["app"], Deadlines)
        deadlines.start(_current_task(), arrived_at=asyncio.get_running_loop().time())
        await limiter.acquire(principal.id)
    request.scope[ACTIVE_CALLS].append((limiter, principal.id))


def _current_task() -> asyncio.Task[object]:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a server runs each request in one
    return task
