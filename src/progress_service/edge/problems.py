"""Errors → RFC 9457 problem responses and close codes. The numbers of `errors` are defined here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route

from progress_service import errors
from progress_service.edge.problem_codes import all_codes, codes_by_status
from progress_service.errors import FieldError, ServiceError
from progress_service.observability.logging import get_logger

MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[ServiceError], int] = {
    errors.Invalid: 422,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
}
CLIENT_CLOSED_REQUEST = 499  # Never sent, only counted; name and number are those of nginx.
INVALID_FRAME = 4_400
MAX_BODY_BYTES = 1_048_576
MAX_LARGE_BODY_BYTES = 8 * MAX_BODY_BYTES  # Of a whole course: 2 000 materials with chapters.
MAX_FAULTS = 3_000
MAX_FIELDS_NAMED = 100
log = get_logger("http")


class ProblemField(BaseModel):
    """One invalid field of a request."""

    field: str = Field(examples=["watch_time"])
    code: str = Field(examples=["greater_than_equal"])
    detail: str = Field(examples=["Input should be greater than or equal to 0"])


ProblemCode = Enum("ProblemCode", {code: code for code in all_codes()}, type=str)  # type: ignore[misc]
ProblemCode.__doc__ = "What went wrong. Later versions may add codes.\n\n" + codes_by_status()


class Problem(BaseModel):
    """An error, as RFC 9457 describes it. `code` is stable; `detail` is for people."""

    type: str = Field(examples=["urn:progress-service:problem:video_not_found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no video 'intro'."])
    code: ProblemCode | str = Field(examples=["video_not_found"])
    request_id: str = Field(examples=["4f1c2a9be0d34c55"])
    errors: list[ProblemField] = Field(
        default_factory=list, description="Only with 422: each field."
    )


def too_large_detail(max_bytes: int) -> str:
    """The detail of a 413."""
    return f"The body may have at most {max_bytes} bytes; send less at a time."


def status_of(error: ServiceError) -> int:
    """The HTTP status of *error*."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def close_code(error: ServiceError) -> int:
    """The WebSocket close code of *error*: 4000 and its HTTP status, and 4400 for `Invalid`."""
    return INVALID_FRAME if isinstance(error, errors.Invalid) else 4_000 + status_of(error)


def problem_response(
    *,
    status: int,
    code: str,
    detail: str,
    request_id: str,
    fields: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A complete problem response."""
    body: dict[str, Any] = {
        "type": f"urn:progress-service:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        body["errors"] = [{"field": f.field, "code": f.code, "detail": f.detail} for f in fields]
    content = json.dumps(body, ensure_ascii=True).encode()
    return Response(content, status, dict(headers or {}), media_type=MEDIA_TYPE)


def fields_of(error: ValidationError | RequestValidationError) -> list[FieldError]:
    """The first wrong fields by their path on the wire; never the values that came in."""
    if isinstance(error, RequestValidationError):
        found = error.errors()
    elif error.error_count() > MAX_FAULTS:  # describing them all would block the event loop
        detail = f"has {error.error_count()} faults; compare it with the schema on /docs"
        return [FieldError("body", "too_many_faults", detail)]
    else:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    return [
        FieldError(_path(one["loc"]), one["type"], one["msg"].removeprefix("Value error, "))
        for one in found[:MAX_FIELDS_NAMED]
    ]


def _path(location: Sequence[int | str]) -> str:
    parts = [str(part) for part in location]
    if parts and parts[0] in {"body", "path", "query"}:
        parts = parts[1:] or parts
    return ".".join(parts) if parts and not parts[0].isdigit() else "body"


def to_invalid(error: ValidationError | RequestValidationError) -> errors.Invalid:
    """The error for a request that does not match its schema."""
    return errors.Invalid.fields(fields_of(error))


def install(app: FastAPI) -> None:
    """Make every error of *app* a problem response."""
    app.add_exception_handler(ServiceError, _on_service_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)


async def error_response(request: Request, error: Exception) -> Response:
    """The problem response for *error*; an unexpected one is logged and becomes a 500."""
    if isinstance(error, ServiceError):
        return await _on_service_error(request, error)
    if isinstance(error, HTTPException):
        return await _on_http_error(request, error)
    return bug_response(error, request_id=_request_id(request))


def _request_id(request: Request) -> str:
    return str(request.scope.get("request_id", ""))


async def _on_service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)  # noqa: S101 - registered for it
    headers: dict[str, str] = {}
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.RateLimited | errors.Unavailable):
        headers["Retry-After"] = str(error.retry_after_seconds)
    return problem_response(
        status=status_of(error),
        code=error.code,
        detail=error.message,
        request_id=_request_id(request),
        fields=error.errors if isinstance(error, errors.Invalid) else (),
        headers=headers,
    )


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    return await _on_service_error(request, to_invalid(error))


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    status = error.status_code
    headers = dict(error.headers or {})
    if status == 405:
        headers["Allow"] = ", ".join(_methods_at(request)) or "GET, HEAD"  # else it is a file
    details = {
        404: f"There is nothing at {request.url.path}; /docs lists every path.",
        405: f"{request.method} is not supported here; /docs lists the methods.",
        413: too_large_detail(request.scope.get(MAX_BODY_SIZE_SCOPE_KEY, MAX_BODY_BYTES)),
    }
    return problem_response(
        status=status,
        code="body_too_large" if status == 413 else HTTPStatus(status).name.lower(),
        detail=details.get(status, str(error.detail)),
        request_id=_request_id(request),
        headers=headers,
    )


def _methods_at(request: Request) -> list[str]:
    """Every method that an operation supports at the path of *request*."""
    path = request.scope["path"]
    routes = [c.original_route for c in iter_route_contexts(request.app.routes)]
    operations = [r for r in routes if isinstance(r, Route) and r.path_regex.fullmatch(path)]
    return sorted({method for route in operations for method in route.methods or ()})


async def _on_disconnect(_: Request, __: Exception) -> Response:
    """The client disconnected while its body was read: not a bug, and no response arrives."""
    return Response(status_code=CLIENT_CLOSED_REQUEST)


def bug_response(error: Exception, *, request_id: str) -> Response:
    """The response to an unexpected *error*, which is logged."""
    log.error("request_failed", error=type(error).__name__, exc_info=error)
    return problem_response(
        status=500,
        code="internal_error",
        detail="The service failed; tell its operator this request_id.",
        request_id=request_id,
    )
