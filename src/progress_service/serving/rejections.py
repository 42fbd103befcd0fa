"""Problem responses for requests that never reach the application."""

from __future__ import annotations

import os
from collections.abc import Sequence
from http import HTTPStatus

from progress_service.edge.problems import problem_response
from progress_service.observability.logging import get_logger

log = get_logger("server")


class RejectedRequest(Exception):
    """The server responds to this request itself, then closes the connection."""

    def __init__(self, status: HTTPStatus, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


def malformed(detail: str) -> RejectedRequest:
    """Status 400: not a request that HTTP/1.1 allows."""
    return RejectedRequest(HTTPStatus.BAD_REQUEST, "malformed_request", detail)


def address_too_long(limit_bytes: int) -> RejectedRequest:
    """Status 414."""
    return RejectedRequest(
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "address_too_long",
        f"The address may have at most {limit_bytes} bytes; shorten its query.",
    )


def headers_too_large(limit: str) -> RejectedRequest:
    """Status 431; *limit* is, for instance, "100 fields"."""
    return RejectedRequest(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "headers_too_large",
        f"The head of a request may have at most {limit}; send fewer or shorter headers.",
    )


def request_timeout(seconds: float) -> RejectedRequest:
    """Status 408: the rest of the request did not arrive in time."""
    return RejectedRequest(
        HTTPStatus.REQUEST_TIMEOUT,
        "request_timeout",
        f"The rest of the request did not arrive within {seconds:g} s; send it again.",
    )


def raw_response(
    rejection: RejectedRequest, default_headers: Sequence[tuple[bytes, bytes]]
) -> bytes:
    """The whole response, head and body, as it goes over the wire. It is logged."""
    request_id = os.urandom(8).hex()
    log.info(
        "request_rejected",
        status=int(rejection.status),
        code=rejection.code,
        request_id=request_id,
    )
    response = problem_response(
        status=int(rejection.status),
        code=rejection.code,
        detail=rejection.detail,
        request_id=request_id,
        headers={
            "Connection": "close",
            "Cache-Control": "no-store",
            "X-Request-ID": request_id,
            "X-Content-Type-Options": "nosniff",
        },
    )
    head = [
        b"HTTP/1.1 %d %s\r\n" % (rejection.status, rejection.status.phrase.encode()),
        *(b"%s: %s\r\n" % header for header in (*default_headers, *response.raw_headers)),
        b"\r\n",
    ]
    return b"".join(head) + bytes(response.body)
