"""Who calls: dependencies that authenticate, count and admit a call. Every endpoint has one.

A call is counted before its role is checked, so that rejected calls use up the limit too. At most
`MAX_ACTIVE_CALLS` of a user run at once; the others queue.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from progress_service.edge.auth import principal_of, require
from progress_service.edge.concurrency import try_begin_call, wait_to_begin_call
from progress_service.edge.query_parameters import check_query
from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.services import service_in
from progress_service.edge.token_verifier import Principal, Role

COUNTS_ITSELF = "progress_service.counts_itself"
"""In the scope of a request: its caller, where the endpoint counts the call by its own limit."""

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    bearerFormat="JWT",
    description="A token with `sub`, `exp` and a `role` of student, teacher or service. "
    "`make run` prints three; `progress-service token --sub ana --role student` mints more.",
)
BearerScheme = Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]


def _caller(*roles: Role) -> Callable[[Request, BearerScheme], Awaitable[Principal]]:
    """A dependency: the caller, who must have one of *roles*.

    It raises Unauthenticated, Forbidden, RateLimited or Unavailable.
    """

    async def authenticate_and_count(request: Request, _: BearerScheme) -> Principal:
        principal = await principal_of(request)
        service_in(request.scope["app"], RateLimiter).call(principal)
        require(principal, *roles)
        check_query(request)
        if not try_begin_call(request, principal):
            await wait_to_begin_call(request, principal)
        return principal

    return authenticate_and_count


async def reporting_student(request: Request, _: BearerScheme) -> Principal:
    """A student whose call the endpoint counts by a limit of its own.

    A call that is rejected for what it says counts as an ordinary one; see `count_rejected`.

    Raises:
        Unauthenticated, Forbidden, RateLimited, Unavailable.
    """
    principal = await principal_of(request)
    if "student" not in principal.roles:
        service_in(request.scope["app"], RateLimiter).call(principal)
    require(principal, "student")
    request.scope[COUNTS_ITSELF] = principal
    check_query(request)
    if not try_begin_call(request, principal):
        await wait_to_begin_call(request, principal)
    return principal


def count_rejected(request: Request) -> None:
    """Count a call that was rejected although its endpoint counts calls itself.

    Ids that do not exist each have a limit of their own, so that new ones would be free.

    Raises:
        RateLimited: the ordinary limit is used up.
    """
    if (principal := request.scope.get(COUNTS_ITSELF)) is not None:
        service_in(request.scope["app"], RateLimiter).call(principal)


User = Annotated[Principal, Depends(_caller("student", "teacher", "service"))]
Student = Annotated[Principal, Depends(_caller("student"))]
Service = Annotated[Principal, Depends(_caller("service"))]
Editor = Annotated[Principal, Depends(_caller("teacher", "service"))]
ReportingStudent = Annotated[Principal, Depends(reporting_student)]
