"""Bad tokens over sockets are counted, as over HTTP."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from fastapi import FastAPI

from progress_service.edge.keys import Keys
from progress_service.edge.rate_limit import Limits
from progress_service.edge.tokens import Tokens
from progress_service.live.hub import Hub
from progress_service.live.sockets import LiveSockets
from progress_service.observability import Metrics
from tests.builders import SECRET


async def close_code(sockets: LiveSockets, *, address: str) -> int:
    """The code with which a socket with a bad token is closed."""
    said: list[dict[str, Any]] = []
    auth = json.dumps({"type": "auth", "token": "not-a-token"})
    heard = iter([{"type": "websocket.connect"}, {"type": "websocket.receive", "text": auth}])

    async def receive() -> Any:
        return next(heard)

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": "websocket", "path": "/progress", "headers": [], "client": (address, 1)}
    await sockets(scope, receive, send)
    return int(said[-1]["code"])


def the_sockets() -> LiveSockets:
    app = FastAPI()
    app.state.metrics = Metrics()
    app.state.live = SimpleNamespace(
        tokens=Tokens(Keys(algorithms=["HS256"], secret=SECRET)),
        limits=Limits(
            watch_time="1/second",
            calls="9/hour",
            service="3/hour",
            events="9/hour",
            storage_uri="memory://",
        ),
        hub=Hub(Metrics()),
    )

    async def nobody(*_: object) -> None:
        raise AssertionError("not asked")

    return LiveSockets(nobody, app, origins=())


async def test_a_flood_of_bad_tokens_from_one_address_is_too_many():
    sockets = the_sockets()

    codes = [await close_code(sockets, address="10.0.0.1") for _ in range(5)]

    assert codes == [4401, 4401, 4401, 4429, 4429]


async def test_another_address_is_not_counted_with_it():
    sockets = the_sockets()
    for _ in range(5):
        await close_code(sockets, address="10.0.0.1")

    assert await close_code(sockets, address="10.0.0.2") == 4401
