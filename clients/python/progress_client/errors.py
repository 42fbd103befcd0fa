"""What calls raise.

    ProgressError            the service, or a proxy before it, did not fulfil the request
    ├── ProblemError         the service rejected it, and `problem` says why
    │   ├── Invalid          a parameter, the body or the request itself    400, 413, 422
    │   ├── Unauthenticated  no token, or one that is not valid             401
    │   ├── Forbidden        the token does not allow it                    403
    │   ├── NotFound         there is no such thing                         404
    │   ├── Conflict         it contradicts what is stored                  409
    │   ├── RateLimited      too many requests, also after the retries      429
    │   └── Unavailable      the outcome is unknown: repeat it later        503
    └── UnexpectedStatus     no documented response                         500, 502, …
        └── UnexpectedResponse    a documented status with another body

A service that cannot be reached raises `httpx.TransportError`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from .models.problem import Problem
from .retries import retry_after_seconds

MAX_CHARACTERS_SHOWN = 500


class ProgressError(Exception):
    """The request was not fulfilled.

    Attributes:
        status_code: the HTTP status.
        code: the stable code of the problem; empty if the response is no problem.
        problem: what the service says about it; `None` if the response is no problem.
    """

    status_code: int
    code: str = ""
    problem: Problem | None = None


class ProblemError(ProgressError):
    """The service rejected the request; `problem` says why."""

    problem: Problem

    def __init__(
        self, problem: Problem, *, headers: Mapping[str, str] | None = None
    ) -> None:
        """*headers*: those of the response."""
        super().__init__(f"{problem.code}: {problem.detail}")
        self.problem = problem
        self.status_code = problem.status
        self.code = str(problem.code)
        wait_seconds = retry_after_seconds((headers or {}).get("Retry-After", ""))
        self.retry_after_seconds: float | None = wait_seconds


class Invalid(ProblemError):
    """A parameter, the body or the request itself is not valid; `problem.errors` names fields."""


class Unauthenticated(ProblemError):
    """The token is missing, expired or not valid."""


class Forbidden(ProblemError):
    """The token does not allow this call."""


class NotFound(ProblemError):
    """The course, video, student or other thing does not exist."""


class Conflict(ProblemError):
    """The request contradicts what is stored."""


class RateLimited(ProblemError):
    """Too many requests; `retry_after_seconds` says when the next one may succeed."""


class Unavailable(ProblemError):
    """The outcome is unknown. Repeat the request later: that is harmless."""


_CLASSES: dict[int, type[ProblemError]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: RateLimited,
    503: Unavailable,
}


def problem_error(
    problem: Problem, *, headers: Mapping[str, str] | None = None
) -> ProblemError:
    """The error for *problem*, of the class that its status has."""
    is_rejected = 400 <= problem.status < 500
    kind = _CLASSES.get(problem.status, Invalid if is_rejected else ProblemError)
    return kind(problem, headers=headers)


class UnexpectedStatus(ProgressError):
    """The status is none that the call documents, or it is 500: a fault of the service."""

    def __init__(self, status_code: int, content: bytes) -> None:
        self.status_code = status_code
        self.content = content
        super().__init__(f"unexpected status {status_code}: {_shown(content)}")


class UnexpectedResponse(UnexpectedStatus):
    """The status is documented, but the body is not what comes with it: a page of a proxy, say."""

    def __init__(self, status_code: int, content: bytes) -> None:
        Exception.__init__(
            self,
            f"the response with status {status_code} is not one of the service; "
            f"is a proxy in between? {_shown(content)}",
        )
        self.status_code = status_code
        self.content = content


@contextmanager
def unexpected_responses(response: httpx.Response) -> Iterator[None]:
    """Turn whatever goes wrong while *response* is read into `UnexpectedResponse`."""
    try:
        yield
    except UnexpectedStatus:
        raise
    except Exception as error:
        raise UnexpectedResponse(response.status_code, response.content) from error


def _shown(content: bytes) -> str:
    text = content.decode(errors="replace")
    return repr(
        text if len(text) <= MAX_CHARACTERS_SHOWN else f"{text[:MAX_CHARACTERS_SHOWN]}…"
    )


__all__ = [
    "Conflict",
    "Forbidden",
    "Invalid",
    "NotFound",
    "ProblemError",
    "ProgressError",
    "RateLimited",
    "Unauthenticated",
    "Unavailable",
    "UnexpectedResponse",
    "UnexpectedStatus",
    "problem_error",
    "unexpected_responses",
]
