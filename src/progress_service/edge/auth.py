"""Bearer token of a request → Principal, and the roles that a call requires."""

from __future__ import annotations

from fastapi import Request
from starlette.types import Scope

from progress_service.edge.rate_limiter import RateLimiter
from progress_service.edge.services import service_in
from progress_service.edge.token_verifier import Principal, Role, TokenVerifier
from progress_service.errors import Forbidden, Unauthenticated

PRINCIPAL = "progress_service.principal"
CALLERS = "progress_service.callers"
"""In the scope of a request: a list to which its caller is added, since routers copy the scope."""


async def principal_of(request: Request) -> Principal:
    """The caller, from the Authorization header.

    Raises:
        Unauthenticated: no bearer token, not a valid one, or several.
        RateLimited: too many invalid ones from this address.
    """
    # Straight from the scope: Starlette decodes all headers to find one.
    sent = [value for name, value in request.scope["headers"] if name == b"authorization"]
    if len(sent) > 1:  # a proxy in front may have checked the other one
        raise Unauthenticated(
            f"The request has {len(sent)} `Authorization` headers; send exactly one."
        )
    scheme, _, token = (sent[0].decode("latin-1") if sent else "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send `Authorization: Bearer <token>`.")
    verifier = service_in(request.scope["app"], TokenVerifier)
    try:
        principal = verifier.cached(token) or await verifier.verify(token)
    except Unauthenticated:
        service_in(request.scope["app"], RateLimiter).bad_token(address_of(request.scope))
        raise
    request.scope[PRINCIPAL] = principal
    request.scope.get(CALLERS, []).append(principal)
    return principal


def authenticated(request: Request) -> Principal:
    """The caller that `principal_of` has found for *request* before."""
    principal: Principal = request.scope[PRINCIPAL]
    return principal


def address_of(scope: Scope) -> str:
    """The client's address, to count rejected calls by."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def require(principal: Principal, *roles: Role) -> Principal:
    """*principal*, if it has one of *roles*.

    Raises:
        Forbidden: it has none of them.
    """
    if principal.roles.isdisjoint(roles):
        raise Forbidden(f"This call requires the role {' or '.join(roles)}.", code="wrong_role")
    return principal
