"""A client that disconnects while it sends a body."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import Depends, FastAPI, Request
from structlog.testing import capture_logs

from progress_service.edge import problems
from progress_service.edge.deadlines import Deadlines
from progress_service.edge.middleware import RequestMiddleware
from progress_service.edge.route_templates import RouteTemplates
from progress_service.observability.metrics import Metrics


async def read_body(request: Request) -> bytes:
    return await request.body()


def an_app() -> FastAPI:
    app = FastAPI()
    problems.install(app)

    @app.post("/model")
    async def with_model(body: dict[str, Any]) -> None:
        raise AssertionError("not reached")

    @app.post("/dependency")
    async def with_dependency(body: bytes = Depends(read_body)) -> None:
        raise AssertionError("not reached")

    @app.post("/endpoint")
    async def with_request(request: Request) -> None:
        await request.body()

    return app


@pytest.mark.parametrize("path", ["/model", "/dependency", "/endpoint"])
@pytest.mark.parametrize(
    "framing", [(b"content-length", b"40"), (b"transfer-encoding", b"chunked")]
)
async def test_disconnect_during_a_body_is_not_logged_as_an_error(path: str, framing: Any):
    messages = iter(
        [
            {"type": "http.request", "body": b'{"a', "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:
        return next(messages, {"type": "http.disconnect"})

    async def send(_: Any) -> None:
        pass

    headers = [framing, (b"content-type", b"application/json")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "app": None,
    }
    with capture_logs() as logged:
        app = an_app()
        middleware = RequestMiddleware(
            app, metrics=Metrics(), deadlines=Deadlines(), templates=RouteTemplates(app, [])
        )
        await middleware(scope, receive, send)

    assert [line["event"] for line in logged] == ["request_completed"]
    assert logged[0]["status"] in (400, problems.CLIENT_CLOSED_REQUEST)
