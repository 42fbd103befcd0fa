"""Bodies of FastAPI's own routes: read as JSON whatever their type says, like those of hot ones."""

from __future__ import annotations

from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Body, FastAPI, Request
from pydantic import BaseModel

from progress_service.edge.lean import LeanRoutes

router = APIRouter()


class Note(BaseModel):
    text: str


@router.put("/notes/{note_id}")
async def put_note(note_id: str, note: Note) -> Note:
    return note


@router.post("/numbers")
async def post_numbers(numbers: Annotated[list[int], Body()]) -> list[int]:
    return numbers


@router.post("/files")
async def post_file(request: Request) -> dict[str, str]:
    return {"type": request.headers["content-type"], "body": (await request.body()).decode()}


async def answered(method: str, path: str, content: bytes, media_type: str) -> httpx.Response:
    app = FastAPI()
    app.include_router(router)
    front: Any = LeanRoutes(app, app, [router])
    headers = {"Content-Type": media_type} if media_type else {}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(front), base_url="http://service"
    ) as client:
        return await client.request(method, path, content=content, headers=headers)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("media_type", ["", "text/plain", "application/json", "a/b+json", "a=1"])
@pytest.mark.parametrize(
    ("method", "path", "content"),
    [("PUT", "/notes/1", b'{"text":"a"}'), ("POST", "/numbers", b"[1,2]")],
)
async def test_json_body_of_a_plain_route_is_read_whatever_its_type_says(
    method: str, path: str, content: bytes, media_type: str, mark: bytes
):
    answer = await answered(method, path, mark + content, media_type)

    assert (answer.status_code, answer.content) == (200, content)


async def test_raw_body_keeps_its_type():
    answer = await answered("POST", "/files", b"a,b\n", "text/csv")

    assert answer.json() == {"type": "text/csv", "body": "a,b\n"}
