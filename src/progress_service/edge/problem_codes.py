"""Every `code` of a problem, and when it is used: for the OpenAPI document, and so for clients."""

from __future__ import annotations

CODES: dict[int, dict[str, str]] = {
    400: {"malformed_request": "The request is not valid HTTP/1.1."},
    401: {"unauthenticated": "The token is missing, expired or not valid."},
    403: {
        "wrong_role": "The token does not have the role that this call requires.",
        "not_enrolled": "The student is not enrolled in the course.",
        "not_teacher": "The teacher does not teach the course.",
        "forbidden": "The caller may not do this.",
    },
    404: {
        "video_not_found": "There is no such video.",
        "material_not_found": "There is no such material.",
        "course_not_found": "There is no such course.",
        "not_found": "There is nothing at this address.",
    },
    405: {"method_not_allowed": "The address exists, but not with this method."},
    408: {"request_timeout": "The rest of the request did not arrive in time."},
    409: {
        "material_taken": "A material belongs to another course.",
        "conflict": "The request contradicts what is stored.",
    },
    413: {"body_too_large": "The body has too many bytes."},
    414: {"address_too_long": "The address has too many bytes."},
    422: {
        "invalid": "A field makes no sense; `errors` names each.",
        "duration_mismatch": "`total_duration` contradicts the length in the catalogue.",
        "bad_cursor": "The cursor is not one of this service.",
        "too_many_values": "The body has more values than its schema allows.",
    },
    429: {"too_often": "The caller has used up a rate limit; `Retry-After` says how long to wait."},
    431: {"headers_too_large": "The headers have too many bytes or fields."},
    500: {"internal_error": "A fault of the service; its operator finds it by `request_id`."},
    503: {
        "unavailable": "The service cannot answer now; the outcome is unknown. Send it again.",
        "too_many_connections": "The server has no connection to spare. Send it again.",
    },
    505: {"version_not_supported": "The server speaks HTTP/1.1 and HTTP/1.0 only."},
}
"""By HTTP status. A released code is never renamed or removed; new ones may be added."""


def all_codes() -> list[str]:
    """The codes in the order of their status."""
    return [code for codes in CODES.values() for code in codes]


def codes_of(status: int) -> str:
    """The codes of a response with *status*, for its description."""
    return ", ".join(f"`{code}`" for code in CODES[status])


def codes_by_status() -> str:
    """A list of all codes in Markdown."""
    return "\n".join(
        f"- `{code}` ({status}): {meaning}"
        for status, codes in CODES.items()
        for code, meaning in codes.items()
    )
