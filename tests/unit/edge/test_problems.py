"""What becomes of errors that nobody expected."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import Depends, FastAPI, Request
from structlog.testing import capture_logs

from progress_service.edge import problems
from progress_service.edge.deadlines import Deadlines
from progress_service.edge.requests import EveryRequest
from progress_service.edge.route_templates import RouteTemplates
from progress_service.observability import Metrics


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
async def test_hanging_up_in_the_middle_of_a_body_is_no_bug(path: str, framing: Any):
    heard = iter(
        [
            {"type": "http.request", "body": b'{"a', "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:
        return next(heard, {"type": "http.disconnect"})

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
        every_request = EveryRequest(
            an_app(), metrics=Metrics(), deadlines=Deadlines(), templates=RouteTemplates([], [])
        )
        await every_request(scope, receive, send)

    assert [line["event"] for line in logged] == ["answered"]
    assert logged[0]["status"] in (400, problems.CLIENT_CLOSED_REQUEST)
