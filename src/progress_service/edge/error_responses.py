"""The error responses of each route, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from progress_service.edge.problem_codes import codes_of
from progress_service.edge.problems import MEDIA_TYPE

_WHEN = {
    401: "The token is missing or invalid.",
    403: "The token's role, or an enrolment, does not allow this.",
    404: "There is nothing with that id.",
    409: "The request contradicts what is stored.",
    413: "The body is too large.",
    422: "A field is invalid; `errors` names each.",
    429: "A rate limit is used up; wait for `Retry-After` seconds.",
    500: "An unexpected error; send its `request_id` to the operator of the service.",
    503: "The database does not respond; the outcome is unknown, and repeating is harmless.",
}
_RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
}


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """``responses=`` of a route: *statuses*, and those of every route with a token."""
    return public_error_responses(401, 403, 422, 429, 500, 503, *statuses)


def public_error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """``responses=`` of a route without a token: only *statuses*."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {
            "description": f"{_WHEN[status]} Codes: {codes_of(status)}.",
            "content": {MEDIA_TYPE: schema},
            **({"headers": _RETRY_AFTER} if status in (429, 503) else {}),
        }
        for status in sorted({*statuses})
    }
