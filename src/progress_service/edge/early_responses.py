"""Responses to requests that are rejected before the routing."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Receive, Scope, Send

from progress_service.edge.problems import MAX_BODY_BYTES, problem_response, too_large_detail
from progress_service.errors import Unavailable

DISCARD_BYTES = 32 * MAX_BODY_BYTES  # Of a rejected body, before the connection closes…
DISCARD_SECONDS = 2.0  # …and for so long at most.


def too_late_response(request_id: str) -> ASGIApp:
    """503: there was no time to finish."""
    error = Unavailable("There was no time to finish. Try again shortly; repeating is harmless.")
    return problem_response(
        status=503,
        code=error.code,
        detail=error.message,
        request_id=request_id,
        headers={"Connection": "close", "Retry-After": str(error.retry_after_seconds)},
    )


def too_large_response(request_id: str, max_bytes: int) -> ASGIApp:
    """413, after the body was read for a while and discarded."""
    response = problem_response(
        status=413,
        code="body_too_large",
        detail=too_large_detail(max_bytes),
        request_id=request_id,
        headers={"Connection": "close"},
    )

    async def discard_and_respond(scope: Scope, receive: Receive, send: Send) -> None:
        """Read on for a while: closing on a client that still sends would lose the response."""
        if not any(name == b"expect" for name, _ in scope["headers"]):
            with suppress(TimeoutError):
                async with asyncio.timeout(DISCARD_SECONDS):
                    await _discard(receive)
        await response(scope, receive, send)

    return discard_and_respond


async def _discard(receive: Receive) -> None:
    discarded = 0
    while discarded < DISCARD_BYTES:
        message = await receive()
        discarded += len(message.get("body", b""))
        if not message.get("more_body"):
            return
