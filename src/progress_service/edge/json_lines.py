"""Bodies that are lines of JSON: how they are sent, and how OpenAPI describes them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from pydantic import BaseModel
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from progress_service.edge.portable_schemas import PREFIX

NDJSON = "application/x-ndjson"


class LinesResponse(StreamingResponse):
    """Lines of JSON, which are sent while they are made."""

    media_type = NDJSON

    def __init__(
        self, lines: AsyncGenerator[bytes, None], *, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(lines, headers=headers)
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the lines; if the client disconnects, no more are made."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._lines.aclose()


def lines_of(*models: type[BaseModel], example: str) -> dict[str, Any]:
    """The description of a body with one of *models* in each line."""
    references = [{"$ref": f"{PREFIX}{model.__name__}"} for model in models]
    return {
        "schema": {"type": "string", "format": "binary", "minLength": 1},
        "example": example,
        "x-line-schema": references[0] if len(references) == 1 else {"oneOf": references},
    }


async def after_first(
    first: bytes, others: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    """*first*, if there is anything in it, and then *others*."""
    try:
        if first:
            yield first
        async for some in others:
            yield some
    finally:
        await others.aclose()
