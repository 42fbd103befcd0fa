"""Hot routes: described to FastAPI by a signature, answered by a function of the request alone.

FastAPI's layers, its solving of dependencies and its second validation of our own answers cost
several times the work itself, and they parse a body before anybody asked who sends it. The
signature stays, for the OpenAPI document; what it promises is done by the answering function, with
the same parts: `principal_of`, the limits, the models.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from progress_service.edge.auth import principal_of, require
from progress_service.edge.concurrency import (
    ANNOUNCED_BYTES,
    LARGE_BODY_BYTES,
    begin_call,
    begin_large_body,
    try_begin_call,
)
from progress_service.edge.json_body import read_as
from progress_service.edge.problems import MAX_BODY_BYTES, answer_error
from progress_service.edge.query_parameters import check_query
from progress_service.edge.rate_limit import BODY_BYTES_A_CALL, limits_of
from progress_service.edge.requests import BodyLimit
from progress_service.edge.route_templates import api_routes
from progress_service.edge.tokens import Principal, Role
from progress_service.errors import Invalid

Answer = Callable[[Request], Awaitable[Response]]
Documented = TypeVar("Documented", bound=Callable[..., Any])
Model = TypeVar("Model", bound=BaseModel)


def answered_by(
    answer: Answer, *, max_body_bytes: int = MAX_BODY_BYTES
) -> Callable[[Documented], Documented]:
    """Mark a documented signature as answered by *answer*, from bodies of that size at most."""

    def mark(documented: Documented) -> Documented:
        documented.answered_by = answer  # type: ignore[attr-defined]
        documented.max_body_bytes = max_body_bytes  # type: ignore[attr-defined]
        return documented

    return mark


def body_limits_of(routers: Iterable[APIRouter]) -> list[BodyLimit]:
    """The routes that take larger bodies than the others."""
    return [
        BodyLimit(frozenset(route.methods or ()), route.path_regex, max_bytes)
        for route in api_routes(routers)
        if (max_bytes := getattr(route.endpoint, "max_body_bytes", 0)) > MAX_BODY_BYTES
    ]


class LeanRoutes:
    """An ASGI layer in front of FastAPI: answers what is `answered_by`, passes on the rest."""

    def __init__(self, next_app: ASGIApp, app: FastAPI, routers: Iterable[APIRouter]) -> None:
        self._next_app = next_app
        self._app = app
        self._routes = [
            (method, route.path_regex, route, answer)
            for route in api_routes(routers)
            if (answer := getattr(route.endpoint, "answered_by", None)) is not None
            for method in route.methods or ()
        ]
        self._json_routes = [
            (route.methods or set(), route.path_regex)
            for route in api_routes(routers)
            if getattr(route.endpoint, "answered_by", None) is None
            and route.body_field is not None  # JSON: no route reads forms
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        answer = self._answer_for(scope) if scope["type"] == "http" else None
        if answer is None:
            if scope["type"] == "http" and self._takes_json(scope):
                scope["headers"] = _headers_of_json(scope["headers"])
            await self._next_app(scope, receive, send)
            return
        scope["app"] = self._app
        request = Request(scope, receive, send)
        try:
            response = await answer(request)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the outermost layer of these routes
            response = await answer_error(request, error)
        await response(scope, receive, send)

    def _answer_for(self, scope: Scope) -> Answer | None:
        for method, path, route, answer in self._routes:
            if scope["method"] == method and (match := path.fullmatch(scope["path"])):
                scope["path_params"] = match.groupdict()
                scope["route"] = route
                return answer  # type: ignore[no-any-return]
        return None

    def _takes_json(self, scope: Scope) -> bool:
        """True when FastAPI will read a JSON body, which it does under the right type only."""
        return any(
            scope["method"] in methods and path.fullmatch(scope["path"])
            for methods, path in self._json_routes
        )


def _headers_of_json(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    kept = [field for field in headers if field[0] != b"content-type"]
    return [*kept, (b"content-type", b"application/json")]


async def student_of(request: Request) -> Principal:
    """The student who calls, at their turn and not counted yet; others are counted and rejected.

    Raises:
        Unauthenticated, Forbidden, TooOften, Unavailable.
    """
    principal = await principal_of(request)
    if "student" not in principal.roles:
        limits_of(request).call(principal)
    student = require(principal, "student")
    if request.scope["query_string"]:
        _check_query(request, student)
    if not try_begin_call(request, student):
        await begin_call(request, student)
    return student


def _check_query(request: Request, student: Principal) -> None:
    try:
        check_query(request)
    except Invalid:
        limits_of(request).call(student)
        raise


async def limited_student_of(request: Request) -> Principal:
    """The student who asks; the call is counted.

    Raises:
        Unauthenticated, Forbidden, TooOften.
    """
    return await _limited(request, "student")


async def limited_editor_of(request: Request) -> Principal:
    """The teacher or service that asks; the call is counted.

    Raises:
        Unauthenticated, Forbidden, TooOften.
    """
    return await _limited(request, "teacher", "service")


async def _limited(request: Request, *roles: Role) -> Principal:
    """Counted before the role is looked at: calls of the wrong one are not free."""
    principal = await principal_of(request)
    limits_of(request).call(principal)
    require(principal, *roles)
    check_query(request)
    if not try_begin_call(request, principal):
        await begin_call(request, principal)
    return principal


async def body_of(request: Request, model: type[Model], principal: Principal) -> Model:
    """The JSON body as a *model*; a large one counts as several calls of *principal*.

    Raises:
        Invalid: it is no JSON, or does not fit; each field is named.
        TooOften: too many large ones.
    """
    return read_as(model, await raw_body_of(request, principal))


async def raw_body_of(request: Request, principal: Principal) -> bytes:
    """The JSON body, not read yet. To be asked for once.

    It counts as JSON whatever its Content-Type says: many clients name none, or text/plain.

    Raises:
        TooOften: too many large ones.
    """
    announced: int = request.scope[ANNOUNCED_BYTES]
    if not 0 <= announced < BODY_BYTES_A_CALL:
        await _admit_large_body(request, principal, announced)
    pieces: list[bytes] = []
    while True:  # without the generator that Starlette sets up for each
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    raw = b"".join(pieces)
    if announced < 0:
        limits_of(request).large_body(principal, len(raw))
    return raw


async def _admit_large_body(request: Request, principal: Principal, announced: int) -> None:
    """Count a large body before it is read, and read one of a user at a time."""
    if announced > 0:
        limits_of(request).large_body(principal, announced)
    if not 0 < announced < LARGE_BODY_BYTES:
        await begin_large_body(request, principal)


def reply(answer: object) -> Response:
    """*answer* as JSON, not validated again: a typed dictionary, or a model."""
    return _JsonResponse(to_json(answer))


class _JsonResponse(Response):
    """A 200 with JSON. Starlette's own takes three times as long to make the same headers."""

    def __init__(self, body: bytes) -> None:
        self.status_code = 200
        self.background = None
        self.body = body
        self.raw_headers = [
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"application/json"),
        ]
