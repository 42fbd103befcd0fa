"""Reads the JSON body of a request, once its sender is known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin

from fastapi import Request
from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from starlette.requests import ClientDisconnect

from progress_service.edge.auth import authenticated
from progress_service.edge.concurrency import (
    ANNOUNCED_BYTES,
    LARGE_BODY_BYTES,
    begin_large_body,
)
from progress_service.edge.json_body import read_as
from progress_service.edge.rate_limiter import BODY_BYTES_A_CALL, RateLimiter
from progress_service.edge.services import service_in

Model = TypeVar("Model", bound=BaseModel)


class RawJson(Generic[Model]):
    """The JSON text of a *Model* that an endpoint parses by itself: it may be large.

    In the OpenAPI document it is the *Model*.
    """

    __slots__ = ("content",)

    def __init__(self, content: bytes) -> None:
        self.content = content

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler(get_args(source)[0])

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema)


def body_reader(hint: Any) -> Callable[[Request], Awaitable[Any]] | None:
    """Reads the body that a parameter annotated with *hint* takes; ``None`` when it takes none.

    The body of a ``Model | None`` may be left out.
    """
    if get_origin(hint) is RawJson:

        async def read_raw(request: Request) -> RawJson[Any]:
            return RawJson(await read_body(request))

        return read_raw
    if isinstance(hint, type) and issubclass(hint, BaseModel):

        async def read_model(request: Request) -> BaseModel:
            return read_as(hint, await read_body(request))

        return read_model
    if (model := _optional_model(hint)) is not None:

        async def read_optional(request: Request) -> BaseModel | None:
            raw = await read_body(request)
            return read_as(model, raw) if raw else None

        return read_optional
    return None


def _optional_model(hint: Any) -> type[BaseModel] | None:
    if get_origin(hint) is not UnionType:
        return None
    model, *others = get_args(hint)
    is_optional = others == [NoneType] and issubclass(model, BaseModel)
    return model if is_optional else None


async def read_body(request: Request) -> bytes:
    """The body as sent. To be called once, after the caller was authenticated.

    It counts as JSON whatever its Content-Type is: many clients name none, or text/plain. A large
    one counts as several calls.

    Raises:
        RateLimited: too many large ones.
    """
    announced: int = request.scope[ANNOUNCED_BYTES]
    if not 0 <= announced < BODY_BYTES_A_CALL:
        await _admit_large_body(request, announced)
    chunks: list[bytes] = []
    while True:  # without the generator that Starlette sets up for each
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    raw = b"".join(chunks)
    if announced < 0:
        service_in(request.scope["app"], RateLimiter).large_body(authenticated(request), len(raw))
    return raw


async def _admit_large_body(request: Request, announced: int) -> None:
    """Count a large body before it is read, and read one of a user at a time."""
    principal = authenticated(request)
    if announced > 0:
        service_in(request.scope["app"], RateLimiter).large_body(principal, announced)
    if not 0 < announced < LARGE_BODY_BYTES:
        await begin_large_body(request, principal)
