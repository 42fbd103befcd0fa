"""Who may call: token → Principal, as dependencies that routes ask for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.types import Scope

from progress_service.edge.tokens import Principal, Role, Tokens
from progress_service.errors import Forbidden, Unauthenticated

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    bearerFormat="JWT",
    description="A token with `sub`, `exp` and a `role` of student, teacher or service. "
    "`make run` prints three; `progress-service token --sub ana --role student` mints more.",
)


async def principal_of(request: Request) -> Principal:
    """Who asks, from the Authorization header.

    Raises:
        Unauthenticated: no bearer token, not a good one, or several.
        TooOften: too many bad ones from this address.
    """
    # Straight from the scope: Starlette decodes all headers to find one.
    sent = [value for name, value in request.scope["headers"] if name == b"authorization"]
    if len(sent) > 1:  # a proxy in front may have looked at the other one
        raise Unauthenticated(
            f"The request has {len(sent)} `Authorization` headers; send exactly one."
        )
    scheme, _, token = (sent[0].decode("latin-1") if sent else "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send `Authorization: Bearer <token>`.")
    tokens: Tokens = request.app.state.tokens
    try:
        return tokens.remembered(token) or await tokens.check(token)
    except Unauthenticated:
        request.app.state.limits.bad_token(address_of(request.scope))
        raise


def address_of(scope: Scope) -> str:
    """Where a request or a socket comes from, to count what is refused."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


async def _documented(
    request: Request,
    _: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
) -> Principal:
    return await principal_of(request)


def require(principal: Principal, *roles: Role) -> Principal:
    """*principal*, if it has one of *roles*.

    Raises:
        Forbidden: it has none of them.
    """
    if principal.roles.isdisjoint(roles):
        raise Forbidden(f"This call wants the role {' or '.join(roles)}.", code="wrong_role")
    return principal


CurrentUser = Annotated[Principal, Depends(_documented)]


async def _student(user: CurrentUser) -> Principal:
    return require(user, "student")


async def _editor(user: CurrentUser) -> Principal:
    return require(user, "teacher", "service")


CurrentStudent = Annotated[Principal, Depends(_student)]
CurrentEditor = Annotated[Principal, Depends(_editor)]
