"""Bounds how many imports of one service run at once: each holds a large body in memory."""

from __future__ import annotations

from fastapi import Request

from progress_service.edge.concurrency import ACTIVE_CALLS, ConcurrencyLimiter
from progress_service.edge.services import service_in
from progress_service.edge.token_verifier import Principal

MAX_IMPORTS_AT_ONCE = 2
MAX_WAITING_IMPORTS = 20


class ImportLimiter(ConcurrencyLimiter):
    """Two imports of a service at a time; the others queue for a few seconds."""

    def __init__(self) -> None:
        super().__init__(max_active=MAX_IMPORTS_AT_ONCE, max_waiting=MAX_WAITING_IMPORTS)


async def begin_import(request: Request, caller: Principal) -> None:
    """Start an import when it is its turn, before its body is read; it ends with the request.

    Raises:
        RateLimited, Unavailable: as `ConcurrencyLimiter.acquire`.
    """
    limiter = service_in(request.scope["app"], ImportLimiter)
    await limiter.acquire(caller.id)
    request.scope[ACTIVE_CALLS].append((limiter, caller.id))
