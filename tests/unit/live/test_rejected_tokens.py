"""Rejected tokens on sockets are counted, as over HTTP."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI

from progress_service.edge.key_set import KeySet
from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.services import provide
from progress_service.edge.token_verifier import TokenVerifier
from progress_service.live.hub import Hub
from progress_service.live.sockets import LiveDependencies, LiveSocketsMiddleware
from progress_service.observability.metrics import Metrics
from tests.builders import SECRET


async def close_code(app: FastAPI, *, address: str) -> int:
    """The code with which a socket with a bad token is closed."""
    sent: list[dict[str, Any]] = []
    auth = json.dumps({"type": "auth", "token": "not-a-token"})
    messages = iter([{"type": "websocket.connect"}, {"type": "websocket.receive", "text": auth}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/progress", "headers": [], "client": (address, 1)}
    await app(scope, receive, send)
    return int(sent[-1]["code"])


def an_app() -> FastAPI:
    app = FastAPI()
    nothing: Any = None  # Not reached with a bad token.
    dependencies = LiveDependencies(
        verifier=TokenVerifier(KeySet(algorithms=["HS256"], secret=SECRET)),
        limiter=RateLimiter(
            watch_time="1/second",
            calls="9/hour",
            service="3/hour",
            events="9/hour",
            storage_uri="memory://",
        ),
        hub=Hub(Metrics()),
        concurrency=nothing,
        feed=nothing,
        changes=nothing,
    )
    provide(app, Metrics(), dependencies)

    app.add_middleware(LiveSocketsMiddleware, origins=())
    return app


async def test_rejected_tokens_of_one_address_are_rate_limited():
    app = an_app()

    codes = [await close_code(app, address="10.0.0.1") for _ in range(5)]

    assert codes == [4401, 4401, 4401, 4429, 4429]


async def test_rejected_tokens_are_counted_for_each_address():
    app = an_app()
    for _ in range(5):
        await close_code(app, address="10.0.0.1")

    assert await close_code(app, address="10.0.0.2") == 4401
