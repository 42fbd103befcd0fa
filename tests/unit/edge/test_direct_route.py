"""Direct routes bind parameters from the signature, and check the caller before reading a body."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from pydantic import BaseModel, Field

from progress_service.app import create_app
from progress_service.edge.callers import Student
from progress_service.edge.direct_route import DirectRoute
from progress_service.edge.request_body import RawJson
from tests.builders import a_settings, a_token, bearer

router = APIRouter(route_class=DirectRoute)
Number = Annotated[int, Field(ge=1)]


class Note(BaseModel):
    text: str


def shouted(request: Request) -> str:
    return request.headers["x-word"].upper()


Shouted = Annotated[str, Depends(shouted)]


@router.get("/plain/{number}")
def plain(number: Number, word: Shouted) -> dict[str, Any]:
    return {"number": number, "word": word}


@router.put("/notes/{note_id}")
async def put_note(note: Note, note_id: str, student: Student) -> dict[str, str]:
    return {"by": student.id, "id": note_id, "text": note.text}


@router.post("/raw")
async def post_raw(body: RawJson[Note], _: Student) -> Response:
    return Response(body.content, media_type="text/csv", status_code=201)


def app_with_routes() -> FastAPI:
    """The service, with these routes below a prefix."""
    app = create_app(a_settings())
    app.include_router(router, prefix="/v2")
    return app


@pytest.fixture
def app() -> FastAPI:
    return app_with_routes()


SendRequest = Callable[..., Any]


@pytest.fixture
def send_request(app: FastAPI) -> SendRequest:
    return partial(send_to, app)


async def send_to(
    app: FastAPI, method: str, path: str, *, student: str | None = "ana", **given: Any
) -> httpx.Response:
    headers = {**(bearer(a_token(student)) if student else {}), **given.pop("headers", {})}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        return await client.request(method, f"/v2{path}", headers=headers, **given)


async def test_path_and_dependencies_are_bound_below_a_prefix(send_request: SendRequest):
    response = await send_request("GET", "/plain/7", headers={"X-Word": "hello"})

    assert (response.status_code, response.json()) == (200, {"number": 7, "word": "HELLO"})


async def test_invalid_path_parameter_is_named(send_request: SendRequest):
    response = await send_request("GET", "/plain/0", headers={"X-Word": "hello"})

    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["number"]


async def test_body_caller_and_path_are_bound_in_any_order(send_request: SendRequest):
    response = await send_request("PUT", "/notes/one", json={"text": "hello"})

    assert response.json() == {"by": "ana", "id": "one", "text": "hello"}


async def test_response_is_sent_unchanged(send_request: SendRequest):
    response = await send_request("POST", "/raw", content=b"a,b\n")

    assert (response.status_code, response.content) == (201, b"a,b\n")
    assert response.headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("media_type", ["", "text/plain", "application/json", "a/b+json", "a=1"])
async def test_body_is_read_as_json_for_any_content_type(
    send_request: SendRequest, media_type: str, bom: bytes
):
    headers = {"Content-Type": media_type} if media_type else {}

    response = await send_request("PUT", "/notes/1", content=bom + b'{"text":"a"}', headers=headers)

    assert (response.status_code, response.json()["text"]) == (200, "a")


async def test_body_is_not_read_without_a_token(app: FastAPI):
    events: list[str] = []

    async def receive() -> Any:
        events.append("body read")
        return {"type": "http.request", "body": b"{"}

    async def send(message: Any) -> None:
        if "status" in message:
            events.append(f"status {message['status']}")

    scope = {
        "type": "http",
        "method": "PUT",
        "path": "/v2/notes/1",
        "query_string": b"",
        "headers": [(b"content-length", b"1")],
        "client": ("10.0.0.1", 1),
    }
    await app(scope, receive, send)

    assert events[0] == "status 401"


async def test_bug_in_an_endpoint_becomes_a_problem(app: FastAPI, send_request: SendRequest):
    response = await send_request("GET", "/plain/7")  # without the header that the dependency reads

    assert (response.status_code, response.json()["code"]) == (500, "internal_error")


async def test_signature_is_documented(app: FastAPI):
    operation = app.openapi()["paths"]["/v2/notes/{note_id}"]["put"]

    assert [parameter["name"] for parameter in operation["parameters"]] == ["note_id"]
    assert operation["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Note"
    }


@pytest.mark.parametrize("hint", [int, list[str], Annotated[str, "a query parameter"]])
def test_unsupported_parameter_is_rejected_at_definition(hint: Any):
    def endpoint(word: Any) -> None:
        pass

    endpoint.__annotations__["word"] = hint

    with pytest.raises(TypeError, match="'word'"):
        APIRouter(route_class=DirectRoute).get("/words")(endpoint)
