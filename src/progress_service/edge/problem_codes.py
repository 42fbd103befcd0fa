"""All problem codes with their meaning, for the OpenAPI document and the clients."""

from __future__ import annotations

CODES: dict[int, dict[str, str]] = {
    400: {"malformed_request": "The request is not valid HTTP/1.1."},
    401: {"unauthenticated": "The token is missing, expired or invalid."},
    403: {
        "wrong_role": "The token does not have the required role.",
        "not_enrolled": "The student is not enrolled in the course.",
        "not_teacher": "The teacher does not teach the course.",
        "forbidden": "The caller may not do this.",
    },
    404: {
        "video_not_found": "There is no such video.",
        "material_not_found": "There is no such material.",
        "course_not_found": "There is no such course.",
        "webhook_not_found": "There is no such webhook.",
        "enrollment_not_found": "The student is not enrolled in the course.",
        "erasure_not_found": "The student's data was never erased.",
        "not_found": "There is nothing at this address.",
    },
    405: {"method_not_allowed": "The address exists, but not with this method."},
    408: {"request_timeout": "The rest of the request did not arrive in time."},
    409: {
        "material_taken": "A material belongs to another course.",
        "too_many_webhooks": "There are as many webhooks as there may be.",
        "webhook_inactive": "The webhook is not active.",
        "erased": "The student's data was erased; what was recorded before is not stored.",
        "conflict": "The request contradicts what is stored.",
    },
    413: {"body_too_large": "The body has too many bytes."},
    414: {"address_too_long": "The address has too many bytes."},
    422: {
        "invalid": "A field is invalid; `errors` names each.",
        "duration_mismatch": "`total_duration` contradicts the length in the catalogue.",
        "bad_cursor": "The cursor is not one of this service.",
        "private_address": "The address of a webhook lies in a private network.",
        "not_https": "The address of a webhook must begin with https://.",
        "too_many_values": "The body has more values than its schema allows.",
    },
    429: {"too_often": "The caller has used up a rate limit; wait for `Retry-After` seconds."},
    431: {"headers_too_large": "The headers have too many bytes or fields."},
    500: {"internal_error": "An unexpected error; the log has it under its `request_id`."},
    503: {
        "unavailable": "The service is unavailable; the outcome is unknown. Repeat the request.",
        "too_many_connections": "The server has no free connection. Repeat the request.",
    },
    505: {"version_not_supported": "The server supports HTTP/1.1 and HTTP/1.0 only."},
}
"""Codes by HTTP status. A released code is never renamed or removed; new ones may be added."""


def all_codes() -> list[str]:
    """All codes, ordered by status."""
    return [code for codes in CODES.values() for code in codes]


def codes_of(status: int) -> str:
    """The codes of *status*, for the description of a response."""
    return ", ".join(f"`{code}`" for code in CODES[status])


def codes_by_status() -> str:
    """All codes as a Markdown list."""
    return "\n".join(
        f"- `{code}` ({status}): {meaning}"
        for status, codes in CODES.items()
        for code, meaning in codes.items()
    )
