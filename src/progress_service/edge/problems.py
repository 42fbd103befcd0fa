"""Our errors → RFC 9457 answers. Status numbers are known here alone."""

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
from progress_service.edge.problem_codes import all_codes, codes_by_status, codes_of
from progress_service.errors import FieldError, ServiceError
from progress_service.observability import get_logger

MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[ServiceError], int] = {
    errors.Invalid: 422,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooOften: 429,
    errors.Unavailable: 503,
}
CLIENT_CLOSED_REQUEST = 499  # Never sent, only counted; the word and number are nginx's.
MAX_BODY_BYTES = 1_048_576
MAX_LARGE_BODY_BYTES = 8 * MAX_BODY_BYTES  # Of a whole course: 2 000 materials with chapters.
MAX_FAULTS = 3_000
MAX_FIELDS_NAMED = 100
log = get_logger("http")


class ProblemField(BaseModel):
    """One field of a request that makes no sense."""

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
    """What a 413 says."""
    return f"The body may have at most {max_bytes} bytes; send less at a time."


def status_of(error: ServiceError) -> int:
    """The HTTP status of *error*."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def socket_code(error: ServiceError) -> int:
    """The close code of *error*: 4000 and its HTTP status."""
    return 4_000 + status_of(error)


def problem_response(
    *,
    status: int,
    code: str,
    detail: str,
    request_id: str,
    fields: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A finished problem answer."""
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
    elif error.error_count() > MAX_FAULTS:  # writing them all down would hold up everybody
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


def invalid_fields(error: ValidationError | RequestValidationError) -> errors.Invalid:
    """Our word for a shape that does not fit."""
    return errors.Invalid.fields(fields_of(error))


def install(app: FastAPI) -> None:
    """Make every error of *app* a problem answer."""
    app.add_exception_handler(ServiceError, _answer_service_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)
    app.add_exception_handler(HTTPException, _answer_http_error)
    app.add_exception_handler(ClientDisconnect, _answer_nobody)
    app.add_exception_handler(Exception, _answer_bug)


async def answer_error(request: Request, error: Exception) -> Response:
    """The problem that says *error*; what nobody expected is logged and becomes a 500."""
    if isinstance(error, ServiceError):
        return await _answer_service_error(request, error)
    if isinstance(error, HTTPException):
        return await _answer_http_error(request, error)
    return await _answer_bug(request, error)


def _request_id(request: Request) -> str:
    return str(request.scope.get("request_id", ""))


async def _answer_service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)  # noqa: S101 - registered for it
    headers: dict[str, str] = {}
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.TooOften | errors.Unavailable):
        headers["Retry-After"] = str(error.retry_after_seconds)
    return problem_response(
        status=status_of(error),
        code=error.code,
        detail=error.message,
        request_id=_request_id(request),
        fields=error.errors if isinstance(error, errors.Invalid) else (),
        headers=headers,
    )


async def _answer_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    return await _answer_service_error(request, invalid_fields(error))


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    status = error.status_code
    headers = dict(error.headers or {})
    if status == 405:
        headers["Allow"] = ", ".join(_methods_at(request)) or "GET, HEAD"  # else it is a file
    details = {
        404: f"There is nothing at {request.url.path}; /docs lists what there is.",
        405: f"{request.method} is not answered here; /docs lists what is.",
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
    """Every method that some operation takes at the path of *request*."""
    path = request.scope["path"]
    routes = [c.original_route for c in iter_route_contexts(request.app.routes)]
    operations = [r for r in routes if isinstance(r, Route) and r.path_regex.fullmatch(path)]
    return sorted({method for route in operations for method in route.methods or ()})


async def _answer_nobody(_: Request, __: Exception) -> Response:
    """For who hung up while we read the body: no bug, and nobody to tell."""
    return Response(status_code=CLIENT_CLOSED_REQUEST)


async def _answer_bug(request: Request, error: Exception) -> Response:
    log.error("request_failed", error=type(error).__name__, exc_info=error)
    return problem_response(
        status=500,
        code="internal_error",
        detail="Something went wrong on our side; tell the operator this request_id.",
        request_id=_request_id(request),
    )


_WHEN = {
    401: "No token, or not a good one.",
    403: "The token's role, or an enrolment, does not allow this.",
    404: "Nothing is there under that id.",
    409: "It contradicts what is stored.",
    413: "The body is too large.",
    422: "A field makes no sense; `errors` names each.",
    429: "Too often; wait as `Retry-After` says.",
    500: "A fault of the service; tell its operator the `request_id`.",
    503: "The database does not answer; the outcome is unknown, and repeating is harmless.",
}


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """``responses=`` of a route: the problems it may answer with, beside those of every route."""
    return only_answers(401, 403, 422, 429, 500, 503, *statuses)


def only_answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """``responses=`` of a route that wants no token."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {
            "description": f"{_WHEN[status]} Codes: {codes_of(status)}.",
            "content": {MEDIA_TYPE: schema},
            **({"headers": _RETRY_AFTER} if status in (429, 503) else {}),
        }
        for status in sorted({*statuses})
    }


_RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
}
